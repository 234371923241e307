/* writer_private.h - what writer.c, writer_serve.c and writer_open.c share; nobody else includes it. */
#ifndef DATA_WRITER_PRIVATE_H
#define DATA_WRITER_PRIVATE_H

#include <pthread.h>

#include "data/store.h"
#include "data/writer.h"

struct writer {
  char *state_dir, *banner, *aside; /* aside: the database that a failed restore moved there must come back; NULL */
  struct settings settings;
  struct mailbox *mailbox, *to_loop;
  pthread_t thread;
  /* the thread's own from here on */
  struct store *store; /* NULL while it could not be opened again */
  struct queue *queue;
  struct batch *batch; /* the one in the making */
  struct moment now;   /* of this batch */
  bool wrote;          /* this batch has something to commit */
  bool keys_loaded, clock_was_trusted;
  bool started;   /* booth.started is written; until then, in the same transaction: */
  bool new_epoch; /* - the database is not the one that it was */
  bool adopt;     /* - and these devices take the place of those in it */
  struct device adopted[LIMIT_DEVICES];
  size_t n_adopted;
  bool tell;           /* the loop's view must be replaced */
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
  struct writer_numbers numbers, shown;
  pthread_mutex_t lock; /* of shown */
  char booth[33];       /* never changes, nor do the next */
  uint8_t key[32];
  struct device devices[LIMIT_DEVICES];
  size_t n_devices;
};
/* writer_open.c: the database and the queue as they must be before anything is decided. Negative errno. */
int writer_open(struct writer *w, char ret_error[static 160]) must_check;
int writer_reload(struct writer *w) must_check;
/* Exchanges the database for the file that r names, or leaves it as it was; r->code says which. */
void writer_restore(struct writer *w, struct request *r);
/* Inside the first transaction: a new epoch if there must be one, and booth.started. */
int writer_begin_life(struct writer *w) must_check;

/* writer_serve.c: one request or timer inside the open transaction. Negative errno: the transaction is lost. */
void writer_look_at_clocks(struct writer *w);
int writer_serve(struct writer *w, struct request *r) must_check;
int writer_system(struct writer *w, const struct command *c) must_check; /* or a code */
int writer_timers(struct writer *w) must_check;
bool writer_timer_due(const struct writer *w);

#endif
