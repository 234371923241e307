/* The API's document, compressed by the build, is part of the program: what is served is what it was built with. */
#include "http/json_body.h"
#include "hub/api/routes.h"

__asm__(".section .rodata\n"
        ".global hub_openapi_begin, hub_openapi_end\n"
        "hub_openapi_begin:\n"
        ".incbin \"" GEN_DIR "/hub/openapi.json.gz\"\n"
        "hub_openapi_end:\n"
        ".previous\n");
extern const uint8_t hub_openapi_begin[], hub_openapi_end[];

void api_openapi_get(struct http_request *r)
{
  http_json_document(r, hub_openapi_begin, hub_openapi_end);
}
