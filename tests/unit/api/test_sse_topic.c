/* Topics of server-sent events: delivery, replay, slow readers, limits. */
#include "http_fixture.h"

#include <sys/resource.h>

#include "api/sse_topic.h"

#define JOIN "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n"

static char folder[] = "/tmp/boothd-unit-XXXXXX", path[64];
static struct sse_topic *topic;
static struct buf greeting;
static int64_t owner;

static void on_stream(struct http_request *r)
{
  const char *last = http_header(r, "Last-Event-ID");
  struct sse_subscriber *s = sse_topic_join(topic, r, owner);
  if (s && (!last || !sse_subscriber_replay(s, last)))
    sse_subscriber_send(s, "snapshot", "e-0", greeting.data);
}

static const struct http_route routes[] = {{"GET", "/stream", on_stream, 0, HTTP_EMPTY, NULL}};

static int start(void **state)
{
  char error[160] = "";
  strcpy(folder, "/tmp/boothd-unit-XXXXXX");
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/sock", folder);
  assert_int_equal(sd_event_new(&loop), 0);
  topic = sse_topic_new(loop);
  buf_str(&greeting, "{\"seq\":0}");
  owner = 0;
  struct http_options o = {.event = loop, .listen = "127.0.0.1:0", .socket = path, .routes = routes, .n_routes = 1};
  int r = http_start(&o, &server, error);
  if (r < 0)
    fail_msg("%s", error);
  return 0;
}

static int stop(void **state)
{
  sse_topic_free(take(topic));
  http_free(take(server));
  loop = sd_event_unref(loop);
  buf_done(&greeting);
  return rmdir(folder);
}

static struct client join(const char *request, const char *until)
{
  struct client c = client_tcp(http_address(server));
  client_send(&c, request);
  assert_true(client_receives(&c, until));
  return c;
}

static void size_becomes(size_t n)
{
  for (int64_t end = clock_mono_ms() + scaled(20000); sse_topic_size(topic) != n && clock_mono_ms() < end;)
    turn(1);
  assert_int_equal(sse_topic_size(topic), n);
}

static void test_events(void **state)
{
  struct client a = join(JOIN, "\n\n");
  assert_true(client_receives(&a, "data: {\"seq\":0}\n\n"));
  assert_int_equal(status_of(a.in.data), 200);
  assert_non_null(strstr(a.in.data, "\r\nContent-Type: text/event-stream\r\n"));
  assert_non_null(strstr(a.in.data, "\r\nCache-Control: no-store\r\n"));
  assert_non_null(strstr(a.in.data, "\r\n\r\nevent: snapshot\nid: e-0\ndata: {\"seq\":0}\n\n"));
  struct client b = join("GET /stream HTTP/1.0\r\n\r\n", "{\"seq\":0}\n\n");
  buf_clear(&a.in);
  buf_clear(&b.in);
  sse_topic_send(topic, "change", "e-1", "{\"seq\":1}");
  sse_topic_send(topic, "status", NULL, "{}");
  assert_true(client_receives(&a, "status"));
  assert_true(client_receives(&b, "status"));
  assert_string_equal(a.in.data, "event: change\nid: e-1\ndata: {\"seq\":1}\n\nevent: status\ndata: {}\n\n");
  assert_string_equal(b.in.data, a.in.data);
  struct http_stats n;
  http_stats(server, &n);
  assert_int_equal(n.streams, 2);
  assert_int_equal(http_pending(server), 0);
  client_send(&a, JOIN); /* a stream accepts no more requests */
  client_done(&a);
  size_becomes(1);
  client_done(&b);
  size_becomes(0);
  http_stats(server, &n);
  assert_int_equal(n.streams, 0);
}

static void test_replay(void **state)
{
  char id[16], request[128];
  for (int i = 1; i <= LIMIT_STREAM_REPLAY + 10; i++) {
    snprintf(id, sizeof id, "e-%d", i);
    sse_topic_send(topic, "change", id, "{}");
  }
  snprintf(request, sizeof request, "GET /stream HTTP/1.1\r\nHost: x\r\nLast-Event-ID: e-%d\r\n\r\n",
           LIMIT_STREAM_REPLAY + 8);
  struct client c = join(request, "\n\n");
  snprintf(request, sizeof request, "\r\n\r\nevent: change\nid: e-%d\ndata: {}\n\nevent: change\nid: e-%d\n",
           LIMIT_STREAM_REPLAY + 9, LIMIT_STREAM_REPLAY + 10);
  assert_non_null(strstr(c.in.data, request));
  client_done(&c);
  c = join("GET /stream HTTP/1.1\r\nHost: x\r\nLast-Event-ID: e-10\r\n\r\n", "event: snapshot"); /* not kept any more */
  client_done(&c);
  c = join("GET /stream HTTP/1.1\r\nHost: x\r\nLast-Event-ID: e-11\r\n\r\n", "id: e-12\n");
  assert_true(client_receives_times(&c, "event: change", LIMIT_STREAM_REPLAY - 1));
  client_done(&c);
  snprintf(request, sizeof request, "GET /stream HTTP/1.1\r\nHost: x\r\nLast-Event-ID: %s\r\n\r\n",
           id); /* nothing missed */
  c = join(request, "\r\n\r\n");
  sse_topic_send(topic, "change", "e-last", "{}");
  assert_true(client_receives(&c, "\r\n\r\nevent: change\nid: e-last\n"));
  client_done(&c);
  sse_topic_clear(topic);
  c = join(request, "event: snapshot");
  client_done(&c);
  size_becomes(0);
}

static void test_stuck_reader(void **state)
{
  static char data[2001];
  memset(data, 'x', sizeof data - 1);
  struct client stuck = join(JOIN, "data: "), good = join(JOIN, "data: ");
  size_t sent = 0;
  for (; sse_topic_size(topic) == 2 && sent < 5000; sent++) {
    sse_topic_send(topic, "change", NULL, data);
    turn(0);
    client_read(&good);
  }
  assert_true(sent < 5000);
  assert_int_equal(sse_topic_size(topic), 1);
  assert_true(client_receives_times(&good, "event: change", (int)sent));
  assert_true(client_is_closed(&stuck)); /* after the bytes sent before */
  client_done(&stuck);
  client_done(&good);
  size_becomes(0);
}

static void test_long_snapshot(void **state)
{
  enum { LONG = 3000000 };
  buf_clear(&greeting);
  buf_fmt(&greeting, "%0*d", LONG, 7);
  struct client c = join(JOIN, "data: ");
  for (int i = 0; i < 20; i++) { /* events meanwhile are sent after it */
    sse_topic_send(topic, "change", NULL, "{}");
    turns(1);
  }
  assert_true(client_receives_times(&c, "event: change\ndata: {}\n\n", 20));
  const char *body = strstr(c.in.data, "data: ") + 6;
  assert_int_equal(strspn(body, "0"), LONG - 1);
  assert_int_equal(strncmp(body + LONG - 1, "7\n\nevent: change\n", 17), 0);
  assert_int_equal(sse_topic_size(topic), 1);
  client_done(&c);
  size_becomes(0);
}

static void test_many_stuck_readers(void **state)
{
  enum { LONG = 3000000, MANY = 2 * LIMIT_TOTAL_BACKLOG / LONG };
  struct client stuck[MANY];
  buf_clear(&greeting);
  buf_fmt(&greeting, "%0*d", LONG, 7);
  for (int i = 0; i < MANY; i++)
    stuck[i] = join(JOIN, "data: ");
  turns(1);
  assert_in_range(sse_topic_size(topic), MANY / 4, LIMIT_TOTAL_BACKLOG / (LONG / 2));
  assert_true(sse_topic_size(topic) < MANY);
  for (int i = 0; i < MANY; i++)
    client_done(&stuck[i]);
  size_becomes(0);
  struct client c = join(JOIN, "data: "); /* their backlogs were freed */
  assert_true(client_receives(&c, "7\n\n"));
  client_done(&c);
  size_becomes(0);
}

static void test_owners(void **state)
{
  owner = 4;
  struct client a = join(JOIN, "data: "), b = join(JOIN, "data: ");
  owner = 5;
  struct client c = join(JOIN, "data: ");
  assert_int_equal(sse_topic_size_of(topic, 4), 2);
  sse_topic_end(topic, 4);
  assert_int_equal(sse_topic_size(topic), 1);
  assert_true(client_is_closed(&a));
  assert_true(client_is_closed(&b));
  sse_topic_send(topic, "change", NULL, "{}");
  assert_true(client_receives(&c, "event: change"));
  client_done(&a);
  client_done(&b);
  client_done(&c);
  size_becomes(0);
}

static void test_head_and_quiesce(void **state)
{
  struct client h = join("HEAD /stream HTTP/1.1\r\nHost: x\r\n\r\n", "\r\n\r\n");
  assert_true(client_is_closed(&h));
  assert_null(strstr(h.in.data, "data:"));
  client_done(&h);
  struct client c = join(JOIN, "data: ");
  http_quiesce(server);
  assert_true(client_is_closed(&c));
  assert_int_equal(sse_topic_size(topic), 0);
  sse_topic_send(topic, "change", NULL, "{}");
  client_done(&c);
}

static void test_freed_under_a_stream(void **state)
{
  struct client c = join(JOIN, "data: ");
  http_free(take(server));
  assert_int_equal(sse_topic_size(topic), 0);
  client_read(&c);
  assert_true(c.closed);
  client_done(&c);
}

static void test_limit(void **state)
{
  static struct client c[LIMIT_STREAMS];
  for (size_t i = 0; i < LIMIT_STREAMS; i++) {
    if (i == LIMIT_PUBLIC_STREAMS) {
      assert_int_equal(status_of(exchange(JOIN)), 429);
      owner = 4;
    }
    c[i] = client_unix(path);
    client_send(&c[i], JOIN);
    turn(1);
  }
  size_becomes(LIMIT_STREAMS);
  const char *answer = exchange(JOIN);
  assert_int_equal(status_of(answer), 429);
  assert_non_null(strstr(answer, "Retry-After: "));
  sse_topic_send(topic, "change", NULL, "{}");
  for (size_t i = 0; i < LIMIT_STREAMS; i++)
    assert_true(client_receives(&c[i], "event: change"));
  for (size_t i = 0; i < LIMIT_STREAMS; i++)
    client_done(&c[i]);
  size_becomes(0);
}

int main(void)
{
  setrlimit(RLIMIT_NOFILE, &(struct rlimit){4096, 4096});
  const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
      TEST(test_events),
      TEST(test_replay),
      TEST(test_stuck_reader),
      TEST(test_long_snapshot),
      TEST(test_many_stuck_readers),
      TEST(test_owners),
      TEST(test_head_and_quiesce),
      TEST(test_freed_under_a_stream),
      TEST(test_limit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
