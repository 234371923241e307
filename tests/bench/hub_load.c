/* hub_load.c - many booths at once, for measuring a hub. Everything is sealed before the clock starts, so that what is
 * measured is the hub.
 *
 *   hub_load keys FILE BOOTHS        makes the booths' keys in FILE; prints booth,epoch,sign_key,open_key, a line each
 *   hub_load run FILE PORT KEY OPEN_KEY BOOTHS CONNECTIONS BUNDLES EVENTS [FIRST]
 *
 * run: each of the first BOOTHS booths of FILE sends BUNDLES bundles of EVENTS events each, the first event being FIRST
 * (1), over CONNECTIONS connections at a time; KEY and OPEN_KEY are the hub's. A connection carries the booths in turn,
 * and comes from an address of its own. Prints one line of JSON: events per second, the answers' times (microseconds),
 * how many of each status, bytes on the wire, and how many booths' last answer acknowledged all.
 */
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/json_write.h"
#include "base/random.h"
#include "base/text.h"
#include "protocol/bundle.h"

#define ANSWER (64 << 10)

struct booth {
  uint8_t id[16], epoch[16];
  struct bundle_keys keys;
};

struct connection {
  int fd;
  size_t job; /* booth + BOOTHS * bundle */
  int64_t sent_at;
  size_t n;
  char in[ANSWER];
};

static struct booth *booths;
static struct buf *jobs; /* bundles, in the order in which they go out */
static struct buf *last; /* each booth's latest answer */
static uint32_t *times;
static size_t n_booths, n_jobs, next_job, answers, events, first = 1, bundles;
static unsigned statuses[600];
static uint64_t wire;

static int64_t now_us(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static void make_keys(const char *file, size_t n)
{
  FILE *f = fopen(file, "we");
  if (!f)
    err(1, "%s", file);
  for (size_t i = 0; i < n; i++) {
    struct booth b;
    char id[33], epoch[33], sign[65], open[65];
    random_bytes(b.id, sizeof b.id);
    random_bytes(b.epoch, sizeof b.epoch);
    bundle_keys_make(&b.keys);
    if (fwrite(&b, sizeof b, 1, f) != 1)
      err(1, "%s", file);
    util_hex(id, b.id, sizeof b.id);
    util_hex(epoch, b.epoch, sizeof b.epoch);
    util_hex(sign, b.keys.sign_public, sizeof b.keys.sign_public);
    util_hex(open, b.keys.open_public, sizeof b.keys.open_public);
    printf("%s,%s,%s,%s\n", id, epoch, sign, open);
  }
  if (fclose(f) != 0)
    err(1, "%s", file);
}

static void read_keys(const char *file)
{
  FILE *f = fopen(file, "re");
  booths = calloc(n_booths, sizeof *booths);
  if (!f || !booths || fread(booths, sizeof *booths, n_booths, f) != n_booths)
    errx(1, "%s has no %zu booths", file, n_booths);
  fclose(f);
}

/* Events of a booth: tickets that are issued, called and seated in turn. */
static void event_text(struct buf *b, size_t seq)
{
  static const char *const types[] = {"ticket.issued", "ticket.called", "ticket.seated"};
  static const char *const states[] = {"waiting", "called", "seated"};
  size_t step = (seq - 1) % 3, ticket = (seq - 1) / 3 + 1;
  char wall[25], number[24], rank[24], token[33];
  uint8_t random[16];
  int64_t mono = 1472886 + (int64_t)seq * 7919;
  text_time(wall, INT64_C(1757577600000) + mono);
  snprintf(number, sizeof number, "%zu", ticket);
  snprintf(rank, sizeof rank, "%zu", ticket << 40);
  random_bytes(random, sizeof random);
  util_hex(token, random, sizeof random);
  json_open(b, NULL, '{');
  json_int(b, "seq", (int64_t)seq);
  json_int(b, "cmd", (int64_t)seq);
  json_str(b, "type", types[step]);
  json_str(b, "boot", "90a3d0e5-f81b-4aa8-9dce-7f0848a15d4b");
  json_int(b, "mono_ms", mono);
  json_str(b, "wall", wall);
  json_bool(b, "trusted", true);
  json_str(b, "actor", "device:3");
  json_open(b, "ticket", '{');
  json_int(b, "id", (int64_t)ticket);
  json_str(b, "number", number);
  json_int(b, "n", (int64_t)ticket);
  json_str(b, "line", "a");
  json_int(b, "day", 1);
  json_str(b, "state", states[step]);
  json_int(b, "version", (int64_t)step + 1);
  json_int(b, "party_size", 1 + (int64_t)ticket % 8);
  json_str(b, "source", "staff");
  json_int(b, "calls", step > 0);
  json_null(b, "delivery");
  json_str(b, "issued_at", wall);
  json_str(b, "called_at", step > 0 ? wall : NULL);
  json_str(b, "closed_at", step > 1 ? wall : NULL);
  json_str(b, "rank", rank);
  json_int(b, "held_at", 0);
  json_int(b, "call_event", step ? (int64_t)1 << 32 | (int64_t)(seq - step + 1) : 0);
  json_raw(b, "undo", "[4294967301,0,0]");
  if (!step)
    json_str(b, "token", token);
  json_close(b, '}');
  json_close(b, '}');
}

static void person(struct buf *b, size_t ticket)
{
  json_open(b, NULL, '{');
  json_int(b, "ticket", (int64_t)ticket);
  json_int(b, "version", 1);
  json_str(b, "name", "\xeb\xaf\xbc\xec\x95\x84");
  json_str(b, "phone", "010-1234-5678");
  json_null(b, "note");
  json_close(b, '}');
}

static void members(struct buf *b, const struct booth *booth, size_t from, size_t head)
{
  char epoch[33];
  util_hex(epoch, booth->epoch, sizeof booth->epoch);
  json_open(b, NULL, '{');
  json_str(b, "epoch", epoch);
  json_str(b, "boot", "90a3d0e5-f81b-4aa8-9dce-7f0848a15d4b");
  json_int(b, "sent_mono_ms", 1472886);
  json_int(b, "first_seq", (int64_t)from);
  json_int(b, "head_seq", (int64_t)head);
  json_int(b, "cursor", 0);
  json_int(b, "oldest_seq", 1);
  json_int(b, "inbox_ack", 0);
  json_int(b, "generation", 0);
  json_str(b, "version", "0");
  json_open(b, "events", '[');
  struct buf text = {0};
  for (size_t i = 0; i < events; i++) {
    buf_clear(&text);
    event_text(&text, from + i);
    json_strn(b, NULL, text.data, text.len);
  }
  buf_done(&text);
  json_close(b, ']');
  json_open(b, "people", '[');
  for (size_t i = 0; i < events; i++)
    if ((from + i - 1) % 3 == 0)
      person(b, (from + i - 1) / 3 + 1);
  json_close(b, ']');
  json_raw(b, "digests", "[]");
  json_null(b, "parent");
  json_close(b, '}');
}

static void seal_all(uint16_t key, const uint8_t *hub)
{
  size_t head = first + bundles * events - 1;
  n_jobs = n_booths * bundles;
  jobs = calloc(n_jobs, sizeof *jobs);
  last = calloc(n_booths, sizeof *last);
  times = calloc(n_jobs, sizeof *times);
  struct buf text = {0};
  for (size_t j = 0; j < n_jobs; j++) {
    const struct booth *b = &booths[j % n_booths];
    struct bundle_header h = {.kind = BUNDLE_TO_HUB, .key = key};
    memcpy(h.booth, b->id, sizeof h.booth);
    memcpy(h.sender, b->keys.sign_public, sizeof h.sender);
    buf_clear(&text);
    members(&text, b, first + j / n_booths * events, head);
    if (bundle_seal(&h, b->keys.sign_secret, hub, text.data, text.len, &jobs[j]) != 0)
      errx(1, "a bundle of %zu events does not seal", events);
    wire += jobs[j].len;
  }
  buf_done(&text);
}

static void join(struct connection *c, size_t i, uint16_t port, int epoll)
{
  struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(port)}, from = {.sin_family = AF_INET};
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  from.sin_addr.s_addr = htonl(0x7f010000u + (uint32_t)(i / 250 << 8) + (uint32_t)(i % 250) + 1);
  int on = 1;
  c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (c->fd < 0 || bind(c->fd, (struct sockaddr *)&from, sizeof from) != 0 ||
      connect(c->fd, (struct sockaddr *)&server, sizeof server) != 0)
    err(1, "connect");
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
  epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &e);
}

static bool send_request(struct connection *c)
{
  if (next_job == n_jobs)
    return false;
  c->job = next_job++;
  c->n = 0;
  c->sent_at = now_us();
  char head[256];
  int n = snprintf(head, sizeof head,
                   "POST /api/v1/exchange HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: " BUNDLE_TYPE
                   "\r\nContent-Length: %zu\r\n\r\n",
                   jobs[c->job].len);
  struct buf *b = &jobs[c->job];
  if (send(c->fd, head, (size_t)n, MSG_MORE | MSG_NOSIGNAL) != n)
    err(1, "send");
  for (size_t at = 0; at < b->len;) {
    ssize_t sent = send(c->fd, b->data + at, b->len - at, MSG_NOSIGNAL);
    if (sent <= 0)
      err(1, "send");
    at += (size_t)sent;
  }
  return true;
}

/* Reads what is there; true when the answer is whole. */
static bool answered(struct connection *c)
{
  ssize_t got = read(c->fd, c->in + c->n, sizeof c->in - 1 - c->n);
  if (got <= 0)
    errx(1, "the hub closed a connection");
  c->n += (size_t)got;
  c->in[c->n] = '\0';
  const char *body = memmem(c->in, c->n, "\r\n\r\n", 4), *length = strcasestr(c->in, "\r\nContent-Length:");
  if (!body || !length || (size_t)(body + 4 - c->in) + strtoul(length + 17, NULL, 10) > c->n)
    return false;
  int status = atoi(c->in + sizeof "HTTP/1.1");
  statuses[status < 600 ? status : 0]++;
  times[answers++] = (uint32_t)(now_us() - c->sent_at);
  struct buf *kept = &last[c->job % n_booths];
  buf_clear(kept);
  if (status == 200)
    buf_add(kept, body + 4, c->n - (size_t)(body + 4 - c->in));
  return true;
}

static double run(size_t connections, uint16_t port)
{
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  struct connection *all = calloc(connections, sizeof *all);
  for (size_t i = 0; i < connections; i++)
    join(&all[i], i, port, epoll);
  int64_t begun = now_us();
  for (size_t i = 0; i < connections; i++)
    send_request(&all[i]);
  while (answers < n_jobs) {
    struct epoll_event ready[256];
    int k = epoll_wait(epoll, ready, 256, 120000);
    if (k <= 0)
      errx(1, "the hub is silent: %zu of %zu answered", answers, n_jobs);
    for (int i = 0; i < k; i++)
      if (answered(ready[i].data.ptr))
        send_request(ready[i].data.ptr);
  }
  const double seconds = (double)(now_us() - begun) / 1e6;
  for (size_t i = 0; i < connections; i++)
    close(all[i].fd);
  close(epoll);
  free(all);
  return seconds;
}

/* Number of booths whose events were all acknowledged. */
static size_t complete(void)
{
  size_t n = 0;
  for (size_t i = 0; i < n_booths; i++) {
    struct json *body = NULL;
    const char *why;
    if (last[i].len && bundle_open(last[i].data, last[i].len, &booths[i].keys, &body, &why) == 0)
      n += (int64_t)json_number(json_get(body, "acked_seq")) == (int64_t)(first + bundles * events - 1);
    json_free(body);
  }
  return n;
}

static int by_size(const void *a, const void *b)
{
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

static void report(double seconds)
{
  qsort(times, answers, sizeof *times, by_size);
  printf("{\"rate\":%.1f,\"seconds\":%.3f,\"bundles\":%zu,\"events\":%zu,\"bytes\":%llu,\"p50\":%u,\"p99\":%u,"
         "\"max\":%u,\"complete\":%zu,\"statuses\":{",
         (double)(n_jobs * events) / seconds, seconds, n_jobs, n_jobs * events, (unsigned long long)wire,
         times[answers / 2], times[answers * 99 / 100], times[answers - 1], complete());
  const char *comma = "";
  for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
    if (statuses[i]) {
      printf("%s\"%zu\":%u", comma, i, statuses[i]);
      comma = ",";
    }
  printf("}}\n");
}

int main(int argc, char **argv)
{
  if (random_start() != 0)
    errx(1, "no randomness");
  if (argc == 4 && strcmp(argv[1], "keys") == 0) {
    make_keys(argv[2], strtoul(argv[3], NULL, 10));
    return 0;
  }
  uint8_t hub[32];
  if (argc < 10 || argc > 11 || strcmp(argv[1], "run") != 0 || util_unhex(hub, sizeof hub, argv[5]) != 0)
    errx(2, "usage: hub_load keys FILE BOOTHS | run FILE PORT KEY OPEN_KEY BOOTHS CONNECTIONS BUNDLES EVENTS [FIRST]");
  n_booths = strtoul(argv[6], NULL, 10);
  bundles = strtoul(argv[8], NULL, 10);
  events = strtoul(argv[9], NULL, 10);
  if (argc == 11)
    first = strtoul(argv[10], NULL, 10);
  read_keys(argv[2]);
  seal_all((uint16_t)atoi(argv[4]), hub);
  report(run(strtoul(argv[7], NULL, 10), (uint16_t)atoi(argv[3])));
}
