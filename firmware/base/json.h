/* json.h - strict reading of JSON, by field tables. Wraps cJSON. Any thread.
 *
 * json_parse() refuses what cJSON lets through: invalid UTF-8, control characters, a BOM, \u0000, lone surrogates,
 * depth over LIMIT_JSON_DEPTH, over LIMIT_JSON_VALUES values, numbers other than -?(0|[1-9][0-9]{0,15}) within 2^53.
 * json_read() fills a struct from an object by a table; it refuses unknown and duplicate members, wrong types and
 * ranges, and names the member. Callers read into a fresh struct.
 *
 *   static const struct json_field fields[] = {
 *     { "party_size", JSON_INT, offsetof(struct add, party), .low = 1, .high = LIMIT_PARTY, .required = true },
 *     { "name", JSON_STRING, offsetof(struct add, name), .high = LIMIT_NAME, .nullable = true }, };
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/util.h"

struct json; /* a parsed value; strings live as long as it */

enum json_type {
  JSON_INT,    /* int64_t */
  JSON_BOOL,   /* bool */
  JSON_STRING, /* const char *; low..high code points, no control characters but \n \t if .lines */
  JSON_ENUM,   /* int: index in .names (NULL-terminated) */
  JSON_OBJECT, /* const struct json * */
  JSON_ARRAY,  /* const struct json *; low..high elements */
};

struct json_field {
  const char *name;
  enum json_type type;
  size_t offset;
  int64_t low;  /* of JSON_INT; code points of JSON_STRING; elements of JSON_ARRAY */
  int64_t high; /* likewise */
  const char *const *names;
  size_t present; /* offset of a bool set true when the member is there; 0 = none (so keep that bool off offset 0) */
  bool required;
  bool nullable; /* null leaves the target zero but sets present */
  bool lines;    /* JSON_STRING may have \n and \t */
};

struct json_error {
  char field[64];   /* the member; "" if the text itself is at fault */
  char detail[128]; /* a sentence for a person */
};

/* 0; or -EBADMSG (not JSON) with *ret_error filled. The caller frees with json_free (NULL allowed). */
int json_parse(const char *text, size_t n, struct json **ret, struct json_error *ret_error) must_check;
void json_free(struct json *j);
void json_freep(struct json **j);                      /* for cleanup() */
int json_check(const char *text, size_t n) must_check; /* the same without the grammar: 0; -EFBIG (values); -EBADMSG */
/* 0; or -EINVAL with *ret_error filled. An absent optional member leaves its target untouched. */
int json_read(const struct json *object, const struct json_field *fields, size_t n_fields, void *target,
              struct json_error *ret_error) must_check;
size_t json_size(const struct json *array);
const struct json *json_at(const struct json *array, size_t i);
const char *json_string(const struct json *j); /* NULL if it is not a string */
/* Likewise for an answer of our own daemon: only the grammar is checked. */
int json_parse_answer(const char *text, size_t n, struct json **ret) must_check;

/* A required member. False, with *ret unchanged, if it is absent, of another type, out of range or too long.
 * json_get_hex: exactly n bytes, in lower-case hexadecimal. */
bool json_get_int(const struct json *object, const char *name, int64_t low, int64_t high, int64_t *ret) must_check;
bool json_get_text(const struct json *object, const char *name, char *to, size_t size) must_check;
bool json_get_hex(const struct json *object, const char *name, void *to, size_t n) must_check;

/* A member as it is, "" or 0 if it is absent or of another type: for printing, and for whoever checks ranges himself.
 * Time: unix ms of an RFC 3339 text. */
const char *json_text_or_empty(const struct json *object, const char *name);
int64_t json_int_or_zero(const struct json *object, const char *name);
int64_t json_time_or_zero(const struct json *object, const char *name);

/* A member that may be absent or null: *ret is then 0 or NULL. False, with *ret unchanged, if it is anything else. */
bool json_get_optional_time(const struct json *object, const char *name, int64_t *ret_wall_ms) must_check;
bool json_get_optional_string(const struct json *object, const char *name, const char **ret) must_check;

/* These take NULL as an absent value. */
const struct json *json_get(const struct json *object, const char *name);
const struct json *json_next(const struct json *element); /* of an array, after json_at(array, 0) */
double json_number(const struct json *j);                 /* 0 if it is not a number */
bool json_true(const struct json *j);
bool json_is_null(const struct json *j);
bool json_is_number(const struct json *j);

#endif
