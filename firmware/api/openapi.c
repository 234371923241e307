/* The API's document, compressed by the build, is part of the program: what is served is what it was built with. */
#include "api/routes.h"

__asm__(".section .rodata\n"
        ".global openapi_begin, openapi_end\n"
        "openapi_begin:\n"
        ".incbin \"" GEN_DIR "/openapi.json.gz\"\n"
        "openapi_end:\n"
        ".previous\n");
extern const uint8_t openapi_begin[], openapi_end[];

void api_openapi_get(struct http_request *r)
{
  http_json_document(r, openapi_begin, openapi_end);
}
