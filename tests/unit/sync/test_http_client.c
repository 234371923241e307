/* One POST over a real socket: progress and stalls, how it ends, and that the connection is kept. */
#include "unit.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "sync/http_client.h"

#define STALL_MS scaled(400) /* no machine takes that long for a step */
#define STEP_MS  scaled(100)

/* --- a server that answers each request with a script of pieces, a pause after each; NULL ends it --- */

struct server {
  int fd, port;
  const char *const *pieces;
  bool hangs; /* after the last piece, for ever */
  _Atomic int connections, requests;
  pthread_t thread;
};

static void pause_ms(int ms)
{
  nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L}, NULL);
}

/* Reads a request with a body of n bytes, 'x' each. */
static bool read_request(int fd)
{
  char text[4096];
  size_t n = 0;
  while (n < sizeof text - 1) {
    ssize_t got = read(fd, text + n, sizeof text - 1 - n);
    if (got <= 0)
      return false;
    n += (size_t)got;
    text[n] = '\0';
    const char *body = strstr(text, "\r\n\r\n");
    if (body && body[4] == 'x')
      return true;
  }
  return false;
}

static void *serve(void *arg)
{
  struct server *s = arg;
  int fd;
  while ((fd = accept(s->fd, NULL, NULL)) >= 0) {
    atomic_fetch_add(&s->connections, 1);
    while (read_request(fd)) {
      atomic_fetch_add(&s->requests, 1);
      for (const char *const *p = s->pieces; *p; p++, pause_ms(STEP_MS))
        if (send(fd, *p, strlen(*p), MSG_NOSIGNAL) < 0)
          break;
      char unused;
      if (s->hangs)
        (void)!read(fd, &unused, 1);
    }
    close(fd);
  }
  return NULL;
}

static void start(struct server *s, const char *const *pieces, bool hangs)
{
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof a;
  *s = (struct server){.fd = socket(AF_INET, SOCK_STREAM, 0), .pieces = pieces, .hangs = hangs};
  assert_int_equal(bind(s->fd, (struct sockaddr *)&a, sizeof a), 0);
  assert_int_equal(listen(s->fd, 5), 0);
  assert_int_equal(getsockname(s->fd, (struct sockaddr *)&a, &size), 0);
  s->port = ntohs(a.sin_port);
  assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

/* After the client has gone. */
static void stop(struct server *s)
{
  shutdown(s->fd, SHUT_RDWR);
  pthread_join(s->thread, NULL);
  close(s->fd);
}

static void post(struct http_client *f, const struct server *s, size_t most, struct http_client_response *ret)
{
  char url[64];
  snprintf(url, sizeof url, "http://127.0.0.1:%d/x", s->port);
  *ret = (struct http_client_response){0};
  http_client_post(f, url, "text/x", "x", 1, most, ret);
}

static struct http_client *new_client(const _Atomic bool *ending, const _Atomic bool *rerouted)
{
  return http_client_new(&(struct http_client_options){.stop = ending, .rerouted = rerouted, .stall_ms = STALL_MS});
}

/* --- the tests --- */

static void test_an_answer_is_complete_and_the_connection_is_kept(void **state)
{
  static const char *const pieces[] = {
      "HTTP/1.1 429 Too Many Requests\r\nContent-Type: Application/Problem+JSON; charset=utf-8\r\n"
      "Retry-After: 7\r\nContent-Length: 4\r\n\r\n{",
      "}\n\n", NULL};
  struct server s;
  struct http_client_response a;
  struct http_client *f = new_client(NULL, NULL);
  start(&s, pieces, false);
  for (int i = 0; i < 3; i++) {
    post(f, &s, 100, &a);
    assert_int_equal(a.end, HTTP_CLIENT_ANSWERED);
    assert_int_equal(a.status, 429);
    assert_string_equal(a.type, "application/problem+json");
    assert_int_equal(a.retry_after_ms, 7000);
    assert_string_equal(a.body.data, "{}\n\n");
    assert_true(a.asked_mono <= a.answered_mono && a.answered_mono <= clock_mono_ms());
    assert_true(a.took_ms >= STEP_MS - 10);
    assert_true(a.bytes > 100 && a.bytes < 1000);
    http_client_response_done(&a);
  }
  assert_int_equal(s.connections, 1);
  assert_int_equal(s.requests, 3);
  http_client_free(f);
  stop(&s);
}

static void test_a_byte_now_and_then_is_progress(void **state)
{
  static const char *const pieces[] = {"HTTP/1.1 200 OK\r\n",
                                       "Content-Length: 12\r\n\r\n",
                                       "a",
                                       "b",
                                       "c",
                                       "d",
                                       "e",
                                       "f",
                                       "g",
                                       "h",
                                       "i",
                                       "j",
                                       "k",
                                       "l",
                                       NULL};
  struct server s;
  struct http_client_response a;
  struct http_client *f = new_client(NULL, NULL);
  start(&s, pieces, false);
  post(f, &s, 100, &a);
  assert_int_equal(a.end, HTTP_CLIENT_ANSWERED);
  assert_true(a.took_ms > STALL_MS * 2);
  http_client_response_done(&a);
  http_client_free(f);
  stop(&s);
}

static void test_a_stall_is_no_progress(void **state)
{
  static const char *const nothing[] = {NULL}, *const half[] = {"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n", "abc",
                                                                NULL};
  const char *const *const scripts[] = {nothing, half};
  for (size_t i = 0; i < array_len(scripts); i++) {
    struct server s;
    struct http_client_response a;
    struct http_client *f = new_client(NULL, NULL);
    start(&s, scripts[i], true);
    int64_t began = clock_mono_ms();
    post(f, &s, 100, &a);
    assert_int_equal(a.end, HTTP_CLIENT_NO_ANSWER);
    assert_non_null(strstr(a.detail, "moves"));
    assert_in_range(clock_mono_ms() - began, STALL_MS, STALL_MS + scaled(5000));
    http_client_response_done(&a);
    http_client_free(f);
    stop(&s);
  }
}

struct flag {
  _Atomic bool up;
};

static void *raise_flag(void *arg)
{
  struct flag *flag = arg;
  pause_ms(STEP_MS);
  atomic_store(&flag->up, true);
  return NULL;
}

static void test_stopping_does_not_wait(void **state)
{
  static const char *const nothing[] = {NULL};
  struct server s;
  struct flag ending = {false};
  struct http_client_response a;
  struct http_client *f = http_client_new(&(struct http_client_options){.stop = &ending.up});
  pthread_t thread;
  start(&s, nothing, true);
  pthread_create(&thread, NULL, raise_flag, &ending);
  int64_t began = clock_mono_ms();
  post(f, &s, 100, &a);
  assert_int_equal(a.end, HTTP_CLIENT_STOPPED);
  assert_true(clock_mono_ms() - began < scaled(3000));
  pthread_join(thread, NULL);
  http_client_response_done(&a);
  http_client_free(f);
  stop(&s);
}

static void test_more_than_was_wanted_is_not_read(void **state)
{
  static const char *const pieces[] = {"HTTP/1.1 403 No\r\nContent-Length: 1000\r\n\r\n", "0123456789", "0123456789",
                                       NULL};
  struct server s;
  struct http_client_response a;
  struct http_client *f = new_client(NULL, NULL);
  start(&s, pieces, true);
  post(f, &s, 15, &a);
  assert_int_equal(a.end, HTTP_CLIENT_TOO_LARGE);
  assert_int_equal(a.status, 403);
  assert_true(a.body.len <= 15);
  http_client_response_done(&a);
  http_client_free(f);
  stop(&s);
}

static void test_nobody_there_is_no_answer(void **state)
{
  struct server s;
  struct http_client_response a;
  struct http_client *f = new_client(NULL, NULL);
  start(&s, (const char *const[]){NULL}, false);
  stop(&s);
  post(f, &s, 15, &a);
  assert_int_equal(a.end, HTTP_CLIENT_NO_ANSWER);
  assert_true(*a.detail);
  http_client_response_done(&a);
  http_client_free(f);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_an_answer_is_complete_and_the_connection_is_kept),
      cmocka_unit_test(test_a_byte_now_and_then_is_progress),
      cmocka_unit_test(test_a_stall_is_no_progress),
      cmocka_unit_test(test_stopping_does_not_wait),
      cmocka_unit_test(test_more_than_was_wanted_is_not_read),
      cmocka_unit_test(test_nobody_there_is_no_answer),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
