/* Bytes become JSON, and are read by a table with every type in it. What is taken keeps to what the table says. */
#include <stdio.h>

#include "base/json.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static const char *const sizes[] = {"small", "large", NULL};
struct thing {
  int64_t count;
  const char *name, *note;
  const struct json *inner, *list;
  int size;
  bool open, has_count;
};
static const struct json_field fields[] = {
    {"count", JSON_INT, offsetof(struct thing, count), .low = -3, .high = 99,
     .present = offsetof(struct thing, has_count)},
    {"name", JSON_STRING, offsetof(struct thing, name), .low = 1, .high = 10, .nullable = true},
    {"note", JSON_STRING, offsetof(struct thing, note), .high = 20, .lines = true},
    {"size", JSON_ENUM, offsetof(struct thing, size), .names = sizes},
    {"open", JSON_BOOL, offsetof(struct thing, open)},
    {"inner", JSON_OBJECT, offsetof(struct thing, inner)},
    {"list", JSON_ARRAY, offsetof(struct thing, list), .low = 1, .high = 3},
};

static void must(bool holds)
{
  if (!holds)
    abort();
}

static void check_text(const char *text, int low, int high)
{
  int length = utf8_length(text, strlen(text));
  must(length >= low && length <= high);
}

static void check(const struct json *j, int depth)
{
  struct thing t = {0};
  struct json_error e = {0};
  int r = json_read(j, fields, array_len(fields), &t, &e);
  must(r == 0 || *e.detail);
  if (r < 0 || depth > LIMIT_JSON_DEPTH)
    return;
  must(!t.has_count || (t.count >= -3 && t.count <= 99));
  must(t.size >= 0 && t.size < 2);
  if (t.name)
    check_text(t.name, 1, 10);
  if (t.note)
    check_text(t.note, 0, 20);
  must(!t.list || (json_size(t.list) >= 1 && json_size(t.list) <= 3));
  for (size_t i = 0; t.list && i < json_size(t.list); i++)
    check(json_at(t.list, i), depth + 1);
  if (t.inner)
    check(t.inner, depth + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
  struct json *j = NULL;
  struct json_error e = {0};
  char *text = xcalloc(1, n); /* of exactly that size, so that a byte too many is seen */
  if (n)
    memcpy(text, bytes, n);
  int r = json_parse(text, n, &j, &e);
  must(r == 0 ? j != NULL : *e.detail != '\0');
  if (r == 0) {
    must(utf8_length(text, n) >= 0);
    check(j, 0);
  }
  json_free(j);
  j = NULL;
  if (json_parse_answer(text, n, &j) == 0)
    json_free(j);
  free(text);
  return 0;
}
