/* internal.h - what a writer is made of, and what its files do for each other; nobody else includes it. */
#ifndef WRITER_INTERNAL_H
#define WRITER_INTERNAL_H

#include "base/thread.h"
#include "store/sync_state.h"
#include "writer/writer.h"

struct group_commit {
  int64_t commit_us; /* moving average of a commit */
  int64_t posted_us; /* when the last batch was answered */
  size_t expected;   /* requests that recently came while one batch was under way */
};

struct writer {
  /* constant after the start */
  char *state_dir;
  char *machine_id; /* NULL = unknown */
  struct settings settings;
  struct mailbox *mailbox;
  struct mailbox *to_loop;
  char booth[LIMIT_HEX_ID];
  uint8_t key[32];
  struct device devices[LIMIT_DEVICES];
  size_t n_devices;

  struct thread thread;
  struct writer_stats published; /* under the thread's lock */

  /* the thread's own from here on */
  struct store *store; /* NULL while it could not be opened again */
  struct queue *queue;
  char *banner;
  struct writer_stats stats;
  int64_t sizes_at;
  struct group_commit group_commit;

  /* the batch in the making */
  struct batch *batch;
  struct moment now;
  bool wrote;                         /* there is something to commit */
  struct erasure_batch erasure_batch; /* of the request that is being served */

  /* what the next transaction or the one after it must do */
  bool keys_loaded;
  bool started;   /* booth.started is written; until then, in the same transaction: */
  bool new_epoch; /* - the database is not the one that it was, or not to be gone on with: */
  struct epoch_fork fork;
  int64_t left_ordinal; /* of the epoch that is left, once that was tried; 0 = not yet */
  bool adopt;           /* - and these devices take the place of those in it */
  struct device adopted[LIMIT_DEVICES];
  size_t n_adopted;
  bool reset_view;   /* the loop's view must be replaced */
  bool wal_truncate; /* what was erased is still in the WAL */

  /* after a failure */
  bool failing;      /* the last write failed */
  bool stale;        /* the queue must be loaded again before anything is decided, */
  bool reopen;       /* and the database opened again before that */
  char *replaced_db; /* name of the database that a failed restore moved away, and that must come back; NULL */
  char error[96];
  int64_t probe_at; /* mono_ms: not before */

  /* time */
  int64_t timers_at; /* mono_ms: not before */
  bool clock_was_trusted;
  int64_t clock_distance_ms; /* wall minus mono when last believed */
  int64_t clock_jumped_at;   /* mono_ms, 0 = not since */
};

/* open.c: the database and the queue as they must be before anything is decided. Negative errno. */
int writer_open(struct writer *w, char ret_error[static 160]) must_check;
int writer_reload(struct writer *w) must_check;
/* Exchanges the database for the file that q names, or leaves it as it was; q->refusal says which. */
void writer_restore(struct writer *w, struct writer_request *q);
/* The next transaction begins a new epoch. */
void writer_fork_epoch(struct writer *w, struct writer_request *q);
/* Inside the first transaction: a new epoch if there must be one, and booth.started. */
int writer_record_start(struct writer *w) must_check;

/* transaction.c: one request or timer inside the open transaction. Negative errno: the transaction is lost. */
void writer_read_clocks(struct writer *w);
int writer_serve(struct writer *w, struct writer_request *q) must_check;
int writer_system_command(struct writer *w, const struct command *c) must_check; /* or a refusal */
int writer_timers(struct writer *w) must_check;
bool writer_timer_due(const struct writer *w);
int writer_decide(struct writer *w, struct writer_request *q) must_check; /* its command alone; or a refusal */
int writer_find_key(struct writer *w,
                    struct writer_request *q) must_check; /* 0 = it was done before, REFUSE_NOT_FOUND */

/* hub_requests.c: requests of the sync and maintenance threads, and what is to be saved beside their commands.
 * Likewise. */
int writer_cursor(struct writer *w, struct writer_request *q) must_check;
int writer_inbox(struct writer *w, struct writer_request *q) must_check;
int writer_epoch(struct writer *w, struct writer_request *q) must_check;
int writer_sync_reset(struct writer *w, struct writer_request *q) must_check;
int writer_erase(struct writer *w, struct writer_request *q) must_check;
int writer_compact(struct writer *w, struct writer_request *q) must_check;
int writer_maintenance_report(struct writer *w, struct writer_request *q) must_check;
int writer_save_extra(struct writer *w, const struct writer_request *q) must_check;

#endif
