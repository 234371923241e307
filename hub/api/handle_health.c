/* /healthz answers 200 only when the database did, so a proxy or a monitor sees what a booth would see. /metrics: what
 * this process counted, and what the database knows of all.
 */
#include <inttypes.h>

#include "hub/api/job.h"
#include "hub/api/routes.h"

static const char SQL_ALIVE[] = "SELECT generation FROM hub",
                  SQL_BOOTHS[] =
                      "SELECT encode(b.id, 'hex'), coalesce(greatest(e.head - e.acked, 0), 0), coalesce(b.seen_at, 0), "
                      "CASE WHEN b.generation = h.generation THEN b.inbox_head - b.inbox_acked ELSE (SELECT count(*) "
                      "FROM inbox i WHERE i.booth = b.n AND i.acked_at IS NULL) END "
                      "FROM hub h, booth b LEFT JOIN epoch e ON e.n = b.epoch WHERE EXISTS (SELECT FROM booth_key k "
                      "WHERE k.booth = b.n AND k.state <> 'revoked') ORDER BY b.n",
                  SQL_QUARANTINE[] = "SELECT count(*) FROM quarantine";

static int run_healthz(struct job *j, struct pg *db)
{
  struct buf body autobuf = {0};
  int r = pg_do(db, SQL_ALIVE, NULL, NULL);
  buf_str(&body, "{\"status\":\"ok\"}");
  answer_json(j, 200, &body);
  return r;
}

void api_healthz_get(struct http_request *r)
{
  hub_submit(hub_of(r), r, job_new(sizeof(struct job), run_healthz, NULL));
}

/* ---- /metrics ---- */

static void head(struct buf *b, const char *name, const char *type, const char *help)
{
  buf_fmt(b, "# HELP boothhub_%s %s\n# TYPE boothhub_%s %s\n", name, help, name, type);
}

static void metric(struct buf *b, const char *name, const char *type, const char *help, double value)
{
  head(b, name, type, help);
  buf_fmt(b, "boothhub_%s %.15g\n", name, value);
}

/* What this process counted. */
static void own_numbers(struct buf *b, struct hub *h)
{
  struct numbers *n = &h->numbers;
  struct pool_numbers p;
  struct http_numbers w;
  pool_numbers(h->pool, &p);
  http_numbers(h->http, &w);
  head(b, "exchanges_total", "counter", "Bundles that came, by how they were answered.");
  for (size_t i = 0; i < OUTCOMES; i++)
    buf_fmt(b, "boothhub_exchanges_total{outcome=\"%s\"} %" PRIu64 "\n", outcome_names[i], n->exchanges[i]);
  head(b, "http_responses_total", "counter", "Answers by class.");
  for (int i = 1; i <= 5; i++)
    buf_fmt(b, "boothhub_http_responses_total{class=\"%dxx\"} %" PRIu64 "\n", i, w.by_class[i]);
  metric(b, "courier_total", "counter", "Of the bundles, those that somebody carried.", (double)n->courier);
  metric(b, "exchange_seconds_total", "counter", "Time of all exchanges.", (double)n->exchange_us / 1e6);
  metric(b, "bundle_bytes_in_total", "counter", "Bytes of bundles that came.", (double)n->bytes_in);
  metric(b, "bundle_bytes_out_total", "counter", "Bytes of bundles that went.", (double)n->bytes_out);
  metric(b, "events_total", "counter", "Events stored.", (double)n->events);
  metric(b, "events_again_total", "counter", "Events that were there already.", (double)n->events_again);
  metric(b, "quarantined_total", "counter", "Events that could not be digested.", (double)n->quarantined);
  metric(b, "enrolled_total", "counter", "Enrolments.", (double)n->enrolled);
  metric(b, "not_enrolled_total", "counter", "Enrolments refused for their code.", (double)n->not_enrolled);
  metric(b, "jobs_total", "counter", "Jobs run on the database.", (double)p.jobs);
  metric(b, "jobs_again_total", "counter", "Jobs run once more, after another was in their way.", (double)p.again);
  metric(b, "jobs_failed_total", "counter", "Jobs that failed for the database.", (double)p.failed);
  metric(b, "database_connects_total", "counter", "Connections opened.", (double)p.connects);
  metric(b, "jobs_waiting", "gauge", "Jobs that wait for a thread.", (double)p.waiting);
  metric(b, "jobs_busy", "gauge", "Threads at work.", (double)p.busy);
  metric(b, "http_connections", "gauge", "Open connections.", (double)w.connections);
  metric(b, "http_refused_total", "counter", "Connections refused for a limit.", (double)w.refused);
  metric(b, "http_timeouts_total", "counter", "Requests ended because they took too long to arrive.",
         (double)w.timeouts);
}

static void by_booth(struct buf *b, const struct pg_rows *rows, const char *name, const char *help, int column,
                     double unit)
{
  head(b, name, "gauge", help);
  for (size_t i = 0; i < pg_count(rows); i++)
    buf_fmt(b, "boothhub_%s{booth=\"%s\"} %.15g\n", name, pg_get(rows, i, 0),
            (double)pg_get_int(rows, i, column) / unit);
}

struct metrics {
  struct job job;
  struct buf own;
};

static void release_metrics(struct job *j)
{
  buf_done(&((struct metrics *)j)->own);
}

static int run_metrics(struct job *j, struct pg *db)
{
  struct metrics *m = (struct metrics *)j;
  struct pg_rows *booths autorows = NULL, *quarantine autorows = NULL;
  struct buf b autobuf = {0};
  int r = pg_query(db, SQL_BOOTHS, NULL, &booths);
  if (r == 0)
    r = pg_query(db, SQL_QUARANTINE, NULL, &quarantine);
  if (r < 0)
    return r;
  buf_add(&b, m->own.data, m->own.len);
  by_booth(&b, booths, "lag_events", "Events of its present epoch that the booth spoke of and that are not here.", 1,
           1);
  by_booth(&b, booths, "seen_timestamp_seconds", "When it was last heard of; 0 = never.", 2, 1000);
  by_booth(&b, booths, "inbox_waiting", "Items that the booth has not done yet.", 3, 1);
  metric(&b, "quarantine", "gauge", "Events in the quarantine.", (double)pg_get_int(quarantine, 0, 0));
  answer_bytes(j, 200, "text/plain; version=0.0.4; charset=utf-8", &b);
  return 0;
}

void api_metrics_get(struct http_request *r)
{
  struct metrics *m = job_new(sizeof *m, run_metrics, release_metrics);
  buf_str(&m->own, "# HELP boothhub_info Version.\n# TYPE boothhub_info gauge\n"
                   "boothhub_info{version=\"" BOOTHD_VERSION "\"} 1\n");
  own_numbers(&m->own, hub_of(r));
  hub_submit(hub_of(r), r, &m->job);
}
