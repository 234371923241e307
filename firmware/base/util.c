#include "base/util.h"

#include <errno.h>

void *xcalloc(size_t n, size_t size)
{
  void *p = calloc(n ? n : 1, size ? size : 1);
  if (!p)
    abort();
  return p;
}

void *xrealloc(void *p, size_t size)
{
  p = realloc(p, size ? size : 1);
  if (!p)
    abort();
  return p;
}

char *xstrdup(const char *s)
{
  char *copy = strdup(s);
  if (!copy)
    abort();
  return copy;
}

bool util_copy(char *to, size_t size, const char *s)
{
  size_t n = strlen(s);
  if (n >= size) {
    to[0] = '\0';
    return false;
  }
  memcpy(to, s, n + 1);
  return true;
}

int util_parse_i64(const char *s, int64_t low, int64_t high, int64_t *ret)
{
  bool negative = *s == '-';
  int64_t v = 0;
  s += negative;
  if (!*s)
    return -EINVAL;
  for (; *s; s++)
    if (*s < '0' || *s > '9' || __builtin_mul_overflow(v, 10, &v) ||
        __builtin_add_overflow(v, negative ? '0' - *s : *s - '0', &v))
      return -EINVAL;
  if (v < low || v > high)
    return -EINVAL;
  *ret = v;
  return 0;
}

void util_hex(char *to, const void *bytes, size_t n)
{
  const unsigned char *p = bytes;
  for (size_t i = 0; i < n; i++) {
    *to++ = "0123456789abcdef"[p[i] >> 4];
    *to++ = "0123456789abcdef"[p[i] & 15];
  }
  *to = '\0';
}

static int hex_digit(char c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return -1;
}

int util_unhex(void *to, size_t n, const char *s)
{
  if (strlen(s) != 2 * n)
    return -EINVAL;
  for (size_t i = 0; i < 2 * n; i++)
    if (hex_digit(s[i]) < 0)
      return -EINVAL;
  unsigned char *p = to;
  for (size_t i = 0; i < n; i++)
    p[i] = (unsigned char)(hex_digit(s[2 * i]) << 4 | hex_digit(s[2 * i + 1]));
  return 0;
}

void util_put_number(uint8_t *to, size_t n, uint64_t v)
{
  for (; n; v >>= 8)
    to[--n] = (uint8_t)v;
}

uint64_t util_get_number(const uint8_t *from, size_t n)
{
  uint64_t v = 0;
  for (size_t i = 0; i < n; i++)
    v = v << 8 | from[i];
  return v;
}
