/* http_client.h - one POST at a time, without a limit as long as it makes progress. Wraps libcurl (with OpenSSL). One
 * thread.
 *
 * A request fails if it is not connected within connect_ms, or if no byte passes for stall_ms. Redirects are not
 * followed, proxies of the environment are ignored. The connection is kept for the next request.
 */
#ifndef SYNC_HTTP_CLIENT_H
#define SYNC_HTTP_CLIENT_H

#include <stdatomic.h>

#include "base/buf.h"

struct http_client;

struct http_client_options {
  const char *authority;        /* PEM file; NULL or "" = the system's */
  const _Atomic bool *stop;     /* when true, the running request ends within a second */
  const _Atomic bool *rerouted; /* when true, there is another route: a stalled request fails sooner */
  int connect_ms;               /* 0 = LIMIT_CONNECT_MS */
  int stall_ms;                 /* 0 = LIMIT_STALL_MS */
};

enum http_client_end {
  HTTP_CLIENT_ANSWERED,
  HTTP_CLIENT_STOPPED,
  HTTP_CLIENT_NO_ROUTE,    /* no network, or the name is not found */
  HTTP_CLIENT_NO_ANSWER,   /* refused, reset, silent */
  HTTP_CLIENT_CERTIFICATE, /* the certificate or the TLS handshake failed */
  HTTP_CLIENT_TOO_LARGE,   /* the body exceeds `most`; status is known */
};

struct http_client_response {
  enum http_client_end end;
  int status;
  char type[64];          /* media type without parameters, lower case; "" = none */
  int64_t retry_after_ms; /* 0 = none */
  struct buf body;
  int64_t asked_mono;    /* mono_ms: the request was sent */
  int64_t answered_mono; /* mono_ms: the answer began */
  int64_t bytes;         /* both directions, with headers */
  int64_t took_ms;       /* from the established connection to the end */
  char detail[160];      /* what went wrong, in words */
};
void http_client_response_done(struct http_client_response *r);

/* The strings of o are copied, the flags are borrowed. libcurl is initialised by the first request. */
struct http_client *http_client_new(const struct http_client_options *o) __attribute__((returns_nonnull));
void http_client_free(struct http_client *c);
/* most: bytes of the answer's body. Dates of certificates are checked against the booth's clock, and only while that
 * is trusted. ret must be empty; the caller owns it. */
void http_client_post(struct http_client *c, const char *url, const char *type, const void *body, size_t n, size_t most,
                      struct http_client_response *ret);
void http_client_reconnect(struct http_client *c); /* the next request takes a new connection */
void http_client_wake(struct http_client *c);      /* any thread, after setting a flag */

#endif
