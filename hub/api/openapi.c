/* openapi.c - the document of the API, which the build compresses and puts into the program. */
#include "base/embed.h"
#include "http/json_body.h"
#include "hub/api/handlers.h"

EMBED(openapi, GEN_DIR "/hub/api/openapi.json.gz");

void api_openapi_get(struct http_request *r)
{
  http_json_document(r, openapi_begin, openapi_end);
}
