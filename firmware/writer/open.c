/* open.c - opens the database: the present one; if that is damaged, the newest snapshot, else a new one. Also replaces
 * it while running.
 *
 * A replaced database begins a new epoch: phones and perhaps a hub have seen events after the snapshot, under numbers
 * that must not be given again. The damaged file is never deleted.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "store/files.h"
#include "store/snapshot.h"
#include "writer/internal.h"

static void close_store(struct writer *w)
{
  store_close(take(w->store), false);
  w->keys_loaded = false;
}

static int load_queue(struct writer *w)
{
  struct moment now = {.wall_ms = clock_wall_ms(), .mono_ms = clock_mono_ms()};
  struct queue *fresh;
  int r = store_load(w->store, &w->settings, &now, &fresh);
  if (r < 0)
    return r;
  queue_free(w->queue);
  w->queue = fresh;
  w->reset_view = true;
  return 0;
}

static int open_store(struct writer *w, char ret_why[static 96])
{
  int r = store_open(w->state_dir, &w->store, ret_why);
  if (r < 0)
    return r;
  if (!store_identity(w->store)->clean)
    r = store_check(w->store);
  if (r == 0)
    r = load_queue(w);
  if (r < 0) {
    snprintf(ret_why, 96, "%s", store_error(w->store));
    close_store(w);
  }
  return r;
}

static void set_banner(struct writer *w, const char *what, const char *why, const char *snapshot)
{
  autobuf struct buf b = {0};
  const char *name = snapshot ? strrchr(snapshot, '/') + 1 : NULL;
  buf_fmt(&b, "%s (%s). ", what, why);
  if (name)
    buf_fmt(&b, "%s took its place: what happened after it is lost.", name);
  else
    buf_str(&b, "There was no snapshot: the booth starts empty.");
  free(w->banner);
  w->banner = buf_take(&b);
}

/* "" = the machine has no id. */
static void hash_machine_id(const struct writer *w, char ret[static LIMIT_HEX_ID])
{
  uint8_t hash[16];
  *ret = '\0';
  if (!w->machine_id)
    return;
  hash_keyed(hash, sizeof hash, store_identity(w->store)->key, w->machine_id, strlen(w->machine_id));
  util_hex(ret, hash, sizeof hash);
}

static int replace_damaged(struct writer *w, const char *why)
{
  autofree char *snapshot = NULL;
  log_err("database_damaged", "error=\"%s\"", why);
  int r = snapshot_move_away(w->state_dir, "damaged", NULL);
  if (r < 0)
    return r;
  r = snapshot_newest(w->state_dir, &snapshot);
  if (r == 0)
    r = snapshot_stage(w->state_dir, snapshot);
  if (r == 0)
    r = snapshot_install(w->state_dir);
  else if (r == -ENOENT)
    r = store_create(w->state_dir);
  if (r < 0)
    return r;
  log_warn("database_replaced", "snapshot=%s", snapshot ? strrchr(snapshot, '/') + 1 : "none");
  set_banner(w, "The database was damaged", why, snapshot);
  w->new_epoch = true;
  return 0;
}

/* A database that was on another machine may still be in use there: the two must not give the same numbers. */
static int check_machine(struct writer *w)
{
  char found[LIMIT_HEX_ID], recorded[LIMIT_HEX_ID];
  hash_machine_id(w, found);
  int r = store_machine_id(w->store, recorded);
  if (r < 0 || !*found || !*recorded || strcmp(found, recorded) == 0 || w->new_epoch)
    return r;
  log_warn("machine_changed", "recorded=%s found=%s", recorded, found);
  w->banner =
      xstrdup("The database comes from another machine, which may still be in use. Events of the two machines are kept "
              "apart.");
  w->new_epoch = true;
  return 0;
}

/* After a power cut during a replacement: the copy is marked as such, and the rest is done now. */
static void check_copied(struct writer *w)
{
  snapshot_unstage(w->state_dir);
  if (!store_identity(w->store)->copied)
    return;
  w->new_epoch = true;
  if (!w->banner)
    w->banner = xstrdup("A copy took the place of the database, and the power went meanwhile: what happened after the "
                        "copy is not in the list. The replaced database is kept.");
}

int writer_open(struct writer *w, char ret_error[static 160])
{
  char why[96];
  int r = open_store(w, why);
  if (r == -EUCLEAN) {
    r = snapshot_resume(w->state_dir);
    if (r == -ENOENT)
      r = replace_damaged(w, why);
    if (r == 0)
      r = open_store(w, why);
  }
  if (r == 0)
    check_copied(w);
  if (r == 0)
    r = check_machine(w);
  if (r == 0)
    r = store_devices(w->store, w->devices, array_len(w->devices), &w->n_devices);
  if (r < 0)
    snprintf(ret_error, 160,
             r == -EPROTO ? "%s/booth.db was made by a newer version of this program" : "%s/booth.db: %s", w->state_dir,
             r == -EUCLEAN ? why : strerrordesc_np(-r));
  return r;
}

/* Moves back the database that a restore moved away. If only its WAL is still there, the rest is back already. */
static int move_back_replaced(struct writer *w)
{
  autofree char *path = files_path(w->state_dir, "%s", w->replaced_db);
  int r = access(path, F_OK) == 0 ? snapshot_move_away(w->state_dir, "refused", NULL) : 0;
  if (r == 0)
    r = snapshot_move_back(w->state_dir, w->replaced_db);
  if (r == 0)
    free(take(w->replaced_db));
  else
    snprintf(w->error, sizeof w->error, "%s cannot be moved back: %s", w->replaced_db, strerrordesc_np(-r));
  return r;
}

/* After an I/O error it is unknown which of the last pages are on the disk: a full checkpoint writes and syncs what can
 * be read from the WAL before any further write. */
static int reopen_store(struct writer *w)
{
  close_store(w);
  int r = w->replaced_db ? move_back_replaced(w) : 0;
  if (r == 0)
    r = store_open(w->state_dir, &w->store, w->error);
  if (r == 0)
    r = store_checkpoint(w->store, true);
  if (r < 0 && w->store)
    snprintf(w->error, sizeof w->error, "%s", store_error(w->store));
  return r;
}

int writer_reload(struct writer *w)
{
  int r = w->reopen || !w->store ? reopen_store(w) : 0;
  if (r < 0)
    return r;
  w->reopen = false;
  r = load_queue(w);
  w->stale = r < 0;
  return r;
}

static int adopt_devices(struct writer *w)
{
  struct device found[LIMIT_DEVICES];
  size_t n = 0;
  do { /* a file from outside may have more than LIMIT_DEVICES */
    int r = store_devices(w->store, found, array_len(found), &n);
    for (size_t i = 0; r == 0 && i < n; i++)
      r = store_device_remove(w->store, found[i].id);
    if (r < 0)
      return r;
  } while (n == array_len(found));
  for (size_t i = 0; i < w->n_adopted; i++) {
    int r = store_device_add(w->store, &w->adopted[i]);
    if (r < 0)
      return r;
  }
  return 0;
}

/* Reloads the queue, so that the epoch's first event has the tickets as store_new_epoch() changed them. A commit that
 * was reported as failed may have reached the disk: then the epoch has begun already. */
static int begin_epoch(struct writer *w, struct command *ret_epoch)
{
  const int64_t ordinal = store_identity(w->store)->epoch_ordinal;
  w->left_ordinal = w->left_ordinal ? w->left_ordinal : ordinal;
  if (w->left_ordinal != ordinal)
    return 0;
  memcpy(ret_epoch->parent, store_identity(w->store)->epoch, sizeof ret_epoch->parent);
  int r = store_new_epoch(w->store, w->now.wall_ms, &ret_epoch->parent_event);
  if (r == 0 && w->fork.closed_seq)
    r = store_close_epoch(w->store, w->fork.ordinal, w->fork.closed_seq);
  return r < 0 ? r : load_queue(w);
}

static int record_machine_id(struct writer *w)
{
  char found[LIMIT_HEX_ID], recorded[LIMIT_HEX_ID];
  hash_machine_id(w, found);
  int r = store_machine_id(w->store, recorded);
  if (r < 0 || !*found || strcmp(found, recorded) == 0)
    return r;
  return store_set_machine_id(w->store, found);
}

int writer_record_start(struct writer *w)
{
  struct command epoch = {.kind = CMD_EPOCH, .actor = ACTOR_TIMER};
  struct command boot = {.kind = CMD_BOOT, .actor = ACTOR_TIMER};
  int r = w->new_epoch ? begin_epoch(w, &epoch) : 0;
  if (r == 0 && w->adopt)
    r = adopt_devices(w);
  if (r == 0)
    r = record_machine_id(w);
  if (r == 0)
    r = store_boot(w->store);
  if (r == 0 && EVENT_SEQ(store_identity(w->store)->last_event) == 0)
    r = writer_system_command(w, &epoch);
  if (r == 0)
    r = writer_system_command(w, &boot);
  if (r == 0)
    r = writer_timers(w); /* opens a day */
  return r == 0 && w->new_epoch ? load_queue(w) : r;
}

static int replace_database(struct writer *w, const char *path, char ret_why[static 96])
{
  snprintf(ret_why, 96, "the files cannot be moved");
  int r = snapshot_stage(w->state_dir, path);
  if (r < 0)
    return r;
  close_store(w); /* not as an orderly stop: it may be moved back */
  r = snapshot_move_away(w->state_dir, "replaced", &w->replaced_db);
  if (r == 0)
    r = snapshot_install(w->state_dir);
  if (r == 0)
    r = open_store(w, ret_why);
  if (r == 0)
    free(take(w->replaced_db));
  else if (move_back_replaced(w) < 0)
    log_err("restore_rollback_failed", "error=\"%s\"", w->error);
  else
    snapshot_unstage(w->state_dir);
  return r;
}

void writer_restore(struct writer *w, struct writer_request *q)
{
  char why[96] = "the storage fails";
  int r = w->failing ? -EIO : store_devices(w->store, w->adopted, array_len(w->adopted), &w->n_adopted);
  if (r == 0)
    r = replace_database(w, q->path, why);
  q->refusal = r < 0 ? REFUSE_STORAGE : REFUSE_NONE;
  if (r < 0) {
    log_err("restore_failed", "error=\"%s\"", why);
    if (!w->store && (w->replaced_db || open_store(w, why) < 0)) {
      w->failing = w->stale = true;
      snprintf(w->error, sizeof w->error, "%s", why);
    }
    return;
  }
  log_warn("database_replaced", "by=manager");
  free(w->banner);
  w->banner =
      xstrdup("A manager restored a backup: what happened after it is not in the list. The replaced database is kept.");
  w->new_epoch = w->adopt = true;
  w->left_ordinal = 0;
  w->started = false;
}

void writer_fork_epoch(struct writer *w, struct writer_request *q)
{
  q->refusal = w->failing || !w->store ? REFUSE_STORAGE : REFUSE_NONE;
  if (q->refusal)
    return;
  const struct store_identity *now = store_identity(w->store);
  q->replayed = q->fork.ordinal != now->epoch_ordinal || (*q->fork.epoch && strcmp(q->fork.epoch, now->epoch) != 0);
  if (q->replayed)
    return;
  log_warn("new_epoch", "why=\"%s\"", q->fork.why);
  free(w->banner);
  w->banner = xstrdup(q->fork.why);
  w->fork = q->fork;
  w->new_epoch = true;
  w->left_ordinal = 0;
  w->started = false;
}
