/* server.c - microhttpd inside our event loop: its epoll descriptor is watched like any other, and after each run it
 * says how soon it needs the next. There is one daemon per socket, because a daemon listens on one only.
 *
 * A request that waits for its commit is suspended. Answers come in batches (one commit answers many), so a resumed
 * connection only marks its daemon; the daemon runs once, when the batch is through. That takes two calls of MHD_run
 * (measured on 0.9.75): the first brings a resumed connection back and makes its head, the second writes it.
 *
 * microhttpd limits idle time only, so a client that sends a byte now and then could go on for ever. So each connection
 * without a complete request has a deadline; then its socket is shut down, and microhttpd finds it closed. A client
 * that does not read its answer is ended by microhttpd's limit.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "http/connection.h"
#include "http/request.h"

/* For a request's head, its index (64 bytes a field or cookie) and an answer's head. Beyond it microhttpd answers 431
 * by itself, or closes the connection. */
#define CONNECTION_MEMORY (2 * LIMIT_HEADERS)

/* --- the event loop --- */

void http_run_soon(struct http_server *s)
{
  sd_event_source_set_enabled(s->soon, SD_EVENT_ONESHOT);
}

void http_arm_timer(struct http_server *s, int64_t at_ms)
{
  if (at_ms >= s->armed_ms)
    return; /* rearmed when it fires: an early timer costs less than a system call per request */
  s->armed_ms = at_ms;
  sd_event_source_set_time(s->timer, (uint64_t)at_ms * 1000);
  sd_event_source_set_enabled(s->timer, SD_EVENT_ONESHOT);
}

static void run_listener(struct http_listener *l)
{
  MHD_UNSIGNED_LONG_LONG ms = 0;
  l->dirty = false;
  for (int i = 0; i < 2; i++) {
    MHD_run(l->daemon);
    if (MHD_get_timeout(l->daemon, &ms) != MHD_YES)
      return;
    if (ms > 0) {
      http_arm_timer(l->server, clock_mono_ms() + (int64_t)ms);
      return;
    }
  }
  l->dirty = true; /* there is more to do, after the others */
  http_run_soon(l->server);
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *user)
{
  run_listener(user);
  return 0;
}

static int on_soon(sd_event_source *source, void *user)
{
  struct http_server *s = user;
  http_streams_reap(s);
  for (size_t i = 0; i < s->n_listeners; i++)
    if (s->listeners[i].dirty)
      run_listener(&s->listeners[i]);
  return 0;
}

/* --- deadlines --- */

void http_set_wait(struct http_connection *c, enum http_wait wait)
{
  struct http_server *s = c->listener->server;
  if (c->wait != HTTP_WAIT_NOTHING) {
    struct http_deadlines *was = &s->deadlines[c->wait];
    *(c->prev ? &c->prev->next : &was->head) = c->next;
    *(c->next ? &c->next->prev : &was->tail) = c->prev;
  }
  c->wait = wait;
  if (wait == HTTP_WAIT_NOTHING)
    return;
  struct http_deadlines *list = &s->deadlines[wait];
  c->deadline_ms = clock_mono_ms() + list->ms;
  c->next = NULL;
  c->prev = list->tail;
  *(c->prev ? &c->prev->next : &list->head) = c;
  list->tail = c;
  http_arm_timer(s, list->head->deadline_ms);
}

static void close_connection(struct http_connection *c)
{
  http_set_wait(c, HTTP_WAIT_NOTHING);
  shutdown(c->fd, SHUT_RDWR);
}

/* Resumes the requests that their clients' shares allow now. */
static void release_requests(struct http_server *s, int64_t now_ms)
{
  for (struct fairness_entry *e = fairness_release(&s->fairness, now_ms), *next; e; e = next) {
    next = e->next;
    http_resume((struct http_request *)e);
  }
  if (s->fairness.head)
    http_arm_timer(s, now_ms + 1);
}

static int on_time(sd_event_source *source, uint64_t at_us, void *user)
{
  struct http_server *s = user;
  s->armed_ms = INT64_MAX;
  int64_t now_ms = clock_mono_ms();
  for (size_t i = 0; i < array_len(s->deadlines); i++) {
    struct http_deadlines *list = &s->deadlines[i];
    while (list->head && list->head->deadline_ms <= now_ms) {
      close_connection(list->head);
      s->stats.timeouts++;
    }
    if (list->head)
      http_arm_timer(s, list->head->deadline_ms);
  }
  release_requests(s, now_ms);
  for (size_t i = 0; i < s->n_listeners; i++)
    run_listener(&s->listeners[i]);
  return 0;
}

/* --- microhttpd's callbacks --- */

static void connection_changed(void *user, struct MHD_Connection *mhd, void **socket_context,
                               enum MHD_ConnectionNotificationCode code)
{
  struct http_listener *l = user;
  struct http_connection *c = *socket_context;
  if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
    if (l->server->stats.connections-- >= l->server->options.connections) {
      l->dirty = true; /* a full daemon accepts again in the run after the one that closed a connection */
      http_run_soon(l->server);
    }
    http_set_wait(c, HTTP_WAIT_NOTHING);
    if (c->request)
      http_request_free(c->request);
    free(c);
    *socket_context = NULL;
    return;
  }
  c = xnew(struct http_connection);
  c->listener = l;
  c->wait = HTTP_WAIT_NOTHING;
  c->fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
  c->client = http_peer_hash(c->fd);
  http_local_address_text(c->fd, c->address);
  *socket_context = c;
  l->server->stats.connections++;
  http_set_wait(c, HTTP_WAIT_REQUEST);
}

/* The request line is in. Only here is the path available as it was sent. */
static void *request_started(void *user, const char *uri, struct MHD_Connection *mhd)
{
  struct http_connection *c = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
  if (c->wait != HTTP_WAIT_REQUEST) /* the first request's deadline began with its connection */
    http_set_wait(c, HTTP_WAIT_REQUEST);
  if (c->request)
    http_request_free(c->request);
  c->request = http_request_new(c, mhd, uri);
  return c->request;
}

static void request_ended(void *user, struct MHD_Connection *mhd, void **context, enum MHD_RequestTerminationCode code)
{
  struct http_request *r = *context;
  *context = NULL;
  if (!r)
    return;
  struct http_connection *c = r->connection;
  http_request_free(take(c->request));
  if (c->listener->server->quiet)
    close_connection(c);
  else if (code == MHD_REQUEST_TERMINATED_COMPLETED_OK)
    http_set_wait(c, HTTP_WAIT_IDLE);
}

static void suspend_request(struct http_request *r)
{
  struct http_server *s = r->server;
  r->suspended = true;
  r->prev = NULL;
  r->next = s->suspended;
  if (r->next)
    r->next->prev = r;
  s->suspended = r;
  MHD_suspend_connection(r->mhd);
}

void http_resume(struct http_request *r)
{
  if (!r->suspended)
    return; /* its handler is running */
  r->suspended = false;
  *(r->prev ? &r->prev->next : &r->server->suspended) = r->next;
  if (r->next)
    r->next->prev = r->prev;
  r->connection->listener->dirty = true;
  MHD_resume_connection(r->mhd);
  http_run_soon(r->server);
}

/* Requests through the unix socket, or of a proxy whose clients cannot be told apart, are not limited. */
static bool within_fair_share(struct http_request *r)
{
  struct http_server *s = r->server;
  int64_t now_ms = clock_mono_ms();
  if (http_local(r) || s->options.proxied || fairness_admit(&s->fairness, &r->fairness, now_ms))
    return true;
  http_arm_timer(s, now_ms + 1);
  return false;
}

/* Called at least twice a request: with the head, with each piece of the body, and when all is in; again after a
 * resume. Only the last call may answer: microhttpd 1.0.1 closes a connection that is answered with the head. */
static enum MHD_Result request_continues(void *user, struct MHD_Connection *mhd, const char *url, const char *method,
                                         const char *version, const char *bytes, size_t *n, void **context)
{
  struct http_request *r = *context;
  if (!r->begun) {
    http_request_begin(r, method);
    return r->early ? http_reply_queue(r) : MHD_YES;
  }
  if (*n) {
    bool goes_on = http_request_receive(r, bytes, *n);
    *n = 0;
    return goes_on ? MHD_YES : MHD_NO;
  }
  if (!r->dispatched && !r->server->closing) {
    if (!within_fair_share(r)) {
      suspend_request(r);
      return MHD_YES;
    }
    http_request_dispatch(r);
  }
  if (r->ended || !r->dispatched)
    return MHD_NO;
  if (r->response)
    return http_reply_queue(r);
  suspend_request(r);
  return MHD_YES;
}

/* microhttpd reports a refused connection in its log only. */
static void on_log(void *user, const char *format, va_list args)
{
  struct http_listener *l = user;
  if (strstr(format, "connection limit"))
    l->server->stats.refused++;
}

/* --- start and stop --- */

static int start_listener(struct http_server *s, struct http_socket *take_socket)
{
  struct http_listener *l = &s->listeners[s->n_listeners];
  unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_SUPPRESS_DATE_NO_CLOCK | MHD_USE_ERROR_LOG;
#if MHD_VERSION >= 0x01000000
  flags |= MHD_USE_NO_THREAD_SAFETY;
#endif
  *l = (struct http_listener){.server = s, .socket = *take_socket};
  *take_socket = (struct http_socket){.fd = -1};
  s->n_listeners++;
  l->daemon = MHD_start_daemon(
      flags, 0, NULL, NULL, request_continues, l, MHD_OPTION_EXTERNAL_LOGGER, on_log, l, MHD_OPTION_LISTEN_SOCKET,
      l->socket.fd, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_CONNECTION_LIMIT,
      s->options.connections, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
      l->socket.local || s->options.proxied ? 0U : (unsigned)LIMIT_CONNECTIONS_PER_IP, MHD_OPTION_CONNECTION_TIMEOUT,
      (unsigned)(max(s->deadlines[HTTP_WAIT_REQUEST].ms, LIMIT_IDLE_MS) / 1000), MHD_OPTION_STRICT_FOR_CLIENT, 1,
      MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_NOTIFY_CONNECTION, connection_changed, l,
      MHD_OPTION_URI_LOG_CALLBACK, request_started, l, MHD_OPTION_NOTIFY_COMPLETED, request_ended, l, MHD_OPTION_END);
  if (!l->daemon)
    return -ENOTRECOVERABLE;
  int fd = MHD_get_daemon_info(l->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
  int r = sd_event_add_io(s->options.event, &l->io, fd, EPOLLIN, on_io, l);
  if (r < 0)
    return r;
  run_listener(l);
  return 0;
}

static int add_sources(struct http_server *s)
{
  sd_event *event = s->options.event;
  int r = sd_event_add_time(event, &s->timer, CLOCK_BOOTTIME, UINT64_MAX, 1, on_time, s);
  if (r < 0)
    return r;
  r = sd_event_source_set_enabled(s->timer, SD_EVENT_OFF);
  if (r < 0)
    return r;
  r = sd_event_add_defer(event, &s->soon, on_soon, s);
  if (r < 0)
    return r;
  return sd_event_source_set_enabled(s->soon, SD_EVENT_OFF);
}

static int start_server(struct http_server *s, char ret_error[static 160])
{
  int r = add_sources(s);
  if (r < 0) {
    snprintf(ret_error, 160, "event loop: %s", strerrordesc_np(-r));
    return r;
  }
  struct http_socket sockets[HTTP_SOCKETS];
  size_t n = 0;
  r = http_sockets_open(&s->options, sockets, &n, ret_error);
  for (size_t i = 0; r >= 0 && i < n; i++) {
    if (!sockets[i].local && !*s->address)
      http_local_address_text(sockets[i].fd, s->address);
    r = start_listener(s, &sockets[i]);
    if (r < 0)
      snprintf(ret_error, 160, "the HTTP library refused to start: %s", strerrordesc_np(-r));
  }
  for (size_t i = 0; i < n; i++)
    http_socket_close(&sockets[i]); /* those that have no listener */
  return min(r, 0);
}

/* Descriptors for every connection, so that the database never lacks one. */
static void raise_file_limit(const struct http_server *s)
{
  struct rlimit l;
  rlim_t wanted = (rlim_t)HTTP_SOCKETS * s->options.connections + 256;
  if (getrlimit(RLIMIT_NOFILE, &l) == 0 && l.rlim_cur < wanted) {
    l.rlim_cur = min(l.rlim_max, wanted);
    setrlimit(RLIMIT_NOFILE, &l);
  }
}

int http_start(const struct http_options *o, struct http_server **ret, char ret_error[static 160])
{
  struct http_server *s = xnew(struct http_server);
  s->options = *o;
  s->options.connections = o->connections ? o->connections : LIMIT_CONNECTIONS;
  s->spool = o->spool ? xstrdup(o->spool) : NULL;
  s->armed_ms = INT64_MAX;
  s->deadlines[HTTP_WAIT_REQUEST].ms = o->request_ms ? o->request_ms : LIMIT_REQUEST_MS;
  s->deadlines[HTTP_WAIT_IDLE].ms = o->idle_ms ? o->idle_ms : LIMIT_IDLE_MS;
  signal(SIGPIPE, SIG_IGN); /* write() returns an error instead */
  raise_file_limit(s);
  if (s->spool)
    http_spool_clear(s->spool);
  int r = start_server(s, ret_error);
  if (r < 0) {
    http_free(s);
    return r;
  }
  *ret = s;
  return 0;
}

const char *http_address(const struct http_server *s)
{
  return s->address;
}

size_t http_pending(const struct http_server *s)
{
  return s->pending;
}

void http_stats(const struct http_server *s, struct http_stats *ret)
{
  *ret = s->stats;
}

void http_quiesce(struct http_server *s)
{
  if (s->quiet)
    return;
  s->quiet = true;
  for (size_t i = 0; i < s->n_listeners; i++) {
    struct http_listener *l = &s->listeners[i];
    if (l->daemon && MHD_quiesce_daemon(l->daemon) != MHD_INVALID_SOCKET)
      http_socket_close(&l->socket);
    l->dirty = true;
  }
  while (s->deadlines[HTTP_WAIT_IDLE].head)
    close_connection(s->deadlines[HTTP_WAIT_IDLE].head);
  http_streams_end(s);
  http_run_soon(s);
}

void http_free(struct http_server *s)
{
  if (!s)
    return;
  if (s->soon)
    http_quiesce(s);
  http_streams_reap(s);
  s->closing = true;     /* a request that is still in a socket's buffer is not begun: its client repeats it */
  while (s->suspended) { /* microhttpd must not be stopped while a connection is suspended */
    s->suspended->ended = true;
    http_resume(s->suspended);
  }
  for (size_t i = 0; i < s->n_listeners; i++) {
    struct http_listener *l = &s->listeners[i];
    sd_event_source_disable_unref(l->io);
    if (l->daemon) {
      run_listener(l);
      MHD_stop_daemon(l->daemon);
    }
    http_socket_close(&l->socket);
  }
  sd_event_source_disable_unref(s->timer);
  sd_event_source_disable_unref(s->soon);
  free(s->spool);
  free(s);
}
