/* Power cuts: a VFS records all writes and syncs of the database and its WAL, in order. After a cut at any point,
 * synced data is there; of the rest, each sector of 512 bytes is or is not. A booth that starts on that has every
 * command that was acknowledged before the cut exactly once, and none half.
 *
 * CUTS=n, SEED=n (printed). With synchronous = OFF the same must lose commands, or this test would show nothing.
 */
#include "hub_fixture.h"
#include "promises.h"

#define SECTOR       512
#define CUTS_A_ROUND 50
#define FILE_MOST    (4 << 20)

struct op {
  enum disk_call call;
  int file; /* 0 = booth.db, 1 = its WAL */
  int64_t at;
  size_t n;
  uint8_t *bytes;
};

static struct op *ops;
static long n_ops;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long promised_ops; /* number of operations after which the latest commit is durable */
static bool written;      /* to the WAL, since its last sync */

static const char *const names[] = {"booth.db", "booth.db-wal"};

/* An acknowledged commit was written to the WAL and synced, unless syncs are off. */
static void record_op(const char *path, enum disk_call call, const void *bytes, size_t n, int64_t at)
{
  const char *name = strrchr(path, '/') + 1;
  const int file = strcmp(name, names[1]) == 0;
  if (!file && strcmp(name, names[0]) != 0)
    return;
  pthread_mutex_lock(&lock);
  ops = xrealloc(ops, (size_t)(n_ops + 1) * sizeof *ops);
  struct op *o = &ops[n_ops++];
  *o = (struct op){.call = call, .file = file, .at = at, .n = n, .bytes = n ? xcalloc(1, n) : NULL};
  if (n)
    memcpy(o->bytes, bytes, n);
  if (file && (call == DISK_WRITE || written))
    promised_ops = n_ops;
  if (file)
    written = call == DISK_WRITE || (written && call != DISK_SYNC);
  pthread_mutex_unlock(&lock);
}

static long durable_after(void)
{
  pthread_mutex_lock(&lock);
  long n = promised_ops;
  pthread_mutex_unlock(&lock);
  return n;
}

/* --- the files after a cut --- */

struct image {
  uint8_t *bytes;
  size_t size;
};

static void apply_op(struct image *i, const struct op *o, size_t from, size_t n)
{
  size_t end = (size_t)o->at + from + n;
  assert_true(end <= FILE_MOST);
  if (o->call == DISK_TRUNCATE) {
    memset(i->bytes + o->at, 0, FILE_MOST - (size_t)o->at);
    i->size = (size_t)o->at;
  } else {
    memcpy(i->bytes + o->at + from, o->bytes + from, n);
    i->size = max(i->size, end);
  }
}

enum survival { NOTHING, EVERYTHING, WHOLE_WRITES, SECTORS, SURVIVALS };

static void apply_surviving(struct promises *p, struct image *i, const struct op *o, enum survival how)
{
  if (o->call == DISK_TRUNCATE) {
    if (how == EVERYTHING || (how != NOTHING && promises_random(p, 2)))
      apply_op(i, o, 0, 0);
    return;
  }
  const bool whole = how == EVERYTHING || (how == WHOLE_WRITES && promises_random(p, 2));
  for (size_t from = 0, n; from < o->n; from += n) { /* up to the next sector */
    n = min(SECTOR - ((size_t)o->at + from) % SECTOR, o->n - from);
    if (whole || (how == SECTORS && promises_random(p, 2)))
      apply_op(i, o, from, n);
  }
}

/* Applies the operations before the cut to the initial files. */
static void cut_image(struct promises *p, struct image images[2], long cut)
{
  const enum survival how = (enum survival)promises_random(p, SURVIVALS);
  long synced[2] = {0, 0};
  for (long i = 0; i < cut; i++)
    if (ops[i].call == DISK_SYNC)
      synced[ops[i].file] = i;
  for (long i = 0; i < cut; i++) {
    struct image *to = &images[ops[i].file];
    if (ops[i].call == DISK_SYNC)
      continue;
    if (i < synced[ops[i].file])
      apply_op(to, &ops[i], 0, ops[i].n);
    else
      apply_surviving(p, to, &ops[i], how);
  }
}

static void write_image(const struct booth *b, const char *name, const struct image *i)
{
  autofree char *path = booth_path(b, name);
  FILE *f = fopen(path, "we");
  assert_non_null(f);
  assert_int_equal(fwrite(i->bytes, 1, i->size, f), i->size);
  assert_int_equal(fclose(f), 0);
}

static struct image read_image(const struct booth *b, const char *name)
{
  autofree char *path = booth_path(b, name);
  struct image i = {.bytes = xcalloc(1, FILE_MOST)};
  FILE *f = fopen(path, "re");
  if (f) {
    i.size = fread(i.bytes, 1, FILE_MOST, f);
    fclose(f);
  }
  return i;
}

/* --- an evening and its cuts --- */

#define ITEMS 400

static struct promises promises_made;
static int64_t items;           /* items of the hub's inbox that were passed */
static long item_at[ITEMS + 1]; /* durable after so many operations */
static struct image first[2];
static struct booth home;

static void free_ops(void)
{
  while (n_ops)
    free(ops[--n_ops].bytes);
  promised_ops = 0;
  written = false;
  for (int i = 0; i < 2; i++)
    free(take(first[i].bytes));
}

static void record_answer(struct writer_request *r)
{
  size_t i;
  memcpy(&i, r->key.hash, sizeof i);
  promise_answer(&promises_made, r);
  promises_made.list[i].at = durable_after();
}

/* Mostly one after the other, now and then many at once; stopped and started in the middle, and long enough that the
 * WAL begins anew. */
static void evening(uint64_t seed)
{
  memset(&promises_made, 0, sizeof promises_made);
  items = 0;
  promises_made.random = seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
  booth_make_quick(&home);
  booth_start(&home);
  booth_stop(&home);
  for (int i = 0; i < 2; i++)
    first[i] = read_image(&home, names[i]);
  disk_listener = record_op;
  booth_start(&home);
  for (int i = 0; i < 170; i++) {
    size_t n = promises_random(&promises_made, 8) ? 1 : 1 + promises_random(&promises_made, 20);
    for (size_t k = 0; k < n; k++)
      assert_int_equal(writer_post(home.writer, promise_request(&promises_made, promises_add(&promises_made))), 0);
    for (struct writer_request *r = booth_wait(&home, n), *next; r; r = next) {
      next = (struct writer_request *)r->mail.next;
      record_answer(r);
    }
    if (promises_random(&promises_made, 4) == 0 && items < ITEMS) { /* a guest joins through the hub */
      struct writer_request *r = hub_join(1, items + 1, 0);
      memcpy(r->item.id, &items, sizeof items);
      assert_int_equal(outcome_of(booth_call(&home, r)).code, 0);
      item_at[++items] = durable_after();
    }
    if (promises_random(&promises_made, 100) == 0) {
      booth_stop(&home);
      booth_start(&home);
    }
  }
  booth_stop(&home);
  disk_listener = NULL;
}

/* The inbox's position is at least the acknowledged one, and each item up to it was done once. */
static const char *broken_inbox(const struct booth *b, long cut)
{
  int64_t n = booth_sql(b, "SELECT ifnull((SELECT substr(v, 3) FROM meta WHERE k = 'inbox'), 0)");
  if (n != booth_sql(b, "SELECT count(DISTINCT text ->> '$.remote') FROM event WHERE text ->> '$.remote' <> ''") ||
      n != booth_sql(b, "SELECT count(*) FROM event WHERE text ->> '$.remote' <> ''"))
    return "each item is done when it is passed";
  return n < items && item_at[n + 1] <= cut ? "the inbox is where it was" : NULL;
}

/* The number of acknowledged commands that are missing; SIZE_MAX if the database is damaged. */
static size_t lost_after(long cut, const char **ret_broken)
{
  struct booth b;
  struct image images[2];
  size_t lost = SIZE_MAX;
  booth_make_quick(&b);
  for (int i = 0; i < 2; i++) {
    images[i] = (struct image){.bytes = xcalloc(1, FILE_MOST), .size = first[i].size};
    memcpy(images[i].bytes, first[i].bytes, first[i].size);
  }
  cut_image(&promises_made, images, cut);
  for (int i = 0; i < 2; i++) {
    write_image(&b, names[i], &images[i]);
    free(images[i].bytes);
  }
  autofree char *identity = booth_path(&home, "identity"), *text = NULL;
  struct image i = read_image(&home, "identity");
  text = (char *)i.bytes;
  assert_int_equal(files_write(b.dir, "identity", text), 0);
  if (booth_try_start(&b) < 0) {
    *ret_broken = "it starts";
  } else {
    if (b.banner)
      *ret_broken = "it is not taken for damaged";
    else if ((*ret_broken = booth_broken_rule(&b)) == NULL && (*ret_broken = broken_inbox(&b, cut)) == NULL)
      lost = promises_missing(&promises_made, &b, cut);
    booth_stop(&b);
  }
  booth_remove(&b);
  return lost;
}

static long setting(const char *name, long otherwise)
{
  const char *s = getenv(name);
  return s ? atol(s) : otherwise;
}

static char where[120];

static void test_cuts(void **state)
{
  const long cuts = setting("CUTS", 100), seed = setting("SEED", 1);
  long done = 0, unsynced = 0;
  for (long round = 0; done < cuts; round++) {
    evening((uint64_t)(seed + round));
    for (long i = 0; i < CUTS_A_ROUND && done < cuts; i++, done++) {
      const char *broken = NULL;
      long cut = (long)promises_random(&promises_made, (uint64_t)n_ops + 1);
      unsynced += cut && ops[cut - 1].call != DISK_SYNC;
      snprintf(where, sizeof where, "SEED=%ld, cut %ld, at %ld of %ld", seed + round, i, cut, n_ops);
      size_t lost = lost_after(cut, &broken);
      if (broken)
        fail_msg("%s", broken);
      assert_int_equal(lost, 0);
    }
    booth_remove(&home);
    free_ops();
  }
  print_message("seed %ld, %ld cuts, %ld with something unsynced\n", seed, done, unsynced);
  *where = '\0';
}

/* A WAL truncated anywhere: the booth has some earlier state. */
static void test_truncated_wal(void **state)
{
  struct image whole[2];
  size_t lost_before = SIZE_MAX;
  evening(1);
  free_ops();
  booth_start(&home);
  for (int i = 0; i < 20; i++)
    promises_post(&promises_made, &home, 2);
  for (int i = 0; i < 2; i++)
    whole[i] = read_image(&home, names[i]);
  booth_stop(&home);
  for (size_t n = 0; n <= 40; n++) {
    const struct image wal = {whole[1].bytes, whole[1].size * n / 40};
    write_image(&home, names[0], &whole[0]);
    write_image(&home, names[1], &wal);
    booth_start(&home);
    assert_null(home.banner);
    assert_null(booth_broken_rule(&home));
    size_t lost = promises_missing(&promises_made, &home, LONG_MAX);
    assert_true(lost <= lost_before);
    assert_true(n > 0 || lost > 0);
    lost_before = lost;
    booth_stop(&home);
  }
  assert_int_equal(lost_before, 0);
  for (int i = 0; i < 2; i++)
    free(whole[i].bytes);
  booth_remove(&home);
}

/* --- the control --- */

static bool sync_off;

static int refuse_full(sqlite3_file *f, int op, void *arg)
{
  char **words = arg; /* SQLITE_FCNTL_PRAGMA: record_answer, name, argument */
  if (sync_off && op == SQLITE_FCNTL_PRAGMA && sqlite3_stricmp(words[1], "synchronous") == 0 && words[2] &&
      sqlite3_stricmp(words[2], "off") != 0)
    return SQLITE_OK; /* ignores it */
  return real_methods(f)->xFileControl(f, op, arg);
}

static int turn_off(sqlite3 *db, char **error, const struct sqlite3_api_routines *api)
{
  return sync_off ? sqlite3_exec(db, "PRAGMA synchronous = OFF", NULL, NULL, NULL) : SQLITE_OK;
}

static void test_control_loses(void **state)
{
  long losses = 0, rounds = 0;
  for (size_t i = 0; i < array_len(wrapped); i++)
    wrapped[i].methods.xFileControl = refuse_full;
  assert_int_equal(sqlite3_auto_extension((void (*)(void))turn_off), SQLITE_OK);
  for (; losses == 0 && rounds < 5; rounds++) {
    sync_off = true;
    evening((uint64_t)rounds + 1);
    sync_off = false;
    for (int i = 0; i < 10; i++) {
      const char *broken = NULL;
      losses += lost_after((long)promises_random(&promises_made, (uint64_t)n_ops + 1), &broken) > 0;
    }
    booth_remove(&home);
    free_ops();
  }
  print_message("synchronous = OFF: %ld of %ld cuts lost\n", losses, rounds * 10);
  assert_true(losses > 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_cuts), cmocka_unit_test(test_truncated_wal),
                                     cmocka_unit_test(test_control_loses)};
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  if (failed)
    fprintf(stderr, "%s\n", where);
  return failed;
}
