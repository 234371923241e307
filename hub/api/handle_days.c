/* handle_days.c - the figures of a business day at each booth. The booth begins and ends its days, and dates them by
 * its own clock.
 */
#include "base/json_write.h"
#include "base/text.h"
#include "http/request.h"
#include "hub/api/handlers.h"
#include "hub/api/job.h"

struct day_job {
  struct job job;
  char date[11];
};

/* A wait lasts from the issue to the latest call, and only tickets that were called have one. Tickets that wait in an
 * epoch that the booth has left do not count: the present epoch did not take them over. */
static const char SQL_DAY[] =
    "SELECT encode(b.id, 'hex'), b.name, bool_and(d.trusted), count(*), count(*) FILTER (WHERE t.state = 'seated'), "
    "count(*) FILTER (WHERE t.state = 'no_show'), count(*) FILTER (WHERE t.state = 'cancelled'), "
    "count(*) FILTER (WHERE t.state IN ('waiting', 'called')), count(*) FILTER (WHERE t.source = 'hub'), "
    "coalesce(sum(t.party_size) FILTER (WHERE t.state = 'seated'), 0), "
    "(percentile_disc(0.5) WITHIN GROUP (ORDER BY t.called_at - t.issued_at)) / 1000, "
    "(percentile_disc(0.9) WITHIN GROUP (ORDER BY t.called_at - t.issued_at)) / 1000 "
    "FROM day d JOIN booth b ON b.n = d.booth JOIN ticket t ON t.booth = d.booth AND t.day = d.id "
    "AND life(t.epoch) = d.life "
    "WHERE d.date = $1 AND (t.epoch = b.epoch OR t.state NOT IN ('waiting', 'called')) "
    "GROUP BY b.n, b.id, b.name ORDER BY b.name, b.n";

static void wait_json(struct buf *b, const struct pg_rows *rows, size_t i)
{
  if (pg_is_null(rows, i, 10)) {
    json_null(b, "wait");
    return;
  }
  json_open(b, "wait", '{');
  json_int(b, "median_s", pg_get_int(rows, i, 10));
  json_int(b, "p90_s", pg_get_int(rows, i, 11));
  json_close(b, '}');
}

static int run_day(struct job *j, struct pg *db)
{
  static const char *const totals[] = {"tickets", "seated", "no_show", "cancelled", "open", "remote", "guests_seated"};
  struct day_job *q = (struct day_job *)j;
  autorows struct pg_rows *rows = NULL;
  autobuf struct buf b = {0};
  struct pg_args a = {0};
  pg_text(&a, q->date);
  int r = pg_query(db, SQL_DAY, &a, &rows);
  if (r < 0)
    return r;
  json_open(&b, NULL, '{');
  json_str(&b, "date", q->date);
  json_open(&b, "booths", '[');
  for (size_t i = 0; i < pg_count(rows); i++) {
    json_open(&b, NULL, '{');
    json_str(&b, "booth", pg_get(rows, i, 0));
    json_str(&b, "name", pg_get(rows, i, 1));
    json_bool(&b, "trusted", pg_get_true(rows, i, 2));
    for (size_t k = 0; k < array_len(totals); k++)
      json_int(&b, totals[k], pg_get_int(rows, i, 3 + (int)k));
    wait_json(&b, rows, i);
    json_close(&b, '}');
  }
  json_close(&b, ']');
  json_close(&b, '}');
  answer_json(j, 200, &b);
  return 0;
}

void api_day_get(struct http_request *r)
{
  struct day_job *q = job_new(sizeof *q, run_day, NULL);
  int32_t date;
  if (util_copy(q->date, sizeof q->date, http_param(r, 0)) && text_parse_date(q->date, &date) == 0) {
    job_submit(r, &q->job);
    return;
  }
  job_free(&q->job);
  problem_send(r, PROBLEM_NO_DAY);
}
