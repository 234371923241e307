/* http_client.h - one POST at a time, which may take for ever as long as it moves. Wraps libcurl (with OpenSSL). One
 * thread.
 *
 * A request fails when it is not connected within connect_ms, or when neither side gets a byte through for stall_ms;
 * there is no limit to the whole. Redirects are answers like others, proxies of the environment are not asked. The
 * connection is kept for the next request.
 */
#ifndef SYNC_HTTP_CLIENT_H
#define SYNC_HTTP_CLIENT_H

#include <stdatomic.h>

#include "base/buf.h"

struct http_client;

struct http_client_options {
  const char *authority;        /* PEM file; NULL or "" = the system's */
  const _Atomic bool *stop;     /* once true, whatever is under way ends within a second */
  const _Atomic bool *rerouted; /* once true, another route leads out: what stands still is given up sooner */
  int connect_ms, stall_ms;     /* 0 = LIMIT_CONNECT_MS, LIMIT_STALL_MS */
};

enum http_client_end {
  HTTP_CLIENT_ANSWERED,
  HTTP_CLIENT_STOPPED,
  HTTP_CLIENT_NO_ROUTE,    /* no network, or no such name */
  HTTP_CLIENT_NO_ANSWER,   /* refused, reset, silent */
  HTTP_CLIENT_CERTIFICATE, /* somebody answered who is not the one, or not by TLS */
  HTTP_CLIENT_TOO_LARGE,   /* more than was wanted; status is known */
};

struct http_client_response {
  enum http_client_end end;
  int status;
  char type[64];          /* media type without parameters, lower case; "" = none */
  int64_t retry_after_ms; /* 0 = not said */
  struct buf body;
  int64_t asked_mono, answered_mono; /* mono_ms: the request was out; the answer began */
  int64_t bytes, took_ms;            /* both directions, headers and all; from the connection to the end */
  char detail[160];                  /* what went wrong, in words */
};
void http_client_response_done(struct http_client_response *a);

/* The strings of o are copied, the flags are borrowed. The library begins with the first request. */
struct http_client *http_client_new(const struct http_client_options *o) __attribute__((returns_nonnull));
void http_client_free(struct http_client *f);
/* most: bytes of an answer's body. Dates of certificates are looked at only while the booth's clock is trusted, and
 * against the booth's clock. ret is empty before and owned by the caller after. */
void http_client_post(struct http_client *f, const char *url, const char *type, const void *body, size_t n, size_t most,
                      struct http_client_response *ret);
void http_client_reconnect(
    struct http_client *f); /* the next request takes a connection of its own: the network is another now */
void http_client_wake(struct http_client *f); /* any thread: a flag was raised */

#endif
