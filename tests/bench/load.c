/* load.c - the loader of the benchmarks: keep-alive connections that each ask again as soon as they were answered.
 *
 *   load commands PORT COOKIE CLIENTS SECONDS        create a ticket, cancel it, again; each counts as one
 *   load PATH     PORT COOKIE CLIENTS SECONDS        GET it
 *   load streams  PORT COOKIE SUBSCRIBERS ROUNDS     a change, timed until the last subscriber has it
 *
 * FROM, a sixth argument, is the address that the connections come from.
 * One thread, one epoll, no parsing beyond what it must know: a loader that is slower than the server measures itself.
 * The first fifth of the time warms up. Prints one line of JSON; times are microseconds.
 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define ANSWER (4 << 20)

struct client {
  int fd;
  char *in;
  size_t n;
  int64_t asked;
  long ticket;  /* to be cancelled next; 0 = create one */
  size_t match; /* of a subscriber: how much of the event's name was seen */
};

static const char *what, *cookie;
static struct sockaddr_in server = {.sin_family = AF_INET}, from = {.sin_family = AF_INET};
static int epoll;
static uint32_t *times;
static size_t n_times, room;

static int64_t now_us(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static void note(int64_t us)
{
  if (n_times == room)
    times = realloc(times, (room = room ? 2 * room : 1 << 16) * sizeof *times);
  times[n_times++] = (uint32_t)us;
}

static int by_size(const void *a, const void *b)
{
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

static void report(double seconds)
{
  if (!n_times)
    errx(1, "nothing was answered");
  qsort(times, n_times, sizeof *times, by_size);
  printf("{\"rate\":%.1f,\"p50\":%u,\"p99\":%u,\"max\":%u,\"n\":%zu}\n", (double)n_times / seconds, times[n_times / 2],
         times[n_times * 99 / 100], times[n_times - 1], n_times);
}

static void join(struct client *c)
{
  int on = 1;
  c->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (c->fd < 0 || bind(c->fd, (struct sockaddr *)&from, sizeof from) != 0 ||
      connect(c->fd, (struct sockaddr *)&server, sizeof server) != 0)
    err(1, "connect");
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
  epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &e);
  c->in = malloc(ANSWER + 1);
}

static void ask(struct client *c, const char *method, const char *path, const char *body)
{
  static unsigned serial;
  char request[1024];
  int n = snprintf(request, sizeof request,
                   "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: %s\r\nContent-Type: application/json\r\n"
                   "Idempotency-Key: load-%d-%u\r\nContent-Length: %zu\r\n\r\n%s",
                   method, path, cookie, (int)getpid(), serial++, strlen(body), body);
  c->n = 0;
  c->asked = now_us();
  if (write(c->fd, request, (size_t)n) != n)
    err(1, "write");
}

static void command(struct client *c)
{
  char path[64];
  snprintf(path, sizeof path, "/api/v1/tickets/%ld/cancel", c->ticket);
  if (c->ticket)
    ask(c, "POST", path, "");
  else
    ask(c, "POST", "/api/v1/tickets",
        "{\"party_size\":4,\"name\":\"\xeb\xaf\xbc\xec\x95\x84\",\"phone\":\"010-1234-5678\"}");
}

static void again(struct client *c)
{
  if (strcmp(what, "commands") == 0)
    command(c);
  else
    ask(c, "GET", what, "");
}

/* Reads what is there; true when the answer is whole. */
static bool answered(struct client *c)
{
  ssize_t got = read(c->fd, c->in + c->n, ANSWER - c->n);
  if (got <= 0)
    errx(1, "the server closed a connection");
  c->n += (size_t)got;
  c->in[c->n] = '\0';
  char *body = strstr(c->in, "\r\n\r\n"), *length = strcasestr(c->in, "\r\nContent-Length:");
  if (!body || !length || (size_t)(body + 4 - c->in) + strtoul(length + 17, NULL, 10) > c->n)
    return false;
  if (strncmp(c->in, "HTTP/1.1 20", 11) != 0)
    errx(1, "refused: %.*s", 300, c->in);
  const char *id = strstr(body, "\"ticket\":{\"id\":");
  c->ticket = c->ticket || !id ? 0 : atol(id + 15);
  return true;
}

static void load(struct client *clients, size_t n, double seconds)
{
  int64_t begun = now_us(), warm = begun + (int64_t)(seconds * 2e5), end = begun + (int64_t)(seconds * 1e6);
  for (size_t i = 0; i < n; i++) {
    join(&clients[i]);
    again(&clients[i]);
  }
  for (int64_t at = begun; at < end;) {
    struct epoll_event ready[256];
    int k = epoll_wait(epoll, ready, 256, 1000);
    for (int i = 0; i < k; i++) {
      struct client *c = ready[i].data.ptr;
      if (!answered(c))
        continue;
      at = now_us();
      if (at >= warm)
        note(at - c->asked);
      again(c);
    }
    at = now_us();
  }
  report((double)(end - warm) / 1e6);
}

/* How many change events came to an end of their name. */
static int events(struct client *c)
{
  static const char name[] = "event: change";
  int seen = 0;
  ssize_t got = read(c->fd, c->in, ANSWER);
  if (got <= 0)
    errx(1, "the server closed a stream");
  for (ssize_t i = 0; i < got; i++) {
    c->match = c->in[i] == name[c->match] ? c->match + 1 : c->in[i] == name[0];
    if (!name[c->match]) {
      c->match = 0;
      seen++;
    }
  }
  return seen;
}

static void drain(void)
{
  struct epoll_event ready[256];
  for (int k; (k = epoll_wait(epoll, ready, 256, 200)) > 0;)
    for (int i = 0; i < k; i++)
      events(ready[i].data.ptr);
}

static void streams(struct client *clients, size_t n, int rounds)
{
  struct client asker = {0};
  for (size_t i = 0; i < n; i++) {
    join(&clients[i]);
    ask(&clients[i], "GET", "/api/v1/stream", "");
  }
  join(&asker);
  drain();
  int64_t begun = now_us();
  for (int round = 0; round < rounds; round++) {
    command(&asker);
    for (size_t missing = n + 1; missing;) {
      struct epoll_event ready[256];
      int k = epoll_wait(epoll, ready, 256, 5000);
      if (k <= 0)
        errx(1, "%zu subscribers missed an event", missing);
      for (int i = 0; i < k; i++) {
        struct client *c = ready[i].data.ptr;
        missing -= c == &asker ? answered(c) : (size_t)events(c);
      }
    }
    note(now_us() - asker.asked);
  }
  report((double)(now_us() - begun) / 1e6);
}

int main(int argc, char **argv)
{
  if (argc < 6 || argc > 7 || (argc == 7 && inet_pton(AF_INET, argv[6], &from.sin_addr) != 1))
    errx(2, "usage: load commands|streams|PATH PORT COOKIE CLIENTS SECONDS|ROUNDS [FROM]");
  what = argv[1];
  server.sin_port = htons((uint16_t)atoi(argv[2]));
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  cookie = argv[3];
  size_t n = strtoul(argv[4], NULL, 10);
  struct client *clients = calloc(n, sizeof *clients);
  epoll = epoll_create1(0);
  if (strcmp(what, "streams") == 0)
    streams(clients, n, atoi(argv[5]));
  else
    load(clients, n, atof(argv[5]));
}
