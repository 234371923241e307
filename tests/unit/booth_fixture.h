/* booth_fixture.h - a booth on a disk that can fail: a state directory, a writer, and a loop's view that lives on what
 * the writer posts.
 */
#ifndef UNIT_BOOTH_FIXTURE_H
#define UNIT_BOOTH_FIXTURE_H

#include "failing_disk.h"

#include <dirent.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "base/random.h"
#include "store/files.h"
#include "store/store.h"
#include "writer/writer.h"

/* --- time --- */

/* What CLOCK_BOOTTIME is ahead of the machine's: whoever waits a second for something need not. */
static _Atomic int64_t time_ahead_ms;

int clock_gettime(clockid_t clock, struct timespec *ret)
{
  int r = (int)syscall(SYS_clock_gettime, clock, ret);
  if (r == 0 && clock == CLOCK_BOOTTIME) {
    ret->tv_sec += time_ahead_ms / 1000;
    ret->tv_nsec += time_ahead_ms % 1000 * 1000000;
    ret->tv_sec += ret->tv_nsec / 1000000000;
    ret->tv_nsec %= 1000000000;
  }
  return r;
}

/* --- the booth --- */

struct booth {
  char dir[64];
  struct writer *writer;
  struct mailbox *mailbox;
  struct queue *view;
  char epoch[33], *banner;
  const char *machine_id;
  bool storage_ok;
  int resets;
  int64_t head;
  char error[160];        /* why it did not start */
  char storage_error[96]; /* why the last write failed */
};

static inline struct settings booth_settings(void)
{
  struct settings s = {.name = "부스", .n_lines = 2, .languages = {"ko", "en"}, .cutover_min = 360};
  s.lines[0] = (struct line){"a", "2인석", "A"};
  s.lines[1] = (struct line){"b", "단체", "B"};
  return s;
}

static inline void booth_make_in(struct booth *b, const char *folder)
{
  *b = (struct booth){0};
  disk_heal();
  disk_install_faults();
  assert_int_equal(random_start(), 0);
  assert_int_equal(clock_set_timezone("Asia/Seoul"), 0);
  clock_set(0, true);
  snprintf(b->dir, sizeof b->dir, "%s/boothd-unit-XXXXXX", folder);
  assert_non_null(mkdtemp(b->dir));
}

static inline void booth_make(struct booth *b)
{
  booth_make_in(b, "/tmp");
}

/* Where a sync costs nothing, for those that need thousands of them. */
static inline void booth_make_quick(struct booth *b)
{
  booth_make_in(b, access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
}

static inline char *booth_path(const struct booth *b, const char *name)
{
  return files_path(b->dir, "%s", name);
}

/* A file whose name begins so, and is no WAL; NULL if there is none. */
static inline char *booth_find(const struct booth *b, const char *prefix)
{
  struct dirent *e;
  char *found = NULL;
  DIR *d = opendir(b->dir);
  while (!found && (e = readdir(d)))
    if (strncmp(e->d_name, prefix, strlen(prefix)) == 0 && !strstr(e->d_name, "-wal"))
      found = booth_path(b, e->d_name);
  closedir(d);
  return found;
}

static inline void booth_apply(struct booth *b, struct batch *batch)
{
  if (batch->reset) {
    queue_free(b->view);
    b->view = take(batch->reset);
    memcpy(b->epoch, batch->epoch, sizeof b->epoch);
    free(b->banner);
    b->banner = take(batch->banner);
    b->head = batch->head;
    b->resets++;
  }
  for (size_t i = 0; i < batch->n_changes; i++) {
    assert_int_equal(batch->changes[i].id, b->head + 1);
    b->head = batch->changes[i].id;
    queue_apply(b->view, &batch->changes[i]);
  }
  b->storage_ok = batch->storage_ok;
  if (*batch->storage_error)
    memcpy(b->storage_error, batch->storage_error, sizeof b->storage_error);
}

/* Applies what comes until n requests came back; returns them as a list. */
static inline struct writer_request *booth_wait(struct booth *b, size_t n)
{
  struct writer_request *all = NULL;
  while (n) {
    assert_true(mailbox_wait(b->mailbox, 1, scaled(60000) * 1000) > 0);
    struct batch *batch = (struct batch *)mailbox_take_all(b->mailbox, 1);
    booth_apply(b, batch);
    for (struct writer_request *r = take(batch->requests), *next; r; r = next, n--) {
      next = (struct writer_request *)r->mail.next;
      r->mail.next = all ? &all->mail : NULL;
      all = r;
    }
    batch_free(batch);
  }
  return all;
}

static inline void booth_drain(struct booth *b)
{
  for (struct batch *batch; (batch = (struct batch *)mailbox_take_all(b->mailbox, 1));) {
    booth_apply(b, batch);
    batch_free(batch);
  }
}

static inline int booth_try_start(struct booth *b)
{
  struct writer_options o = {.state_dir = b->dir, .settings = booth_settings(), .machine_id = b->machine_id};
  b->mailbox = o.to_loop = mailbox_new(0);
  int r = writer_start(&o, &b->writer, b->error);
  if (r == 0) {
    booth_drain(b);
    assert_non_null(b->view);
  } else {
    booth_drain(b);
    mailbox_free(b->mailbox);
    queue_free(take(b->view));
    free(take(b->banner));
  }
  return r;
}

static inline void booth_start(struct booth *b)
{
  assert_int_equal(booth_try_start(b), 0);
}

static inline void booth_stop(struct booth *b)
{
  writer_stop(b->writer);
  booth_drain(b);
  mailbox_free(b->mailbox);
  queue_free(take(b->view));
  free(take(b->banner));
}

static inline void booth_remove(struct booth *b)
{
  char command[96];
  snprintf(command, sizeof command, "rm -rf '%s'", b->dir);
  assert_int_equal(system(command), 0);
}

static inline struct writer_request *booth_call(struct booth *b, struct writer_request *r)
{
  assert_int_equal(writer_post(b->writer, r), 0);
  return booth_wait(b, 1);
}

static inline struct writer_request *request_command(struct command c)
{
  struct writer_request *r = writer_request_new(WRITER_COMMAND, NULL);
  r->command = c;
  if (c.kind == CMD_ISSUE)
    random_bytes(r->command.token, sizeof r->command.token);
  return r;
}

struct outcome {
  int code;
  int64_t event, ticket;
  bool replayed;
};

static inline struct outcome outcome_of(struct writer_request *r)
{
  struct outcome o = {r->refusal, r->event, r->ticket.id, r->replayed};
  writer_request_free(r);
  return o;
}

static inline struct outcome booth_do(struct booth *b, struct command c)
{
  if (!c.actor)
    c.actor = 7;
  return outcome_of(booth_call(b, request_command(c)));
}

static inline int64_t booth_issue(struct booth *b, const char *line, const char *name)
{
  struct command c = {
      .kind = CMD_ISSUE, .party_size = 2, .person = person_new(name, name ? "010-1234-5678" : NULL, NULL)};
  util_copy(c.line, sizeof c.line, line);
  struct outcome o = booth_do(b, c);
  assert_int_equal(o.code, 0);
  return o.ticket;
}

/* One number out of the database, by a connection of the test's own. */
static inline int64_t booth_sql(const struct booth *b, const char *statement)
{
  autofree char *path = booth_path(b, "booth.db");
  sqlite3 *db = NULL;
  sqlite3_stmt *s = NULL;
  assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_prepare_v2(db, statement, -1, &s, NULL), SQLITE_OK);
  int rc = sqlite3_step(s);
  assert_true(rc == SQLITE_ROW || rc == SQLITE_DONE);
  int64_t v = rc == SQLITE_ROW ? sqlite3_column_int64(s, 0) : 0;
  sqlite3_finalize(s);
  sqlite3_close(db);
  return v;
}

static inline void assert_same_ticket(const struct ticket *a, const struct ticket *b)
{
  struct ticket x = *a, y = *b;
  const char *p[] = {a->person ? a->person->name : NULL, a->person ? a->person->phone : NULL,
                     a->person ? a->person->note : NULL};
  const char *q[] = {b->person ? b->person->name : NULL, b->person ? b->person->phone : NULL,
                     b->person ? b->person->note : NULL};
  for (int i = 0; i < 3; i++)
    assert_true((!p[i] && !q[i]) || (p[i] && q[i] && strcmp(p[i], q[i]) == 0));
  x.person = y.person = NULL;
  x.called_mono = y.called_mono = 0;
#define SAME(member) assert_int_equal(x.member, y.member)
  SAME(id), SAME(number), SAME(version), SAME(day), SAME(date), SAME(actor), SAME(party_size), SAME(calls), SAME(state);
  SAME(source), SAME(delivery), SAME(issued_at), SAME(called_at), SAME(closed_at), SAME(rank), SAME(held_at);
  SAME(call_event), SAME(undo[0]), SAME(undo[1]), SAME(undo[2]);
#undef SAME
  assert_string_equal(x.line, y.line);
  assert_string_equal(x.label, y.label);
  assert_memory_equal(x.token, y.token, sizeof x.token);
}

/* Those that closed within one millisecond may change places among themselves. */
static inline void assert_same_queue(const struct queue *a, const struct queue *b)
{
  const struct ticket *t = NULL, *u = NULL;
  do {
    t = queue_next(a, t);
    u = queue_next(b, u);
    assert_int_equal(!t, !u);
    if (t && t->closed_at && u->closed_at == t->closed_at)
      assert_same_ticket(t, queue_find(b, t->id));
    else if (t)
      assert_same_ticket(t, u);
  } while (t);
}

/* A start on the same database finds the same queue. */
static inline void booth_restart_unchanged(struct booth *b)
{
  struct queue *before = queue_clone(b->view);
  booth_stop(b);
  booth_start(b);
  assert_same_queue(before, b->view);
  queue_free(before);
}

#endif
