#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

/* A pattern has a run of 0 for each number, and text between them. Writes the numbers into it. */
static void fill_pattern(char *to, const char *pattern, const int *numbers)
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

/* Reads the numbers of s; false unless it has exactly the pattern's shape. */
static bool scan_pattern(const char *s, const char *pattern, int *ret_numbers)
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
  fill_pattern(
      to, TIME_PATTERN,
      (int[]){tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(wall_ms % 1000)});
}

void text_date(char to[static 11], int32_t yyyymmdd)
{
  fill_pattern(to, DATE_PATTERN, (int[]){yyyymmdd / 10000, yyyymmdd / 100 % 100, yyyymmdd % 100});
}

int text_parse_time(const char *s, int64_t *ret_wall_ms)
{
  int n[7];
  if (!scan_pattern(s, TIME_PATTERN, n) || n[0] < 1970)
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
  if (!scan_pattern(s, DATE_PATTERN, n))
    return -EINVAL;
  memcpy(time, s, 10);
  strcpy(time + 10, "T00:00:00.000Z");
  if (text_parse_time(time, &ms) < 0)
    return -EINVAL;
  *ret_yyyymmdd = n[0] * 10000 + n[1] * 100 + n[2];
  return 0;
}

int utf8_length(const char *s, size_t n)
{
  const unsigned char *p = (const unsigned char *)s, *end = p + n;
  int length = 0;
  for (; p < end; length++) {
    unsigned char c = *p++;
    if (c < 0x80)
      continue;
    int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
    if (c < 0xc2 || c > 0xf4 || end - p < more)
      return -1;
    /* The second byte rules out overlong forms, surrogates and what lies beyond U+10FFFF. */
    unsigned char low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80, high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
    if (*p < low || *p > high)
      return -1;
    for (p++; --more; p++)
      if ((*p & 0xc0) != 0x80)
        return -1;
  }
  return length;
}
