/* json_body.h - JSON over HTTP, as booth and hub both have it: bodies read by a table, and the document of the API that
 * a program brings along. Loop thread only.
 */
#ifndef HTTP_JSON_BODY_H
#define HTTP_JSON_BODY_H

#include "base/json.h"
#include "http/request.h"

/* The body by a field table; nothing is {}. False: it has been refused; else json_free(*ret), which owns the strings in
 * target. */
bool http_json_read(struct http_request *r, const struct json_field *fields, size_t n, void *target, struct json **ret);
void http_json_refuse(struct http_request *r, const struct json_error *e); /* 400 */
/* A document that the build compressed (gzip) and embedded. */
void http_json_document(struct http_request *r, const uint8_t *begin, const uint8_t *end);

#endif
