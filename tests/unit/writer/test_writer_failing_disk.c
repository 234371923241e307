/* A disk that fails at each call in turn, once or from then on: during a first start, a restart, work, a checkpoint, a
 * snapshot, a stop, a restore, a replacement, and the requests of hub and maintenance. After each: acknowledged
 * commands are there once, none is half done, the failure was reported, and the booth recovers by itself with the disk.
 *
 * Each STRIDE-th call (5): all of them take a minute.
 */
#include "hub_fixture.h"
#include "promises.h"

#include "store/snapshot.h"

static struct promises now;
static struct booth booth;

struct scenario {
  const char *name;
  void (*prepare)(void);                /* a stopped or killed booth; NULL = an empty directory */
  void (*before)(void);                 /* with a good disk; leaves the booth running or not */
  void (*run)(void);                    /* with the failing disk */
  bool (*may_show)(const char *banner); /* whether this banner is allowed afterwards; NULL = none is */
  const char *(*broken)(void);          /* checks the database; NULL = booth_broken_rule */
};

static void run_copy(const char *from, const char *to)
{
  char command[300];
  snprintf(command, sizeof command, "cp -a %s/. %s/", from, to);
  assert_int_equal(system(command), 0);
}

static void start(void)
{
  int r = booth_try_start(&booth);
  if (r < 0)
    assert_true(*booth.error); /* it says why */
  if (r < 0)
    booth.writer = NULL;
}

static void work(void)
{
  promises_post(&now, &booth, 6);
  promises_post(&now, &booth, 1);
}

static void work_long(void)
{
  promises_post(&now, &booth, 15);
  work();
}

static void start_and_work(void)
{
  start();
  if (booth.writer)
    work();
}

static void stop(void)
{
  booth_stop(&booth);
  booth.writer = NULL;
}

static void prepare_stopped(void)
{
  booth_start(&booth);
  promises_post(&now, &booth, 20);
  booth_stop(&booth);
}

/* A copy of the files is the state after a power cut, if all writes reached the disk. */
static void prepare_killed(void)
{
  struct booth copy;
  booth_start(&booth);
  promises_post(&now, &booth, 20);
  booth_make_quick(&copy);
  run_copy(booth.dir, copy.dir);
  booth_stop(&booth);
  booth_remove(&booth);
  booth = copy;
}

/* The WAL is so long that one of the next commits is followed by a checkpoint. */
static void prepare_long_wal(void)
{
  struct booth copy;
  booth_start(&booth);
  for (;;) {
    struct writer_stats n;
    promises_post(&now, &booth, 1);
    writer_stats(booth.writer, &n);
    time_ahead_ms += 1001;                 /* sizes are read once a second */
    if (n.wal_bytes > INT64_C(985) * 1048) /* a checkpoint comes at 1000 pages */
      break;
  }
  booth_make_quick(&copy);
  run_copy(booth.dir, copy.dir);
  booth_stop(&booth);
  booth_remove(&booth);
  booth = copy;
}

static void take_snapshot(void)
{
  assert_in_range(-snapshot_rotate(booth.dir, clock_wall_ms()), 0, 4095);
}

static void snapshots_are_good(void)
{
  autofree char *folder = booth_path(&booth, "snapshots");
  char why[128];
  struct dirent *e;
  DIR *d = opendir(folder);
  while (d && (e = readdir(d))) {
    if (e->d_name[0] == '.')
      continue;
    assert_null(strstr(e->d_name, ".part"));
    autofree char *path = files_path(folder, "%s", e->d_name);
    assert_int_equal(snapshot_verify(path, why), 0);
  }
  if (d)
    closedir(d);
}

static void prepare_backup(void)
{
  booth_start(&booth);
  promises_post(&now, &booth, 20);
  autofree char *path = booth_path(&booth, "a-backup");
  assert_int_equal(snapshot_create(booth.dir, path), 0);
  assert_int_equal(snapshot_rotate(booth.dir, clock_wall_ms()), 0);
  booth_stop(&booth);
}

static void restore(void)
{
  struct writer_request *r = writer_request_new(WRITER_RESTORE, NULL);
  r->path = booth_path(&booth, "a-backup");
  writer_request_free(booth_call(&booth, r));
}

/* Nothing happened after the snapshot: either database has everything. */
static void prepare_damaged(void)
{
  prepare_backup();
  autofree char *path = booth_path(&booth, "booth.db");
  assert_int_equal(truncate(path, 3000), 0);
}

static bool banner_of_replacement(const char *banner)
{
  static const char *const words[] = {"took its place", "restored a backup", "A copy took the place of the database"};
  for (size_t i = 0; i < array_len(words); i++)
    if (strstr(banner, words[i]))
      return true;
  return false;
}

/* --- requests of hub and maintenance: one after the other, each repeated until it succeeds --- */

#define AGE_DAYS 40

static size_t requests_done;

/* All data of the first day is old enough to delete. */
static void prepare_aged(void)
{
  booth_start(&booth);
  promises_post(&now, &booth, 30);
  struct command cancel = {.kind = CMD_CANCEL, .ticket = booth_issue(&booth, "a", "Lethe")};
  assert_int_equal(booth_do(&booth, cancel).code, 0);
  for (size_t i = 0; i < now.n; i++) /* their keys are compacted: no repeats */
    now.list[i] = (struct promise){.command = now.list[i].command, .answered = true, .code = REFUSE_NOT_FOUND};
  hub_days_pass(&booth, AGE_DAYS);
  promises_post(&now, &booth, 5);
  booth_stop(&booth);
  booth.writer = NULL;
}

static void start_aged(void)
{
  clock_set(INT64_C(86400000) * AGE_DAYS, true);
  start();
  writer_request_free(booth_call(&booth, request_command((struct command){.kind = CMD_CLOCK, .actor = ACTOR_TIMER})));
}

static struct writer_request *hub_request(size_t i)
{
  static const enum writer_request_kind kinds[] = {WRITER_INBOX, WRITER_INBOX,   WRITER_INBOX, WRITER_CURSOR,
                                                   WRITER_ERASE, WRITER_COMPACT, WRITER_EPOCH, WRITER_INBOX};
  const struct command cancel = {.kind = CMD_CANCEL};
  if (i >= array_len(kinds))
    return NULL;
  if (kinds[i] == WRITER_INBOX)
    return i == 2   ? hub_about(5, 3, 3, 1, cancel)
           : i == 7 ? hub_join(5, 4, 4)
                    : hub_join(5, (int64_t)i + 1, (uint8_t)(i + 1));
  struct writer_request *r = writer_request_new(kinds[i], NULL);
  if (kinds[i] == WRITER_CURSOR)
    r->cursor = (struct cursor){1, 5, 20};
  else if (kinds[i] == WRITER_ERASE)
    r->erasure.through_day = INT32_MAX;
  else if (kinds[i] == WRITER_COMPACT)
    r->compaction.no_hub = true;
  else
    r->fork = (struct epoch_fork){.ordinal = 1, .why = "A new epoch."};
  return r;
}

static void post_requests(void)
{
  for (struct writer_request *r; (r = hub_request(requests_done));) {
    r = booth_call(&booth, r);
    const int code = r->refusal;
    requests_done += code == REFUSE_NONE && !r->more;
    writer_request_free(r);
    if (code == REFUSE_STORAGE)
      return;
    assert_int_equal(code, REFUSE_NONE);
  }
}

static bool banner_of_fork(const char *banner)
{
  return strstr(banner, "A new epoch.");
}

static const char *broken_request(void)
{
  static const char *const rules[] = {
      "SELECT integrity_check = 'ok' FROM pragma_integrity_check",
      "SELECT v = '5 4' FROM meta WHERE k = 'inbox'",
      "SELECT count(*) = 4 AND count(DISTINCT text ->> '$.remote') = 4 FROM event WHERE text ->> '$.remote' <> ''",
      "SELECT count(*) = 3 AND sum(state = 4) = 1 FROM ticket WHERE source = 1",
      "SELECT acked = 20 AND generation = 5 FROM epoch WHERE ordinal = 1",
      "SELECT count(*) = 2 AND max(ordinal) = 2 FROM epoch",
      "SELECT count(*) = 1 FROM event WHERE id = (2 << 32) + 1 AND text ->> '$.type' = 'epoch.started'",
      "SELECT min(id) = (SELECT max(first_event) FROM day) FROM event",
      "SELECT max(id) & 4294967295 = count(*) FROM event WHERE id > 2 << 32",
      "SELECT count(*) = 0 FROM person p JOIN ticket t ON t.id = p.ticket WHERE t.day = 1 AND t.state > 1",
      "SELECT count(*) > 0 FROM event WHERE text ->> '$.type' = 'people.erased'",
  };
  post_requests();
  assert_null(hub_request(requests_done));
  for (size_t i = 0; i < array_len(rules); i++)
    if (booth_sql(&booth, rules[i]) != 1)
      return rules[i];
  return booth_contains(&booth, "", "Lethe") ? "what is erased is nowhere" : NULL;
}

static const struct scenario scenarios[] = {
    {"first start", NULL, NULL, start_and_work, NULL, NULL},
    {"start", prepare_stopped, NULL, start_and_work, NULL, NULL},
    {"start after a kill", prepare_killed, NULL, start_and_work, NULL, NULL},
    {"work", prepare_stopped, start, work, NULL, NULL},
    {"checkpoint", prepare_long_wal, start, work_long, NULL, NULL},
    {"stop", prepare_stopped, start_and_work, stop, NULL, NULL},
    {"snapshot", prepare_stopped, start, take_snapshot, NULL, NULL},
    {"restore", prepare_backup, start, restore, banner_of_replacement, NULL},
    {"replacement", prepare_damaged, NULL, start, banner_of_replacement, NULL},
    {"hub and night", prepare_aged, start_aged, post_requests, banner_of_fork, broken_request},
};

/* The disk works again. */
static void assert_recovers(const struct scenario *s)
{
  time_ahead_ms += 1100;
  if (!booth.writer) {
    start();
    if (!booth.writer)
      fail_msg("does not start again: %s", booth.error);
  }
  bool is_reported = booth.storage_ok || *booth.storage_error;
  assert_true(is_reported);
  const char *broken = s->broken ? s->broken() : NULL;
  promises_retry(&now, &booth);
  promises_post(&now, &booth, 3);
  for (size_t i = 1; i <= 3; i++)
    assert_true(now.list[now.n - i].answered);
  assert_true(booth.storage_ok);
  if (booth.banner && !(s->may_show && s->may_show(booth.banner)))
    fail_msg("%s", booth.banner);
  if (promises_missing(&now, &booth, LONG_MAX) > 0)
    fail_msg("lost: %zu", promises_missing(&now, &booth, LONG_MAX));
  broken = s->broken ? broken : booth_broken_rule(&booth);
  if (broken)
    fail_msg("%s", broken);
  snapshots_are_good();
  struct queue *before = queue_clone(booth.view);
  stop();
  booth_start(&booth);
  assert_null(booth.banner);
  assert_same_queue(before, booth.view);
  queue_free(before);
  stop();
}

static const struct {
  const char *name;
  enum fault fault;
  bool stays;
} modes[] = {{"once", FAULT_ALL, false}, {"from there on", FAULT_ALL, true}, {"full", FAULT_FULL, true}};

static char where[80];

static void fail_each_call(const struct scenario *s)
{
  static struct promises prepared;
  const long stride = getenv("STRIDE") ? atol(getenv("STRIDE")) : 5;
  struct booth template;
  now = (struct promises){.random = 88172645463325252};
  booth_make_quick(&booth);
  if (s->prepare)
    s->prepare();
  template = booth;
  prepared = now;
  for (size_t m = 0; m < array_len(modes); m++) {
    long n = 1;
    for (;; n += stride) {
      snprintf(where, sizeof where, "%s, call %ld fails %s", s->name, n, modes[m].name);
      now = prepared;
      requests_done = 0;
      booth_make_quick(&booth);
      run_copy(template.dir, booth.dir);
      if (s->before)
        s->before();
      disk_fail(modes[m].fault, n, modes[m].stays ? LONG_MAX : n + 1);
      s->run();
      int failed = disk_failed;
      disk_heal();
      assert_recovers(s);
      booth_remove(&booth);
      if (!failed)
        break;
    }
    print_message("%s: %ld calls, each %ld. failed %s\n", s->name, n - 1, stride, modes[m].name);
  }
  booth_remove(&template);
  *where = '\0';
}

static void test_each_call(void **state)
{
  fail_each_call(*state);
}

int main(void)
{
  struct CMUnitTest tests[array_len(scenarios)];
  for (size_t i = 0; i < array_len(scenarios); i++)
    tests[i] = (struct CMUnitTest){
        .name = scenarios[i].name, .test_func = test_each_call, .initial_state = (void *)(uintptr_t)&scenarios[i]};
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  if (failed)
    fprintf(stderr, "%s\n", where);
  return failed;
}
