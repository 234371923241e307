/* http.h - an HTTP/1.1 client over a unix socket, one request a connection. Sizes and waits are bounded.
 *
 *   http_open, http_send, [http_write], http_head, http_read until 0, http_close
 *
 * Results are 0 or a count, or negative errno: -ETIMEDOUT, -ECONNRESET (ended too early), -EPROTO (no HTTP).
 */
#ifndef BOOTHCTL_HTTP_H
#define BOOTHCTL_HTTP_H

#include "base/buf.h"

#include <sys/types.h>

struct http {
  int fd;          /* -1 = closed */
  int status;      /* after http_head() */
  int64_t date_ms; /* of the Date header; 0 = none */
  int64_t left;    /* bytes of the body; -1 = until the connection is closed */
  size_t at;       /* what is read lies in in[at..end) */
  size_t end;
  char in[16384];
};

int http_open(struct http *h, const char *socket) must_check;
/* Sends the head of a request; headers are complete lines. length < 0: no body. */
int http_send(struct http *h, const char *method, const char *path, const char *headers, int64_t length) must_check;
int http_write(struct http *h, const void *bytes, size_t n) must_check;
int http_head(struct http *h, int timeout_ms) must_check;
/* Some bytes of the body; 0 at its end. May be called again after -ETIMEDOUT; with timeout 0 it never waits. */
ssize_t http_read(struct http *h, void *to, size_t n, int timeout_ms) must_check;
void http_close(struct http *h);

#endif
