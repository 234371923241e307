/* The API's document, compressed by the build, is part of the program: what is served is what it was built with. */
#include "api/routes.h"
#include "base/embed.h"

EMBED(openapi, GEN_DIR "/firmware/api/openapi.json.gz");

void api_openapi_get(struct http_request *r)
{
  http_json_document(r, openapi_begin, openapi_end);
}
