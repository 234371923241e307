/* handle_sync.c - the routes for booths: enrolment, and the exchange of bundles, direct or by courier. */
#include "base/clock.h"
#include "base/json.h"
#include "http/request.h"
#include "http/response.h"
#include "hub/api/handlers.h"
#include "hub/api/job.h"
#include "hub/ingest/exchange.h"
#include "hub/model/booths.h"
#include "protocol/enrol.h"

/* --- enrolment --- */

#define CODE_STEP_MS 1000 /* time in which one more wrong code is allowed */

struct enrolment {
  struct job job;
  struct enrol_request request;
  bool refused;
};

static int run_enrolment(struct job *j, struct pg *db)
{
  struct enrolment *q = (struct enrolment *)j;
  struct enrol_answer answer;
  int r = booths_enrol(db, &q->request, &answer);
  q->refused = r == 1;
  if (r < 0)
    return r;
  if (q->refused) {
    answer_problem(j, PROBLEM_BAD_CODE);
    return 0;
  }
  autobuf struct buf body = {0};
  enrol_answer_write(&answer, &body);
  answer_json(j, 200, &body);
  return 0;
}

/* All callers share one budget of wrong codes, since they may share one address. It never delays a right code, so that
 * one guesser cannot keep the boxes out. Codes have 80 random bits. */
static void limit_wrong_codes(struct job *j)
{
  struct api *a = j->api;
  if (j->pool.result < 0)
    return;
  if (!((const struct enrolment *)j)->refused) {
    a->stats.enrolled++;
    return;
  }
  a->stats.wrong_codes++;
  int64_t now = clock_mono_ms();
  int64_t wait = a->wrong_codes_until - now - LIMIT_HUB_WRONG_CODES * CODE_STEP_MS;
  if (wait > 0) {
    answer_problem(j, PROBLEM_WRONG_CODES);
    j->answer.retry_after_s = (int)(wait / 1000) + 1;
  } else {
    a->wrong_codes_until = max(a->wrong_codes_until, now) + CODE_STEP_MS;
  }
}

void api_enrol_post(struct http_request *r)
{
  size_t n;
  const char *text = http_body(r, &n);
  struct json *body = NULL;
  struct json_error e = {0};
  if (json_parse(text, n, &body, &e) < 0) {
    http_problem(r, 400, "bad_json", NULL, e.detail, NULL, 0);
    return;
  }
  struct enrolment *q = job_new(sizeof *q, run_enrolment, NULL);
  q->job.done = limit_wrong_codes;
  int status = enrol_request_read(body, &q->request);
  json_free(body);
  if (status < 0) {
    job_free(&q->job);
    problem_send(r, PROBLEM_BAD_ENROLMENT);
    return;
  }
  job_submit(r, &q->job);
}

/* --- the exchange of bundles --- */

struct exchange_job {
  struct job job;
  struct exchange exchange;
};

static int run_exchange(struct job *j, struct pg *db)
{
  static const enum problem problems[OUTCOMES] = {
      [OUTCOME_BAD_BUNDLE] = PROBLEM_BAD_BUNDLE,
      [OUTCOME_UNKNOWN_KEY] = PROBLEM_UNKNOWN_KEY,
      [OUTCOME_REVOKED] = PROBLEM_REVOKED,
      [OUTCOME_RETIRED] = PROBLEM_RETIRED,
  };
  struct exchange *x = &((struct exchange_job *)j)->exchange;
  autobuf struct buf answer = {0};
  int r = exchange_run(x, db, &answer);
  if (r < 0)
    return r;
  if (problems[x->outcome])
    answer_problem(j, problems[x->outcome]);
  else
    answer_bytes(j, 200, BUNDLE_TYPE, &answer);
  return 0;
}

static void count_exchange(struct job *j)
{
  const struct exchange *x = &((const struct exchange_job *)j)->exchange;
  struct stats *s = &j->api->stats;
  bool failed = j->pool.result < 0;
  s->exchanges[failed ? OUTCOME_UNAVAILABLE : x->outcome]++;
  s->courier += x->courier;
  s->exchange_us += x->us;
  s->bytes_in += x->n;
  if (failed)
    return;
  s->bytes_out += x->bytes_out;
  s->events += x->events;
  s->duplicates += x->duplicates;
  s->quarantined += x->quarantined;
}

static void submit_exchange(struct http_request *r, bool courier)
{
  struct exchange_job *q = job_new(sizeof *q, run_exchange, NULL);
  size_t n;
  const char *bytes = http_body(r, &n);
  q->job.done = count_exchange;
  q->exchange = (struct exchange){.bytes = bytes, .n = n, .courier = courier, .arrived = clock_wall_ms()};
  job_submit(r, &q->job);
}

void api_exchange_post(struct http_request *r)
{
  submit_exchange(r, false);
}

void api_courier_post(struct http_request *r)
{
  submit_exchange(r, true);
}

void api_courier_options(struct http_request *r)
{
  http_reply(r, 204, NULL, NULL, NULL);
}
