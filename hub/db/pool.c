/* pool.c - all threads wait at one mailbox; a free one takes the next job. */
#include "hub/db/pool.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "base/log.h"

#define BACKOFF_MS     100
#define BACKOFF_MAX_MS 2000

struct worker {
  struct pool *pool;
  pthread_t thread;
  struct pg *db;
  int64_t next_try; /* mono_ms */
  int64_t backoff;  /* ms */
};

struct pool {
  char *conninfo;
  struct mailbox *jobs;
  struct mailbox *results;
  struct worker workers[LIMIT_HUB_WORKERS];
  size_t n;
  _Atomic uint64_t run;
  _Atomic uint64_t retries;
  _Atomic uint64_t failed;
  _Atomic uint64_t connects;
  _Atomic size_t busy;
  _Atomic bool unreachable; /* the database is; changes are logged */
};

/* --- a thread of the pool --- */

static int connect_worker(struct worker *w)
{
  if (pg_alive(w->db))
    return 0;
  pg_close(take(w->db));
  if (clock_mono_ms() < w->next_try)
    return -ECONNRESET;
  char error[160] = "";
  int r = pg_open(w->pool->conninfo, &w->db, error);
  if (r == 0) {
    w->backoff = 0;
    w->pool->connects++;
    if (atomic_exchange(&w->pool->unreachable, false))
      log_info("database_back", "connects=%llu", (unsigned long long)w->pool->connects);
    return 0;
  }
  w->backoff = w->backoff ? min(2 * w->backoff, BACKOFF_MAX_MS) : BACKOFF_MS;
  w->next_try = clock_mono_ms() + w->backoff;
  if (!atomic_exchange(&w->pool->unreachable, true))
    log_warn("database_away", "error=\"%s\"", error);
  return -ECONNRESET;
}

static int try_job(struct worker *w, struct pool_job *j)
{
  int r = connect_worker(w);
  if (r < 0)
    return r;
  r = j->run(j, w->db);
  pg_rollback(w->db);
  return r;
}

static void run_job(struct worker *w, struct pool_job *j)
{
  w->pool->busy++;
  int r = try_job(w, j);
  for (int i = 1; (r == -EAGAIN || r == -ECONNRESET) && i < LIMIT_HUB_TRIES; i++) {
    if (r == -ECONNRESET && clock_mono_ms() < w->next_try)
      break; /* the database is unreachable, not only the old connection broken */
    w->pool->retries++;
    r = try_job(w, j);
  }
  j->result = r;
  w->pool->run++;
  if (r < 0)
    w->pool->failed++;
  w->pool->busy--;
}

static void *worker_main(void *user)
{
  struct worker *w = user;
  struct pool *p = w->pool;
  for (;;) {
    mailbox_wait(p->jobs, 1, -1);
    struct mail *m = mailbox_take_all(p->jobs, 1);
    if (m) {
      run_job(w, (struct pool_job *)m);
      mailbox_force(p->results, m);
    } else if (mailbox_closed(p->jobs)) {
      break;
    }
  }
  pg_close(w->db);
  return NULL;
}

/* --- the loop thread --- */

int pool_start(const char *conninfo, size_t threads, struct pool **ret)
{
  struct pool *p = xnew(struct pool);
  p->conninfo = xstrdup(conninfo);
  p->jobs = mailbox_new(LIMIT_HUB_JOBS);
  p->results = mailbox_new(SIZE_MAX);
  for (; p->n < threads; p->n++) {
    struct worker *w = &p->workers[p->n];
    w->pool = p;
    int error = pthread_create(&w->thread, NULL, worker_main, w);
    if (error) {
      pool_stop(p);
      return -error;
    }
  }
  *ret = p;
  return 0;
}

int pool_submit(struct pool *p, struct pool_job *j)
{
  return mailbox_put(p->jobs, &j->mail);
}

int pool_fd(const struct pool *p)
{
  return mailbox_fd(p->results);
}

void pool_dispatch(struct pool *p)
{
  struct mail *next;
  for (struct mail *m = mailbox_take_all(p->results, 0); m; m = next) {
    struct pool_job *j = (struct pool_job *)m;
    next = m->next;
    if (j->done)
      j->done(j);
    j->release(j);
  }
}

void pool_stop(struct pool *p)
{
  if (!p)
    return;
  mailbox_close(p->jobs);
  while (p->n)
    pthread_join(p->workers[--p->n].thread, NULL);
  struct mail *next;
  for (struct mail *m = mailbox_take_all(p->results, 0); m; m = next) {
    struct pool_job *j = (struct pool_job *)m;
    next = m->next;
    j->release(j);
  }
  mailbox_free(p->jobs);
  mailbox_free(p->results);
  free(p->conninfo);
  free(p);
}

void pool_read_stats(struct pool *p, struct pool_stats *ret)
{
  *ret = (struct pool_stats){
      .jobs = p->run,
      .retries = p->retries,
      .failed = p->failed,
      .connects = p->connects,
      .waiting = mailbox_size(p->jobs),
      .busy = p->busy,
      .threads = p->n,
  };
}
