/* store.h - the database booth.db: schema, statements, loading, saving. Wraps sqlite3. Writer thread only after start.
 *
 * One writing connection in the whole process (it also checkpoints). WAL, synchronous FULL, page_size 1024.
 * Returns 0 or negative errno (sql.h); store_error() has SQLite's message.
 * A transaction: store_begin; for each command store_savepoint, writes, and store_release or store_rollback_to; then
 * store_commit. If store_alive() is false after an error, the whole transaction was rolled back.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "queue/queue.h"
#include "store/record.h"

struct store;

/* booth and key belong to this installation: they are also in state_dir/identity. */
struct store_identity {
  char booth[LIMIT_HEX_ID];
  char epoch[LIMIT_HEX_ID];
  int64_t epoch_ordinal;
  int64_t last_event; /* id; seq 0 = CMD_EPOCH must be written first */
  uint8_t key[32];    /* for keyed hashes of Idempotency-Keys */
  bool clean;         /* the last stop was orderly */
  bool copied;        /* restored from a snapshot or a backup, and must begin a new epoch */
};

/* --- opening --- */

/* Opens state_dir/booth.db, or creates it at the first start. -EPROTO: made by a newer program; -EUCLEAN: damaged,
 * missing, or not ours. ret_why (SQLite's message) is filled on failure. */
int store_open(const char *state_dir, struct store **ret, char ret_why[static 96]) must_check;
int store_create(const char *state_dir) must_check; /* an empty one, durably; there must be none */
int store_check(struct store *s) must_check;        /* after an unclean stop: 0, -EUCLEAN, -EIO.. */
void store_close(struct store *s, bool clean);      /* NULL allowed */
const char *store_error(const struct store *s);
const struct store_identity *store_identity(const struct store *s);

/* --- reading --- */

int store_load(struct store *s, const struct settings *defaults, const struct moment *now,
               struct queue **ret) must_check;
int store_load_keys(struct store *s) must_check; /* before the first store_find_key */
/* 0, REFUSE_NOT_FOUND. */
int store_load_ticket(struct store *s, int64_t id, struct ticket *ret) must_check;
/* 0, REFUSE_NOTHING_TO_UNDO. */
int store_load_undo(struct store *s, int64_t event, struct undo_record *ret) must_check;
/* The newest of the actor's commands, among the last LIMIT_UNDO_SCAN, for which fits() is true. 0,
 * REFUSE_NOTHING_TO_UNDO. */
int store_find_undo(struct store *s, int32_t actor, bool (*fits)(const struct undo_record *, void *), void *arg,
                    struct undo_record *ret) must_check;
/* 0 and the event and ticket of the command with this key; REFUSE_NOT_FOUND, REFUSE_KEY_REUSED. */
int store_find_key(struct store *s, const struct idempotency_key *key, int64_t *ret_event,
                   int64_t *ret_ticket) must_check;

/* --- transactions --- */

int store_begin(struct store *s) must_check;
int store_savepoint(struct store *s) must_check;
/* Writes a command's decision. key NULL = it came without one. */
int store_save(struct store *s, enum command_kind kind, const struct idempotency_key *key,
               const struct decision *d) must_check;
int store_release(struct store *s) must_check;
int store_rollback_to(struct store *s) must_check;
int store_commit(struct store *s) must_check;
void store_rollback(struct store *s);
bool store_alive(const struct store *s); /* the transaction is still open */
/* Outside a transaction: checkpoints when the WAL has grown; all = truncates it, -EBUSY while somebody reads. */
int store_checkpoint(struct store *s, bool all) must_check;

/* --- inside a transaction --- */

int store_boot(struct store *s) must_check;  /* records this boot, and clears the flag of an orderly stop */
int store_probe(struct store *s) must_check; /* a write that changes nothing */
/* d->id 0: adds it and fills d->id; else replaces that one. */
int store_device_add(struct store *s, struct device *d) must_check;
int store_device_remove(struct store *s, int32_t id) must_check; /* 0, REFUSE_NOT_FOUND */
/* The latest seen first. */
int store_devices(struct store *s, struct device *to, size_t most, size_t *ret_n) must_check;
/* A new epoch: ids and numbers skip ahead. The caller writes its first event, CMD_EPOCH. */
int store_new_epoch(struct store *s, int64_t wall_ms, int64_t *ret_parent_event) must_check;

#endif
