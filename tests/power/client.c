/* client.c - the staff of the Power suite: several at once issue and call over HTTP, and each answer that says "done"
 * is written to a raw zone of the very disk that boothd's state is on, so that the log of that disk has it in its place
 * among all other writes. No flush follows: it would make durable what boothd had not.
 *
 *   client SOCKET ask METHOD PATH [FILE]             one request, FILE its body; the answer's body to stdout
 *   client SOCKET work ZONE FROM COUNT THREADS SEED  COUNT commands; their records from place FROM on
 *   client ZONE mark PLACE TEXT                      a record that says where in the evening we are
 *
 * A record is RECORD bytes: "ACK\nMETHOD\nPATH\nKEY\nBODY\nSTATUS\nANSWER\n" or "MARK\nTEXT\n", then zeros.
 * Linked statically, so that it runs in any guest. work ends well also if boothd dies: then it says how far it came.
 */
#include <err.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define RECORD  4096
#define REQUEST 1024
#define THREADS 16
#define POOL    256
#define ACTIVE  60

/* --- one request --- */

struct answer {
  int status;
  char *body;
  size_t n;
};

struct connection {
  int fd;
  char *in;
  size_t room;
};

static const char *socket_path;

static struct connection dial(void)
{
  struct sockaddr_un to = {.sun_family = AF_UNIX};
  struct connection c = {.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  snprintf(to.sun_path, sizeof to.sun_path, "%s", socket_path);
  if (c.fd >= 0 && connect(c.fd, (struct sockaddr *)&to, sizeof to) != 0) {
    close(c.fd);
    c.fd = -1;
  }
  return c;
}

static bool send_all(int fd, const char *bytes, size_t n)
{
  while (n) {
    ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);
    if (sent <= 0)
      return false;
    bytes += sent;
    n -= (size_t)sent;
  }
  return true;
}

/* The whole answer; false = there came none. Its body is the connection's until the next. */
static bool receive(struct connection *c, struct answer *ret)
{
  size_t n = 0, head = 0;
  while (!head || n < head + ret->n) {
    if (n + 2 > c->room && !(c->in = realloc(c->in, c->room = c->room ? 2 * c->room : 8192)))
      err(1, "memory");
    ssize_t got = read(c->fd, c->in + n, c->room - 1 - n);
    if (got <= 0)
      return false;
    n += (size_t)got;
    c->in[n] = '\0';
    const char *end = head ? NULL : strstr(c->in, "\r\n\r\n");
    if (end) {
      const char *length = strcasestr(c->in, "\r\nContent-Length: ");
      head = (size_t)(end + 4 - c->in);
      ret->status = atoi(c->in + sizeof "HTTP/1.1");
      ret->n = length && length < end ? (size_t)atol(length + sizeof "\r\nContent-Length:") : 0;
    }
  }
  ret->body = c->in + head;
  return true;
}

static bool ask(struct connection *c, const char *method, const char *path, const char *headers, const char *body,
                size_t n, struct answer *ret)
{
  char head[REQUEST];
  int h = snprintf(head, sizeof head, "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%sContent-Length: %zu\r\n\r\n", method,
                   path, headers, n);
  return c->fd >= 0 && send_all(c->fd, head, (size_t)h) && send_all(c->fd, body, n) && receive(c, ret);
}

static int ask_once(char **argv, const char *file)
{
  static char body[64 << 20];
  struct connection c = dial();
  struct answer a;
  size_t n = 0;
  FILE *f = file ? fopen(file, "re") : NULL;
  if (file && !f)
    err(1, "%s", file);
  if (f)
    n = fread(body, 1, sizeof body, f);
  const bool json = n && *body == '{';
  const char *type = !n     ? ""
                     : json ? "Content-Type: application/json\r\n"
                            : "Content-Type: application/vnd.sqlite3\r\n";
  if (!ask(&c, argv[0], argv[1], type, body, n, &a))
    errx(1, "%s %s: no answer", argv[0], argv[1]);
  fwrite(a.body, 1, a.n, stdout);
  if (a.status >= 300)
    errx(1, "%s %s: %d", argv[0], argv[1], a.status);
  return 0;
}

/* --- the zone --- */

static int zone = -1;

static void open_zone(const char *path)
{
  zone = open(path, O_WRONLY | O_DIRECT | O_CLOEXEC);
  if (zone < 0)
    err(1, "%s", path);
}

static void record(long place, const char *text, size_t n)
{
  _Alignas(4096) char bytes[RECORD] = "";
  if (n >= RECORD)
    errx(1, "an answer of %zu bytes is too long for a record", n);
  memcpy(bytes, text, n);
  if (pwrite(zone, bytes, RECORD, place * RECORD) != RECORD)
    err(1, "the zone");
}

/* --- the work --- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of these: */
static long pool[POOL], asked, most, first, from_place;
static size_t pooled;
static int active;
static long last_seq = 1;
static uint64_t dice;

static _Atomic long acknowledged, refused;

static unsigned below(unsigned n) /* splitmix64 */
{
  uint64_t z = dice += 0x9e3779b97f4a7c15;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return (unsigned)((z ^ z >> 31) % n);
}

struct command {
  char method[8], path[96], key[32], body[160];
};

#define COMMAND(w, verb, ...)                                                                                          \
  do {                                                                                                                 \
    snprintf((w)->method, sizeof(w)->method, verb);                                                                    \
    snprintf((w)->path, sizeof(w)->path, __VA_ARGS__);                                                                 \
  } while (0)

/* The next command of the staff; false = there are no more. Called with the lock. */
static bool next_command(struct command *w)
{
  static const char *const verbs[] = {"call", "call", "seat", "seat", "no-show", "cancel", "phoned"};
  if (asked == most)
    return false;
  const long serial = first + asked++, id = pooled ? pool[below((unsigned)pooled)] : 0;
  const unsigned roll = below(100);
  snprintf(w->key, sizeof w->key, "power-%ld", serial);
  snprintf(w->body, sizeof w->body, "{}");
  if (!id || (roll < 50 && active < ACTIVE)) {
    COMMAND(w, "POST", "/api/v1/tickets");
    snprintf(w->body, sizeof w->body,
             "{\"party_size\":%u,\"name\":\"name-%ld\",\"phone\":\"phone-%ld\",\"note\":\"%s\"}", 1 + below(9), serial,
             serial, below(4) ? "" : "a window seat, and a chair for a child, please");
  } else if (roll < 58) {
    COMMAND(w, "POST", "/api/v1/call-next");
  } else if (roll < 63) {
    COMMAND(w, "PATCH", "/api/v1/tickets/%ld", id);
    snprintf(w->body, sizeof w->body, "{\"party_size\":%u}", 1 + below(9));
  } else if (roll < 68) {
    COMMAND(w, "POST", "/api/v1/undo");
    snprintf(w->body, sizeof w->body, "{\"seq\":%ld}", last_seq);
  } else if (roll < 76) {
    COMMAND(w, "POST", "/api/v1/tickets/%ld/requeue", id);
    snprintf(w->body, sizeof w->body, "{\"after\":%u}", below(20));
  } else {
    COMMAND(w, "POST", "/api/v1/tickets/%ld/%s", id, verbs[below(sizeof verbs / sizeof *verbs)]);
  }
  return true;
}

static long number_after(const char *text, const char *key)
{
  const char *at = text ? strstr(text, key) : NULL;
  return at ? atol(at + strlen(key)) : 0;
}

/* An answer is recorded before the next command is chosen, so later commands come after it. */
static void keep(const struct command *w, const struct answer *a)
{
  char text[RECORD];
  const char *ticket = strstr(a->body, "\"ticket\":{");
  const bool gone = strstr(a->body, "\"state\":\"seated\"") || strstr(a->body, "\"state\":\"cancelled\"") ||
                    strstr(a->body, "\"state\":\"no_show\"");
  const int n = snprintf(text, sizeof text, "ACK\n%s\n%s\n%s\n%s\n%d\n%.*s\n", w->method, w->path, w->key, w->body,
                         a->status, (int)a->n, a->body);
  record(from_place + acknowledged++, text, (size_t)n);
  pthread_mutex_lock(&lock);
  last_seq = number_after(a->body, "\"seq\":");
  active += a->status == 201 ? 1 : gone ? -1 : 0;
  if (a->status == 201)
    pool[pooled < POOL ? pooled++ : below(POOL)] = number_after(ticket, "\"id\":");
  pthread_mutex_unlock(&lock);
}

static void *work(void *unused)
{
  struct connection c = dial();
  struct command w;
  struct answer a;
  char headers[128];
  for (;;) {
    pthread_mutex_lock(&lock);
    const bool more = next_command(&w);
    pthread_mutex_unlock(&lock);
    if (!more)
      break;
    snprintf(headers, sizeof headers, "Content-Type: application/json\r\nIdempotency-Key: %s\r\n", w.key);
    if (!ask(&c, w.method, w.path, headers, w.body, strlen(w.body), &a))
      break;
    if (a.status < 300)
      keep(&w, &a);
    else
      refused++;
  }
  free(c.in);
  close(c.fd);
  return unused;
}

static int work_all(char **argv)
{
  pthread_t threads[THREADS];
  const int n = atoi(argv[3]) < THREADS ? atoi(argv[3]) : THREADS;
  open_zone(argv[0]);
  from_place = first = atol(argv[1]);
  most = atol(argv[2]);
  dice = strtoull(argv[4], NULL, 10);
  for (int i = 0; i < n; i++)
    if (pthread_create(&threads[i], NULL, work, NULL) != 0)
      errx(1, "threads");
  for (int i = 0; i < n; i++)
    pthread_join(threads[i], NULL);
  printf("%ld asked, %ld done, %ld refused\n", asked, acknowledged, refused);
  return 0;
}

int main(int argc, char **argv)
{
  if (argc == 5 && strcmp(argv[2], "mark") == 0) {
    char text[RECORD];
    open_zone(argv[1]);
    record(atol(argv[3]), text, (size_t)snprintf(text, sizeof text, "MARK\n%s\n", argv[4]));
    return 0;
  }
  socket_path = argv[1];
  if (argc >= 5 && strcmp(argv[2], "ask") == 0)
    return ask_once(argv + 3, argv[5]);
  if (argc == 8 && strcmp(argv[2], "work") == 0)
    return work_all(argv + 3);
  errx(2, "client SOCKET ask METHOD PATH [FILE] | SOCKET work ZONE FROM COUNT THREADS SEED | ZONE mark PLACE TEXT");
}
