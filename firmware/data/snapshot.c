/* snapshot.c - copies that can be trusted, because nothing that could not be read back ever gets its name. */
#include "data/snapshot.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "data/disk.h"
#include "data/migrate.h"
#include "data/sql.h"

#define FOLDER      "snapshots"
#define STAGED      "booth.db.staged"
#define NAME_FORMAT "booth-%06u-%s.db"
#define NAME_SCAN   "booth-%6u-"

/* An edit's before-image (FIELD_PERSON, 128) goes with the person; it can then not be undone any more. */
static const char scrub[] = "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA secure_delete = ON; BEGIN;"
                            "DELETE FROM person WHERE ticket IN (SELECT id FROM ticket WHERE state > 1);"
                            "UPDATE command SET before = NULL, class = NULL"
                            "  WHERE fields & 128 AND ticket IN (SELECT id FROM ticket WHERE state > 1);"
                            "COMMIT";

/* Our tables, at least one epoch, and nothing that acts by itself. */
static const char plausible[] = "SELECT (SELECT count(*) FROM epoch) > 0 AND (SELECT count(*) FROM event) >= 0 AND"
                                " (SELECT count(*) FROM command) >= 0 AND (SELECT count(*) FROM ticket) >= 0 AND"
                                " (SELECT count(*) FROM person) >= 0 AND (SELECT count(*) FROM day) >= 0 AND"
                                " (SELECT count(*) FROM device) >= 0 AND (SELECT count(*) FROM meta) >= 0 AND"
                                " NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE type IN ('trigger', 'view'))";

static int verify(sqlite3 *db, char ret_why[static 128])
{
  int version, r = migrate_check(db, &version);
  int64_t good = 0;
  snprintf(ret_why, 128, r == -EPROTO ? "made by a newer version of this program" : "not a database of this program");
  if (r < 0 || (r = sql_check(db, "integrity_check", ret_why, 128)) < 0)
    return r;
  r = sql_int(db, plausible, &good);
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
  return r < 0 ? r : verify(db, ret_why);
}

static int vacuum_into(const char *state_dir, const char *to)
{
  autofree char *path = disk_path(state_dir, "booth.db");
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

static int clear(const char *path)
{
  cleanup(sql_close) sqlite3 *db = NULL;
  int r = sql_open(path, SQLITE_OPEN_READWRITE, false, &db);
  return r < 0 ? r : sql_exec(db, scrub);
}

static const char *base_name(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static int fill(const char *state_dir, const char *path)
{
  char why[128];
  int r = disk_create(path); /* sqlite takes an empty file, and keeps its mode */
  if (r == 0)
    r = vacuum_into(state_dir, path);
  if (r == 0)
    r = clear(path);
  if (r == 0)
    r = disk_sync(path);
  return r == 0 ? snapshot_verify(path, why) : r;
}

int snapshot_take(const char *state_dir, const char *to)
{
  autofree char *part = disk_path(state_dir, "%s.part", base_name(to));
  autofree char *folder = xstrdup(to);
  int r = fill(state_dir, part);
  if (r == 0 && rename(part, to) < 0)
    r = -errno;
  if (r < 0) {
    unlink(part);
    return r;
  }
  folder[base_name(to) - to] = '\0';
  return disk_sync(folder);
}

/* ---- the folder ---- */

static int is_snapshot(const struct dirent *e)
{
  unsigned number;
  size_t n = strlen(e->d_name);
  return sscanf(e->d_name, NAME_SCAN, &number) == 1 && n > 3 && strcmp(e->d_name + n - 3, ".db") == 0;
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

static int list(const char *folder, struct listing *ret)
{
  struct listing l = {0};
  l.n = scandir(folder, &l.entries, is_snapshot, latest_first);
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

int snapshot_rotate(const char *state_dir, int64_t wall_ms)
{
  autofree char *folder = disk_path(state_dir, FOLDER);
  cleanup(listing_done) struct listing l = {0};
  unsigned number = 0;
  char time[20];
  if (mkdir(folder, 0700) < 0 && errno != EEXIST)
    return -errno;
  int r = list(folder, &l);
  if (r < 0)
    return r;
  if (l.n)
    (void)sscanf(l.entries[0]->d_name, NAME_SCAN, &number);
  time_text(time, wall_ms);
  autofree char *to = disk_path(folder, NAME_FORMAT, number + 1, time);
  if ((r = snapshot_take(state_dir, to)) < 0)
    return r;
  for (int i = LIMIT_SNAPSHOTS - 1; i < l.n; i++) {
    autofree char *old = disk_path(folder, "%s", l.entries[i]->d_name);
    if (unlink(old) < 0)
      return -errno;
  }
  return 0;
}

int snapshot_newest(const char *state_dir, char **ret_path)
{
  autofree char *folder = disk_path(state_dir, FOLDER);
  cleanup(listing_done) struct listing l = {0};
  int r = list(folder, &l);
  for (int i = 0; r == 0 && i < l.n; i++) {
    autofree char *path = disk_path(folder, "%s", l.entries[i]->d_name);
    char why[128];
    int verified = snapshot_verify(path, why);
    if (verified == 0)
      *ret_path = take(path);
    if (verified != -EUCLEAN && verified != -EPROTO)
      return verified; /* one that cannot be read now is not one that is bad */
  }
  return r < 0 ? r : -ENOENT;
}

/* ---- the database's place ---- */

/* The file and its WAL; that it is not there is no error. What the index of the WAL holds can be had again. */
static int move(const char *state_dir, const char *from, const char *to)
{
  static const char *const suffixes[] = {"", "-wal"};
  autofree char *index = disk_path(state_dir, "%s-shm", from);
  unlink(index);
  for (size_t i = 0; i < array_len(suffixes); i++) {
    autofree char *old = disk_path(state_dir, "%s%s", from, suffixes[i]);
    autofree char *new = disk_path(state_dir, "%s%s", to, suffixes[i]);
    if (rename(old, new) < 0 && errno != ENOENT)
      return -errno;
  }
  return disk_sync(state_dir);
}

int snapshot_set_aside(const char *state_dir, const char *word, char **ret_name)
{
  char time[20], name[64];
  struct stat st;
  time_text(time, clock_wall_ms());
  for (int i = 1, free_name = 0; !free_name; i++) {
    snprintf(name, sizeof name, i > 1 ? "booth.db.%s-%s-%d" : "booth.db.%s-%s", word, time, i);
    autofree char *path = disk_path(state_dir, "%s", name);
    free_name = stat(path, &st) < 0;
  }
  if (ret_name)
    *ret_name = xstrdup(name);
  return move(state_dir, "booth.db", name);
}

int snapshot_put_back(const char *state_dir, const char *name)
{
  return move(state_dir, name, "booth.db");
}

int snapshot_stage(const char *state_dir, const char *path)
{
  return disk_copy(path, state_dir, STAGED);
}

int snapshot_install(const char *state_dir)
{
  return disk_rename(state_dir, STAGED, "booth.db");
}
