/* sse.c - events are written straight to the socket of a suspended connection: one formatted buffer, one send()
 * a reader, no turn of microhttpd (measured: three quarters of the time and a quarter of the memory of suspend and
 * resume for each event). microhttpd has taken a suspended socket out of its epoll, so we alone watch it: for the
 * reader's leaving, which microhttpd would not see, and for room when something is owed.
 *
 * What the socket does not take is kept, within bounds. A message that found nothing owed is never a reader's fault (a
 * snapshot may be longer than any buffer), so only what comes after it counts; but a reader that takes nothing at all
 * between two heartbeats is cut.
 *
 * A stream ends in two steps, because its end is found out inside a send and its owner may be walking its readers: it
 * is marked dead, and buried in the next turn.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "http/connection.h"

struct http_stream {
  struct http_request *request;
  sd_event_source *io;
  void (*closed)(void *user);
  void *user;
  struct http_stream *prev, *next;
  struct buf backlog;
  size_t sent;  /* of the backlog */
  size_t first; /* of what is owed, the part that does not count */
  int64_t moved_ms;
  bool dead;
};

static void watch(struct http_stream *s)
{
  bool owes = s->sent < s->backlog.len;
  sd_event_source_set_io_events(s->io, EPOLLRDHUP | (owes ? (uint32_t)EPOLLOUT : 0));
}

static void die(struct http_stream *s)
{
  if (s->dead)
    return;
  s->dead = true;
  sd_event_source_set_enabled(s->io, SD_EVENT_OFF);
  s->request->server->dead_streams = true;
  http_run_soon(s->request->server);
}

/* What of it the socket takes now; -1 if the reader is gone. */
static ssize_t send_now(struct http_stream *s, const char *bytes, size_t n)
{
  ssize_t done = send(s->request->connection->fd, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL);
  return done < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : done;
}

static void flush(struct http_stream *s)
{
  ssize_t done = send_now(s, s->backlog.data + s->sent, s->backlog.len - s->sent);
  if (done < 0) {
    die(s);
    return;
  }
  if (done > 0)
    s->moved_ms = clock_mono_ms();
  s->sent += (size_t)done;
  s->request->server->owed -= (size_t)done;
  s->first -= min(s->first, (size_t)done);
  if (s->sent == s->backlog.len) {
    buf_done(&s->backlog);
    s->sent = 0;
    watch(s);
  }
}

static int on_event(sd_event_source *source, int fd, uint32_t events, void *user)
{
  struct http_stream *s = user;
  (void)source, (void)fd;
  if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
    die(s);
  else
    flush(s);
  return 0;
}

/* However long the list is and however many do not read it, memory has a ceiling. */
static void owe(struct http_stream *s, const char *bytes, size_t n)
{
  struct http_server *server = s->request->server;
  if (server->owed + n > LIMIT_STREAMS_OWED) {
    die(s);
    return;
  }
  server->owed += n;
  buf_add(&s->backlog, bytes, n);
}

void http_stream_send(struct http_stream *s, const void *bytes, size_t n)
{
  if (s->dead)
    return;
  size_t owed = s->backlog.len - s->sent;
  if (owed == 0) {
    ssize_t done = send_now(s, bytes, n);
    if (done == (ssize_t)n)
      return;
    if (done < 0) {
      die(s);
      return;
    }
    owe(s, (const char *)bytes + done, n - (size_t)done);
    s->first = s->backlog.len;
    s->moved_ms = clock_mono_ms();
    watch(s);
  } else if (owed - s->first + n > LIMIT_STREAM_BACKLOG || clock_mono_ms() - s->moved_ms >= LIMIT_HEARTBEAT_MS) {
    die(s);
  } else {
    if (s->sent > s->backlog.len / 2) { /* what was sent makes room */
      memmove(s->backlog.data, s->backlog.data + s->sent, owed + 1);
      s->backlog.len = owed;
      s->sent = 0;
    }
    owe(s, bytes, n);
  }
}

struct http_stream *http_stream(struct http_request *r, void (*closed)(void *user), void *user)
{
  struct http_server *server = r->server;
  if (r->answered || r->stream)
    abort(); /* as in http_reply.c */
  if (server->quiet || server->numbers.streams >= LIMIT_STREAMS) {
    http_problem(r, 429, "rate_limited", NULL, "There are too many streams.", NULL, 5);
    return NULL;
  }
  int on = 1, room = LIMIT_STREAM_BACKLOG, fd = r->connection->fd;
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room); /* a stuck reader's share of the kernel's memory */
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
  server->numbers.streams++;
  server->numbers.by_class[2]++;
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
    die(s);
  return s;
}

static void bury(struct http_stream *s)
{
  struct http_request *r = s->request;
  *(s->prev ? &s->prev->next : &r->server->streams) = s->next;
  if (s->next)
    s->next->prev = s->prev;
  r->server->numbers.streams--;
  s->io = sd_event_source_disable_unref(s->io);
  r->server->owed -= s->backlog.len - s->sent;
  buf_done(&s->backlog);
  r->ended = true;
  http_resume(r);
}

void http_stream_close(struct http_stream *s)
{
  bury(s);
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
    bury(s);
    s->closed(s->user); /* and with it go whichever streams the owner ends now */
    s = server->streams;
  }
}

void http_streams_end(struct http_server *server)
{
  for (struct http_stream *s = server->streams; s; s = s->next)
    die(s);
}
