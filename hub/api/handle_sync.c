/* What booths ask: enrolment, and the exchange of bundles, by whichever way they came. */
#include "base/clock.h"
#include "hub/api/job.h"
#include "hub/api/routes.h"
#include "hub/ingest/exchange.h"
#include "hub/model/booths.h"
#include "protocol/enrol.h"

/* --- enrolment --- */

#define GUESS_MS 1000 /* in which one more wrong code is allowed */

struct enrolment {
  struct job job;
  struct enrol_request request;
  bool refused;
};

static int run_enrol(struct job *j, struct pg *db)
{
  struct enrolment *q = (struct enrolment *)j;
  struct enrol_answer answer;
  autobuf struct buf body = {0};
  int r = booths_enrol(db, &q->request, &answer);
  q->refused = r == 1;
  if (r < 0)
    return r;
  if (q->refused) {
    answer_problem(j, 403, "bad_code", "code", "This code is unknown, too old, or was used by another box.");
    return 0;
  }
  enrol_answer_write(&answer, &body);
  answer_json(j, 200, &body);
  return 0;
}

/* Codes have 80 random bits, which nobody guesses. The budget is everybody's, for all may come from one address: so it
 * slows who was wrong, and never who has a code, or one guesser could keep all boxes out. */
static void enrol_done(struct hub *h, struct job *j)
{
  const struct enrolment *q = (const struct enrolment *)j;
  int64_t now = clock_mono_ms(), wait = h->guesses_at - now - LIMIT_HUB_WRONG_CODES * GUESS_MS;
  if (j->outcome < 0)
    return;
  (*(q->refused ? &h->stats.not_enrolled : &h->stats.enrolled))++;
  if (!q->refused)
    return;
  if (wait > 0)
    answer_later(j, 429, "rate_limited", "Too many wrong codes.", (int)(wait / 1000) + 1);
  else
    h->guesses_at = max(h->guesses_at, now) + GUESS_MS;
}

void api_enrol_post(struct http_request *r)
{
  size_t n;
  const char *text = http_body(r, &n);
  struct json *body = NULL;
  struct json_error e = {0};
  struct enrolment *q = NULL;
  if (json_parse(text, n, &body, &e) < 0) {
    http_problem(r, 400, "bad_json", NULL, e.detail, NULL, 0);
    return;
  }
  q = job_new(sizeof *q, run_enrol, NULL);
  q->job.done = enrol_done;
  int status = enrol_request_read(body, &q->request);
  json_free(body);
  if (status < 0) {
    job_free(&q->job);
    http_problem(r, 400, "invalid_field", "signature", "The request is not whole, or not signed by its key.", NULL, 0);
    return;
  }
  hub_submit(api_of(r), r, &q->job);
}

/* --- the exchange --- */

struct post {
  struct job job;
  struct exchange exchange;
};

static int run_exchange(struct job *j, struct pg *db)
{
  struct post *p = (struct post *)j;
  autobuf struct buf answer = {0};
  int r = exchange_run(&p->exchange, db, &answer);
  if (r < 0)
    return r;
  const struct exchange_refusal *why = exchange_refusal(p->exchange.outcome);
  if (why)
    answer_problem(j, why->status, outcome_names[p->exchange.outcome], NULL, why->detail);
  else
    answer_bytes(j, 200, BUNDLE_TYPE, &answer);
  return 0;
}

static void exchange_done(struct hub *h, struct job *j)
{
  const struct post *p = (const struct post *)j;
  exchange_count(&p->exchange, j->outcome < 0 ? OUTCOME_UNAVAILABLE : p->exchange.outcome, &h->stats);
}

static void post(struct http_request *r, bool courier)
{
  struct post *p = job_new(sizeof *p, run_exchange, NULL);
  size_t n;
  const char *bytes = http_body(r, &n);
  p->job.done = exchange_done;
  p->exchange = (struct exchange){.bytes = bytes, .n = n, .courier = courier, .arrived = clock_wall_ms()};
  hub_submit(api_of(r), r, &p->job);
}

void api_exchange_post(struct http_request *r)
{
  post(r, false);
}

void api_courier_post(struct http_request *r)
{
  post(r, true);
}

void api_courier_options(struct http_request *r)
{
  http_reply(r, 204, NULL, NULL, NULL);
}
