/* sse.c - events are written straight to the socket of a suspended connection: one formatted buffer, one send() per
 * reader, and no run of microhttpd (measured: three quarters of the time and a quarter of the memory of a suspend and
 * resume per event). microhttpd has removed a suspended socket from its epoll, so it is watched here, to notice that
 * its reader left, and that it has room for the backlog.
 *
 * What the socket does not accept goes into a bounded backlog. A message that found the backlog empty may be longer
 * than any bound (a snapshot), so only what follows it counts. A reader that accepts nothing between two heartbeats is
 * disconnected.
 *
 * A stream ends in two steps, because a send may fail while the owner iterates over its readers: it is marked dead, and
 * freed in the next iteration of the loop.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "http/connection.h"
#include "http/request.h"
#include "http/response.h"
#include "http/sse.h"

struct http_stream {
  struct http_request *request;
  sd_event_source *io;
  void (*closed)(void *user);
  void *user;
  struct http_stream *prev;
  struct http_stream *next;
  struct buf backlog;
  size_t sent;         /* of the backlog */
  size_t exempt;       /* bytes of the unsent backlog that do not count */
  int64_t accepted_ms; /* when the socket last accepted something */
  bool dead;
};

static void update_watch(struct http_stream *s)
{
  bool unsent = s->sent < s->backlog.len;
  sd_event_source_set_io_events(s->io, EPOLLRDHUP | (unsent ? (uint32_t)EPOLLOUT : 0));
}

static void mark_dead(struct http_stream *s)
{
  if (s->dead)
    return;
  s->dead = true;
  sd_event_source_set_enabled(s->io, SD_EVENT_OFF);
  s->request->server->dead_streams = true;
  http_run_soon(s->request->server);
}

/* Returns how many bytes the socket accepted; -1 if the reader is gone. */
static ssize_t send_now(struct http_stream *s, const char *bytes, size_t n)
{
  ssize_t done = send(s->request->connection->fd, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL);
  return done < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : done;
}

static void send_backlog(struct http_stream *s)
{
  ssize_t done = send_now(s, s->backlog.data + s->sent, s->backlog.len - s->sent);
  if (done < 0) {
    mark_dead(s);
    return;
  }
  if (done > 0)
    s->accepted_ms = clock_mono_ms();
  s->sent += (size_t)done;
  s->request->server->backlog -= (size_t)done;
  s->exempt -= min(s->exempt, (size_t)done);
  if (s->sent == s->backlog.len) {
    buf_done(&s->backlog);
    s->sent = 0;
    update_watch(s);
  }
}

static int on_event(sd_event_source *source, int fd, uint32_t events, void *user)
{
  struct http_stream *s = user;
  if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
    mark_dead(s);
  else
    send_backlog(s);
  return 0;
}

/* All backlogs together have a limit, too. */
static void append_backlog(struct http_stream *s, const char *bytes, size_t n)
{
  struct http_server *server = s->request->server;
  if (server->backlog + n > LIMIT_TOTAL_BACKLOG) {
    mark_dead(s);
    return;
  }
  server->backlog += n;
  buf_add(&s->backlog, bytes, n);
}

void http_stream_send(struct http_stream *s, const void *bytes, size_t n)
{
  if (s->dead)
    return;
  size_t unsent = s->backlog.len - s->sent;
  if (unsent == 0) {
    ssize_t done = send_now(s, bytes, n);
    if (done == (ssize_t)n)
      return;
    if (done < 0) {
      mark_dead(s);
      return;
    }
    append_backlog(s, (const char *)bytes + done, n - (size_t)done);
    s->exempt = s->backlog.len;
    s->accepted_ms = clock_mono_ms();
    update_watch(s);
  } else if (unsent - s->exempt + n > LIMIT_STREAM_BACKLOG || clock_mono_ms() - s->accepted_ms >= LIMIT_HEARTBEAT_MS) {
    mark_dead(s);
  } else {
    if (s->sent > s->backlog.len / 2) { /* drop what was sent */
      memmove(s->backlog.data, s->backlog.data + s->sent, unsent + 1);
      s->backlog.len = unsent;
      s->sent = 0;
    }
    append_backlog(s, bytes, n);
  }
}

struct http_stream *http_stream_open(struct http_request *r, void (*closed)(void *user), void *user)
{
  struct http_server *server = r->server;
  if (r->answered || r->stream)
    abort(); /* a second answer */
  if (server->quiet || server->stats.streams >= LIMIT_STREAMS) {
    http_refuse(r, HTTP_RATE_LIMITED, NULL, NULL);
    return NULL;
  }
  int on = 1;
  int room = LIMIT_STREAM_BACKLOG;
  int fd = r->connection->fd;
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room); /* bounds the kernel's buffer, too */
  if (!http_local(r))
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  struct http_stream *s = xnew(struct http_stream);
  if (sd_event_add_io(server->options.event, &s->io, fd, EPOLLRDHUP, on_event, s) < 0)
    abort(); /* out of memory, or the descriptor is not the connection's */
  s->request = r;
  s->closed = closed;
  s->user = user;
  s->next = server->streams;
  if (s->next)
    s->next->prev = s;
  server->streams = s;
  server->stats.streams++;
  server->stats.by_class[2]++;
  server->pending--;
  r->stream = s;

  char date[30];
  autobuf struct buf head = {0};
  http_date(date);
  buf_fmt(&head,
          "HTTP/1.1 200 OK\r\nDate: %s\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
          "Connection: close\r\nX-Accel-Buffering: no\r\n",
          date);
  for (size_t i = 0; i < array_len(http_default_headers); i++)
    buf_fmt(&head, "%s: %s\r\n", http_default_headers[i][0], http_default_headers[i][1]);
  buf_str(&head, "\r\n");
  http_stream_send(s, head.data, head.len);
  if (strcmp(r->method, "HEAD") == 0)
    mark_dead(s);
  return s;
}

void http_stream_close(struct http_stream *s)
{
  struct http_request *r = s->request;
  *(s->prev ? &s->prev->next : &r->server->streams) = s->next;
  if (s->next)
    s->next->prev = s->prev;
  r->server->stats.streams--;
  s->io = sd_event_source_disable_unref(s->io);
  r->server->backlog -= s->backlog.len - s->sent;
  buf_done(&s->backlog);
  r->ended = true;
  http_resume(r);
}

void http_streams_reap(struct http_server *server)
{
  if (!server->dead_streams)
    return;
  server->dead_streams = false;
  for (struct http_stream *s = server->streams; s;) {
    if (!s->dead) {
      s = s->next;
      continue;
    }
    http_stream_close(s);
    s->closed(s->user); /* the owner may end others: start again */
    s = server->streams;
  }
}

void http_streams_end(struct http_server *server)
{
  for (struct http_stream *s = server->streams; s; s = s->next)
    mark_dead(s);
}
