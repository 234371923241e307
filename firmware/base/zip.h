/* zip.h - zlib streams in and out of a struct buf. Wraps zlib. Any thread. */
#ifndef BASE_ZIP_H
#define BASE_ZIP_H

#include "base/buf.h"

enum zip_form {
  ZIP_ZLIB,
  ZIP_GZIP,
};

/* Appends n bytes as one zlib stream. */
void zip_deflate(const void *bytes, size_t n, struct buf *ret);

/* Appends the content of one whole stream, at most limit bytes, which also bounds the memory used. 0; -EFBIG if there
 * is more; -EBADMSG if it is broken, incomplete, needs a dictionary, or is followed by anything. ret is unchanged
 * unless 0.
 */
int zip_inflate(enum zip_form form, const void *bytes, size_t n, size_t limit, struct buf *ret) must_check;

#endif
