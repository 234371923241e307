/* metrics.c - Prometheus text, from counters that other threads keep as atomics. */
#include <inttypes.h>

#include "api/api.h"
#include "api/handlers.h"
#include "base/prometheus.h"
#include "http/server.h"
#include "system/uplink.h"
#include "wifi/radio.h"

static const double bucket_s[] = {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5};

static void command_metrics(struct buf *b, const struct writer_stats *n)
{
  prometheus_head(b, "boothd_commands_total", "counter", "Commands committed, by kind.");
  for (size_t i = 0; i < CMD_KINDS; i++)
    prometheus_sample(b, "boothd_commands_total", "kind", command_specs[i].name, (double)n->commands[i]);
}

static void commit_metrics(struct buf *b, const struct writer_stats *n)
{
  uint64_t below = 0;
  prometheus_head(b, "boothd_commit_seconds", "histogram", "Time of one commit.");
  for (size_t i = 0; i < array_len(bucket_s); i++) {
    below += n->commit_us_buckets[i];
    buf_fmt(b, "boothd_commit_seconds_bucket{le=\"%g\"} %" PRIu64 "\n", bucket_s[i], below);
  }
  below += n->commit_us_buckets[array_len(bucket_s)];
  buf_fmt(b,
          "boothd_commit_seconds_bucket{le=\"+Inf\"} %" PRIu64 "\nboothd_commit_seconds_sum %.6f\n"
          "boothd_commit_seconds_count %" PRIu64 "\n",
          below, (double)n->commit_us_sum / 1e6, below);
}

static void writer_metrics(struct buf *b, struct writer *writer)
{
  struct writer_stats n;
  writer_stats(writer, &n);
  command_metrics(b, &n);
  commit_metrics(b, &n);
  prometheus_metric(b, "boothd_refused_total", "counter", "Commands that the queue refused.", (double)n.refused);
  prometheus_metric(b, "boothd_replayed_total", "counter", "Commands answered from an earlier one with the same key.",
                    (double)n.replayed);
  prometheus_metric(b, "boothd_batches_total", "counter", "Commits.", (double)n.batches);
  prometheus_metric(b, "boothd_failed_batches_total", "counter", "Commits that failed.", (double)n.failed_batches);
  prometheus_metric(b, "boothd_wal_bytes", "gauge", "Size of the write-ahead log.", (double)n.wal_bytes);
  prometheus_metric(b, "boothd_db_bytes", "gauge", "Size of the database.", (double)n.db_bytes);
}

static void queue_metrics(struct buf *b, const struct view *v)
{
  prometheus_metric(b, "boothd_journal_head", "gauge", "Latest event of this epoch.", (double)EVENT_SEQ(v->head));
  prometheus_metric(b, "boothd_storage_ok", "gauge", "1 if the latest commit reached the disk.", v->storage_ok);
  prometheus_metric(b, "boothd_waiting", "gauge", "Tickets waiting.", (double)queue_waiting(v->queue, -1));
  prometheus_metric(b, "boothd_active", "gauge", "Tickets waiting or called.", (double)queue_active(v->queue));
}

static void http_metrics(struct buf *b, const struct http_server *http)
{
  static const char *const classes[] = {NULL, "1xx", "2xx", "3xx", "4xx", "5xx"};
  struct http_stats n;
  http_stats(http, &n);
  prometheus_head(b, "boothd_http_responses_total", "counter", "Answers by class.");
  for (size_t i = 1; i < array_len(classes); i++)
    prometheus_sample(b, "boothd_http_responses_total", "class", classes[i], (double)n.by_class[i]);
  prometheus_metric(b, "boothd_streams", "gauge", "Open event streams.", (double)n.streams);
  prometheus_metric(b, "boothd_http_connections", "gauge", "Open connections.", (double)n.connections);
  prometheus_metric(b, "boothd_http_refused_total", "counter", "Connections refused for a limit.", (double)n.refused);
  prometheus_metric(b, "boothd_http_timeouts_total", "counter", "Requests ended because they took too long to arrive.",
                    (double)n.timeouts);
}

void api_metrics_get(struct http_request *r)
{
  const struct api *api = api_of(r);
  struct buf b = {0};
  prometheus_head(&b, "boothd_info", "gauge", "Version.");
  prometheus_sample(&b, "boothd_info", "version", BOOTHD_VERSION, 1);
  writer_metrics(&b, api->parts->writer);
  queue_metrics(&b, &api->view);
  hub_status_metrics(&api->hub, api->view.head, &b);
  http_metrics(&b, api->http);
  prometheus_metric(&b, "boothd_rss_bytes", "gauge", "Resident memory.", (double)health_resident_bytes());
  prometheus_metric(&b, "boothd_loop_longest_iteration_seconds", "gauge", "Longest iteration of the event loop.",
                    (double)api->longest_iteration_us / 1e6);
  health_metrics(&b, api->parts->health);
  uplink_metrics(&b, api->parts->uplink);
  radio_metrics(&b, api->parts->radio);
  http_reply(r, 200, PROMETHEUS_TYPE, &b, NULL);
}
