/* bare_group.c - the baseline of durable HTTP: epoll, one transaction per wake-up, the rows that boothd writes.
 *
 *   bare_group DATABASE SCHEMA.sql        prints its port
 *
 * No sessions, no rules, no read view, no other thread: it looks for a create or a cancel in what came, binds canned
 * texts of the usual length, commits, answers. What boothd takes beyond this is the price of being boothd.
 */
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EVENT, COMMAND, TICKET, PERSON, CANCEL, BEGIN, COMMIT, STATEMENTS };
static const char *const sql[STATEMENTS] = {
    [EVENT] = "INSERT INTO event VALUES (?1, ?2)",
    [COMMAND] =
        "INSERT INTO command VALUES (?1, ?2, ?3, 1, 0, 1767225600000, ?4, ?5, NULL, 0, ?6, 1, 123456, 1, 1, ?7)",
    [TICKET] =
        "INSERT INTO ticket VALUES (?1, ?1, 1, 1, 1, 4, 0, 0, 0, 0, 'a', ?2, 1767225600000, 0, 0, ?3, 0, 0, ?4, 0, 0,"
        " ?5, ?4)",
    [PERSON] = "INSERT INTO person VALUES (?1, 1, '\xeb\xaf\xbc\xec\x95\x84', '010-1234-5678', NULL)",
    [CANCEL] = "UPDATE ticket SET state = 4, version = 2, closed_at = 1767225600000, undo_transition = ?2, last = ?2"
               " WHERE id = ?1",
    [BEGIN] = "BEGIN",
    [COMMIT] = "COMMIT",
};
static sqlite3 *db;
static sqlite3_stmt *statements[STATEMENTS];

struct client {
  int fd;
  long ticket, seq;
  size_t n;
  char in[4096];
};

static void run(int which)
{
  if (sqlite3_step(statements[which]) != SQLITE_DONE)
    errx(1, "%s: %s", sql[which], sqlite3_errmsg(db));
  sqlite3_reset(statements[which]);
}

static void open_database(const char *path, const char *schema)
{
  struct stat s;
  int fd = open(schema, O_RDONLY);
  if (fd < 0 || fstat(fd, &s) != 0)
    err(1, "%s", schema);
  char *text = calloc(1, (size_t)s.st_size + 1);
  if (read(fd, text, (size_t)s.st_size) != s.st_size)
    err(1, "%s", schema);
  close(fd);
  if (sqlite3_open(path, &db) != SQLITE_OK ||
      sqlite3_exec(db, "PRAGMA page_size = 1024; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL", NULL, NULL,
                   NULL) ||
      sqlite3_exec(db, text, NULL, NULL, NULL))
    errx(1, "%s: %s", path, sqlite3_errmsg(db));
  free(text);
  for (int i = 0; i < STATEMENTS; i++)
    if (sqlite3_prepare_v3(db, sql[i], -1, SQLITE_PREPARE_PERSISTENT, &statements[i], NULL) != SQLITE_OK)
      errx(1, "%s: %s", sql[i], sqlite3_errmsg(db));
}

static void write_event(struct client *c, bool create)
{
  char text[700];
  int n =
      snprintf(text, sizeof text,
               "{\"seq\":%ld,\"cmd\":%ld,\"type\":\"ticket.%s\",\"boot\":\"3c0ffee0-0000-4000-8000-000000000000\","
               "\"mono_ms\":123456789,\"wall\":\"2026-01-01T00:00:00.000Z\",\"trusted\":true,\"actor\":\"device:1\","
               "\"ticket\":{\"id\":%ld,\"number\":\"%ld\",\"n\":%ld,\"line\":\"a\",\"day\":1,\"state\":\"waiting\","
               "\"version\":1,\"party_size\":4,\"source\":\"staff\",\"calls\":0,\"delivery\":null,"
               "\"issued_at\":\"2026-01-01T00:00:00.000Z\",\"called_at\":null,\"closed_at\":null,"
               "\"rank\":\"1099511627776\",\"held_at\":0,\"call_event\":0,\"undo\":[4294967297,0,0]}}",
               c->seq, c->seq, create ? "issued" : "cancelled", c->ticket, c->ticket, c->ticket);
  sqlite3_bind_int64(statements[EVENT], 1, c->seq);
  sqlite3_bind_text(statements[EVENT], 2, text, n, SQLITE_STATIC);
  run(EVENT);
}

static void write_command(struct client *c, bool create)
{
  unsigned char key[24];
  if (getrandom(key, sizeof key, 0) != sizeof key)
    err(1, "getrandom");
  sqlite3_stmt *s = statements[COMMAND];
  sqlite3_bind_int64(s, 1, c->seq);
  sqlite3_bind_blob(s, 2, key, 16, SQLITE_TRANSIENT);
  sqlite3_bind_blob(s, 3, key + 16, 8, SQLITE_TRANSIENT);
  sqlite3_bind_int64(s, 4, c->ticket);
  sqlite3_bind_int64(s, 5, create ? 0 : c->ticket);
  sqlite3_bind_int64(s, 6, create ? 0 : c->ticket);
  sqlite3_bind_text(s, 7, create ? NULL : "{\"rank\":\"1099511627776\"}", -1, SQLITE_STATIC);
  run(COMMAND);
}

static void write_ticket(struct client *c, bool create)
{
  char label[16];
  unsigned char token[16] = {0};
  sqlite3_stmt *s = statements[create ? TICKET : CANCEL];
  sqlite3_bind_int64(s, 1, c->ticket);
  if (create) {
    snprintf(label, sizeof label, "%ld", c->ticket);
    sqlite3_bind_text(s, 2, label, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 3, c->ticket << 40);
    sqlite3_bind_int64(s, 4, c->seq);
    sqlite3_bind_blob(s, 5, token, sizeof token, SQLITE_STATIC);
    sqlite3_bind_int64(statements[PERSON], 1, c->ticket);
    run(PERSON);
  } else {
    sqlite3_bind_int64(s, 2, c->seq);
  }
  run(create ? TICKET : CANCEL);
}

/* Reads; true when a whole request was there and its rows are written. */
static bool handle(struct client *c)
{
  static long last_seq, last_ticket;
  ssize_t got = read(c->fd, c->in + c->n, sizeof c->in - 1 - c->n);
  if (got <= 0) {
    close(c->fd);
    free(c);
    return false;
  }
  c->n += (size_t)got;
  c->in[c->n] = '\0';
  char *body = strstr(c->in, "\r\n\r\n"), *length = strstr(c->in, "\r\nContent-Length:");
  if (!body || !length || (size_t)(body + 4 - c->in) + strtoul(length + 17, NULL, 10) > c->n)
    return false;
  static const char path[] = "POST /api/v1/tickets";
  bool create = c->in[sizeof path - 1] == ' ';
  c->seq = ++last_seq;
  c->ticket = create ? ++last_ticket : atol(c->in + sizeof path);
  c->n = 0;
  write_event(c, create);
  write_command(c, create);
  write_ticket(c, create);
  return true;
}

static void answer(struct client *c)
{
  char body[800], text[1100];
  int n = snprintf(body, sizeof body,
                   "{\"seq\":%ld,\"ticket\":{\"id\":%ld,\"number\":\"%ld\",\"line\":\"a\",\"day\":\"2026-01-01\","
                   "\"state\":\"waiting\",\"version\":1,\"party_size\":4,\"name\":\"\xeb\xaf\xbc\xec\x95\x84\","
                   "\"phone\":\"010-1234-5678\",\"note\":null,\"source\":\"staff\",\"position\":1,\"calls\":0,"
                   "\"delivery\":null,\"issued_at\":\"2026-01-01T00:00:00.000Z\",\"called_at\":null,\"closed_at\":null,"
                   "\"estimate\":null,\"held\":false,\"undo_seq\":%ld,\"actor\":\"device:1\",\"by\":\"bench\","
                   "\"token\":\"00000000000000000000000000000000\"}}",
                   c->seq, c->ticket, c->ticket, c->seq);
  int all = snprintf(text, sizeof text,
                     "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", n, body);
  if (write(c->fd, text, (size_t)all) != all)
    warn("write");
}

static int listen_somewhere(void)
{
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof at;
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&at, size) != 0 || listen(fd, 1024) != 0 ||
      getsockname(fd, (struct sockaddr *)&at, &size) != 0)
    err(1, "listen");
  printf("%d\n", ntohs(at.sin_port));
  fflush(stdout);
  return fd;
}

static void welcome(int epoll, int listener)
{
  int on = 1;
  struct client *c = calloc(1, sizeof *c);
  c->fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
  epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &e);
}

int main(int argc, char **argv)
{
  if (argc != 3)
    errx(2, "usage: bare_group DATABASE SCHEMA.sql");
  open_database(argv[1], argv[2]);
  int listener = listen_somewhere(), epoll = epoll_create1(0);
  struct epoll_event e = {.events = EPOLLIN};
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &e);
  for (;;) {
    struct epoll_event ready[512];
    struct client *asked[512];
    size_t n = 0;
    int k = epoll_wait(epoll, ready, 512, -1);
    run(BEGIN);
    for (int i = 0; i < k; i++)
      if (!ready[i].data.ptr)
        welcome(epoll, listener);
      else if (handle(ready[i].data.ptr))
        asked[n++] = ready[i].data.ptr;
    run(COMMIT);
    for (size_t i = 0; i < n; i++)
      answer(asked[i]);
  }
}
