#include "base/buf.h"

#include <stdio.h>

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
