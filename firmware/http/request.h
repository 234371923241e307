/* request.h - what a handler has: the request, its answers, streams. Loop thread only.
 *
 * A request lives until its answer is out, though its client may be gone long before; its strings live as long.
 * Every answer gets Date and, unless it brings its own, Cache-Control, Content-Security-Policy and their like.
 */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include "base/buf.h"

struct http_request;

void *http_context(const struct http_request *r);
const char *http_method(const struct http_request *r);
const char *http_path(const struct http_request *r);
const char *http_param(const struct http_request *r, int n);             /* the n-th {} */
const char *http_header(const struct http_request *r, const char *name); /* NULL = absent */
const char *http_query(const struct http_request *r, const char *name);  /* "?name=…", decoded */
/* The first name of the query that is none of these (NULL-terminated), as the client wrote it; NULL = all are. */
const char *http_query_unknown(const struct http_request *r, const char *const *names);
int http_cookie(const struct http_request *r, const char *name, char *to, size_t size); /* length or -ENOENT */
bool http_local(const struct http_request *r);                /* came through the unix socket */
uint64_t http_client_hash(const struct http_request *r);      /* a hash of the peer's address, for limits */
const char *http_local_address(const struct http_request *r); /* "192.168.4.1:8080": where it was accepted */
const char *http_body(const struct http_request *r, size_t *ret_n);
/* HTTP_FILE: where it is, mode 0600, unlinked with the request. Not synced: whoever keeps it does that, off the loop.
 */
const char *http_body_path(const struct http_request *r);
void *http_user(const struct http_request *r); /* a word of the owner's, from admit() to handler */
void http_set_user(struct http_request *r, void *user);

void http_set_headers(struct http_request *r, const char *headers); /* constant: beside those of the answer to come */

/* Answers. A header list is "Name: value\r\n..." or NULL; type and take_body may be NULL. */
void http_reply(struct http_request *r, unsigned status, const char *type, struct buf *take_body, const char *headers);
void http_reply_file(struct http_request *r, int take_fd, const char *type, const char *headers);
/* application/problem+json (RFC 9457). field, detail, extra (JSON members without braces, "\"ticket\":{}") may be NULL,
 * retry_after_s 0 = none. */
void http_problem(struct http_request *r, unsigned status, const char *code, const char *field, const char *detail,
                  const char *extra, int retry_after_s);

/* Bytes sent to many, with an ETag (its quotes included): made once, referenced; If-None-Match is honoured (304). */
struct http_shared;
struct http_shared *http_shared_new(const char *type, const char *etag, const char *headers, struct buf *take_body);
void http_shared_unref(struct http_shared *s);
void http_reply_shared(struct http_request *r, struct http_shared *s);

/* A stream of server-sent events: the request becomes one and never gets another answer. NULL: it has answered 429. */
struct http_stream;
struct http_stream *http_stream(struct http_request *r, void (*closed)(void *user), void *user);
/* Never blocks; a reader too far behind is cut. */
void http_stream_send(struct http_stream *s, const void *bytes, size_t n);
/* closed() is called for every end but this one, from the loop and never from within a send. */
void http_stream_close(struct http_stream *s);

#endif
