/* job.h - a request that is answered by a thread of the pool.
 *
 * The loop thread never waits for the database, so an answer is made in two parts: the handler (loop thread) reads the
 * request into a struct of its own that begins with a struct job, and submits it; run() (a thread of the pool) works on
 * its connection and writes the answer into the job; the loop then sends it.
 *
 *   struct rename { struct job job; int64_t booth; char name[LIMIT_BOOTH * 4 + 1]; };
 *   static int run_rename(struct job *j, struct pg *db)
 *   {
 *     struct rename *q = (struct rename *)j;
 *     struct pg_args a = {0};
 *     pg_int(&a, q->booth);
 *     pg_text(&a, q->name);
 *     int r = pg_do(db, SQL_RENAME, &a, NULL);
 *     if (r < 0)
 *       return r;                                    the database failed: 503, the answer is not used
 *     answer_json(j, 200, &body);                    or: answer_problem(j, PROBLEM_NO_BOOTH);
 *     return 0;
 *   }
 *   void api_booth_put(struct http_request *r)
 *   {
 *     struct rename *q = job_new(sizeof *q, run_rename, NULL);
 *     ... if it is refused: job_free(&q->job), problem_send(r, ...), return;
 *     job_submit(r, &q->job);
 *   }
 *
 * run() may be called again after a deadlock or a broken connection, even after its COMMIT: ids and tokens are
 * made in the handler, and inserts must tolerate their own rows. A transaction left open is rolled back. http_body()
 * lives until the answer is out, so run() may read it by a pointer taken in the handler, but nothing else of the
 * request.
 *
 * A route is a row in routes.c; its role is the scope that the caller's API key must have. The key is checked before
 * run(), and 401 and 403 are answered for the handler.
 */
#ifndef HUB_API_JOB_H
#define HUB_API_JOB_H

#include "base/buf.h"
#include "hub/api/api.h"
#include "hub/api/auth.h"
#include "hub/api/problem.h"

struct answer {
  unsigned status;
  const char *type; /* of the body; a constant */
  struct buf body;
  enum problem problem; /* instead of the members above */
  int retry_after_s;    /* of the problem; 0 = its table's */
};

struct job {
  struct pool_job pool;                     /* pool.result: what run() returned last */
  int (*run)(struct job *j, struct pg *db); /* thread of the pool */
  void (*done)(struct job *j);              /* loop thread, before the answer is sent; NULL = nothing to do */
  void (*release)(struct job *j);           /* loop thread: frees what the struct owns beyond the job; NULL = nothing */
  struct api *api;                          /* loop thread only, as is http */
  struct http_request *http;
  struct auth auth; /* for run(): auth.scopes */
  struct answer answer;
};

/* size: of the struct that begins with a struct job; zeroed. */
void *job_new(size_t size, int (*run)(struct job *, struct pg *), void (*release)(struct job *))
    __attribute__((returns_nonnull));
void job_free(struct job *j);
/* Takes the job and answers r when it is done, or at once with 503 if too many wait. */
void job_submit(struct http_request *r, struct job *take_job);

/* To be called in run() or done(); the last answer counts. */
void answer_json(struct job *j, unsigned status, struct buf *take_body);
void answer_bytes(struct job *j, unsigned status, const char *type, struct buf *take_body);
void answer_problem(struct job *j, enum problem p);

#endif
