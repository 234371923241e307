/* pool.h - threads that speak to the database, one connection each. Started, asked and stopped by the loop thread.
 *
 * A connection that is lost is opened again with the next job, at most once in a back-off of 0.1 s … 2 s; until it is
 * there, jobs are answered 503 at once. What failed because another transaction was in its way, or because the
 * connection broke, is run again: so a job's run() must be harmless twice (see hub.h).
 */
#ifndef HUB_DB_POOL_H
#define HUB_DB_POOL_H

#include "base/mailbox.h"

struct job;
struct pool;

struct pool_stats {
  uint64_t jobs, again, failed, connects; /* run; run once more; answered 503; connections opened */
  size_t waiting, busy, threads;
};

/* results: where a job goes when it was run. */
int pool_start(const char *conninfo, size_t threads, struct mailbox *results, struct pool **ret) must_check;
int pool_put(struct pool *p, struct job *j) must_check; /* 0, or -EAGAIN: too many wait; the caller keeps it */
void pool_stop(struct pool *p);                         /* runs what waits, then ends; NULL allowed */
void pool_stats(struct pool *p, struct pool_stats *ret);

#endif
