/* json_body.h - JSON bodies read by a field table, and a program's embedded API document. Loop thread only. */
#ifndef HTTP_JSON_BODY_H
#define HTTP_JSON_BODY_H

#include "base/json.h"
#include "http/request.h"
#include "http/response.h"

/* Reads the body; an empty one counts as {}. False: it has been refused. Otherwise the caller frees *ret (json_free),
 * which owns the strings in target. */
bool http_json_read(struct http_request *r, const struct json_field *fields, size_t n, void *target, struct json **ret);
void http_json_refuse(struct http_request *r, const struct json_error *e); /* 400 */
/* Answers with an embedded document, which the build compressed by gzip. */
void http_json_document(struct http_request *r, const uint8_t *begin, const uint8_t *end);

#endif
