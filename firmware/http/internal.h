/* internal.h - what the parts of the HTTP server share; http_exchange.h goes on. Nobody else includes either.
 * http.c: daemons, loop, deadlines; _listen: sockets; _turn: who may ask how much; _request: what comes; _reply: what
 * goes; _stream: server-sent events, written past microhttpd. */
#ifndef HTTP_INTERNAL_H
#define HTTP_INTERNAL_H

#include <systemd/sd-event.h>

#include "http/fairness.h"
#include "http/server.h"

#define HTTP_ADDRESS 56 /* "[address]:port" and a NUL */
#define HTTP_SOCKETS (LIMIT_LISTENERS + 1)

struct http_socket {
  int fd;
  bool local;
  char *path; /* unlinked on close; NULL = not ours to unlink */
};
int http_sockets_open(const struct http_options *o, struct http_socket to[static HTTP_SOCKETS], size_t *ret_n,
                      char ret_error[static 160]) must_check;
void http_socket_close(struct http_socket *s);
void http_local_address_text(int fd, char to[static HTTP_ADDRESS]); /* "" for a unix socket */
uint64_t http_peer_hash(int fd);

/* One for each socket: a microhttpd daemon accepts from one socket only. */
struct http_listener {
  struct http_server *server;
  struct http_socket socket;
  struct MHD_Daemon *daemon;
  sd_event_source *io;
  bool dirty; /* a connection of it was resumed */
};

struct http_server {
  struct http_options options;
  char *spool;
  struct http_listener listeners[HTTP_SOCKETS];
  size_t n_listeners;
  sd_event_source *timer, *soon; /* soon: once, when all that is ready now was looked at */
  int64_t armed;
  struct http_waits {
    struct http_connection *head, *tail; /* in the order of due, because each wait has one length */
    int64_t ms;
  } waits[2];
  struct http_request *suspended; /* waiting for their answer, streams included */
  struct http_turns turns;
  struct http_stream *streams;
  bool quiet, over, dead_streams; /* no new connections; nobody left to answer; some to bury */
  size_t pending, owed, bodies;   /* requests not answered; bytes, to all streams together; of all HTTP_BYTES */
  struct http_stats numbers;
  char address[HTTP_ADDRESS];
};
void http_run_soon(struct http_server *s);
void http_arm_timer(struct http_server *s, int64_t at_ms);
extern const char *const http_default_headers[4][2]; /* {name, value} that every answer has, unless it brings its own */
void http_streams_reap(struct http_server *s);       /* tells the owners of dead streams, and ends their connections */
void http_streams_end(struct http_server *s);

#endif
