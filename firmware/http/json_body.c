/* json_body.c - a syntax error and an invalid member have different codes: the first is a program's mistake, the second
 * may be a person's. */
#include "http/json_body.h"

#include "base/zip.h"

void http_json_refuse(struct http_request *r, const struct json_error *e)
{
  if (*e->field)
    http_refuse(r, HTTP_INVALID_FIELD, e->field, e->detail);
  else
    http_refuse(r, HTTP_BAD_JSON, NULL, e->detail);
}

bool http_json_read(struct http_request *r, const struct json_field *fields, size_t n, void *target, struct json **ret)
{
  size_t length;
  const char *text = http_body(r, &length);
  cleanup(json_freep) struct json *parsed = NULL;
  struct json_error e = {0};
  int result = length > 0 ? json_parse(text, length, &parsed, &e) : json_parse("{}", 2, &parsed, &e);
  if (result == 0)
    result = json_read(parsed, fields, n, target, &e);
  if (result < 0) {
    http_json_refuse(r, &e);
    return false;
  }
  *ret = take(parsed);
  return true;
}

void http_json_document(struct http_request *r, const uint8_t *begin, const uint8_t *end)
{
  struct buf body = {0};
  if (zip_inflate(ZIP_GZIP, begin, (size_t)(end - begin), LIMIT_STATIC_SIZE, &body) < 0)
    abort(); /* the build compressed it */
  struct http_shared *s =
      http_shared_new("application/json", "\"" BOOTHD_VERSION "\"", "Cache-Control: no-cache\r\n", &body);
  http_reply_shared(r, s);
  http_shared_unref(s);
}
