/* server.h - an HTTP/1.1 server in the event loop. Wraps libmicrohttpd (external epoll inside sd-event). Loop thread
 * only.
 *
 * A route's handler is called once, when the whole request is in. It answers at once, or returns without an answer: the
 * connection is then suspended until it is answered later, exactly once. Before that, path, method, size and media type
 * are checked (404, 405, 413, 415), then admit() is called: for HTTP_FILE before the body comes in, too.
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "http/route.h"

struct sd_event;
struct http_server;

struct http_options {
  struct sd_event *event;
  const char *listen; /* "127.0.0.1:8080,[::1]:8080"; port 0 picks one; sockets passed by systemd replace both */
  const char *socket; /* path of a unix socket, made 0660; NULL = none; -EADDRINUSE if another daemon answers there */
  const char *spool;  /* folder for HTTP_FILE bodies, NULL if no route has any; cleared of a crash's remains */
  const struct http_route *routes;
  size_t n_routes;
  bool (*admit)(struct http_request *r, const struct http_route *route); /* false: it has answered; not for other() */
  void (*other)(struct http_request *r); /* GET and HEAD of no route (static files); NULL = 404 */
  void *context;                         /* http_context() of each request */
  int request_ms;                        /* 0 = LIMIT_REQUEST_MS; less in tests */
  int idle_ms;                           /* 0 = LIMIT_IDLE_MS */
  unsigned connections;                  /* of one socket; 0 = LIMIT_CONNECTIONS */
  bool proxied;                          /* behind a reverse proxy: no limits per client address */
  size_t bodies;                         /* bytes of all HTTP_BYTES together, beyond: 503; 0 = no limit */
};
int http_start(const struct http_options *o, struct http_server **ret, char ret_error[static 160]) must_check;
const char *http_address(const struct http_server *s); /* of the first TCP socket: "127.0.0.1:41234" */

/* Two steps: no new connections (streams end, requests go on); then, when none is pending, free. */
void http_quiesce(struct http_server *s);
size_t http_pending(const struct http_server *s); /* requests that handlers have not answered yet */
void http_free(struct http_server *s);

struct http_stats {
  uint64_t requests;
  uint64_t by_class[6]; /* answers 1xx to 5xx */
  uint64_t refused;     /* connections, for a limit */
  uint64_t timeouts;
  size_t connections; /* open now */
  size_t streams;     /* open now */
};
void http_stats(const struct http_server *s, struct http_stats *ret);

#endif
