/* pool.h - threads that run jobs on the database, each with a connection of its own. Used by the loop thread.
 *
 * A lost connection is opened again for the next job, at most once in a back-off of 0.1 s to 2 s; meanwhile jobs fail
 * at once. A job that met a deadlock or lost its connection is run again, even if its COMMIT may have succeeded: run()
 * must be harmless twice.
 */
#ifndef HUB_DB_POOL_H
#define HUB_DB_POOL_H

#include "base/mailbox.h"
#include "hub/db/pg.h"

struct pool;

/* The first member of what the caller allocates. */
struct pool_job {
  struct mail mail;
  int (*run)(struct pool_job *j, struct pg *db); /* on a thread: 0, or a negative code of pg.h */
  void (*done)(struct pool_job *j);              /* on the loop, after the last run; NULL = nothing to do */
  void (*release)(struct pool_job *j);           /* on the loop: frees the job */
  int result;                                    /* of the last run */
};

struct pool_stats {
  uint64_t jobs;     /* that were run */
  uint64_t retries;  /* runs after the first */
  uint64_t failed;   /* jobs whose last run failed */
  uint64_t connects; /* connections opened */
  size_t waiting;    /* jobs that wait for a thread */
  size_t busy;       /* threads at work */
  size_t threads;
};

int pool_start(const char *conninfo, size_t threads, struct pool **ret) must_check;
void pool_stop(struct pool *p); /* runs what waits, then releases all jobs; NULL allowed */

int pool_submit(struct pool *p, struct pool_job *j) must_check; /* 0; -EAGAIN: too many wait, the caller keeps j */
int pool_fd(const struct pool *p);                              /* readable when a job was run */
void pool_dispatch(struct pool *p);                             /* done() and release() of the jobs that were run */
void pool_read_stats(struct pool *p, struct pool_stats *ret);

#endif
