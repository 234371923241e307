/* hub.h - the central server: one loop, a pool of threads with connections, and how a handler works with both.
 *
 * How a handler runs SQL. The loop thread never waits for the database, so an answer is made in two parts: the handler
 * (loop thread) reads the request into a struct of its own that begins with a struct job, and submits it; run() (a
 * thread of the pool) does the work on its connection and writes the answer into the job; the loop sends it.
 *
 *   struct rename { struct job job; int64_t booth; char name[LIMIT_BOOTH * 4 + 1]; };
 *   static int run(struct job *j, struct pg *db) {
 *     struct rename *q = (struct rename *)j;
 *     struct pg_args a = {0};
 *     pg_int(&a, q->booth), pg_text(&a, q->name);
 *     int r = pg_do(db, SQL_RENAME, &a, NULL);
 *     if (r == 0) answer_json(j, 200, &body);        or: answer_problem(j, 404, "not_found", NULL, "No such booth.");
 *     return r;                                      negative = the database failed: 503, nothing of the answer is used
 *   }
 *   void api_booth_put(struct http_request *r) {
 *     struct rename *q = job_new(sizeof *q, run, NULL);
 *     ... if refused: job_free(&q->job), http_problem(r, ...); return;
 *     hub_submit(api_of(r), r, &q->job);
 *   }
 *
 * run() may be called again when a transaction met another or the connection broke, even after its COMMIT: what it
 * makes up (ids, tokens) it must make up in the handler, and inserts must not mind to find themselves. A transaction is
 * pg_begin()/pg_commit(); what run() leaves open is rolled back. The bytes of http_body() live until the answer is out,
 * so run() may read them by a pointer taken in the handler; nothing else of the request may be touched there.
 *
 * A route is a row in routes.c. Its role is the scope that its caller's API key must have (SCOPE_NONE = anybody): the
 * key is checked before run(), 401 and 403 are answered by themselves. Handlers by subject: api_*.c. Wishes to a booth
 * go through inbox_put() (inbox.h), whatever they are.
 */
#ifndef HUB_HUB_H
#define HUB_HUB_H

#include "base/mailbox.h"
#include "http/server.h"
#include "hub/config.h"
#include "hub/db/pg.h"
#include "hub/db/pool.h"
#include "hub/stats.h"

struct hub {
  const struct hub_config *config;
  struct sd_event *event;
  struct sd_event_source *tick;
  struct http_server *http;
  struct pool *pool;
  struct mailbox *results;
  struct stats stats;
  int64_t guesses_at;     /* mono_ms at which the budget of wrong codes is whole again */
  int64_t stop_by;        /* mono_ms, 0 = not asked to stop */
  int64_t maintenance_at; /* mono_ms */
};

int hub_serve(const struct hub_config *c) must_check; /* until SIGTERM; an exit status */
/* A connection to a database of this program's schema: 0, or it said why not, and an exit status. */
int hub_open(const struct hub_config *c, struct pg **ret) must_check;

#endif
