/* internal.h - what the parts of the server share; connection.h has connections and requests. For firmware/http alone.
 * listen.c: sockets; server.c: event loop and deadlines; request.c: what comes in; response.c: what goes out; sse.c:
 * event streams.
 */
#ifndef HTTP_INTERNAL_H
#define HTTP_INTERNAL_H

#include <systemd/sd-event.h>

#include "http/fairness.h"
#include "http/server.h"

#define HTTP_ADDRESS 56 /* "[address]:port" and a NUL */
#define HTTP_SOCKETS (LIMIT_LISTENERS + 1)

struct http_connection;
struct http_stream;

struct http_socket {
  int fd;
  bool local; /* a unix socket */
  char *path; /* unlinked on close; NULL = not ours to unlink */
};

/* microhttpd's daemons listen on one socket each. */
struct http_listener {
  struct http_server *server;
  struct http_socket socket;
  struct MHD_Daemon *daemon;
  sd_event_source *io;
  bool dirty; /* to be run: one of its connections was resumed */
};

/* Connections with a deadline. All of a list have the same time, so they are in order of their deadlines. */
struct http_deadlines {
  struct http_connection *head;
  struct http_connection *tail;
  int64_t ms;
};

struct http_server {
  struct http_options options;
  char *spool;
  struct http_listener listeners[HTTP_SOCKETS];
  size_t n_listeners;
  sd_event_source *timer;
  sd_event_source *soon; /* runs the dirty listeners once the loop has handled what is ready now */
  int64_t armed_ms;      /* when the timer fires; INT64_MAX = off */
  struct http_deadlines deadlines[2];
  struct http_request *suspended; /* those that wait for their answer, streams included */
  struct fairness fairness;
  struct http_stream *streams;
  bool dead_streams; /* some of them are to be freed */
  bool quiet;        /* http_quiesce() was called: no new connections */
  bool closing;      /* http_free() was called: no new requests */
  size_t pending;    /* requests that handlers have not answered yet */
  size_t backlog;    /* bytes that all streams together have not sent yet */
  size_t bodies;     /* bytes of all HTTP_BYTES */
  struct http_stats stats;
  char address[HTTP_ADDRESS];
};

/* listen.c */
int http_sockets_open(const struct http_options *o, struct http_socket to[static HTTP_SOCKETS], size_t *ret_n,
                      char ret_error[static 160]) must_check;
void http_socket_close(struct http_socket *s);
void http_local_address_text(int fd, char to[static HTTP_ADDRESS]); /* "" for a unix socket */
uint64_t http_peer_hash(int fd);

/* server.c */
void http_run_soon(struct http_server *s);
void http_arm_timer(struct http_server *s, int64_t at_ms);

/* response.c */
extern const char *const http_default_headers[4][2]; /* {name, value} */
void http_date(char to[static 30]);

/* request.c */
void http_spool_clear(const char *folder);

/* sse.c */
void http_streams_reap(struct http_server *s); /* frees the dead ones and calls their owners */
void http_streams_end(struct http_server *s);

#endif
