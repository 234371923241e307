/* buf.h - growable text.
 *
 * A zeroed struct buf is empty and valid. The owner calls buf_done(). Aborts when memory is out. Any thread.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>

#include "base/util.h"

struct buf {
  char *data; /* NUL-terminated once anything was added */
  size_t len;
  size_t cap;
};

void buf_done(struct buf *b);
void buf_clear(struct buf *b);                /* empty, memory kept */
void buf_reserve(struct buf *b, size_t more); /* room for so many bytes and a NUL */
void buf_add(struct buf *b, const void *bytes, size_t n);
void buf_str(struct buf *b, const char *s);
void buf_fmt(struct buf *b, const char *format, ...) printf_like(2, 3);
char *buf_take(struct buf *b) __attribute__((returns_nonnull)); /* the caller frees; b is empty again */
#define autobuf cleanup(buf_done)

#endif
