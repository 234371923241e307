/* The API's document, compressed by the build, is part of the program: what is served is what it was built with. */
#include <zlib.h>

#include "edge/api.h"

__asm__(".section .rodata\n"
        ".global openapi_begin, openapi_end\n"
        "openapi_begin:\n"
        ".incbin \"" GEN_DIR "/openapi.json.gz\"\n"
        "openapi_end:\n"
        ".previous\n");
extern const uint8_t openapi_begin[], openapi_end[];

static void inflate_all(struct buf *b)
{
  z_stream z = {.next_in = (Bytef *)(uintptr_t)openapi_begin, .avail_in = (uInt)(openapi_end - openapi_begin)};
  Bytef piece[4096];
  if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK) /* 16: gzip */
    return;
  int r;
  do {
    z.next_out = piece;
    z.avail_out = sizeof piece;
    r = inflate(&z, Z_NO_FLUSH);
    buf_add(b, piece, sizeof piece - z.avail_out);
  } while (r == Z_OK);
  inflateEnd(&z);
}

void api_openapi_get(struct http_request *r)
{
  struct buf body = {0};
  inflate_all(&body);
  struct http_shared *s =
      http_shared_new("application/json", "\"" BOOTHD_VERSION "\"", "Cache-Control: no-cache\r\n", &body);
  http_reply_shared(r, s);
  http_shared_unref(s);
}
