/* The API's document, compressed by the build, is part of the program: what is served is what it was built with. */
#include "base/zip.h"
#include "hub/routes.h"

__asm__(".section .rodata\n"
        ".global hub_openapi_begin, hub_openapi_end\n"
        "hub_openapi_begin:\n"
        ".incbin \"" GEN_DIR "/hub/openapi.json.gz\"\n"
        "hub_openapi_end:\n"
        ".previous\n");
extern const uint8_t hub_openapi_begin[], hub_openapi_end[];

void api_openapi_get(struct http_request *r)
{
  struct buf body = {0};
  size_t n = (size_t)(hub_openapi_end - hub_openapi_begin);
  if (zip_inflate(ZIP_GZIP, hub_openapi_begin, n, LIMIT_STATIC_SIZE, &body) < 0)
    abort(); /* the build made it */
  struct http_shared *s =
      http_shared_new("application/json", "\"" BOOTHD_VERSION "\"", "Cache-Control: no-cache\r\n", &body);
  http_reply_shared(r, s);
  http_shared_unref(s);
}
