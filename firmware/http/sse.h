/* sse.h - a stream of server-sent events. Loop thread only. */
#ifndef HTTP_SSE_H
#define HTTP_SSE_H

#include "base/util.h"

struct http_request;
struct http_stream;

/* Turns the request into a stream. NULL: there are too many, and it has been answered 429. The loop calls closed() when
 * the client has left or was disconnected, never from within a send. */
struct http_stream *http_stream_open(struct http_request *r, void (*closed)(void *user), void *user);
/* Never blocks; a reader that is too far behind is disconnected. */
void http_stream_send(struct http_stream *s, const void *bytes, size_t n);
/* Does not call closed(). */
void http_stream_close(struct http_stream *s);

#endif
