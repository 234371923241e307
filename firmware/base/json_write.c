/* json_write.c - there is no state: the last byte shows whether the next value needs a comma.
 *
 * A value ends in } ] " or a digit, or in the last letter of true, false, null. After anything else ({ [ : or the
 * "data: " of an event) no comma is written. So one struct buf can hold several JSON texts with a separator between.
 */
#include "base/json_write.h"

#include <math.h>
#include <stdio.h>

#include "base/text.h"

static bool ends_in_value(const struct buf *b)
{
  return b->len && b->data[b->len - 1] && strchr("}]\"0123456789el", b->data[b->len - 1]);
}

static void add_quoted(struct buf *b, const char *s, size_t n)
{
  static const char short_escapes[] = {
      ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r', ['"'] = '"', ['\\'] = '\\'};
  buf_reserve(b, n + 2);
  buf_add(b, "\"", 1);
  size_t from = 0;
  for (size_t i = 0; i < n; i++) {
    unsigned char c = (unsigned char)s[i];
    if (c >= 0x20 && c != '"' && c != '\\')
      continue;
    buf_add(b, s + from, i - from);
    from = i + 1;
    if (short_escapes[c])
      buf_add(b, (char[]){'\\', short_escapes[c]}, 2);
    else
      buf_fmt(b, "\\u%04x", c);
  }
  buf_add(b, s + from, n - from);
  buf_add(b, "\"", 1);
}

/* Adds what precedes a value: the comma if it needs one, and the member's name. */
static void begin_value(struct buf *b, const char *key)
{
  size_t n = key ? strlen(key) : 0;
  buf_reserve(b, n + 4);
  char *at = b->data + b->len;
  if (ends_in_value(b))
    *at++ = ',';
  if (key) {
    *at++ = '"';
    at = (char *)memcpy(at, key, n) + n;
    *at++ = '"';
    *at++ = ':';
  }
  *at = '\0';
  b->len = (size_t)(at - b->data);
}

void json_open(struct buf *b, const char *key, char bracket)
{
  begin_value(b, key);
  buf_add(b, &bracket, 1);
}

void json_close(struct buf *b, char bracket)
{
  buf_add(b, &bracket, 1);
}

void json_raw(struct buf *b, const char *key, const char *json)
{
  begin_value(b, key);
  buf_str(b, json);
}

void json_null(struct buf *b, const char *key)
{
  json_raw(b, key, "null");
}

void json_bool(struct buf *b, const char *key, bool v)
{
  json_raw(b, key, v ? "true" : "false");
}

void json_strn(struct buf *b, const char *key, const char *s, size_t n)
{
  begin_value(b, key);
  add_quoted(b, s, n);
}

void json_str(struct buf *b, const char *key, const char *s)
{
  if (s)
    json_strn(b, key, s, strlen(s));
  else
    json_null(b, key);
}

void json_int(struct buf *b, const char *key, int64_t v)
{
  char digits[20], *at = digits + sizeof digits;
  uint64_t rest = v < 0 ? -(uint64_t)v : (uint64_t)v;
  do
    *--at = (char)('0' + rest % 10);
  while (rest /= 10);
  if (v < 0)
    *--at = '-';
  begin_value(b, key);
  buf_add(b, at, (size_t)(digits + sizeof digits - at));
}

void json_num(struct buf *b, const char *key, double v)
{
  if (!(fabs(v) < 1e14)) {
    json_null(b, key);
    return;
  }
  /* Printed as integers, because printf's decimal point depends on the locale. */
  long long scaled = llround(fabs(v) * 10000);
  begin_value(b, key);
  buf_fmt(b, "%s%lld", v < 0 && scaled ? "-" : "", scaled / 10000);
  if (scaled % 10000) {
    buf_fmt(b, ".%04lld", scaled % 10000);
    while (b->data[b->len - 1] == '0')
      b->data[--b->len] = '\0';
  }
}

void json_time(struct buf *b, const char *key, int64_t wall_ms)
{
  char text[25];
  if (wall_ms)
    text_time(text, wall_ms);
  json_str(b, key, wall_ms ? text : NULL);
}

void json_date(struct buf *b, const char *key, int32_t yyyymmdd)
{
  char text[11];
  if (yyyymmdd)
    text_date(text, yyyymmdd);
  json_str(b, key, yyyymmdd ? text : NULL);
}
