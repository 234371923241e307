/* pending.c - who asked is kept here while what was asked is with another thread; one that takes no more is answered
 * for at once, so that nobody waits for what will not come.
 */
#include "api/pending.h"

#include "api/routes.h"

struct call *box_call(struct box *b, struct http_request *http)
{
  struct call *c = xnew(struct call);
  c->box = b;
  c->http = http;
  b->waiting++;
  return c;
}

void box_call_done(struct call *c)
{
  c->box->waiting--;
  request_free(c->then);
  free(c);
}

static void refuse_busy(struct http_request *http)
{
  if (http)
    api_problem(http, REFUSE_STORAGE, NULL, "The booth is busy saving. Ask again with the same Idempotency-Key.", NULL);
}

struct call *box_submit(struct box *b, struct http_request *http, struct request *r,
                        void (*answer)(struct call *c, struct request *r))
{
  struct call *c = box_call(b, http);
  c->answer = answer;
  r->context = c;
  if (writer_post(b->o.writer, r) == 0)
    return c;
  box_call_done(c);
  request_free(r);
  refuse_busy(http);
  return NULL;
}

struct call *box_submit_job(struct box *b, struct http_request *http, struct work_item *j,
                            void (*done)(struct call *c, struct work_item *j))
{
  struct call *c = box_call(b, http);
  c->done = done;
  j->context = c;
  if (worker_post(b->o.worker, j) == 0)
    return c;
  box_call_done(c);
  work_item_free(j);
  refuse_busy(http);
  return NULL;
}
