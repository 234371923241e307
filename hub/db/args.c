/* args.c - arguments in binary form: nothing is quoted, and an array of thousands is one argument. */
#include "hub/db/args.h"

/* PostgreSQL's fixed numbers (OIDs) of a type and of its array type. */
static const struct {
  unsigned one;
  unsigned many;
} types[PG_TYPES] = {[PG_INT] = {20, 1016}, [PG_TEXT] = {25, 1009}, [PG_BYTES] = {17, 1001}, [PG_BOOL] = {16, 1000}};

static void add_u32(struct buf *b, uint32_t v)
{
  uint8_t bytes[4];
  util_put_number(bytes, sizeof bytes, v);
  buf_add(b, bytes, sizeof bytes);
}

void pg_array_done(struct pg_array *a)
{
  buf_done(&a->bytes);
}

static void add_element(struct pg_array *a, const void *bytes, size_t n)
{
  add_u32(&a->bytes, (uint32_t)n);
  buf_add(&a->bytes, bytes, n);
  a->n++;
}

void pg_add_null(struct pg_array *a)
{
  add_u32(&a->bytes, UINT32_MAX);
  a->n++;
}

void pg_add_bytes(struct pg_array *a, const void *bytes, size_t n)
{
  if (bytes)
    add_element(a, bytes, n);
  else
    pg_add_null(a);
}

void pg_add_text(struct pg_array *a, const char *s)
{
  pg_add_bytes(a, s, s ? strlen(s) : 0);
}

void pg_add_int(struct pg_array *a, int64_t v)
{
  uint8_t bytes[8];
  util_put_number(bytes, sizeof bytes, (uint64_t)v);
  add_element(a, bytes, sizeof bytes);
}

void pg_add_int_or_null(struct pg_array *a, int64_t v)
{
  if (v)
    pg_add_int(a, v);
  else
    pg_add_null(a);
}

void pg_add_bool(struct pg_array *a, bool v)
{
  add_element(a, v ? "\1" : "\0", 1);
}

static void add_arg(struct pg_args *a, unsigned type, const void *bytes, size_t n)
{
  if (a->n == PG_ARGS)
    abort(); /* too many arguments: raise PG_ARGS */
  a->at[a->n].type = type;
  a->at[a->n].bytes = bytes;
  a->at[a->n].length = (int)n;
  a->n++;
}

void pg_args_done(struct pg_args *a)
{
  for (int i = 0; i < a->n; i++)
    free(a->at[i].owned);
  *a = (struct pg_args){0};
}

void pg_int(struct pg_args *a, int64_t v)
{
  if (a->n < PG_ARGS)
    util_put_number(a->at[a->n].small, 8, (uint64_t)v);
  add_arg(a, types[PG_INT].one, a->at[min(a->n, PG_ARGS - 1)].small, 8);
}

void pg_int_or_null(struct pg_args *a, int64_t v)
{
  if (v)
    pg_int(a, v);
  else
    add_arg(a, types[PG_INT].one, NULL, 0);
}

void pg_bool(struct pg_args *a, bool v)
{
  add_arg(a, types[PG_BOOL].one, v ? "\1" : "\0", 1);
}

void pg_text(struct pg_args *a, const char *s)
{
  add_arg(a, types[PG_TEXT].one, s, s ? strlen(s) : 0);
}

void pg_bytes(struct pg_args *a, const void *bytes, size_t n)
{
  add_arg(a, types[PG_BYTES].one, bytes, n);
}

/* The array header: dimensions, whether it may hold NULLs, element type, size, first index. */
void pg_list(struct pg_args *a, const struct pg_array *array)
{
  struct buf b = {0};
  buf_reserve(&b, array->bytes.len + 20);
  add_u32(&b, array->n > 0);
  add_u32(&b, 1);
  add_u32(&b, types[array->type].one);
  if (array->n > 0) {
    add_u32(&b, (uint32_t)array->n);
    add_u32(&b, 1);
    buf_add(&b, array->bytes.data, array->bytes.len);
  }
  size_t n = b.len;
  char *bytes = buf_take(&b);
  add_arg(a, types[array->type].many, bytes, n);
  a->at[a->n - 1].owned = bytes;
}
