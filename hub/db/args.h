/* args.h - the arguments of a statement: values and arrays, in PostgreSQL's binary form. Any thread.
 *
 * A zeroed struct pg_args has no arguments; a zeroed struct pg_array but for its type is empty. Bytes and texts are
 * borrowed until the call that takes the arguments returns; arrays are copied.
 */
#ifndef HUB_DB_ARGS_H
#define HUB_DB_ARGS_H

#include "base/buf.h"

/* An array, built element by element. */
enum pg_type { PG_INT, PG_TEXT, PG_BYTES, PG_BOOL, PG_TYPES };
struct pg_array {
  enum pg_type type;
  int n;
  struct buf bytes;
};
void pg_array_done(struct pg_array *a);
#define autoarray cleanup(pg_array_done)
void pg_add_int(struct pg_array *a, int64_t v);
void pg_add_int_or_null(struct pg_array *a, int64_t v); /* 0 = NULL */
void pg_add_bool(struct pg_array *a, bool v);
void pg_add_text(struct pg_array *a, const char *s);                /* NULL = NULL */
void pg_add_bytes(struct pg_array *a, const void *bytes, size_t n); /* NULL = NULL */
void pg_add_null(struct pg_array *a);

#define PG_ARGS 24
struct pg_args {
  int n;
  struct {
    const void *bytes; /* NULL = NULL */
    int length;
    unsigned type;    /* the type's OID */
    uint8_t small[8]; /* an integer's bytes */
    char *owned;      /* an array's bytes */
  } at[PG_ARGS];
};
void pg_args_done(struct pg_args *a); /* called by each function that takes arguments */
void pg_int(struct pg_args *a, int64_t v);
void pg_int_or_null(struct pg_args *a, int64_t v); /* 0 = NULL */
void pg_bool(struct pg_args *a, bool v);
void pg_text(struct pg_args *a, const char *s); /* NULL = NULL */
void pg_bytes(struct pg_args *a, const void *bytes, size_t n);
void pg_list(struct pg_args *a, const struct pg_array *array);

#endif
