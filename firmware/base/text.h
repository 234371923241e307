/* text.h - instants and dates as text, and the length of UTF-8. Pure. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/util.h"

/* "2026-09-11T10:03:07.250Z" is 24 bytes and a NUL; "2026-09-11" 10 and a NUL. */
void text_time(char to[static 25], int64_t wall_ms);
void text_date(char to[static 11], int32_t yyyymmdd);

/* The reverse, strict. 0 or -EINVAL. */
int text_parse_time(const char *s, int64_t *ret_wall_ms) must_check;
int text_parse_date(const char *s, int32_t *ret_yyyymmdd) must_check;

/* Code points of valid UTF-8; -1 if the text is not valid. */
int utf8_length(const char *s, size_t n);

#endif
