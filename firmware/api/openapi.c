/* openapi.c - the document of the API that the program was built with. */
#include "api/handlers.h"
#include "base/embed.h"
#include "http/json_body.h"

EMBED(openapi, GEN_DIR "/firmware/api/openapi.json.gz");

void api_openapi_get(struct http_request *r)
{
  http_json_document(r, openapi_begin, openapi_end);
}
