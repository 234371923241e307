/* connection.h - a connection and its request. For firmware/http alone. */
#ifndef HTTP_CONNECTION_H
#define HTTP_CONNECTION_H

#include <microhttpd.h>

#include "http/internal.h"

/* What a connection's deadline is for: an index of http_server.deadlines. */
enum http_wait { HTTP_WAIT_REQUEST, HTTP_WAIT_IDLE, HTTP_WAIT_NOTHING };

struct http_connection {
  struct http_listener *listener;
  int fd;
  enum http_wait wait;
  int64_t deadline_ms;
  struct http_connection *prev; /* of those that have the same kind of deadline */
  struct http_connection *next;
  uint64_t client;              /* a hash of the peer's address */
  char address[HTTP_ADDRESS];   /* where it was accepted */
  struct http_request *request; /* not ended; microhttpd does not report the end of some requests that it refuses */
};

struct http_request {
  struct fairness_entry fairness; /* first */
  struct http_server *server;
  struct http_connection *connection;
  struct MHD_Connection *mhd;
  const struct http_route *route; /* NULL = options.other */
  const char *method;
  struct http_request *prev; /* of server->suspended */
  struct http_request *next;

  bool begun;      /* its head was checked */
  bool too_long;   /* its URL */
  bool early;      /* it is answered before its body is in */
  bool dispatched; /* its handler was called */
  bool suspended;
  bool answered;
  bool ended; /* its connection closes without an answer */

  struct buf body;
  int64_t received; /* bytes of the body */
  char *spool;      /* path of the file that the body goes to */
  int spool_fd;

  struct MHD_Response *response; /* to be queued with this status */
  struct http_shared *shared;    /* the owner of response; NULL = the request */
  unsigned status;
  struct http_stream *stream;
  void *user;
  const char *headers; /* added to its answer, whichever it is */

  const char *param[HTTP_PARAMS];
  size_t path_length; /* 0 = the path is invalid */
  char path[];        /* decoded; followed by a copy that the parameters are cut from */
};

/* server.c */
void http_set_wait(struct http_connection *c, enum http_wait wait);
void http_resume(struct http_request *r); /* it was answered, ended or released */

/* request.c */
struct http_request *http_request_new(struct http_connection *c, struct MHD_Connection *mhd, const char *uri);
void http_request_free(struct http_request *r);
void http_request_begin(struct http_request *r, const char *method);
bool http_request_receive(struct http_request *r, const char *bytes, size_t n); /* false: the connection must end */
void http_request_dispatch(struct http_request *r);

/* response.c */
enum MHD_Result http_reply_queue(struct http_request *r); /* hands the answer to microhttpd */
void http_reply_release(struct http_request *r);

#endif
