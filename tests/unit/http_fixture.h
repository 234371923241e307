/* http_fixture.h - an event loop, and clients of a server in it over real sockets. */
#ifndef UNIT_HTTP_FIXTURE_H
#define UNIT_HTTP_FIXTURE_H

#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/request.h"
#include "http/response.h"
#include "http/server.h"

static sd_event *loop;
static struct http_server *server;

struct client {
  int fd;
  bool closed;
  struct buf in;
};

static inline void turn(int ms)
{
  assert_true(sd_event_run(loop, (uint64_t)ms * 1000) >= 0);
}

static inline void turns(int ms)
{
  for (int64_t end = clock_mono_ms() + ms; clock_mono_ms() < end;)
    turn(1);
}

static inline struct client client_tcp(const char *address)
{
  int port = atoi(strrchr(address, ':') + 1);
  struct sockaddr_in v4 = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct sockaddr_in6 v6 = {
      .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  bool six = address[0] == '[';
  struct client c = {.fd = socket(six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  assert_true(c.fd >= 0);
  assert_int_equal(connect(c.fd, six ? (void *)&v6 : (void *)&v4, six ? sizeof v6 : sizeof v4), 0);
  fcntl(c.fd, F_SETFL, O_NONBLOCK);
  return c;
}

static inline struct client client_unix(const char *path)
{
  struct sockaddr_un un = {.sun_family = AF_UNIX};
  snprintf(un.sun_path, sizeof un.sun_path, "%s", path);
  struct client c = {.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  assert_int_equal(connect(c.fd, (void *)&un, sizeof un), 0);
  fcntl(c.fd, F_SETFL, O_NONBLOCK);
  return c;
}

static inline void client_done(struct client *c)
{
  if (c->fd >= 0)
    close(c->fd);
  buf_done(&c->in);
  *c = (struct client){.fd = -1};
}

static inline void client_read(struct client *c)
{
  char bytes[65536];
  ssize_t n;
  while ((n = recv(c->fd, bytes, sizeof bytes, 0)) > 0)
    buf_add(&c->in, bytes, (size_t)n);
  if (n == 0 || errno != EAGAIN)
    c->closed = true;
}

static inline void client_send_bytes(struct client *c, const char *bytes, size_t n)
{
  while (n && !c->closed) {
    ssize_t done = send(c->fd, bytes, n, MSG_NOSIGNAL);
    if (done > 0) {
      bytes += done;
      n -= (size_t)done;
    } else if (errno == EAGAIN) {
      turn(1);
      client_read(c);
    } else {
      c->closed = true;
    }
  }
}

static inline void client_send(struct client *c, const char *text)
{
  client_send_bytes(c, text, strlen(text));
}

/* Until the text came that many times, the connection ended, or the time is over. */
static inline bool client_receives_times(struct client *c, const char *text, int times)
{
  for (int64_t end = clock_mono_ms() + scaled(20000); clock_mono_ms() < end;) {
    turn(1);
    client_read(c);
    int n = 0;
    for (const char *p = c->in.data; p && (p = memmem(p, c->in.len - (size_t)(p - c->in.data), text, strlen(text)));
         p++)
      n++;
    if (n >= times)
      return true;
    if (c->closed)
      return false;
  }
  return false;
}

static inline bool client_receives(struct client *c, const char *text)
{
  return client_receives_times(c, text, 1);
}

static inline bool client_is_closed(struct client *c)
{
  for (int64_t end = clock_mono_ms() + scaled(20000); !c->closed && clock_mono_ms() < end; client_read(c))
    turn(1);
  return c->closed;
}

/* One request on a connection of its own. The whole answer, valid until the next call. */
static inline const char *exchange(const char *request)
{
  static struct buf answer;
  const char *end = strstr(request, "\r\n\r\n");
  struct client c = client_tcp(http_address(server));
  client_send_bytes(&c, request, (size_t)(end - request));
  client_send(&c, "\r\nConnection: close");
  client_send(&c, end);
  assert_true(client_is_closed(&c));
  buf_clear(&answer);
  buf_add(&answer, c.in.data ? c.in.data : "", c.in.len);
  client_done(&c);
  return answer.data;
}

static inline int status_of(const char *answer)
{
  return strncmp(answer, "HTTP/1.1 ", 9) == 0 ? atoi(answer + 9) : 0;
}

#endif
