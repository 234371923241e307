/* buf.h - growable text, and the one JSON writer.
 *
 * A zeroed struct buf is empty and valid. The owner calls buf_done(). Memory out aborts.
 * JSON: commas are placed by the writer, values are escaped (keys are our own words and are not); invalid UTF-8 never
 * gets in because all input is checked where it enters. key may be NULL inside an array.
 *
 *   json_open(b, NULL, '{'); json_int(b, "seq", 57); json_close(b, '}');   {"seq":57}
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>

#include "base/util.h"

struct buf {
  char *data; /* NUL-terminated once anything was added */
  size_t len, cap;
};

void buf_done(struct buf *b);
void buf_clear(struct buf *b); /* empty, memory kept */
void buf_reserve(struct buf *b, size_t more);
void buf_add(struct buf *b, const void *bytes, size_t n);
void buf_str(struct buf *b, const char *s);
void buf_fmt(struct buf *b, const char *format, ...) printf_like(2, 3);
char *buf_take(struct buf *b) __attribute__((returns_nonnull)); /* the caller frees */
#define autobuf cleanup(buf_done)

void json_open(struct buf *b, const char *key, char bracket); /* '{' or '[' */
void json_close(struct buf *b, char bracket);                 /* '}' or ']' */
void json_str(struct buf *b, const char *key, const char *s); /* NULL = null */
void json_strn(struct buf *b, const char *key, const char *s, size_t n);
void json_int(struct buf *b, const char *key, int64_t v);
void json_bool(struct buf *b, const char *key, bool v);
void json_null(struct buf *b, const char *key);
void json_num(struct buf *b, const char *key, double v);          /* at most 4 decimals */
void json_raw(struct buf *b, const char *key, const char *json);  /* already JSON */
void json_time(struct buf *b, const char *key, int64_t wall_ms);  /* RFC 3339 UTC, ms; 0 = null */
void json_date(struct buf *b, const char *key, int32_t yyyymmdd); /* "2026-09-11"; 0 = null */

/* "2026-09-11T10:03:07.250Z" is 24 bytes and a NUL; "2026-09-11" 10 and a NUL. */
void text_time(char to[static 25], int64_t wall_ms);
void text_date(char to[static 11], int32_t yyyymmdd);
/* Back, strictly. 0 or -EINVAL. */
int text_parse_time(const char *s, int64_t *ret_wall_ms) must_check;
int text_parse_date(const char *s, int32_t *ret_yyyymmdd) must_check;

#endif
