/* request.h - what a handler can read of a request. Loop thread only.
 *
 * A request and its strings live until its answer is out, even if its client has gone before.
 */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include "base/buf.h"

struct http_request;

void *http_context(const struct http_request *r); /* of http_options */
int http_route_arg(const struct http_request *r); /* of its row in the route table */
const char *http_method(const struct http_request *r);
const char *http_path(const struct http_request *r);
const char *http_param(const struct http_request *r, int n);             /* the n-th {}; NULL = absent */
const char *http_header(const struct http_request *r, const char *name); /* NULL = absent */
const char *http_query(const struct http_request *r, const char *name);  /* "?name=…", decoded; NULL = absent */
/* The first name of the query that is none of these (NULL-terminated), as the client wrote it; NULL = none. */
const char *http_query_unknown(const struct http_request *r, const char *const *names);
/* The cookie's length, or -ENOENT. */
int http_cookie(const struct http_request *r, const char *name, char *to, size_t size);

bool http_local(const struct http_request *r);                /* it came through the unix socket */
uint64_t http_client_hash(const struct http_request *r);      /* of the peer's address, for limits */
const char *http_local_address(const struct http_request *r); /* where it was accepted: "192.168.4.1:8080" */

const char *http_body(const struct http_request *r, size_t *ret_n);
/* HTTP_FILE: the file with the body, mode 0600, unlinked with the request. Not synced: a caller that keeps it syncs it,
 * outside the loop. NULL = there is none. */
const char *http_body_path(const struct http_request *r);

/* A pointer that admit() passes to the handler. */
void *http_user(const struct http_request *r);
void http_set_user(struct http_request *r, void *user);

#endif
