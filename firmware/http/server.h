/* server.h - an HTTP/1.1 server in the loop. Wraps libmicrohttpd (external epoll inside sd-event). Loop thread only.
 *
 * A route's handler is called once, when the whole request is in (http_request.h is what it then has). It answers now,
 * or returns without an answer: the connection is then suspended until it is answered later, exactly once. Before the
 * handler: path, method, size and media type are checked (404, 405, 413, 415), then admit() is asked (for a HTTP_FILE
 * before its body too). Paths are decoded; one that is no plain name (dots, //, %2F, controls) is 404.
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "http/request.h"

struct sd_event;
struct http_server;

/* What a route takes: nothing; JSON or nothing; a body streamed to a file; bytes kept in memory. */
enum { HTTP_EMPTY = 0, HTTP_JSON, HTTP_FILE, HTTP_BYTES };
struct http_route {
  const char *method, *pattern; /* "/api/v1/tickets/{id}": at most two {}, each one segment */
  void (*handle)(struct http_request *r);
  uint8_t role;      /* the owner's meaning, for admit() */
  uint8_t body;      /* HTTP_EMPTY.. */
  const char *media; /* HTTP_FILE, at most LIMIT_RESTORE bytes, and HTTP_BYTES, at most .most: the media type */
  size_t most;
  const char *headers; /* "Name: value\r\n…" that each answer of this route has, refusals too; NULL = none */
};

struct http_options {
  struct sd_event *event;
  const char *listen; /* "127.0.0.1:8080,[::1]:8080"; port 0 picks one; sockets passed by systemd replace both */
  const char *socket; /* unix socket path, NULL = none; made 0660, a dead one replaced, a living one -EADDRINUSE */
  const char *spool; /* folder for HTTP_FILE bodies, NULL if no route takes any; what a crash left of them is removed */
  const struct http_route *routes;
  size_t n_routes;
  bool (*admit)(struct http_request *r, const struct http_route *route); /* false: it has answered; not for other() */
  void (*other)(struct http_request *r); /* GET and HEAD of no route (static files); NULL = 404 */
  void *context;                         /* http_context() of each request */
  int request_ms, idle_ms;               /* 0 = LIMIT_REQUEST_MS, LIMIT_IDLE_MS; tests have less time */
  unsigned connections;                  /* of one socket; 0 = LIMIT_CONNECTIONS */
  bool proxied;  /* all come from one address, a reverse proxy's: no limits and no turns for each */
  size_t bodies; /* of all HTTP_BYTES together, beyond: 503; 0 = no limit */
};
int http_start(const struct http_options *o, struct http_server **ret, char ret_error[static 160]) must_check;
const char *http_address(const struct http_server *s); /* "127.0.0.1:41234", the first */

/* Two steps: no new connections (streams end, requests go on); then, when none is pending, free. */
void http_quiesce(struct http_server *s);
size_t http_pending(const struct http_server *s); /* requests that a handler has and whose answer is not out */
void http_free(struct http_server *s);

struct http_stats {
  uint64_t requests, by_class[6], refused, timeouts;
  size_t connections, streams; /* open now */
};
void http_stats(const struct http_server *s, struct http_stats *ret);

#endif
