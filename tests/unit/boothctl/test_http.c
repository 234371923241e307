/* boothctl's reading of HTTP, however the answer is cut up. */
#include "unit.h"

#include "boothctl/http.h"

#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

struct feed {
  int fd;
  const char *text;
  size_t n, piece;
};

static void *feed(void *arg)
{
  struct feed *f = arg;
  for (size_t at = 0; at < f->n; at += f->piece)
    if (send(f->fd, f->text + at, min(f->piece, f->n - at), MSG_NOSIGNAL) < 0)
      break;
  close(f->fd);
  return NULL;
}

/* The body of an answer that arrives in such pieces, or the error. */
static ssize_t fetch(const char *text, size_t n, size_t piece, char *to, size_t room, struct http *h)
{
  int pair[2];
  pthread_t thread;
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  *h = (struct http){.fd = pair[0]};
  struct feed f = {pair[1], text, n, piece};
  assert_int_equal(pthread_create(&thread, NULL, feed, &f), 0);
  ssize_t got = 0, r = http_head(h, 5000);
  while (r == 0 && (r = http_read(h, to + got, room - (size_t)got, 5000)) > 0) {
    got += r;
    r = 0;
  }
  http_close(h);
  pthread_join(thread, NULL);
  return r < 0 ? r : got;
}

static void test_answers(void **state)
{
  static const struct {
    const char *text;
    int status;
    const char *body; /* NULL: refused */
  } cases[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, ""},
      {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\ncontent-length:  5  \r\n\r\nhello", 201, NULL},
      {"HTTP/1.1 100 Continue\r\nX: y\r\n\r\nHTTP/1.1 201 Created\r\ncontent-length:\t5\r\n\r\nhello", 201, "hello"},
      {"HTTP/1.0 404 No\r\n\r\nuntil the end", 404, "until the end"},
      {"HTTP/1.1 204 No Content\r\n\r\n", 204, ""},
      {"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello", 200, NULL},
      {"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nhello", 200, NULL},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 200, NULL},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", 200, NULL},
      {"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", 200, NULL},
      {"HTTP/1.1 200 OK\r\n", 200, NULL},
      {"SSH-2.0-x\r\n\r\n", 0, NULL},
      {"", 0, NULL},
  };
  for (size_t i = 0; i < array_len(cases); i++)
    for (size_t piece = 1; piece <= 64; piece = piece < 4 ? piece + 1 : piece * 16) {
      struct http h;
      char body[256];
      ssize_t n = fetch(cases[i].text, strlen(cases[i].text), piece, body, sizeof body, &h);
      if (cases[i].body ? n != (ssize_t)strlen(cases[i].body) || memcmp(body, cases[i].body, (size_t)n) != 0 : n >= 0)
        fail_msg("case %zu in pieces of %zu: %zd", i, piece, n);
      if (cases[i].body)
        assert_int_equal(h.status, cases[i].status);
    }
}

static void test_bounds(void **state)
{
  struct http h;
  char body[16];
  autobuf struct buf b = {0};
  buf_str(&b, "HTTP/1.1 200 OK\r\nX: ");
  for (int i = 0; i < 20000; i++)
    buf_str(&b, "x");
  assert_int_equal(fetch(b.data, b.len, 4096, body, sizeof body, &h), -EPROTO);
  buf_clear(&b);
  buf_str(&b, "HTTP/1.1 200 OK\r\n");
  for (int i = 0; i < 1000; i++)
    buf_str(&b, "X: y\r\n");
  assert_int_equal(fetch(b.data, b.len, 4096, body, sizeof body, &h), -EPROTO);
  static const char date[] = "HTTP/1.1 200 OK\r\nDate: Fri, 11 Sep 2026 10:03:07 GMT\r\nContent-Length: 0\r\n\r\n";
  assert_int_equal(fetch(date, strlen(date), 100, body, sizeof body, &h), 0);
  assert_true(h.date_ms == 1789120987000);
}

/* A stream is read without waiting; what is half there comes whole later. */
static void test_never_waits(void **state)
{
  static const char head[] = "HTTP/1.1 200 OK\r\n\r\n", stream[] = "abcdefg";
  int pair[2];
  char got[16];
  size_t n = 0;
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  struct http h = {.fd = pair[0]};
  assert_int_equal(write(pair[1], head, strlen(head)), strlen(head));
  assert_int_equal(http_head(&h, 1000), 0);
  for (size_t i = 0; stream[i]; i++) {
    ssize_t r;
    assert_int_equal(write(pair[1], stream + i, 1), 1);
    while ((r = http_read(&h, got + n, sizeof got - n, 0)) > 0)
      n += (size_t)r;
    assert_int_equal(r, -ETIMEDOUT);
  }
  assert_int_equal(n, 7);
  assert_memory_equal(got, "abcdefg", 7);
  http_close(&h);
  close(pair[1]);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_answers),
      cmocka_unit_test(test_bounds),
      cmocka_unit_test(test_never_waits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
