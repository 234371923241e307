/* buf.c - the writer keeps no state of its own: whether a comma is due is read off the last byte.
 *
 * A value ends in one of } ] " or a digit, or in the last letter of true, false, null. After anything else ({ [ : or
 * the "data: " of an event) the next value stands first. So one struct buf can hold several JSON texts with a break
 * between.
 */
#include "base/buf.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <time.h>

void buf_done(struct buf *b)
{
  free(b->data);
  *b = (struct buf){0};
}

void buf_clear(struct buf *b)
{
  b->len = 0;
  if (b->data)
    b->data[0] = '\0';
}

void buf_reserve(struct buf *b, size_t more)
{
  size_t need;
  if (__builtin_add_overflow(b->len + 1, more, &need))
    abort();
  if (need <= b->cap)
    return;
  b->cap = max(need, max(b->cap * 2, (size_t)64));
  b->data = xrealloc(b->data, b->cap);
}

void buf_add(struct buf *b, const void *bytes, size_t n)
{
  buf_reserve(b, n);
  if (n)
    memcpy(b->data + b->len, bytes, n);
  b->len += n;
  b->data[b->len] = '\0';
}

void buf_str(struct buf *b, const char *s)
{
  buf_add(b, s, strlen(s));
}

void buf_fmt(struct buf *b, const char *format, ...)
{
  va_list args, again;
  va_start(args, format);
  va_copy(again, args);
  buf_reserve(b, 0);
  int n = vsnprintf(b->data + b->len, b->cap - b->len, format, args);
  if (n < 0)
    abort();
  if ((size_t)n >= b->cap - b->len) {
    buf_reserve(b, (size_t)n);
    vsnprintf(b->data + b->len, b->cap - b->len, format, again);
  }
  b->len += (size_t)n;
  va_end(again);
  va_end(args);
}

char *buf_take(struct buf *b)
{
  char *text = b->data ? b->data : xstrdup("");
  *b = (struct buf){0};
  return text;
}

static bool ends_a_value(const struct buf *b)
{
  return b->len && b->data[b->len - 1] && strchr("}]\"0123456789el", b->data[b->len - 1]);
}

static void add_quoted(struct buf *b, const char *s, size_t n)
{
  static const char shorts[] = {
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
    if (shorts[c])
      buf_add(b, (char[]){'\\', shorts[c]}, 2);
    else
      buf_fmt(b, "\\u%04x", c);
  }
  buf_add(b, s + from, n - from);
  buf_add(b, "\"", 1);
}

/* What stands before a value: the comma if one is due, and the member's name, which is ours and needs no escaping. */
static void begin(struct buf *b, const char *key)
{
  size_t n = key ? strlen(key) : 0;
  buf_reserve(b, n + 4);
  char *at = b->data + b->len;
  if (ends_a_value(b))
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
  begin(b, key);
  buf_add(b, &bracket, 1);
}

void json_close(struct buf *b, char bracket)
{
  buf_add(b, &bracket, 1);
}

void json_raw(struct buf *b, const char *key, const char *json)
{
  begin(b, key);
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
  begin(b, key);
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
  begin(b, key);
  buf_add(b, at, (size_t)(digits + sizeof digits - at));
}

void json_num(struct buf *b, const char *key, double v)
{
  if (!(fabs(v) < 1e14)) {
    json_null(b, key);
    return;
  }
  /* By way of an integer: printf's decimal point follows the locale. */
  long long scaled = llround(fabs(v) * 10000);
  begin(b, key);
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

/* Both walk a pattern of runs of 0, a number each, and the text between them. fill() writes the numbers into it. */
static void fill(char *to, const char *pattern, const int *numbers)
{
  strcpy(to, pattern);
  for (char *p = to; *p; p += strcspn(p, "0")) {
    size_t width = strspn(p, "0");
    int v = *numbers++;
    for (size_t i = width; i--; v /= 10)
      p[i] = (char)('0' + v % 10);
    p += width;
  }
}

/* scan() reads them back; false unless s has exactly the pattern's shape. */
static bool scan(const char *s, const char *pattern, int *ret_numbers)
{
  while (*pattern) {
    size_t width = strspn(pattern, "0"), between = strcspn(pattern + width, "0");
    int v = 0;
    for (size_t i = 0; i < width; i++) {
      if (s[i] < '0' || s[i] > '9')
        return false;
      v = v * 10 + (s[i] - '0');
    }
    *ret_numbers++ = v;
    if (strncmp(s + width, pattern + width, between) != 0)
      return false;
    s += width + between;
    pattern += width + between;
  }
  return !*s;
}

#define TIME_PATTERN "0000-00-00T00:00:00.000Z"
#define DATE_PATTERN "0000-00-00"

void text_time(char to[static 25], int64_t wall_ms)
{
  const int64_t last = 253402300799999; /* 9999-12-31T23:59:59.999Z */
  wall_ms = min(max(wall_ms, 0), last);
  time_t t = wall_ms / 1000;
  struct tm tm;
  gmtime_r(&t, &tm);
  fill(to, TIME_PATTERN,
       (int[]){tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(wall_ms % 1000)});
}

void text_date(char to[static 11], int32_t yyyymmdd)
{
  fill(to, DATE_PATTERN, (int[]){yyyymmdd / 10000, yyyymmdd / 100 % 100, yyyymmdd % 100});
}

int text_parse_time(const char *s, int64_t *ret_wall_ms)
{
  int n[7];
  if (!scan(s, TIME_PATTERN, n) || n[0] < 1970)
    return -EINVAL;
  struct tm tm = {
      .tm_year = n[0] - 1900, .tm_mon = n[1] - 1, .tm_mday = n[2], .tm_hour = n[3], .tm_min = n[4], .tm_sec = n[5]};
  int64_t ms = (int64_t)timegm(&tm) * 1000 + n[6];
  char back[25];
  text_time(back, ms);
  if (strcmp(s, back) != 0) /* there is no 31 February and no hour 24 */
    return -EINVAL;
  *ret_wall_ms = ms;
  return 0;
}

int text_parse_date(const char *s, int32_t *ret_yyyymmdd)
{
  int n[3];
  int64_t ms;
  char time[25];
  if (!scan(s, DATE_PATTERN, n))
    return -EINVAL;
  memcpy(time, s, 10);
  strcpy(time + 10, "T00:00:00.000Z");
  if (text_parse_time(time, &ms) < 0)
    return -EINVAL;
  *ret_yyyymmdd = n[0] * 10000 + n[1] * 100 + n[2];
  return 0;
}
