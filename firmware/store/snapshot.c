/* snapshot.c - a copy gets its final name only after it was verified. */
#include "store/snapshot.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "store/files.h"
#include "store/migrate.h"
#include "store/sql.h"

#define FOLDER "snapshots"
#define STAGED "booth.db.staged"
#define COPY   "being-cleared"

/* The two rotations. Nightly snapshots are kept longer than personal data may be. */
static const struct series {
  const char *prefix; /* then "000001-20260911T100000Z.db" */
  int keep;
  bool anonymous;
} latest = {"booth-", LIMIT_SNAPSHOTS, false}, nightly = {"booth-nightly-", LIMIT_SNAPSHOTS_NIGHTLY, true};

/* An edit's before-image (FIELD_PERSON, 128) is erased with the person; the edit cannot be undone any more. */
#define SCRUB_BEGIN "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA secure_delete = ON; BEGIN;"
#define SCRUB(tickets)                                                                                                 \
  "DELETE FROM person WHERE ticket IN (" tickets ");"                                                                  \
  "UPDATE command SET before = NULL, class = NULL WHERE fields & 128 AND ticket IN (" tickets ");"
static const char scrub_closed[] = SCRUB_BEGIN SCRUB("SELECT id FROM ticket WHERE state > 1") "COMMIT";
static const char scrub_all[] = SCRUB_BEGIN SCRUB("SELECT id FROM ticket") "COMMIT";

/* Our tables, at least one epoch, and neither triggers nor views. */
static const char plausible_sql[] = "SELECT (SELECT count(*) FROM epoch) > 0 AND (SELECT count(*) FROM event) >= 0 AND"
                                    " (SELECT count(*) FROM command) >= 0 AND (SELECT count(*) FROM ticket) >= 0 AND"
                                    " (SELECT count(*) FROM person) >= 0 AND (SELECT count(*) FROM day) >= 0 AND"
                                    " (SELECT count(*) FROM device) >= 0 AND (SELECT count(*) FROM meta) >= 0 AND"
                                    " NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE type IN ('trigger', 'view'))";

static int verify_database(sqlite3 *db, char ret_why[static 128])
{
  int version, r = migrate_check(db, &version);
  int64_t good = 0;
  snprintf(ret_why, 128, r == -EPROTO ? "made by a newer version of this program" : "not a database of this program");
  if (r == 0)
    r = sql_check(db, "integrity_check", ret_why, 128);
  if (r < 0)
    return r;
  r = sql_int(db, plausible_sql, &good);
  snprintf(ret_why, 128, "its tables are not those of this program");
  return r < 0 ? r : good ? 0 : -EUCLEAN;
}

int snapshot_verify(const char *path, char ret_why[static 128])
{
  cleanup(sql_close) sqlite3 *db = NULL;
  snprintf(ret_why, 128, "cannot be read");
  int r = sql_open(path, SQLITE_OPEN_READONLY, true, &db);
  if (r == 0)
    r = sql_exec(db, "PRAGMA trusted_schema = OFF");
  return r < 0 ? r : verify_database(db, ret_why);
}

static int vacuum_into(const char *state_dir, const char *to)
{
  autofree char *path = files_path(state_dir, "booth.db");
  cleanup(sql_close) sqlite3 *db = NULL;
  cleanup(sql_finalize) sqlite3_stmt *q = NULL;
  int r = sql_open(path, SQLITE_OPEN_READONLY, false, &db);
  if (r == 0)
    r = sql_prepare(db, "VACUUM INTO ?1", &q);
  if (r < 0)
    return r;
  sql_bind_text(q, 1, to);
  return sql_run(q);
}

static int exec_on_file(const char *path, const char *sql)
{
  cleanup(sql_close) sqlite3 *db = NULL;
  int r = sql_open(path, SQLITE_OPEN_READWRITE, false, &db);
  return r < 0 ? r : sql_exec(db, sql);
}

static const char *base_name(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static int fill_copy(const char *state_dir, const char *path, const char *scrub)
{
  char why[128];
  int r = files_create(path); /* sqlite accepts an empty file and keeps its mode */
  if (r < 0)
    return r;
  r = vacuum_into(state_dir, path);
  if (r < 0)
    return r;
  r = exec_on_file(path, scrub);
  if (r < 0)
    return r;
  r = files_sync(path);
  return r < 0 ? r : snapshot_verify(path, why);
}

static int make_snapshot(const char *state_dir, const char *to, const char *scrub)
{
  autofree char *part = files_path(state_dir, "%s.part", base_name(to));
  autofree char *folder = xstrdup(to);
  int r = fill_copy(state_dir, part, scrub);
  if (r == 0 && rename(part, to) < 0)
    r = -errno;
  if (r < 0) {
    unlink(part);
    return r;
  }
  folder[base_name(to) - to] = '\0';
  return files_sync(folder);
}

int snapshot_create(const char *state_dir, const char *to)
{
  return make_snapshot(state_dir, to, scrub_closed);
}

/* --- the folder --- */

/* The number in a snapshot's name; 0 = not of this series. */
static unsigned snapshot_number(const struct series *f, const char *name)
{
  unsigned number = 0;
  size_t n = strlen(name), prefix = strlen(f->prefix);
  if (strncmp(name, f->prefix, prefix) != 0 || n < prefix + 3 || strcmp(name + n - 3, ".db") != 0)
    return 0;
  return sscanf(name + prefix, "%6u-", &number) == 1 ? number : 0;
}

static int is_latest(const struct dirent *e)
{
  return snapshot_number(&latest, e->d_name) > 0;
}

static int is_nightly(const struct dirent *e)
{
  return snapshot_number(&nightly, e->d_name) > 0;
}

static int latest_first(const struct dirent **a, const struct dirent **b)
{
  return strcmp((*b)->d_name, (*a)->d_name);
}

struct listing {
  struct dirent **entries;
  int n;
};

static void listing_done(struct listing *l)
{
  while (l->n > 0)
    free(l->entries[--l->n]);
  free(l->entries);
}

static int list_series(const char *folder, const struct series *f, struct listing *ret)
{
  struct listing l = {0};
  l.n = scandir(folder, &l.entries, f == &latest ? is_latest : is_nightly, latest_first);
  if (l.n < 0)
    return -errno;
  *ret = l;
  return 0;
}

static void time_text(char to[static 20], int64_t wall_ms)
{
  time_t t = wall_ms / 1000;
  struct tm tm;
  if (!gmtime_r(&t, &tm) || !strftime(to, 20, "%Y%m%dT%H%M%SZ", &tm))
    to[0] = '\0';
}

static int rotate_series(const char *state_dir, int64_t wall_ms, const struct series *f)
{
  autofree char *folder = files_path(state_dir, FOLDER);
  cleanup(listing_done) struct listing l = {0};
  char time[20];
  if (mkdir(folder, 0700) < 0 && errno != EEXIST)
    return -errno;
  int r = list_series(folder, f, &l);
  if (r < 0)
    return r;
  const unsigned number = l.n ? snapshot_number(f, l.entries[0]->d_name) : 0;
  time_text(time, wall_ms);
  autofree char *to = files_path(folder, "%s%06u-%s.db", f->prefix, number + 1, time);
  r = make_snapshot(state_dir, to, f->anonymous ? scrub_all : scrub_closed);
  if (r < 0)
    return r;
  for (int i = f->keep - 1; i < l.n; i++) {
    autofree char *old = files_path(folder, "%s", l.entries[i]->d_name);
    if (unlink(old) < 0)
      return -errno;
  }
  return 0;
}

int snapshot_rotate(const char *state_dir, int64_t wall_ms)
{
  return rotate_series(state_dir, wall_ms, &latest);
}

int snapshot_rotate_nightly(const char *state_dir, int64_t wall_ms)
{
  int r = rotate_series(state_dir, wall_ms, &nightly);
  return r < 0 ? r : snapshot_apply_erasures(state_dir);
}

static int newest_in_series(const char *folder, const struct series *f, char **ret_path)
{
  cleanup(listing_done) struct listing l = {0};
  int r = list_series(folder, f, &l);
  for (int i = 0; r == 0 && i < l.n; i++) {
    autofree char *path = files_path(folder, "%s", l.entries[i]->d_name);
    char why[128];
    int verified = snapshot_verify(path, why);
    if (verified == 0)
      *ret_path = take(path);
    if (verified != -EUCLEAN && verified != -EPROTO)
      return verified; /* a file that cannot be read now may be undamaged */
  }
  return r < 0 ? r : -ENOENT;
}

/* A nightly one is never newer than the latest. */
int snapshot_newest(const char *state_dir, char **ret_path)
{
  autofree char *folder = files_path(state_dir, FOLDER);
  int r = newest_in_series(folder, &latest, ret_path);
  return r == -ENOENT ? newest_in_series(folder, &nightly, ret_path) : r;
}

/* --- erasing personal data --- */

static const char erased_sql[] = "SELECT group_concat(ticket) FROM main.person"
                                 " WHERE ticket NOT IN (SELECT ticket FROM live.person)";

/* The tickets whose person is in the snapshot, but not in the database any more: "7,12"; "" = none. */
static int find_erased(const char *state_dir, const char *path, struct buf *ret_ids)
{
  autofree char *database = files_path(state_dir, "booth.db");
  cleanup(sql_close) sqlite3 *db = NULL;
  cleanup(sql_finalize) sqlite3_stmt *attach = NULL, *ids = NULL;
  int r = sql_open(path, SQLITE_OPEN_READONLY, true, &db);
  if (r == 0)
    r = sql_prepare(db, "ATTACH ?1 AS live", &attach);
  if (r < 0)
    return r;
  sql_bind_text(attach, 1, database);
  r = sql_run(attach);
  if (r == 0)
    r = sql_prepare(db, erased_sql, &ids);
  if (r == 0)
    r = sql_step(ids);
  if (r < 0)
    return r;
  const char *text = (const char *)sqlite3_column_text(ids, 0);
  buf_str(ret_ids, text ? text : "");
  return 0;
}

/* On a copy: the old file stays whole until the new one is. */
static int apply_erasures_to(const char *state_dir, const char *folder, const char *name)
{
  autofree char *path = files_path(folder, "%s", name), *copy = files_path(folder, COPY);
  autobuf struct buf ids = {0}, scrub = {0};
  char why[128];
  int r = find_erased(state_dir, path, &ids);
  if (r < 0 || !ids.len)
    return r;
  buf_fmt(&scrub, SCRUB_BEGIN SCRUB("%s") "COMMIT", ids.data, ids.data);
  r = files_copy(path, folder, COPY);
  if (r == 0)
    r = exec_on_file(copy, scrub.data);
  if (r == 0)
    r = files_sync(copy);
  if (r == 0)
    r = snapshot_verify(copy, why);
  if (r == 0)
    r = files_rename(folder, COPY, name);
  if (r < 0)
    unlink(copy);
  return r;
}

int snapshot_apply_erasures(const char *state_dir)
{
  autofree char *folder = files_path(state_dir, FOLDER), *copy = files_path(folder, COPY);
  cleanup(listing_done) struct listing l = {0};
  int worst = 0;
  if (unlink(copy) < 0 && errno != ENOENT)
    return -errno;
  int r = list_series(folder, &latest, &l);
  for (int i = 0; r == 0 && i < l.n; i++) {
    int failed = apply_erasures_to(state_dir, folder, l.entries[i]->d_name);
    worst = min(worst, failed);
  }
  return r < 0 ? r : worst;
}

/* --- replacing the database --- */

/* Renames the file and its WAL, if they exist; sqlite rebuilds the WAL's index. booth.db moves away first and back
 * last, so that after a power cut there is never a booth.db without its WAL. */
static int move_database(const char *state_dir, const char *from, const char *to, const char *const order[static 2])
{
  autofree char *index = files_path(state_dir, "%s-shm", from);
  unlink(index);
  for (size_t i = 0; i < 2; i++) {
    autofree char *old = files_path(state_dir, "%s%s", from, order[i]);
    autofree char *new = files_path(state_dir, "%s%s", to, order[i]);
    if (rename(old, new) < 0 && errno != ENOENT)
      return -errno;
    int r = files_sync(state_dir);
    if (r < 0)
      return r;
  }
  return 0;
}

int snapshot_move_away(const char *state_dir, const char *word, char **ret_name)
{
  char time[20], name[64];
  struct stat st;
  time_text(time, clock_wall_ms());
  for (int i = 1, is_free = 0; !is_free; i++) {
    snprintf(name, sizeof name, i > 1 ? "booth.db.%s-%s-%d" : "booth.db.%s-%s", word, time, i);
    autofree char *path = files_path(state_dir, "%s", name);
    is_free = stat(path, &st) < 0;
  }
  if (ret_name)
    *ret_name = xstrdup(name);
  return move_database(state_dir, "booth.db", name, (const char *const[]){"", "-wal"});
}

int snapshot_move_back(const char *state_dir, const char *name)
{
  return move_database(state_dir, name, "booth.db", (const char *const[]){"-wal", ""});
}

/* The copy itself records that it needs a new epoch, so that nothing before its first commit can lose that. */
int snapshot_stage(const char *state_dir, const char *path)
{
  autofree char *staged = files_path(state_dir, STAGED);
  int r = files_copy(path, state_dir, STAGED);
  if (r == 0)
    r = exec_on_file(staged, "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF;"
                             "INSERT OR REPLACE INTO meta VALUES ('copied', '1')");
  if (r == 0)
    r = files_sync(staged);
  if (r < 0)
    unlink(staged);
  return r;
}

void snapshot_unstage(const char *state_dir)
{
  autofree char *staged = files_path(state_dir, STAGED);
  unlink(staged);
}

int snapshot_install(const char *state_dir)
{
  return files_rename(state_dir, STAGED, "booth.db");
}

int snapshot_resume(const char *state_dir)
{
  autofree char *path = files_path(state_dir, "booth.db"), *staged = files_path(state_dir, STAGED);
  char why[128];
  if (access(path, F_OK) == 0 || access(staged, F_OK) < 0)
    return -ENOENT;
  int r = snapshot_verify(staged, why);
  if (r == 0)
    r = snapshot_move_away(state_dir, "replaced", NULL); /* its WAL, if that is still there */
  if (r == 0)
    r = snapshot_install(state_dir);
  return r == -EUCLEAN || r == -EPROTO ? -ENOENT : r;
}
