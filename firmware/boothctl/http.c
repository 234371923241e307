/* http.c - the answer may be cut anywhere, so a body with a Content-Length counts only when it is complete. Everything
 * is read through one buffer, by line or by piece.
 */
#include "boothctl/http.h"

#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define MOST_HEADERS 64
#define SEND_MS      20000

int http_open(struct http *h, const char *path)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  h->fd = -1;
  if (!util_copy(address.sun_path, sizeof address.sun_path, path))
    return -ENAMETOOLONG;
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return -errno;
  if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
    int error = errno;
    close(fd);
    return -error;
  }
  h->fd = fd;
  h->status = 0;
  h->date_ms = 0;
  h->at = h->end = 0;
  return 0;
}

void http_close(struct http *h)
{
  if (h->fd >= 0)
    close(h->fd);
  h->fd = -1;
}

static int wait_for(struct http *h, short events, int64_t until_ms)
{
  struct pollfd p = {.fd = h->fd, .events = events};
  for (;;) {
    int64_t left = until_ms - clock_mono_ms();
    int r = poll(&p, 1, (int)max(left, 0));
    if (r > 0)
      return 0;
    if (r == 0)
      return -ETIMEDOUT;
    if (errno != EINTR)
      return -errno;
  }
}

int http_write(struct http *h, const void *bytes, size_t n)
{
  const char *p = bytes;
  while (n) {
    int r = wait_for(h, POLLOUT, clock_mono_ms() + SEND_MS);
    if (r < 0)
      return r;
    ssize_t sent = send(h->fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != EINTR)
      return -errno;
    p += max(sent, 0);
    n -= (size_t)max(sent, 0);
  }
  return 0;
}

int http_send(struct http *h, const char *method, const char *path, const char *headers, int64_t length)
{
  autobuf struct buf b = {0};
  buf_fmt(&b, "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s", method, path, headers);
  if (length >= 0)
    buf_fmt(&b, "Content-Length: %lld\r\n", (long long)length);
  buf_str(&b, "\r\n");
  return http_write(h, b.data, b.len);
}

/* Reads more into the buffer; 0 at the connection's end. */
static ssize_t fill_buffer(struct http *h, int64_t until_ms)
{
  if (h->at == h->end)
    h->at = h->end = 0;
  if (h->at) {
    memmove(h->in, h->in + h->at, h->end - h->at);
    h->end -= h->at;
    h->at = 0;
  }
  if (h->end == sizeof h->in)
    return -EPROTO; /* a line longer than the buffer */
  int r = wait_for(h, POLLIN, until_ms);
  if (r < 0)
    return r;
  ssize_t n = recv(h->fd, h->in + h->end, sizeof h->in - h->end, 0);
  if (n < 0)
    return -errno;
  h->end += (size_t)n;
  return n;
}

/* One line without its CRLF, valid until the next read. */
static int read_line(struct http *h, char **ret, int64_t until_ms)
{
  for (;;) {
    char *newline = memchr(h->in + h->at, '\n', h->end - h->at);
    if (newline) {
      *ret = h->in + h->at;
      h->at = (size_t)(newline + 1 - h->in);
      *newline = '\0';
      if (newline > *ret && newline[-1] == '\r')
        newline[-1] = '\0';
      return 0;
    }
    ssize_t n = fill_buffer(h, until_ms);
    if (n <= 0)
      return n < 0 ? (int)n : -ECONNRESET;
  }
}

static int parse_header(struct http *h, char *line)
{
  char *value = strchr(line, ':');
  if (!value)
    return -EPROTO;
  *value++ = '\0';
  value += strspn(value, " \t");
  if (strcasecmp(line, "Content-Length") == 0)
    return util_parse_i64(value, 0, INT64_MAX, &h->left) < 0 ? -EPROTO : 0;
  if (strcasecmp(line, "Transfer-Encoding") == 0)
    return -EPROTO; /* boothd sends none */
  struct tm tm = {0};
  if (strcasecmp(line, "Date") == 0 && strptime(value, "%a, %d %b %Y %H:%M:%S GMT", &tm))
    h->date_ms = (int64_t)timegm(&tm) * 1000;
  return 0;
}

static int read_headers(struct http *h, int64_t until_ms)
{
  char *line;
  for (int n = 0; n <= MOST_HEADERS; n++) {
    int r = read_line(h, &line, until_ms);
    if (r == 0 && !*line)
      return 0;
    if (r == 0)
      r = parse_header(h, line);
    if (r < 0)
      return r;
  }
  return -EPROTO;
}

int http_head(struct http *h, int timeout_ms)
{
  int64_t until = clock_mono_ms() + timeout_ms;
  char *line;
  do { /* interim answers, as 100 Continue, come first */
    h->left = -1;
    int r = read_line(h, &line, until);
    if (r < 0)
      return r;
    if (sscanf(line, "HTTP/1.%*1[01] %3d", &h->status) != 1 || h->status < 100)
      return -EPROTO;
    r = read_headers(h, until);
    if (r < 0)
      return r;
  } while (h->status < 200);
  if (h->status == 204 || h->status == 304)
    h->left = 0;
  return 0;
}

ssize_t http_read(struct http *h, void *to, size_t n, int timeout_ms)
{
  if (h->left == 0)
    return 0;
  if (h->at == h->end) {
    ssize_t r = fill_buffer(h, clock_mono_ms() + timeout_ms);
    if (r < 0)
      return r;
    if (r == 0)
      return h->left < 0 ? 0 : -ECONNRESET;
  }
  n = min(n, h->end - h->at);
  if (h->left > 0) {
    n = (size_t)min((int64_t)n, h->left);
    h->left -= (int64_t)n;
  }
  memcpy(to, h->in + h->at, n);
  h->at += n;
  return (ssize_t)n;
}
