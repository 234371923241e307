/* zip.c - the only caller of zlib.
 *
 * A stream is inflated straight into the caller's buffer, whose room doubles up to the limit: a small text costs little
 * memory, a zip bomb no more than the limit. One byte more distinguishes "exactly the limit" from "more".
 */
#include "base/zip.h"

#include <errno.h>
#include <zlib.h>

#define FIRST_ROOM 4096

static const int window_bits[] = {[ZIP_ZLIB] = MAX_WBITS, [ZIP_GZIP] = 16 + MAX_WBITS};

void zip_deflate(const void *bytes, size_t n, struct buf *ret)
{
  uLongf packed = compressBound(n);
  buf_reserve(ret, packed);
  if (compress2((Bytef *)ret->data + ret->len, &packed, bytes, n, Z_DEFAULT_COMPRESSION) != Z_OK)
    abort(); /* out of memory: compressBound() bytes are enough */
  ret->len += packed;
  ret->data[ret->len] = '\0';
}

/* Inflates into b from offset `from`, up to limit + 1 bytes. Returns zlib's last result. */
static int inflate_into(z_stream *z, size_t from, size_t limit, struct buf *b)
{
  int r = Z_OK;
  for (size_t room = FIRST_ROOM; r == Z_OK; room *= 2) {
    size_t got = b->len - from;
    size_t piece = min(room, limit) + 1 - got;
    buf_reserve(b, piece);
    z->next_out = (Bytef *)b->data + b->len;
    z->avail_out = (uInt)piece;
    r = inflate(z, Z_NO_FLUSH);
    b->len += piece - z->avail_out;
    if (r == Z_OK && (z->avail_out || b->len - from > limit))
      break; /* the input has ended, or the room has */
  }
  return r;
}

int zip_inflate(enum zip_form form, const void *bytes, size_t n, size_t limit, struct buf *ret)
{
  z_stream z = {.next_in = (Bytef *)(uintptr_t)bytes, .avail_in = (uInt)n};
  size_t from = ret->len;
  if (inflateInit2(&z, window_bits[form]) != Z_OK)
    abort();
  int r = inflate_into(&z, from, limit, ret);
  bool over = ret->len - from > limit, whole = r == Z_STREAM_END && z.avail_in == 0;
  inflateEnd(&z);
  if (whole && !over) {
    ret->data[ret->len] = '\0';
    return 0;
  }
  ret->len = from;
  if (ret->data)
    ret->data[from] = '\0';
  return over ? -EFBIG : -EBADMSG;
}
