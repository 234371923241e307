/* pool.h - threads that run jobs on the database, each with a connection of its own. Used by the loop thread.
 *
 * A lost connection is reopened for the next job, with a back-off of 0.1 s to 2 s, during which jobs fail at once. A
 * job that hit a deadlock or lost its connection is run again, even if its COMMIT may have succeeded: run() must be
 * idempotent.
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
  uint64_t jobs;     /* jobs run */
  uint64_t retries;  /* runs after the first */
  uint64_t failed;   /* jobs whose last run failed */
  uint64_t connects; /* connections opened */
  size_t waiting;    /* jobs that wait for a thread */
  size_t busy;       /* threads at work */
  size_t threads;
};

int pool_start(const char *conninfo, size_t threads, struct pool **ret) must_check;
void pool_stop(struct pool *p); /* runs waiting jobs, then releases all; NULL allowed */

int pool_submit(struct pool *p, struct pool_job *j) must_check; /* 0; -EAGAIN: too many wait, the caller keeps j */
int pool_fd(const struct pool *p);                              /* readable when a job has been run */
void pool_dispatch(struct pool *p); /* calls done() and release() of jobs that have been run */
void pool_read_stats(struct pool *p, struct pool_stats *ret);

#endif
