/* json_write.h - writes JSON into a struct buf. Any thread.
 *
 * Commas are added as needed. Values are escaped; keys are constants and are not. UTF-8 is not checked here, because
 * all input is checked where it enters. key is NULL inside an array.
 *
 *   json_open(b, NULL, '{'); json_int(b, "seq", 57); json_close(b, '}');   {"seq":57}
 */
#ifndef BASE_JSON_WRITE_H
#define BASE_JSON_WRITE_H

#include "base/buf.h"

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

#endif
