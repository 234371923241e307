#include "hub/api/job.h"
#include "http/response.h"

static void answer_reset(struct job *j)
{
  buf_done(&j->answer.body);
  j->answer = (struct answer){0};
}

static int check_and_run(struct pool_job *p, struct pg *db)
{
  struct job *j = (struct job *)p;
  answer_reset(j);
  int r = auth_check(&j->auth, db);
  if (r < 0)
    return r;
  if (r != AUTH_OK) {
    answer_problem(j, r == AUTH_UNKNOWN_KEY ? PROBLEM_NOT_SIGNED_IN : PROBLEM_FORBIDDEN);
    return 0;
  }
  return j->run(j, db);
}

static void send_answer(struct pool_job *p)
{
  struct job *j = (struct job *)p;
  struct answer *a = &j->answer;
  if (j->done)
    j->done(j);
  if (p->result < 0)
    problem_send(j->http, PROBLEM_NO_DATABASE);
  else if (a->problem)
    problem_send_retry(j->http, a->problem, a->retry_after_s);
  else
    http_reply(j->http, a->status, a->type, &a->body, NULL);
}

static void release_job(struct pool_job *p)
{
  job_free((struct job *)p);
}

void *job_new(size_t size, int (*run)(struct job *, struct pg *), void (*release)(struct job *))
{
  struct job *j = xcalloc(1, size);
  j->pool.run = check_and_run;
  j->pool.done = send_answer;
  j->pool.release = release_job;
  j->run = run;
  j->release = release;
  return j;
}

void job_free(struct job *j)
{
  answer_reset(j);
  if (j->release)
    j->release(j);
  free(j);
}

void job_submit(struct http_request *r, struct job *take_job)
{
  struct job *j = take_job;
  j->http = r;
  j->api = api_of(r);
  auth_of_request(r, &j->auth);
  if (pool_submit(j->api->pool, &j->pool) == 0)
    return;
  problem_send(r, PROBLEM_BUSY);
  job_free(j);
}

void answer_bytes(struct job *j, unsigned status, const char *type, struct buf *take_body)
{
  answer_reset(j);
  j->answer.status = status;
  j->answer.type = type;
  j->answer.body = *take_body;
  *take_body = (struct buf){0};
}

void answer_json(struct job *j, unsigned status, struct buf *take_body)
{
  answer_bytes(j, status, "application/json", take_body);
}

void answer_problem(struct job *j, enum problem p)
{
  answer_reset(j);
  j->answer.problem = p;
}
