/* internal.h - what a writer is made of; only for its own files. */
#ifndef WRITER_INTERNAL_H
#define WRITER_INTERNAL_H

#include <pthread.h>

#include "store/sync_state.h"
#include "writer/writer.h"

struct writer {
  char *state_dir, *banner, *aside; /* aside: the database that a failed restore moved there must come back; NULL */
  char *board;                      /* as the machine calls itself; NULL = it does not */
  struct settings settings;
  struct mailbox *mailbox, *to_loop;
  pthread_t thread;
  /* the thread's own from here on */
  struct store *store; /* NULL while it could not be opened again */
  struct queue *queue;
  struct batch *batch;                /* the one in the making */
  struct moment now;                  /* of this batch */
  struct erasure_batch erasure_batch; /* of the request that is being served */
  bool wrote;                         /* this batch has something to commit */
  bool keys_loaded, clock_was_trusted;
  bool started;   /* booth.started is written; until then, in the same transaction: */
  bool new_epoch; /* - the database is not the one that it was, or not to be gone on with: */
  struct epoch_fork branch;
  int64_t leaving; /* its ordinal, once that was tried; 0 = not yet */
  bool adopt;      /* - and these devices take the place of those in it */
  struct device adopted[LIMIT_DEVICES];
  size_t n_adopted;
  bool tell;           /* the loop's view must be replaced */
  bool forget;         /* what was erased is still in the WAL */
  bool failing, stale; /* the last write failed; the queue must be loaded again before anything is decided */
  bool reopen;         /* and the database opened again before that */
  char error[96];
  int64_t probe_at, timers_at;                /* mono_ms: not before */
  int64_t clock_distance_ms, clock_jumped_at; /* wall minus mono when last believed; mono_ms, 0 = not since */
  struct gather {
    int64_t commit_us, posted_us; /* moving average of a commit; when the last batch was answered */
    size_t expected;              /* requests that recently came while one batch was under way */
  } gather;
  int64_t sizes_at;
  struct writer_stats numbers, shown;
  pthread_mutex_t lock; /* of shown */
  char booth[33];       /* never changes, nor do the next */
  uint8_t key[32];
  struct device devices[LIMIT_DEVICES];
  size_t n_devices;
};

#endif
