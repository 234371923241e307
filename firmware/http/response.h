/* response.h - how a request is answered. Loop thread only.
 *
 * Each request gets exactly one answer (or becomes an event stream: sse.h). Header lists are "Name: value\r\n…" or
 * NULL. Every answer has Date and, unless it brings its own, Cache-Control, Content-Security-Policy and their like.
 */
#ifndef HTTP_RESPONSE_H
#define HTTP_RESPONSE_H

#include "base/buf.h"

struct http_request;

/* Adds constant headers to the answer to come. */
void http_set_headers(struct http_request *r, const char *headers);

/* type and take_body may be NULL. */
void http_reply(struct http_request *r, unsigned status, const char *type, struct buf *take_body, const char *headers);
void http_reply_file(struct http_request *r, int take_fd, const char *type, const char *headers);

/* application/problem+json (RFC 9457). field, detail and extra (JSON members without braces: "\"ticket\":{}") may be
 * NULL, retry_after_s 0 = none. */
void http_problem(struct http_request *r, unsigned status, const char *code, const char *field, const char *detail,
                  const char *extra, int retry_after_s);

/* Refusals that several places use; response.c has the table of status, code and sentence. */
enum http_refusal {
  HTTP_BAD_JSON,
  HTTP_INVALID_FIELD,
  HTTP_NOT_SIGNED_IN,
  HTTP_FORBIDDEN,
  HTTP_NOT_FOUND,
  HTTP_METHOD_NOT_ALLOWED,
  HTTP_TOO_LARGE,
  HTTP_PATH_TOO_LONG,
  HTTP_HEADERS_TOO_LONG,
  HTTP_UNSUPPORTED_MEDIA_TYPE,
  HTTP_RATE_LIMITED,
  HTTP_BUSY,
  HTTP_NO_STORAGE,
};
/* field and detail may be NULL: no field, the table's sentence. */
void http_refuse(struct http_request *r, enum http_refusal why, const char *field, const char *detail);

/* One answer for many requests, with an ETag (in quotes): built once and reference-counted. If-None-Match is honoured
 * (304). */
struct http_shared;
struct http_shared *http_shared_new(const char *type, const char *etag, const char *headers, struct buf *take_body);
void http_shared_unref(struct http_shared *s);
void http_reply_shared(struct http_request *r, struct http_shared *s);

#endif
