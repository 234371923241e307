/* connection.h - a connection and its request, as the parts of the HTTP server see them. See http_internal.h. */
#ifndef HTTP_CONNECTION_H
#define HTTP_CONNECTION_H

#include <microhttpd.h>

#include "http/internal.h"

#define HTTP_PARAMS 2

/* What a connection waits for, and how long it may: an index of http_server.waits. */
enum http_wait { HTTP_WAIT_REQUEST, HTTP_WAIT_IDLE, HTTP_WAIT_NOTHING };
struct http_connection {
  struct http_listener *listener;
  int fd;
  enum http_wait wait;
  int64_t due;
  struct http_connection *prev, *next;
  uint64_t client;              /* a hash of where it comes from */
  char own[HTTP_ADDRESS];       /* where it was accepted */
  struct http_request *request; /* begun and not ended; microhttpd never tells the end of some that it refuses itself */
};
void http_wait(struct http_connection *c, enum http_wait wait);

struct http_request {
  struct http_server *server;
  struct http_connection *connection;
  struct MHD_Connection *mhd;
  const struct http_route *route; /* NULL = options.other */
  const char *method;
  struct http_request *prev, *next, *later; /* of server->suspended; of server->turns */
  bool begun, turn, handed, suspended, answered, too_long;
  bool early; /* its answer goes out before its body is in */
  bool ended; /* it gets none */
  struct buf body;
  char *spool;
  int spool_fd;
  int64_t received;
  struct MHD_Response *response; /* waits to be queued with this status */
  struct http_shared *shared;    /* whose response it is, NULL = its own */
  unsigned status;
  struct http_stream *stream;
  void *user;
  const char *headers; /* for whatever answer it gets */
  const char *param[HTTP_PARAMS];
  size_t path_length; /* 0: no path that could be anything's name */
  char path[];        /* decoded; then a second copy that the parameters are cut out of */
};
struct http_request *http_request_new(struct http_connection *c, struct MHD_Connection *mhd, const char *uri);
void http_request_free(struct http_request *r);
void http_request_begin(struct http_request *r, const char *method);
bool http_request_receive(struct http_request *r, const char *bytes, size_t n); /* false: the connection must end */
void http_request_dispatch(struct http_request *r);
void http_spool_clear(const char *folder);
void http_resume(struct http_request *r);                 /* its answer is there, or its end, or its turn */
enum MHD_Result http_reply_queue(struct http_request *r); /* hands the answer to microhttpd */
void http_reply_release(struct http_request *r);
void http_date(char to[static 30]);

#endif
