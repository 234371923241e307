/* The API's document, compressed by the build, is part of the program: what is served is what it was built with. */
#include "base/zip.h"
#include "edge/api.h"

__asm__(".section .rodata\n"
        ".global openapi_begin, openapi_end\n"
        "openapi_begin:\n"
        ".incbin \"" GEN_DIR "/openapi.json.gz\"\n"
        "openapi_end:\n"
        ".previous\n");
extern const uint8_t openapi_begin[], openapi_end[];

void api_openapi_get(struct http_request *r)
{
  struct buf body = {0};
  size_t n = (size_t)(openapi_end - openapi_begin);
  if (zip_inflate(ZIP_GZIP, openapi_begin, n, LIMIT_STATIC_SIZE, &body) < 0)
    abort(); /* the build made it */
  struct http_shared *s =
      http_shared_new("application/json", "\"" BOOTHD_VERSION "\"", "Cache-Control: no-cache\r\n", &body);
  http_reply_shared(r, s);
  http_shared_unref(s);
}
