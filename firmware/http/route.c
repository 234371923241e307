/* route.c - paths are decoded here and not by microhttpd, for which %00 ends a path. */
#include "http/route.h"

#include <string.h>

#include "base/text.h"

static int hex_digit(char c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  c |= 32;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Absolute, and without empty segments, "." and "..". */
static bool is_plain(const char *path)
{
  if (path[0] != '/')
    return false;
  for (const char *p = path; *p;) {
    size_t n = strcspn(++p, "/");
    if ((n == 0 && path[1]) || (n == 1 && p[0] == '.') || (n == 2 && p[0] == '.' && p[1] == '.'))
      return false;
    p += n;
  }
  return true;
}

size_t http_path_decode(char *to, const char *from, size_t n)
{
  size_t length = 0;
  for (size_t i = 0; i < n; i++) {
    int c = (unsigned char)from[i];
    if (c == '%') {
      int high = i + 2 < n ? hex_digit(from[i + 1]) : -1;
      int low = i + 2 < n ? hex_digit(from[i + 2]) : -1;
      c = high < 0 || low < 0 ? 0 : high << 4 | low;
      i += 2;
      if (c == '/')
        return 0;
    }
    if (c < ' ' || c == 0x7f || c == '\\')
      return 0;
    to[length++] = (char)c;
  }
  to[length] = '\0';
  return utf8_length(to, length) >= 0 && is_plain(to) ? length : 0;
}

static bool pattern_matches(const char *pattern, const char *path, struct http_span spans[static HTTP_PARAMS])
{
  int k = 0;
  for (int i = 0; i < HTTP_PARAMS; i++)
    spans[i] = (struct http_span){0};
  for (const char *p = path;;) {
    if (*pattern == '{') {
      size_t n = strcspn(p, "/");
      if (n == 0)
        return false;
      spans[k++] = (struct http_span){(size_t)(p - path), n};
      p += n;
      pattern = strchr(pattern, '}') + 1;
    } else if (*pattern != *p) {
      return false;
    } else if (!*p) {
      return true;
    } else {
      pattern++;
      p++;
    }
  }
}

const struct http_route *http_route_find(const struct http_route *routes, size_t n, const char *method,
                                         const char *path, struct http_span ret_spans[static HTTP_PARAMS],
                                         struct buf *allow)
{
  for (size_t i = 0; i < n; i++) {
    const struct http_route *route = &routes[i];
    if (!pattern_matches(route->pattern, path, ret_spans))
      continue;
    if (strcmp(route->method, method) == 0)
      return route;
    buf_fmt(allow, "%s%s%s", allow->len ? ", " : "", route->method, strcmp(route->method, "GET") == 0 ? ", HEAD" : "");
  }
  return NULL;
}
