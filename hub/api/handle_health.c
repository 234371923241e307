/* /healthz answers 200 only when the database did, so a proxy or a monitor sees what a booth would see. /metrics: what
 * this process counted, and what the database knows of all.
 */

#include "base/prometheus.h"
#include "hub/api/job.h"
#include "hub/api/routes.h"

static const char SQL_ALIVE[] = "SELECT generation FROM hub";
static const char SQL_BOOTHS[] =
    "SELECT encode(b.id, 'hex'), coalesce(greatest(e.head - e.acked, 0), 0), coalesce(b.seen_at, 0), "
    "CASE WHEN b.generation = h.generation THEN b.inbox_head - b.inbox_acked ELSE (SELECT count(*) "
    "FROM inbox i WHERE i.booth = b.n AND i.acked_at IS NULL) END "
    "FROM hub h, booth b LEFT JOIN epoch e ON e.n = b.epoch WHERE EXISTS (SELECT FROM booth_key k "
    "WHERE k.booth = b.n AND k.state <> 'revoked') ORDER BY b.n";
static const char SQL_QUARANTINE[] = "SELECT count(*) FROM quarantine";

static int run_healthz(struct job *j, struct pg *db)
{
  autobuf struct buf body = {0};
  int r = pg_do(db, SQL_ALIVE, NULL, NULL);
  buf_str(&body, "{\"status\":\"ok\"}");
  answer_json(j, 200, &body);
  return r;
}

void api_healthz_get(struct http_request *r)
{
  hub_submit(api_of(r), r, job_new(sizeof(struct job), run_healthz, NULL));
}

/* --- /metrics --- */

/* What this process counted. */
static void process_stats(struct buf *b, struct hub *h)
{
  struct stats *n = &h->stats;
  struct pool_stats p;
  struct http_stats w;
  pool_stats(h->pool, &p);
  http_stats(h->http, &w);
  prometheus_head(b, "boothhub_exchanges_total", "counter", "Bundles that came, by how they were answered.");
  for (size_t i = 0; i < OUTCOMES; i++)
    prometheus_sample(b, "boothhub_exchanges_total", "outcome", outcome_names[i], (double)n->exchanges[i]);
  prometheus_head(b, "boothhub_http_responses_total", "counter", "Answers by class.");
  static const char *const classes[] = {NULL, "1xx", "2xx", "3xx", "4xx", "5xx"};
  for (size_t i = 1; i < array_len(classes); i++)
    prometheus_sample(b, "boothhub_http_responses_total", "class", classes[i], (double)w.by_class[i]);
  prometheus_metric(b, "boothhub_courier_total", "counter", "Of the bundles, those that somebody carried.",
                    (double)n->courier);
  prometheus_metric(b, "boothhub_exchange_seconds_total", "counter", "Time of all exchanges.",
                    (double)n->exchange_us / 1e6);
  prometheus_metric(b, "boothhub_bundle_bytes_in_total", "counter", "Bytes of bundles that came.", (double)n->bytes_in);
  prometheus_metric(b, "boothhub_bundle_bytes_out_total", "counter", "Bytes of bundles that went.",
                    (double)n->bytes_out);
  prometheus_metric(b, "boothhub_events_total", "counter", "Events stored.", (double)n->events);
  prometheus_metric(b, "boothhub_events_again_total", "counter", "Events that were there already.",
                    (double)n->events_again);
  prometheus_metric(b, "boothhub_quarantined_total", "counter", "Events that could not be digested.",
                    (double)n->quarantined);
  prometheus_metric(b, "boothhub_enrolled_total", "counter", "Enrolments.", (double)n->enrolled);
  prometheus_metric(b, "boothhub_not_enrolled_total", "counter", "Enrolments refused for their code.",
                    (double)n->not_enrolled);
  prometheus_metric(b, "boothhub_jobs_total", "counter", "Jobs run on the database.", (double)p.jobs);
  prometheus_metric(b, "boothhub_jobs_again_total", "counter", "Jobs run once more, after another was in their way.",
                    (double)p.again);
  prometheus_metric(b, "boothhub_jobs_failed_total", "counter", "Jobs that failed for the database.", (double)p.failed);
  prometheus_metric(b, "boothhub_database_connects_total", "counter", "Connections opened.", (double)p.connects);
  prometheus_metric(b, "boothhub_jobs_waiting", "gauge", "Jobs that wait for a thread.", (double)p.waiting);
  prometheus_metric(b, "boothhub_jobs_busy", "gauge", "Threads at work.", (double)p.busy);
  prometheus_metric(b, "boothhub_http_connections", "gauge", "Open connections.", (double)w.connections);
  prometheus_metric(b, "boothhub_http_refused_total", "counter", "Connections refused for a limit.", (double)w.refused);
  prometheus_metric(b, "boothhub_http_timeouts_total", "counter",
                    "Requests ended because they took too long to arrive.", (double)w.timeouts);
}

static void by_booth(struct buf *b, const struct pg_rows *rows, const char *name, const char *help, int column,
                     double unit)
{
  prometheus_head(b, name, "gauge", help);
  for (size_t i = 0; i < pg_count(rows); i++)
    prometheus_sample(b, name, "booth", pg_get(rows, i, 0), (double)pg_get_int(rows, i, column) / unit);
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
  autorows struct pg_rows *booths = NULL, *quarantine = NULL;
  autobuf struct buf b = {0};
  int r = pg_query(db, SQL_BOOTHS, NULL, &booths);
  if (r == 0)
    r = pg_query(db, SQL_QUARANTINE, NULL, &quarantine);
  if (r < 0)
    return r;
  buf_add(&b, m->own.data, m->own.len);
  by_booth(&b, booths, "boothhub_lag_events",
           "Events of its present epoch that the booth spoke of and that are not here.", 1, 1);
  by_booth(&b, booths, "boothhub_seen_timestamp_seconds", "When it was last heard of; 0 = never.", 2, 1000);
  by_booth(&b, booths, "boothhub_inbox_waiting", "Items that the booth has not done yet.", 3, 1);
  prometheus_metric(&b, "boothhub_quarantine", "gauge", "Events in the quarantine.",
                    (double)pg_get_int(quarantine, 0, 0));
  answer_bytes(j, 200, PROMETHEUS_TYPE, &b);
  return 0;
}

void api_metrics_get(struct http_request *r)
{
  struct metrics *m = job_new(sizeof *m, run_metrics, release_metrics);
  prometheus_head(&m->own, "boothhub_info", "gauge", "Version.");
  prometheus_sample(&m->own, "boothhub_info", "version", BOOTHD_VERSION, 1);
  process_stats(&m->own, api_of(r));
  hub_submit(api_of(r), r, &m->job);
}
