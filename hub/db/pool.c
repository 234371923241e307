/* pool.c - any number of threads at one mailbox: who is free takes the next job. */
#include "hub/db/pool.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "base/log.h"
#include "hub/api/auth.h"
#include "hub/api/job.h"

#define BACKOFF_MS      100
#define BACKOFF_MOST_MS 2000

struct worker {
  struct pool *pool;
  pthread_t thread;
  struct pg *db;
  int64_t next_try, backoff; /* mono_ms */
};

struct pool {
  char *conninfo;
  struct mailbox *jobs, *results;
  struct worker workers[LIMIT_HUB_WORKERS];
  size_t n;
  _Atomic uint64_t run, again, failed, connects;
  _Atomic size_t busy;
  _Atomic bool away; /* the database; told once, and once when it is back */
};

static int connected(struct worker *w)
{
  char error[160] = "";
  int64_t now = clock_mono_ms();
  if (pg_alive(w->db))
    return 0;
  pg_close(take(w->db));
  if (now < w->next_try)
    return -ECONNRESET;
  int r = pg_open(w->pool->conninfo, &w->db, error);
  if (r == 0) {
    w->backoff = 0;
    w->pool->connects++;
    if (atomic_exchange(&w->pool->away, false))
      log_info("database_back", "connects=%llu", (unsigned long long)w->pool->connects);
    return 0;
  }
  w->backoff = w->backoff ? min(2 * w->backoff, BACKOFF_MOST_MS) : BACKOFF_MS;
  w->next_try = clock_mono_ms() + w->backoff;
  if (!atomic_exchange(&w->pool->away, true))
    log_warn("database_away", "error=\"%s\"", error);
  return -ECONNRESET;
}

static int attempt(struct worker *w, struct job *j)
{
  int r = connected(w);
  if (r < 0)
    return r;
  answer_reset(j);
  r = auth_check(j, w->db);
  if (r == 0 && !j->answer.status)
    r = j->run(j, w->db);
  pg_rollback(w->db);
  return r;
}

static void work(struct worker *w, struct job *j)
{
  w->pool->busy++;
  int r = attempt(w, j);
  for (int i = 1; (r == -EAGAIN || r == -ECONNRESET) && i < LIMIT_HUB_TRIES; i++) {
    if (r == -ECONNRESET && clock_mono_ms() < w->next_try)
      break; /* it is away, and not only its old connection */
    w->pool->again++;
    r = attempt(w, j);
  }
  j->outcome = r;
  w->pool->run++;
  if (r < 0) {
    answer_reset(j);
    w->pool->failed++;
  }
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
      work(w, (struct job *)m);
      mailbox_force(p->results, m);
    } else if (mailbox_closed(p->jobs)) {
      break;
    }
  }
  pg_close(w->db);
  return NULL;
}

int pool_start(const char *conninfo, size_t threads, struct mailbox *results, struct pool **ret)
{
  struct pool *p = xnew(struct pool);
  p->conninfo = xstrdup(conninfo);
  p->results = results;
  p->jobs = mailbox_new(LIMIT_HUB_JOBS);
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

int pool_put(struct pool *p, struct job *j)
{
  return mailbox_put(p->jobs, &j->mail);
}

void pool_stop(struct pool *p)
{
  if (!p)
    return;
  mailbox_close(p->jobs);
  while (p->n)
    pthread_join(p->workers[--p->n].thread, NULL);
  mailbox_free(p->jobs);
  free(p->conninfo);
  free(p);
}

void pool_stats(struct pool *p, struct pool_stats *ret)
{
  *ret = (struct pool_stats){.jobs = p->run,
                             .again = p->again,
                             .failed = p->failed,
                             .connects = p->connects,
                             .waiting = mailbox_size(p->jobs),
                             .busy = p->busy,
                             .threads = p->n};
}
