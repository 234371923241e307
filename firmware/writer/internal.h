/* internal.h - the insides of a writer; for the files of this room only. */
#ifndef WRITER_INTERNAL_H
#define WRITER_INTERNAL_H

#include "base/thread.h"
#include "store/sync_state.h"
#include "writer/writer.h"

struct group_commit {
  int64_t commit_us; /* moving average of a commit's duration */
  int64_t posted_us; /* when the last batch was answered */
  size_t expected;   /* requests that recently arrived during one batch */
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
  struct store *store; /* NULL while it cannot be reopened */
  struct queue *queue;
  char *banner;
  struct writer_stats stats;
  int64_t sizes_at;
  struct group_commit group_commit;

  /* the current batch */
  struct batch *batch;
  struct moment now;
  bool wrote;                         /* something must be committed */
  struct erasure_batch erasure_batch; /* of the request being served */

  /* pending work: what the next transactions must do */
  bool keys_loaded;
  bool started;           /* booth.started is written; if not, the next transaction does it and the following */
  bool new_epoch;         /* it begins a new epoch */
  struct epoch_fork fork; /* why, if a fork was requested */
  int64_t left_ordinal;   /* ordinal of the epoch to leave, since the first attempt; 0 = none yet */
  bool adopt;             /* it replaces the database's devices by these */
  struct device adopted[LIMIT_DEVICES];
  size_t n_adopted;
  bool reset_view;   /* the loop's view must be replaced */
  bool wal_truncate; /* erased data is still in the WAL */

  /* after a failure */
  bool failing;      /* the last write failed */
  bool stale;        /* the queue must be reloaded before the next decision */
  bool reopen;       /* the database must be reopened before that */
  char *replaced_db; /* the database that a failed restore must move back, by its name; NULL = none */
  char error[96];
  int64_t probe_at; /* mono_ms of the next attempt to write */

  /* time */
  int64_t timers_at; /* mono_ms: no timers before */
  bool clock_was_trusted;
  int64_t wall_offset_ms;  /* wall minus mono clock, when last accepted */
  int64_t clock_jumped_at; /* mono_ms; 0 = not since then */
};

/* open.c: opens the database and loads the queue. Negative errno. */
int writer_open(struct writer *w, char ret_error[static 160]) must_check;
int writer_reload(struct writer *w) must_check;
/* Replaces the database by the file that q names; on failure q->refusal is set and the old one stays. */
void writer_restore(struct writer *w, struct writer_request *q);
/* Makes the next transaction begin a new epoch. */
void writer_fork_epoch(struct writer *w, struct writer_request *q);
/* Inside the first transaction: begins a new epoch if needed, and writes booth.started. */
int writer_record_start(struct writer *w) must_check;

/* transaction.c: one request or timer inside the open transaction. Negative errno: the transaction is rolled back. */
void writer_read_clocks(struct writer *w);
int writer_serve(struct writer *w, struct writer_request *q) must_check;
int writer_system_command(struct writer *w, const struct command *c) must_check; /* or a refusal */
int writer_timers(struct writer *w) must_check;
bool writer_timer_due(const struct writer *w);
int writer_decide(struct writer *w, struct writer_request *q) must_check; /* without looking up its key; or a refusal */
/* 0 = an earlier request had this key; REFUSE_NOT_FOUND */
int writer_find_key(struct writer *w, struct writer_request *q) must_check;

/* hub_requests.c: requests of the sync and maintenance threads; a refusal or negative errno as above. */
int writer_cursor(struct writer *w, struct writer_request *q) must_check;
int writer_inbox(struct writer *w, struct writer_request *q) must_check;
int writer_epoch(struct writer *w, struct writer_request *q) must_check;
int writer_sync_reset(struct writer *w, struct writer_request *q) must_check;
int writer_erase(struct writer *w, struct writer_request *q) must_check;
int writer_compact(struct writer *w, struct writer_request *q) must_check;
int writer_maintenance_report(struct writer *w, struct writer_request *q) must_check;
int writer_save_extra(struct writer *w, const struct writer_request *q) must_check; /* beside q's decision */

#endif
