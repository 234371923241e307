/* store.c - opening the database, transactions, identity, epochs, devices.
 *
 * A queue command writes the last page of event, the last page of command and one page of ticket; what is rarely
 * written is in meta, so that a command does not write its page. The database is created under another name and
 * renamed, so an empty booth.db means lost contents; if sqlite opened it, it would delete the WAL, too.
 */
#include "store/internal.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/random.h"
#include "store/files.h"
#include "store/migrate.h"

#define CHECKPOINT_PAGES 1000

static const struct column device_columns[] = {
    column(struct device, id, INT),         column(struct device, manager, UINT),
    column(struct device, name, TEXT),      column(struct device, token_hash, BLOB),
    column(struct device, created_at, INT), column(struct device, seen_at, INT),
};

/* --- statements --- */

int store_result(struct store *s, int r)
{
  if (r < 0)
    snprintf(s->error, sizeof s->error, "%s", sqlite3_errmsg(s->db));
  return r;
}

const char *store_error(const struct store *s)
{
  return s->error;
}

sqlite3_stmt *store_statement(struct store *s, enum statement which)
{
  sqlite3_clear_bindings(s->statements[which]);
  return s->statements[which];
}

int store_run(struct store *s, enum statement which)
{
  return store_result(s, sql_run(s->statements[which]));
}

int store_set_meta(struct store *s, const char *key, const char *text)
{
  sqlite3_stmt *q = store_statement(s, SQL_META);
  sql_bind_text(q, 1, key);
  sql_bind_text(q, 2, text);
  return store_run(s, SQL_META);
}

int store_get_meta(struct store *s, const char *key, char **ret)
{
  sqlite3_stmt *q = store_statement(s, SQL_META_GET);
  sql_bind_text(q, 1, key);
  int r = store_result(s, sql_step(q));
  if (r < 0)
    return r;
  const char *text = r ? (const char *)sqlite3_column_text(q, 0) : NULL;
  *ret = text ? xstrdup(text) : NULL;
  sqlite3_reset(q);
  return 0;
}

/* --- transactions --- */

int store_begin(struct store *s)
{
  s->at_begin = s->identity;
  return store_run(s, SQL_BEGIN);
}

int store_savepoint(struct store *s)
{
  s->event_at_savepoint = s->identity.last_event;
  s->floor_at_savepoint = s->open_floor;
  return store_run(s, SQL_SAVEPOINT);
}

int store_release(struct store *s)
{
  return store_run(s, SQL_RELEASE);
}

int store_rollback_to(struct store *s)
{
  s->identity.last_event = s->event_at_savepoint;
  s->open_floor = s->floor_at_savepoint;
  int r = store_run(s, SQL_ROLLBACK_TO);
  return r < 0 ? r : store_run(s, SQL_RELEASE);
}

int store_commit(struct store *s)
{
  return store_run(s, SQL_COMMIT);
}

void store_rollback(struct store *s)
{
  s->identity = s->at_begin;
  if (store_alive(s) && store_run(s, SQL_ROLLBACK) < 0)
    return; /* sqlite ends it itself when the next one begins, or when the database is closed */
}

bool store_alive(const struct store *s)
{
  return !sqlite3_get_autocommit(s->db);
}

static int on_commit(void *store, sqlite3 *db, const char *name, int pages)
{
  struct store *s = store;
  if (pages < s->wal_pages) /* the WAL was reused from its start */
    s->checkpoint_at = CHECKPOINT_PAGES;
  s->wal_pages = pages;
  return SQLITE_OK;
}

int store_checkpoint(struct store *s, bool all)
{
  if (!all && s->wal_pages < s->checkpoint_at)
    return 0;
  s->checkpoint_at = s->wal_pages + CHECKPOINT_PAGES;
  int mode = all ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
  return store_result(s, sql_errno(sqlite3_wal_checkpoint_v2(s->db, NULL, mode, NULL, NULL)));
}

int store_check(struct store *s)
{
  return sql_check(s->db, "quick_check", s->error, sizeof s->error);
}

/* --- identity --- */

/* state_dir/identity: "BOOTH KEY\n" in hex. -ENOENT also if it cannot be parsed: then a new one is made. */
static int read_identity(const char *state_dir, struct store_identity *ret)
{
  autofree char *path = files_path(state_dir, "identity");
  char line[33 + 65 + 1] = "", key[65] = "";
  FILE *f = fopen(path, "re");
  if (!f)
    return -errno;
  size_t n = fread(line, 1, sizeof line - 1, f);
  fclose(f);
  uint8_t booth[16];
  if (n != sizeof line - 1 || line[32] != ' ')
    return -ENOENT;
  line[32] = '\0';
  memcpy(key, line + 33, 64);
  if (util_unhex(booth, sizeof booth, line) < 0 || util_unhex(ret->key, sizeof ret->key, key) < 0)
    return -ENOENT;
  memcpy(ret->booth, line, sizeof ret->booth);
  return 0;
}

static int write_identity(const char *state_dir, struct store_identity *i)
{
  char key[65], line[100];
  random_bytes(i->key, sizeof i->key);
  util_hex(key, i->key, sizeof i->key);
  snprintf(line, sizeof line, "%s %s\n", i->booth, key);
  return files_write(state_dir, "identity", line);
}

static int load_identity(struct store *s, const char *state_dir)
{
  sqlite3_stmt *q = s->statements[SQL_EPOCH_GET];
  int64_t last;
  autofree char *clean = NULL, *copied = NULL;
  int r = sql_step(q);
  if (r <= 0)
    return r < 0 ? r : -EUCLEAN;
  struct store_identity *i = &s->identity;
  i->epoch_ordinal = sqlite3_column_int64(q, 0);
  snprintf(i->epoch, sizeof i->epoch, "%s", (const char *)sqlite3_column_text(q, 1));
  snprintf(i->booth, sizeof i->booth, "%s", (const char *)sqlite3_column_text(q, 2));
  sqlite3_reset(q);
  r = sql_int(s->db, "SELECT max(id) FROM event", &last);
  if (r == 0)
    r = store_get_meta(s, "clean", &clean);
  if (r == 0)
    r = store_get_meta(s, "copied", &copied);
  if (r < 0)
    return r;
  i->last_event = max(last, i->epoch_ordinal << 32);
  i->clean = clean && strcmp(clean, "1") == 0;
  i->copied = copied != NULL;
  r = read_identity(state_dir, i);
  return r == -ENOENT ? write_identity(state_dir, i) : r;
}

/* --- opening and closing --- */

/* Stays 0 if this boot has not been recorded yet. */
static int read_boot_number(struct store *s)
{
  sqlite3_stmt *q = store_statement(s, SQL_BOOT_GET);
  sql_bind_text(q, 1, clock_boot_id());
  int r = store_result(s, sql_step(q));
  if (r > 0) {
    s->boot = sqlite3_column_int64(q, 0);
    sqlite3_reset(q);
  }
  return min(r, 0);
}

static int insert_epoch(sqlite3_stmt *q, struct store_identity *i, int64_t parent_event, int64_t wall_ms)
{
  uint8_t id[16], booth[16];
  random_bytes(id, sizeof id);
  util_hex(i->epoch, id, sizeof id);
  if (util_unhex(booth, sizeof booth, i->booth) < 0)
    return -EUCLEAN;
  sqlite3_bind_int64(q, 1, i->epoch_ordinal);
  sqlite3_bind_blob(q, 2, id, sizeof id, SQLITE_STATIC);
  sqlite3_bind_blob(q, 3, booth, sizeof booth, SQLITE_STATIC);
  sqlite3_bind_int64(q, 4, parent_event);
  sqlite3_bind_int64(q, 5, wall_ms);
  return sql_run(q);
}

static int fill_new_database(const char *path, struct store_identity *i)
{
  cleanup(sql_close) sqlite3 *db = NULL;
  cleanup(sql_finalize) sqlite3_stmt *epoch = NULL;
  int r = sql_open(path, SQLITE_OPEN_READWRITE, false, &db);
  if (r < 0)
    return r;
  r = sql_exec(db, "PRAGMA page_size = 1024; PRAGMA synchronous = FULL");
  if (r < 0)
    return r;
  r = migrate(db);
  if (r < 0)
    return r;
  r = sql_prepare(db, store_sql[SQL_EPOCH], &epoch);
  return r < 0 ? r : insert_epoch(epoch, i, 0, clock_wall_ms());
}

int store_create(const char *state_dir)
{
  autofree char *path = files_path(state_dir, "booth.db.new"), *journal = files_path(state_dir, "booth.db.new-journal");
  struct store_identity i = {.epoch_ordinal = 1};
  uint8_t booth[16];
  unlink(journal);
  if (read_identity(state_dir, &i) < 0) {
    random_bytes(booth, sizeof booth);
    util_hex(i.booth, booth, sizeof booth);
  }
  int r = files_create(path); /* sqlite would make it readable for everybody */
  if (r == 0)
    r = fill_new_database(path, &i);
  if (r == 0)
    r = files_sync(path);
  return r < 0 ? r : files_rename(state_dir, "booth.db.new", "booth.db");
}

/* synchronous comes before journal_mode: else the switch itself would not be synced. */
static int configure(sqlite3 *db)
{
  int persist = 1;
  int version;
  int r = migrate_check(db, &version);
  if (r < 0)
    return r;
  r = sql_exec(db, "PRAGMA synchronous = FULL; PRAGMA journal_mode = WAL; PRAGMA secure_delete = ON;"
                   "PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -1024");
  if (r < 0)
    return r;
  r = sql_errno(sqlite3_file_control(db, "main", SQLITE_FCNTL_PERSIST_WAL, &persist));
  return r < 0 ? r : migrate(db);
}

static int open_database(struct store *s, const char *state_dir)
{
  autofree char *path = files_path(state_dir, "booth.db");
  int r = sql_open(path, SQLITE_OPEN_READWRITE, false, &s->db);
  if (r < 0) {
    snprintf(s->error, sizeof s->error, "cannot open booth.db: %s", strerrordesc_np(-r));
    return r;
  }
  sqlite3_wal_hook(s->db, on_commit, s);
  s->checkpoint_at = CHECKPOINT_PAGES;
  r = configure(s->db);
  for (size_t i = 0; r == 0 && i < STATEMENTS; i++)
    r = sql_prepare(s->db, store_sql[i], &s->statements[i]);
  if (r == 0)
    r = load_identity(s, state_dir);
  if (r == 0)
    r = read_boot_number(s);
  return store_result(s, r);
}

/* 0: it exists, or was created now; -EUCLEAN: it existed once, or has lost its contents. */
static int find_database(const char *state_dir, char ret_why[static 96])
{
  autofree char *path = files_path(state_dir, "booth.db");
  struct store_identity seen;
  struct stat st;
  if (stat(path, &st) == 0) {
    if (st.st_size >= 512)
      return 0;
    snprintf(ret_why, 96, "booth.db is empty");
    return -EUCLEAN;
  }
  if (errno != ENOENT)
    return -errno;
  if (read_identity(state_dir, &seen) < 0)
    return store_create(state_dir);
  snprintf(ret_why, 96, "booth.db is missing");
  return -EUCLEAN;
}

int store_open(const char *state_dir, struct store **ret, char ret_why[static 96])
{
  int r = find_database(state_dir, ret_why);
  if (r < 0 && r != -EUCLEAN)
    snprintf(ret_why, 96, "%s", strerrordesc_np(-r));
  if (r < 0)
    return r;
  struct store *s = xnew(struct store);
  r = open_database(s, state_dir);
  if (r < 0) {
    snprintf(ret_why, 96, "%s", s->error);
    store_close(s, false);
    return r;
  }
  *ret = s;
  return 0;
}

/* Only this record stays in the WAL: the next start appends to it with one sync (and one of the directory), where an
 * empty WAL would cost one more. */
static int record_orderly_stop(struct store *s)
{
  int r = store_checkpoint(s, true);
  if (r == 0)
    r = store_begin(s);
  if (r == 0)
    r = store_set_meta(s, "clean", "1");
  if (r == 0)
    r = store_commit(s);
  if (r < 0)
    store_rollback(s);
  return r;
}

void store_close(struct store *s, bool clean)
{
  if (!s)
    return;
  if (clean)
    s->identity.clean = record_orderly_stop(s) == 0; /* else the next start checks the database */
  for (size_t i = 0; i < STATEMENTS; i++)
    sql_finalize(&s->statements[i]);
  sql_close(&s->db);
  idempotency_done(&s->keys);
  free(s);
}

const struct store_identity *store_identity(const struct store *s)
{
  return &s->identity;
}

/* --- inside a transaction --- */

int store_boot(struct store *s)
{
  sql_bind_text(store_statement(s, SQL_BOOT), 1, clock_boot_id());
  int r = store_run(s, SQL_BOOT);
  if (r == 0)
    r = read_boot_number(s);
  if (r == 0 && s->identity.clean)
    r = store_set_meta(s, "clean", NULL);
  return r;
}

int store_probe(struct store *s)
{
  return store_run(s, SQL_PROBE);
}

int store_new_epoch(struct store *s, int64_t wall_ms, int64_t *ret_parent_event)
{
  struct store_identity *i = &s->identity;
  int64_t parent = i->last_event;
  i->epoch_ordinal++;
  int r = insert_epoch(store_statement(s, SQL_EPOCH), i, parent, wall_ms);
  if (r == 0)
    r = sql_exec(s->db, store_epoch_sql);
  if (r == 0 && i->copied)
    r = store_set_meta(s, "copied", NULL);
  if (r < 0)
    return store_result(s, r);
  i->copied = false;
  i->last_event = i->epoch_ordinal << 32;
  *ret_parent_event = parent;
  return 0;
}

int store_device_add(struct store *s, struct device *d)
{
  sql_bind_row(store_statement(s, SQL_DEVICE_ADD), 1, device_columns, array_len(device_columns), d);
  int r = store_run(s, SQL_DEVICE_ADD);
  if (r == 0 && !d->id)
    d->id = (int32_t)sqlite3_last_insert_rowid(s->db);
  return r;
}

int store_device_remove(struct store *s, int32_t id)
{
  sqlite3_bind_int64(store_statement(s, SQL_DEVICE_REMOVE), 1, id);
  int r = store_run(s, SQL_DEVICE_REMOVE);
  if (r < 0)
    return r;
  return sqlite3_changes(s->db) ? 0 : REFUSE_NOT_FOUND;
}

int store_devices(struct store *s, struct device *to, size_t most, size_t *ret_n)
{
  sqlite3_stmt *q = store_statement(s, SQL_DEVICES);
  size_t n = 0;
  int r;
  sqlite3_bind_int64(q, 1, (int64_t)most);
  while ((r = sql_step(q)) > 0)
    sql_read_row(q, 0, device_columns, array_len(device_columns), &to[n++]);
  if (r == 0)
    *ret_n = n;
  return store_result(s, r);
}
