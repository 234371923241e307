/* handle_health.c - /healthz answers 200 only if the database answered, so that a proxy or a monitor sees what a booth
 * would see. /metrics: this process's counters, and the database's numbers of all booths.
 */
#include "base/prometheus.h"
#include "http/server.h"
#include "hub/api/handlers.h"
#include "hub/api/job.h"

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
  int r = pg_do(db, SQL_ALIVE, NULL, NULL);
  if (r < 0)
    return r;
  autobuf struct buf body = {0};
  buf_str(&body, "{\"status\":\"ok\"}");
  answer_json(j, 200, &body);
  return 0;
}

void api_healthz_get(struct http_request *r)
{
  job_submit(r, job_new(sizeof(struct job), run_healthz, NULL));
}

/* --- /metrics --- */

static void add_counter(struct buf *b, const char *name, const char *help, uint64_t value)
{
  prometheus_metric(b, name, "counter", help, (double)value);
}

static void add_gauge(struct buf *b, const char *name, const char *help, size_t value)
{
  prometheus_metric(b, name, "gauge", help, (double)value);
}

static void exchange_metrics(struct buf *b, const struct stats *s)
{
  prometheus_head(b, "boothhub_exchanges_total", "counter", "Bundles received, by how they were answered.");
  for (size_t i = 0; i < OUTCOMES; i++)
    prometheus_sample(b, "boothhub_exchanges_total", "outcome", outcome_names[i], (double)s->exchanges[i]);
  add_counter(b, "boothhub_courier_total", "Bundles that a courier carried.", s->courier);
  prometheus_metric(b, "boothhub_exchange_seconds_total", "counter", "Time spent in exchanges.",
                    (double)s->exchange_us / 1e6);
  add_counter(b, "boothhub_bundle_bytes_in_total", "Bytes of bundles received.", s->bytes_in);
  add_counter(b, "boothhub_bundle_bytes_out_total", "Bytes of bundles sent.", s->bytes_out);
  add_counter(b, "boothhub_events_total", "Events stored.", s->events);
  add_counter(b, "boothhub_events_again_total", "Events received that were stored already.", s->duplicates);
  add_counter(b, "boothhub_quarantined_total", "Events put into the quarantine.", s->quarantined);
  add_counter(b, "boothhub_enrolled_total", "Enrolments.", s->enrolled);
  add_counter(b, "boothhub_not_enrolled_total", "Enrolments refused for their code.", s->wrong_codes);
}

static void pool_metrics(struct buf *b, struct pool *pool)
{
  struct pool_stats s;
  pool_read_stats(pool, &s);
  add_counter(b, "boothhub_jobs_total", "Jobs run on the database.", s.jobs);
  add_counter(b, "boothhub_jobs_again_total", "Times a job was run again, for a deadlock or a lost connection.",
              s.retries);
  add_counter(b, "boothhub_jobs_failed_total", "Jobs that the database failed.", s.failed);
  add_counter(b, "boothhub_database_connects_total", "Connections to the database opened.", s.connects);
  add_gauge(b, "boothhub_jobs_waiting", "Jobs that wait for a thread.", s.waiting);
  add_gauge(b, "boothhub_jobs_busy", "Threads that run a job.", s.busy);
}

static void http_metrics(struct buf *b, const struct http_server *http)
{
  static const char *const classes[] = {NULL, "1xx", "2xx", "3xx", "4xx", "5xx"};
  struct http_stats s;
  http_stats(http, &s);
  prometheus_head(b, "boothhub_http_responses_total", "counter", "Responses by class.");
  for (size_t i = 1; i < array_len(classes); i++)
    prometheus_sample(b, "boothhub_http_responses_total", "class", classes[i], (double)s.by_class[i]);
  add_gauge(b, "boothhub_http_connections", "Open connections.", s.connections);
  add_counter(b, "boothhub_http_refused_total", "Connections refused for a limit.", s.refused);
  add_counter(b, "boothhub_http_timeouts_total", "Requests ended because they took too long to arrive.", s.timeouts);
}

static void booth_metrics(struct buf *b, const struct pg_rows *rows, const char *name, const char *help, int column,
                          double unit)
{
  prometheus_head(b, name, "gauge", help);
  for (size_t i = 0; i < pg_count(rows); i++)
    prometheus_sample(b, name, "booth", pg_get(rows, i, 0), (double)pg_get_int(rows, i, column) / unit);
}

struct metrics {
  struct job job;
  struct buf process; /* metrics of this process, read on the loop */
};

static void release_metrics(struct job *j)
{
  buf_done(&((struct metrics *)j)->process);
}

static int run_metrics(struct job *j, struct pg *db)
{
  const struct metrics *q = (const struct metrics *)j;
  autorows struct pg_rows *booths = NULL, *quarantine = NULL;
  int r = pg_query(db, SQL_BOOTHS, NULL, &booths);
  if (r < 0)
    return r;
  r = pg_query(db, SQL_QUARANTINE, NULL, &quarantine);
  if (r < 0)
    return r;
  autobuf struct buf b = {0};
  buf_add(&b, q->process.data, q->process.len);
  booth_metrics(&b, booths, "boothhub_lag_events",
                "Events of the booth's present epoch that the hub does not have yet.", 1, 1);
  booth_metrics(&b, booths, "boothhub_seen_timestamp_seconds", "Last contact with the booth; 0 = never.", 2, 1000);
  booth_metrics(&b, booths, "boothhub_inbox_waiting", "Inbox items that the booth has not acknowledged.", 3, 1);
  add_gauge(&b, "boothhub_quarantine", "Events in the quarantine.", (size_t)pg_get_int(quarantine, 0, 0));
  answer_bytes(j, 200, PROMETHEUS_TYPE, &b);
  return 0;
}

void api_metrics_get(struct http_request *r)
{
  const struct api *a = api_of(r);
  struct metrics *q = job_new(sizeof *q, run_metrics, release_metrics);
  struct buf *b = &q->process;
  prometheus_head(b, "boothhub_info", "gauge", "Version.");
  prometheus_sample(b, "boothhub_info", "version", BOOTHD_VERSION, 1);
  exchange_metrics(b, &a->stats);
  pool_metrics(b, a->pool);
  http_metrics(b, a->http);
  job_submit(r, &q->job);
}
