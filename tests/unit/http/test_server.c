/* The HTTP server over real sockets: refusals, limits, fairness, deadlines. */
#include "http_fixture.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define GET(path) "GET " path " HTTP/1.1\r\nHost: x\r\n\r\n"
#define SHORT_MS  scaled(300)
#define BYTES     70000  /* limit of one body in memory */
#define ROOM      100000 /* limit of all of them */

static char folder[] = "/tmp/boothd-unit-XXXXXX";
static struct http_request *held[16];
static size_t n_held, n_denied;
static struct http_shared *shared;

static void text(struct http_request *r, const char *s)
{
  struct buf b = {0};
  buf_str(&b, s);
  http_reply(r, 200, "text/plain", &b, "X-Own: 1\r\nX-Two: 2\r\n");
}

static void on_now(struct http_request *r)
{
  text(r, "now");
}

static void on_late(struct http_request *r)
{
  held[n_held++] = r;
}

/* Runs the loop until n requests wait for their answer. */
static void hold(size_t n)
{
  for (int64_t end = clock_mono_ms() + scaled(20000); n_held < n && clock_mono_ms() < end;)
    turn(1);
  assert_int_equal(n_held, n);
}

static void on_item(struct http_request *r)
{
  autobuf struct buf b = {0};
  char cookie[16] = "";
  size_t n;
  const char *body = http_body(r, &n);
  int length = http_cookie(r, "boothd", cookie, sizeof cookie);
  buf_fmt(&b, "%s|%s|%s|%s|%.*s|%s|%d|%s", http_method(r), http_path(r), http_param(r, 0),
          http_param(r, 1) ? http_param(r, 1) : "-", (int)n, body, cookie, length, (const char *)http_context(r));
  text(r, b.data);
}

static void on_file(struct http_request *r)
{
  autobuf struct buf b = {0};
  struct stat st;
  assert_int_equal(stat(http_body_path(r), &st), 0);
  buf_fmt(&b, "%lld %o %s", (long long)st.st_size, st.st_mode & 0777, http_body_path(r));
  text(r, b.data);
}

static void on_bytes(struct http_request *r)
{
  autobuf struct buf b = {0};
  size_t n;
  const char *body = http_body(r, &n);
  buf_fmt(&b, "%zu %d", n, memchr(body, 0, n) != NULL);
  text(r, b.data);
}

static void on_download(struct http_request *r)
{
  char path[] = "/tmp/boothd-unit-XXXXXX";
  int fd = mkostemp(path, O_CLOEXEC);
  unlink(path);
  assert_int_equal(ftruncate(fd, 3000000), 0);
  http_reply_file(r, fd, "application/octet-stream", NULL);
}

static void on_shared(struct http_request *r)
{
  http_reply_shared(r, shared);
}

static void on_other(struct http_request *r)
{
  autobuf struct buf b = {0};
  buf_fmt(&b, "other %s", http_path(r));
  text(r, b.data);
}

static void on_problem(struct http_request *r)
{
  http_problem(r, 412, "stale_version", "If-Match", "It has changed.", "\"ticket\":{\"id\":1}", 7);
}

static bool admit(struct http_request *r, const struct http_route *route)
{
  if (route->role <= (http_header(r, "X-Role") != NULL))
    return true;
  n_denied++;
  http_problem(r, 401, "not_signed_in", NULL, NULL, NULL, 0);
  return false;
}

static const struct http_route routes[] = {
    {"GET", "/now", on_now, 0, HTTP_EMPTY, NULL},
    {"GET", "/late", on_late, 0, HTTP_EMPTY, NULL},
    {"GET", "/items/{id}", on_item, 0, HTTP_EMPTY, NULL},
    {"PATCH", "/items/{id}", on_item, 0, HTTP_JSON, NULL},
    {"POST", "/items/{id}/do/{what}", on_item, 0, HTTP_JSON, NULL},
    {"POST", "/items/{id}/seat", on_item, 0, HTTP_EMPTY, NULL},
    {"POST", "/file", on_file, 1, HTTP_FILE, "application/x-thing"},
    {"POST", "/guarded", on_item, 1, HTTP_JSON, NULL},
    {"POST", "/bytes", on_bytes, 0, HTTP_BYTES, "application/x-bytes", BYTES,
     "X-Route: here\r\nReferrer-Policy: route\r\n"},
    {"GET", "/download", on_download, 0, HTTP_EMPTY, NULL},
    {"GET", "/shared", on_shared, 0, HTTP_EMPTY, NULL},
    {"GET", "/problem", on_problem, 0, HTTP_EMPTY, NULL},
};

static int start(void **state)
{
  char error[160] = "", socket[64];
  assert_int_equal(sd_event_new(&loop), 0);
  strcpy(folder, "/tmp/boothd-unit-XXXXXX");
  assert_non_null(mkdtemp(folder));
  snprintf(socket, sizeof socket, "%s/sock", folder);
  struct http_options o = {.event = loop,
                           .listen = "127.0.0.1:0, [::1]:0",
                           .socket = socket,
                           .spool = folder,
                           .routes = routes,
                           .n_routes = array_len(routes),
                           .admit = admit,
                           .other = on_other,
                           .context = (void *)(uintptr_t)"ctx",
                           .request_ms = SHORT_MS,
                           .idle_ms = 2 * SHORT_MS,
                           .bodies = ROOM};
  int r = http_start(&o, &server, error);
  if (r < 0)
    fail_msg("%s", error);
  struct buf b = {0};
  buf_str(&b, "shared bytes");
  shared = http_shared_new("text/plain", "\"tag-1\"", NULL, &b);
  n_held = n_denied = 0;
  return 0;
}

static int stop(void **state)
{
  http_free(take(server));
  http_shared_unref(shared);
  loop = sd_event_unref(loop);
  assert_int_equal(rmdir(folder), 0); /* nothing was left in it */
  return 0;
}

static void test_plain(void **state)
{
  const char *a = exchange(GET("/now"));
  assert_int_equal(status_of(a), 200);
  assert_non_null(strstr(a, "\r\n\r\nnow"));
  assert_non_null(strstr(a, "\r\nX-Own: 1\r\nX-Two: 2\r\n"));
  assert_non_null(strstr(a, "\r\nCache-Control: no-store\r\n"));
  assert_non_null(strstr(a, "\r\nX-Content-Type-Options: nosniff\r\n"));
  assert_non_null(strstr(a, "\r\nReferrer-Policy: no-referrer\r\n"));
  assert_non_null(strstr(a, " GMT\r\n"));
  assert_null(strstr(strstr(a, "\r\nDate: ") + 1, "\r\nDate: "));
  a = exchange("GET /now HTTP/1.0\r\n\r\n");
  assert_non_null(strstr(a, "now"));
  a = exchange("HEAD /now HTTP/1.1\r\nHost: x\r\n\r\n");
  assert_int_equal(status_of(a), 200);
  assert_non_null(strstr(a, "Content-Length: 3\r\n"));
  assert_null(strstr(a, "\r\n\r\nnow"));
  a = exchange(GET("/problem"));
  assert_int_equal(status_of(a), 412);
  assert_non_null(strstr(a, "\r\nContent-Type: application/problem+json\r\n"));
  assert_non_null(strstr(a, "\r\nRetry-After: 7\r\n"));
  assert_non_null(
      strstr(a, "{\"type\":\"about:blank\",\"title\":\"Precondition Failed\",\"status\":412,\"code\":"
                "\"stale_version\",\"detail\":\"It has changed.\",\"field\":\"If-Match\",\"ticket\":{\"id\":1},"
                "\"retry_after_s\":7}"));
  a = exchange(GET("/download"));
  assert_non_null(strstr(a, "Content-Length: 3000000\r\n"));
}

static void test_date_follows_the_booth(void **state)
{
  clock_set(1000 - (clock_wall_ms() - clock_offset_ms()), false);
  assert_non_null(strstr(exchange(GET("/now")), "Date: Thu, 01 Jan 1970 00:00:01 GMT"));
  assert_non_null(strstr(exchange(GET("/shared")), "Date: Thu, 01 Jan 1970 00:00:0"));
  clock_set(0, true);
  assert_null(strstr(exchange(GET("/shared")), "1970"));
}

static void test_routes(void **state)
{
  assert_non_null(strstr(exchange(GET("/items/7?x=1")), "GET|/items/7|7|-|||-2|ctx"));
  assert_non_null(strstr(exchange(GET("/items/%ea%b0%80%20b")), "GET|/items/가 b|가 b|-|"));
  assert_non_null(strstr(exchange("POST /items/12/do/it HTTP/1.1\r\nHost: x\r\nCookie: a=b; bad; boothd=tok; c=d\r\n"
                                  "Content-Type: Application/JSON; charset=utf-8\r\nContent-Length: 2\r\n\r\n{}"),
                         "POST|/items/12/do/it|12|it|{}|tok|3|ctx"));
  assert_non_null(strstr(exchange("PATCH /items/1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                                  "Content-Type: application/json\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"),
                         "PATCH|/items/1|1|-|{}|"));
  assert_int_equal(status_of(exchange("POST /items/1/seat HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")), 200);
  assert_non_null(strstr(exchange(GET("/")), "other /"));
  assert_non_null(strstr(exchange(GET("/some/where.js")), "other /some/where.js"));
  const char *a = exchange("DELETE /items/7 HTTP/1.1\r\nHost: x\r\n\r\n");
  assert_int_equal(status_of(a), 405);
  assert_non_null(strstr(a, "\r\nAllow: GET, HEAD, PATCH\r\n"));
  assert_int_equal(status_of(exchange("OPTIONS /now HTTP/1.1\r\nHost: x\r\n\r\n")), 405);
  assert_int_equal(status_of(exchange("BREW /now HTTP/1.1\r\nHost: x\r\n\r\n")), 405);
  assert_int_equal(status_of(exchange("POST /nowhere HTTP/1.1\r\nHost: x\r\n\r\n")), 404);
}

static void test_invalid_paths(void **state)
{
  static const char *const paths[] = {
      "/../etc/passwd", "/a/../b",    "/a/./b",  "/a/..",     "/.",         "//",    "//now",        "/now/",
      "/items/",        "/now%00.js", "/now%0a", "/%2e%2e/x", "/items%2f7", "/now%", "/now%4",       "/now%zz",
      "/%ff",           "/items/%00", "/a%5cb",  "/a\\..\\b", "now",        "*",     "http://x/now",
  };
  for (size_t i = 0; i < array_len(paths); i++) {
    char request[128];
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", paths[i]);
    int status = status_of(exchange(request));
    if (status != 404 && status != 400)
      fail_msg("%s: %d", paths[i], status);
  }
}

static void test_too_long(void **state)
{
  autobuf struct buf b = {0};
  buf_fmt(&b, "GET /%0*d HTTP/1.1\r\nHost: x\r\n\r\n", LIMIT_PATH, 0);
  assert_int_equal(status_of(exchange(b.data)), 414);
  buf_clear(&b);
  buf_fmt(&b, "GET /%0*d HTTP/1.1\r\nHost: x\r\n\r\n", LIMIT_PATH - 1, 0);
  assert_int_equal(status_of(exchange(b.data)), 200);
  for (int size = 150; size < 9000; size += 75) { /* in many headers, as browsers send them */
    buf_clear(&b);
    buf_str(&b, "GET /now HTTP/1.1\r\nHost: x\r\n");
    while (b.len + 84 < (size_t)size)
      buf_fmt(&b, "X-Header-%05d: %064d\r\n", (int)b.len, 1);
    buf_str(&b, "\r\n");
    int status = status_of(exchange(b.data));
    bool fits = b.len + strlen("Connection: close\r\n") <= LIMIT_HEADERS;
    if (fits ? status != 200
             : status != 431 && status != 0) /* microhttpd closes the connection if its 431 does not fit either */
      fail_msg("%zu bytes of headers: %d", b.len, status);
  }
}

static void test_ambiguous(void **state)
{
  int status = status_of(exchange("GET /now HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"));
  assert_int_equal(status, 400);
  status =
      status_of(exchange("PATCH /items/1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
                         "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"));
  assert_true(status == 400 || status == 0);
  status = status_of(exchange("GET /now HTTP/1.1\r\n\r\n"));
  assert_true(status == 400);
}

static void test_bodies(void **state)
{
  autobuf struct buf b = {0};
  static const char head[] = "PATCH /items/1 HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n";
  assert_int_equal(status_of(exchange("PATCH /items/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")), 415);
  assert_int_equal(status_of(exchange("PATCH /items/1 HTTP/1.1\r\nHost: x\r\n\r\n")), 200);
  for (int size = LIMIT_JSON - 1; size <= LIMIT_JSON + 1; size++) {
    buf_clear(&b);
    buf_fmt(&b, head, "application/json", size);
    buf_fmt(&b, "%0*d", size, 0);
    assert_int_equal(status_of(exchange(b.data)), size <= LIMIT_JSON ? 200 : 413);
  }
  buf_clear(&b);
  buf_fmt(&b, head, "application/jsonx", 2);
  buf_str(&b, "{}");
  assert_int_equal(status_of(exchange(b.data)), 415);
  assert_int_equal(status_of(exchange("POST /items/1/seat HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")), 413);
  assert_int_equal(status_of(exchange("GET /now HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")), 413);
  /* Chunked: the size is known late; the connection stays open. */
  struct client c = client_tcp(http_address(server));
  client_send(
      &c, "PATCH /items/1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 5; i++) {
    buf_clear(&b);
    buf_fmt(&b, "%x\r\n%0*d\r\n", LIMIT_JSON / 4, LIMIT_JSON / 4, 0);
    client_send(&c, b.data);
  }
  client_send(&c, "0\r\n\r\n" GET("/now"));
  assert_true(client_receives(&c, "\r\n\r\nnow"));
  assert_int_equal(status_of(c.in.data), 413);
  client_done(&c);
  /* Far too long: answered before it is sent. */
  c = client_tcp(http_address(server));
  client_send(
      &c, "PATCH /items/1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n");
  assert_true(client_receives(&c, "\"too_large\""));
  assert_true(client_is_closed(&c));
  client_done(&c);
  /* "Expect" is refused at once, or answered 100. */
  c = client_tcp(http_address(server));
  client_send(&c, "PATCH /items/1 HTTP/1.1\r\nHost: x\r\nContent-Type: text/x\r\nContent-Length: 2\r\nExpect: "
                  "100-continue\r\n\r\n");
  assert_true(client_receives(&c, "\"unsupported_media_type\""));
  assert_int_equal(status_of(c.in.data), 415);
  client_done(&c);
  c = client_tcp(http_address(server));
  client_send(&c, "PATCH /items/1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
                  "Expect: 100-continue\r\n\r\n");
  assert_true(client_receives(&c, "100 Continue"));
  client_send(&c, "{}");
  assert_true(client_receives(&c, "|{}|"));
  client_done(&c);
}

static void test_admission(void **state)
{
  assert_int_equal(status_of(exchange("POST /guarded HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                                      "Content-Length: 2\r\n\r\n{}")),
                   401);
  assert_int_equal(status_of(exchange("POST /guarded HTTP/1.1\r\nHost: x\r\nX-Role: 1\r\n\r\n")), 200);
  assert_int_equal(n_denied, 1);
}

static void test_files(void **state)
{
  autobuf struct buf b = {0};
  buf_fmt(&b,
          "POST /file HTTP/1.1\r\nHost: x\r\nX-Role: 1\r\nContent-Type: application/x-thing\r\n"
          "Content-Length: 200000\r\n\r\n%0200000d",
          0);
  const char *a = exchange(b.data);
  assert_int_equal(status_of(a), 200);
  assert_non_null(strstr(a, "200000 600 "));
  assert_int_not_equal(access(strstr(a, "200000 600 ") + 11, F_OK), 0); /* the file is removed with its request */
  assert_int_equal(status_of(exchange("POST /file HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-thing\r\n"
                                      "Content-Length: 5\r\n\r\nabcde")),
                   401);
  assert_int_equal(status_of(exchange("POST /file HTTP/1.1\r\nHost: x\r\nX-Role: 1\r\nContent-Length: 5\r\n\r\nabcde")),
                   415);
  assert_int_equal(
      status_of(exchange("POST /file HTTP/1.1\r\nHost: x\r\nX-Role: 1\r\nContent-Type: application/x-thing\r\n"
                         "Content-Length: 99999999\r\n\r\nabcde")),
      413);
  /* No room for the file: answered when all was sent. */
  signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &(struct rlimit){1000, RLIM_INFINITY});
  buf_clear(&b);
  buf_fmt(&b,
          "POST /file HTTP/1.1\r\nHost: x\r\nX-Role: 1\r\nContent-Type: application/x-thing\r\n"
          "Content-Length: 2000000\r\n\r\n%02000000d",
          0);
  a = exchange(b.data);
  setrlimit(RLIMIT_FSIZE, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY});
  assert_int_equal(status_of(a), 503);
  struct client c = client_tcp(http_address(server)); /* the client leaves halfway */
  client_send(&c, "POST /file HTTP/1.1\r\nHost: x\r\nX-Role: 1\r\nContent-Type: application/x-thing\r\nContent-Length: "
                  "9\r\n\r\nab");
  turns(20);
  client_done(&c);
  turns(20);
}

static const char *post_bytes(size_t n)
{
  autobuf struct buf b = {0};
  buf_fmt(&b, "POST /bytes HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-bytes\r\nContent-Length: %zu\r\n\r\n", n);
  autofree char *body = xcalloc(1, n + 1);
  memset(body, 'x', n);
  buf_str(&b, body);
  return exchange(b.data);
}

static void test_bytes(void **state)
{
  assert_non_null(strstr(post_bytes(0), "\r\n\r\n0 0"));
  assert_non_null(strstr(post_bytes(BYTES), "\r\n\r\n70000 0"));
  const char *a = post_bytes(BYTES + 1);
  assert_int_equal(status_of(a), 413);
  assert_non_null(strstr(a, "\r\nX-Route: here\r\n")); /* of the route, on refusals too; it replaces a default header */
  assert_non_null(strstr(a, "\r\nReferrer-Policy: route\r\n"));
  assert_null(strstr(a, "no-referrer"));
  assert_null(strstr(exchange(GET("/now")), "X-Route"));
  assert_int_equal(status_of(exchange("POST /bytes HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")), 415);
  assert_int_equal(status_of(exchange("POST /bytes HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\r\n")),
                   415);
  struct client c = client_tcp(http_address(server));
  client_send(&c, "POST /bytes HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-bytes\r\nContent-Length: 24\r\n\r\n");
  for (int i = 0; i < 12; i++) { /* in total slower than the deadline, but no pause is that long */
    turns(SHORT_MS / 10);
    client_send_bytes(&c, "a\0", 2);
  }
  assert_true(client_receives(&c, "\r\n\r\n24 1"));
  client_done(&c);
}

/* The memory of all bodies together is limited, and is free again when they are answered, or their client is gone. */
static void test_bytes_of_all(void **state)
{
  static const char head[] =
      "POST /bytes HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-bytes\r\nContent-Length: 70000\r\n\r\n";
  autofree char *half = xcalloc(1, 60001);
  memset(half, 'x', 60000);
  for (int round = 0; round < 3; round++) {
    struct client c = client_tcp(http_address(server));
    client_send(&c, head);
    client_send(&c, half);
    turns(20);
    const char *a = post_bytes(60000);
    assert_int_equal(status_of(a), 503);
    assert_non_null(strstr(a, "\r\nRetry-After: "));
    assert_int_equal(status_of(post_bytes(30000)), 200);
    if (round == 0)
      client_send_bytes(&c, half, 10000);
    else if (round == 1)
      shutdown(c.fd, SHUT_RDWR);
    assert_true(round == 0 ? client_receives(&c, "\r\n\r\n70000 0")
                           : client_is_closed(&c)); /* the third round: past its deadline */
    client_done(&c);
    turns(20);
    assert_int_equal(status_of(post_bytes(BYTES)), 200);
  }
}

/* Behind a proxy all clients have one address. A connection beyond the limit waits. */
static void test_proxied(void **state)
{
  enum { PLACES = LIMIT_CONNECTIONS_PER_IP + 4, MOST = PLACES + 4 };
  static struct client c[MOST];
  char error[160];
  struct http_options o = {.event = loop,
                           .listen = "127.0.0.1:0",
                           .routes = routes,
                           .n_routes = array_len(routes),
                           .proxied = true,
                           .connections = PLACES};
  http_free(take(server));
  assert_int_equal(http_start(&o, &server, error), 0);
  for (size_t i = 0; i < MOST; i++) {
    c[i] = client_tcp(http_address(server));
    client_send(&c[i], GET("/now"));
    if (i < PLACES)
      assert_true(client_receives(&c[i], "now"));
  }
  turns(20);
  for (size_t i = PLACES; i < MOST; i++) {
    client_read(&c[i]);
    assert_int_equal(c[i].in.len, 0);
    client_done(&c[i - PLACES]);
  }
  for (size_t i = PLACES; i < MOST; i++)
    assert_true(client_receives(&c[i], "now"));
  for (size_t i = 0; i < MOST; i++)
    client_done(&c[i]);
}

static void test_keep_alive_and_pipeline(void **state)
{
  struct client c = client_tcp(http_address(server));
  for (int i = 1; i <= 3; i++) {
    client_send(&c, GET("/now"));
    assert_true(client_receives_times(&c, "\r\n\r\nnow", i));
  }
  client_send(&c, GET("/now") GET("/items/8") GET("/late") GET("/now"));
  assert_true(client_receives(&c, "|/items/8|"));
  turns(20);
  assert_int_equal(n_held, 1);
  text(held[0], "at last");
  assert_true(client_receives_times(&c, "\r\n\r\nnow", 5));
  assert_true(strstr(c.in.data, "|/items/8|") < strstr(c.in.data, "at last"));
  client_done(&c);
}

static void test_late_answers(void **state)
{
  struct client c[3];
  for (size_t i = 0; i < 3; i++) {
    c[i] = client_tcp(http_address(server));
    client_send(&c[i], GET("/late"));
  }
  hold(3);
  assert_int_equal(http_pending(server), 3);
  turns(2 * SHORT_MS); /* longer than the deadline of a request, which is over: no connection is closed */
  client_done(&c[1]);  /* leaves before its answer */
  for (size_t i = 0; i < 3; i++)
    text(held[i], "late");
  assert_true(client_receives(&c[0], "\r\n\r\nlate"));
  assert_true(client_receives(&c[2], "\r\n\r\nlate"));
  turns(20);
  assert_int_equal(http_pending(server), 0);
  client_done(&c[0]);
  client_done(&c[2]);
}

static void test_shared(void **state)
{
  static const struct {
    const char *tags;
    int status;
  } cases[] = {{"\"tag-1\"", 304}, {"W/\"tag-1\"", 304},       {"*", 304},     {"\"a,b\", \"c\" ,W/\"tag-1\"", 304},
               {"\"tag\"", 200},   {"\"x\", \"tag-12\"", 200}, {"tag-1", 200}, {"\"x", 200}};
  const char *a = exchange(GET("/shared"));
  assert_non_null(strstr(a, "\r\n\r\nshared bytes"));
  assert_non_null(strstr(a, "ETag: \"tag-1\"\r\n"));
  assert_non_null(strstr(a, "Cache-Control: no-cache\r\n"));
  for (size_t i = 0; i < array_len(cases); i++) {
    char request[160];
    snprintf(request, sizeof request, "GET /shared HTTP/1.1\r\nHost: x\r\nIf-None-Match: %s\r\n\r\n", cases[i].tags);
    a = exchange(request);
    if (status_of(a) != cases[i].status)
      fail_msg("%s: %d", cases[i].tags, status_of(a));
    assert_true((strstr(a, "shared bytes") != NULL) == (cases[i].status == 200));
    assert_non_null(strstr(a, "ETag: \"tag-1\"\r\n"));
  }
  /* The owner drops its reference while readers still read: the bytes stay. */
  struct client c = client_tcp(http_address(server));
  client_send(&c, GET("/shared") GET("/shared"));
  assert_true(client_receives_times(&c, "shared bytes", 2));
  client_done(&c);
}

static void test_slow_requests(void **state)
{
  struct client slow = client_tcp(http_address(server)), idle = client_tcp(http_address(server));
  int64_t begin = clock_mono_ms();
  client_send(&idle, GET("/now"));
  assert_true(client_receives(&idle, "now"));
  while (!slow.closed && clock_mono_ms() < begin + scaled(3000)) { /* a byte now and then */
    client_send(&slow, "G");
    turns(20);
    client_read(&slow);
  }
  int64_t took = clock_mono_ms() - begin;
  assert_true(slow.closed && took >= SHORT_MS && took < SHORT_MS + scaled(200));
  assert_true(client_is_closed(&idle));
  took = clock_mono_ms() - begin;
  assert_true(took >= 2 * SHORT_MS && took < 2 * SHORT_MS + scaled(200));
  struct client body = client_tcp(http_address(server)); /* the head at once, the body never */
  begin = clock_mono_ms();
  client_send(&body,
              "PATCH /items/1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{");
  assert_true(client_is_closed(&body));
  assert_true(clock_mono_ms() - begin < SHORT_MS + scaled(200));
  struct http_stats n;
  http_stats(server, &n);
  assert_int_equal(n.timeouts, 3);
  client_done(&slow);
  client_done(&idle);
  client_done(&body);
}

static void test_many(void **state)
{
  enum { MOST = 320 };
  static struct client c[MOST];
  char path[64];
  snprintf(path, sizeof path, "%s/sock", folder);
  int64_t times[MOST + 1] = {0};
  for (size_t n = 0; n < MOST; n++) {
    c[n] = client_unix(path); /* not limited by address */
    turn(1);
    size_t count = n + 1;
    if (count != 127 && count != 128 && count != 129 && count != 256 && count != MOST)
      continue;
    int64_t quietest = INT64_MAX; /* other load can only lengthen a time */
    for (int round = 0; round < 5; round++) {
      int64_t begin = clock_mono_us();
      for (size_t i = 0; i < count; i++) {
        buf_clear(&c[i].in);
        client_send(&c[i], GET("/now"));
      }
      for (size_t i = 0; i < count; i++)
        assert_true(client_receives(&c[i], "\r\n\r\nnow"));
      quietest = min(quietest, clock_mono_us() - begin);
    }
    times[count] = quietest * 5 / (int64_t)count;
  }
  assert_true(times[128] < 4 * times[127] + 100 && times[129] < 4 * times[127] + 100);
  assert_true(times[256] < 4 * times[127] + 100 && times[MOST] < 4 * times[127] + 100);
  for (size_t n = 0; n < MOST; n++)
    client_done(&c[n]);
  turns(20);
}

static void test_limit_per_address(void **state)
{
  enum { MOST = LIMIT_CONNECTIONS_PER_IP + 20 };
  static struct client c[MOST];
  for (size_t i = 0; i < MOST; i++) {
    c[i] = client_tcp(http_address(server));
    turn(1);
  }
  turns(50);
  size_t open = 0;
  for (size_t i = 0; i < MOST; i++) {
    client_read(&c[i]);
    open += !c[i].closed;
  }
  struct http_stats n;
  http_stats(server, &n);
  assert_int_equal(open, LIMIT_CONNECTIONS_PER_IP);
  assert_int_equal(n.refused, 20);
  for (size_t i = 0; i < MOST; i++)
    client_done(&c[i]);
  turns(20);
  assert_int_equal(status_of(exchange(GET("/now"))), 200);
}

static void test_unix_and_v6(void **state)
{
  char path[64];
  struct stat st;
  snprintf(path, sizeof path, "%s/sock", folder);
  assert_int_equal(stat(path, &st), 0);
  assert_int_equal(st.st_mode & 0777, 0660);
  struct client c = client_unix(path);
  client_send(&c, GET("/late"));
  hold(1);
  assert_true(http_local(held[0]));
  assert_int_equal(http_client_hash(held[0]), 0);
  assert_string_equal(http_local_address(held[0]), "");
  text(held[0], "local");
  assert_true(client_receives(&c, "local"));
  client_done(&c);
  n_held = 0;
  c = client_tcp(http_address(server));
  client_send(&c, GET("/late"));
  hold(1);
  assert_false(http_local(held[0]));
  assert_int_not_equal(http_client_hash(held[0]), 0);
  assert_string_equal(http_local_address(held[0]), http_address(server));
  text(held[0], "tcp");
  assert_true(client_receives(&c, "tcp"));
  client_done(&c);

  /* A second server does not replace a socket that is answered. */
  struct http_server *other = NULL;
  char error[160] = "";
  struct http_options o = {.event = loop, .listen = "[::1]:0", .socket = path};
  assert_int_equal(http_start(&o, &other, error), -EADDRINUSE);
  assert_non_null(strstr(error, "sock"));
  o.socket = NULL;
  o.listen = http_address(server);
  assert_int_equal(http_start(&o, &other, error), -EADDRINUSE);
  o.listen = "nonsense";
  assert_int_equal(http_start(&o, &other, error), -EINVAL);
  /* It replaces one that is not. */
  char dead[80];
  snprintf(dead, sizeof dead, "%s/dead", folder);
  struct sockaddr_un un = {.sun_family = AF_UNIX};
  snprintf(un.sun_path, sizeof un.sun_path, "%s", dead);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  assert_int_equal(bind(fd, (void *)&un, sizeof un), 0);
  close(fd);
  o = (struct http_options){.event = loop, .listen = "[::1]:0", .socket = dead};
  assert_int_equal(http_start(&o, &other, error), 0);
  struct http_server *first = server;
  server = other;
  assert_non_null(strstr(http_address(server), "[::1]:"));
  assert_int_equal(status_of(exchange(GET("/"))), 404); /* no route, no other() */
  server = first;
  http_free(other);
  assert_int_not_equal(access(dead, F_OK), 0);
}

static void test_quiesce(void **state)
{
  struct client busy = client_tcp(http_address(server)), idle = client_tcp(http_address(server));
  client_send(&idle, GET("/now"));
  assert_true(client_receives(&idle, "now"));
  client_send(&busy, GET("/late"));
  hold(1);
  http_quiesce(server);
  assert_true(client_is_closed(&idle));
  assert_int_equal(http_pending(server), 1);
  struct sockaddr_in a = {.sin_family = AF_INET,
                          .sin_port = htons((uint16_t)atoi(strrchr(http_address(server), ':') + 1)),
                          .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  assert_int_equal(connect(fd, (void *)&a, sizeof a), -1);
  close(fd);
  text(held[0], "the last");
  assert_true(client_receives(&busy, "the last"));
  assert_true(client_is_closed(&busy));
  assert_int_equal(http_pending(server), 0);
  client_done(&busy);
  client_done(&idle);
}

static void test_free_with_pending(void **state)
{
  struct client c = client_tcp(http_address(server));
  client_send(&c, GET("/late"));
  hold(1);
  http_free(take(server));
  client_read(&c);
  assert_true(c.closed);
  client_done(&c);
}

static void test_leftovers(void **state)
{
  char path[64], error[160];
  struct http_server *other;
  snprintf(path, sizeof path, "%s/upload-aBcDeF", folder);
  close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  struct http_options o = {.event = loop, .listen = "127.0.0.1:0", .spool = folder};
  assert_int_equal(http_start(&o, &other, error), 0);
  http_free(other);
  assert_int_not_equal(access(path, F_OK), 0);
}

/* Runs in a child process with descriptors 3 and 4, as systemd passes them. The exit status is the check that failed.
 */
static int inherit(void)
{
  char number[16], error[160];
  struct sockaddr_in tcp = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct sockaddr_un un = {.sun_family = AF_UNIX};
  snprintf(un.sun_path, sizeof un.sun_path, "%s/passed", folder);
  int a = fcntl(socket(AF_INET, SOCK_STREAM, 0), F_DUPFD, 100),
      b = fcntl(socket(AF_UNIX, SOCK_STREAM, 0), F_DUPFD, 100);
  if (bind(a, (void *)&tcp, sizeof tcp) < 0 || listen(a, 5) < 0 || bind(b, (void *)&un, sizeof un) < 0 ||
      listen(b, 5) < 0 || dup2(a, 3) < 0 || dup2(b, 4) < 0)
    return 1;
  close(a);
  close(b);
  snprintf(number, sizeof number, "%d", getpid());
  setenv("LISTEN_PID", number, 1);
  setenv("LISTEN_FDS", "2", 1);
  sd_event_new(&loop);
  struct http_options o = {.event = loop, .listen = "127.0.0.1:1", .socket = "/nonexistent/x", .other = on_late};
  if (http_start(&o, &server, error) < 0 || strcmp(http_address(server), "127.0.0.1:1") == 0)
    return 2;
  struct client c[2] = {client_tcp(http_address(server)), client_unix(un.sun_path)};
  for (size_t i = 0; i < 2; i++) {
    n_held = 0;
    client_send(&c[i], GET("/x"));
    while (n_held == 0)
      turn(1);
    if (http_local(held[0]) != (i == 1))
      return 3;
    text(held[0], "passed");
    if (!client_receives(&c[i], "passed"))
      return 4;
  }
  http_free(server);
  return access(un.sun_path, F_OK) == 0 && unlink(un.sun_path) == 0 ? 0 : 5; /* a passed socket is not removed */
}

static void test_sockets_of_systemd(void **state)
{
  int status;
  pid_t pid = fork();
  if (pid == 0)
    _exit(inherit());
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(status, 0);
}

static void test_garbage(void **state)
{
  static const char *const seeds[] = {
      GET("/items/1?a=b"),
      "PATCH /items/1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
      "POST /items/1/do/it HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n"
      "2\r\n{}\r\n0\r\n\r\n",
      "POST /file HTTP/1.1\r\nHost: x\r\nX-Role: 1\r\nContent-Type: application/x-thing\r\nContent-Length: "
      "3\r\n\r\nabc",
      "GET /shared HTTP/1.1\r\nHost: x\r\nIf-None-Match: \"tag-1\"\r\nCookie: a=b; c\r\n\r\n",
  };
  uint32_t random = 1;
  for (int round = 0; round < 1500; round++) {
    char bytes[512];
    size_t n = strlen(seeds[(size_t)round % array_len(seeds)]);
    memcpy(bytes, seeds[(size_t)round % array_len(seeds)], n);
    for (int changes = round % 4; changes >= 0; changes--) {
      random = random * 1103515245 + 12345;
      bytes[(random >> 8) % n] = (char)(random >> 24);
    }
    struct client c = client_tcp(http_address(server));
    client_send_bytes(&c, bytes, n);
    turn(1);
    turn(0);
    if (round % 3 == 0) { /* a reset in the middle */
      struct linger hard = {1, 0};
      setsockopt(c.fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    }
    client_done(&c);
  }
  turns(50);
  assert_int_equal(http_pending(server), 0);
  assert_int_equal(status_of(exchange(GET("/now"))), 200);
}

static void test_numbers(void **state)
{
  struct http_stats n;
  exchange(GET("/now"));
  exchange(GET("/problem"));
  for (int i = 0; i < 1000; i++) { /* until the server has seen that they are gone */
    turn(1);
    http_stats(server, &n);
    if (!n.connections)
      break;
  }
  assert_int_equal(n.requests, 2);
  assert_int_equal(n.connections, 0);
  assert_int_equal(n.by_class[2], 1);
  assert_int_equal(n.by_class[4], 1);
}

int main(void)
{
  setrlimit(RLIMIT_NOFILE, &(struct rlimit){4096, 4096});
  const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
      TEST(test_plain),
      TEST(test_date_follows_the_booth),
      TEST(test_routes),
      TEST(test_invalid_paths),
      TEST(test_too_long),
      TEST(test_ambiguous),
      TEST(test_bodies),
      TEST(test_admission),
      TEST(test_files),
      TEST(test_bytes),
      TEST(test_bytes_of_all),
      TEST(test_proxied),
      TEST(test_keep_alive_and_pipeline),
      TEST(test_late_answers),
      TEST(test_shared),
      TEST(test_slow_requests),
      TEST(test_many),
      TEST(test_limit_per_address),
      TEST(test_unix_and_v6),
      TEST(test_quiesce),
      TEST(test_free_with_pending),
      TEST(test_leftovers),
      TEST(test_sockets_of_systemd),
      TEST(test_garbage),
      TEST(test_numbers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
