/* The API's document, compressed by the build, is part of the program: what is served is what it was built with. */
#include "base/embed.h"
#include "http/json_body.h"
#include "hub/api/routes.h"

EMBED(openapi, GEN_DIR "/hub/api/openapi.json.gz");

void api_openapi_get(struct http_request *r)
{
  http_json_document(r, openapi_begin, openapi_end);
}
