/* job.c - from the loop to the pool and back. The result's way is the pool's mailbox: see hub.c, which sends it. */
#include "hub/api/job.h"

#include "hub/api/auth.h"
#include "hub/hub.h"

#define BUSY_S 2

void *job_new(size_t size, int (*run)(struct job *, struct pg *), void (*release)(struct job *))
{
  struct job *j = xcalloc(1, size);
  j->run = run;
  j->release = release;
  return j;
}

void job_free(struct job *j)
{
  if (!j)
    return;
  answer_reset(j);
  if (j->release)
    j->release(j);
  free(j);
}

void hub_submit(struct hub *h, struct http_request *r, struct job *take_job)
{
  take_job->http = r;
  if (r)
    auth_of_request(r, take_job);
  if (pool_put(h->pool, take_job) == 0)
    return;
  if (r)
    http_problem(r, 503, "storage_unavailable", NULL, "Too much was asked at once.", NULL, BUSY_S);
  job_free(take_job);
}

void answer_reset(struct job *j)
{
  buf_done(&j->answer.body);
  free(j->answer.headers);
  j->answer = (struct answer){0};
}

void answer_bytes(struct job *j, unsigned status, const char *type, struct buf *take_body)
{
  answer_reset(j);
  j->answer.status = status;
  j->answer.type = type;
  if (take_body)
    j->answer.body = *take_body;
  if (take_body)
    *take_body = (struct buf){0};
}

void answer_json(struct job *j, unsigned status, struct buf *take_body)
{
  answer_bytes(j, status, "application/json", take_body);
}

void answer_problem(struct job *j, unsigned status, const char *code, const char *field, const char *detail)
{
  answer_bytes(j, status, NULL, NULL);
  j->answer.code = code;
  j->answer.field = field;
  j->answer.detail = detail;
}

void answer_later(struct job *j, unsigned status, const char *code, const char *detail, int retry_after_s)
{
  answer_problem(j, status, code, NULL, detail);
  j->answer.retry_after_s = retry_after_s;
}

void answer_header(struct job *j, const char *name, const char *value)
{
  struct buf b = {0};
  if (j->answer.headers)
    buf_str(&b, j->answer.headers);
  buf_fmt(&b, "%s: %s\r\n", name, value);
  free(j->answer.headers);
  j->answer.headers = buf_take(&b);
}
