/* Prometheus text (exposition format 0.0.4), from counters that other threads keep as atomics. */
#include <inttypes.h>

#include "api/handle_hub.h"
#include "api/routes.h"
#include "base/clock.h"
#include "base/prometheus.h"
#include "system/uplink.h"
#include "wifi/radio.h"

static const double bucket_s[] = {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5};

static void commands(struct buf *b, const struct writer_stats *n)
{
  prometheus_head(b, "boothd_commands_total", "counter", "Commands committed, by kind.");
  for (size_t i = 0; i < CMD_KINDS; i++)
    prometheus_sample(b, "boothd_commands_total", "kind", command_specs[i].name, (double)n->commands[i]);
}

static void commit_seconds(struct buf *b, const struct writer_stats *n)
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

static void requests(struct buf *b, const struct http_stats *n)
{
  static const char *const classes[] = {NULL, "1xx", "2xx", "3xx", "4xx", "5xx"};
  prometheus_head(b, "boothd_http_responses_total", "counter", "Answers by class.");
  for (size_t i = 1; i < array_len(classes); i++)
    prometheus_sample(b, "boothd_http_responses_total", "class", classes[i], (double)n->by_class[i]);
}

void api_metrics_get(struct http_request *r)
{
  struct box *box = api_box(r);
  struct writer_stats w;
  struct http_stats h;
  const struct view_sync sync = hub_state(box, clock_mono_ms());
  writer_stats(box->o.writer, &w);
  http_stats(box->http, &h);
  struct buf b = {0};
  prometheus_head(&b, "boothd_info", "gauge", "Version.");
  prometheus_sample(&b, "boothd_info", "version", BOOTHD_VERSION, 1);
  commands(&b, &w);
  commit_seconds(&b, &w);
  requests(&b, &h);
  prometheus_metric(&b, "boothd_refused_total", "counter", "Commands that the queue refused.", (double)w.refused);
  prometheus_metric(&b, "boothd_replayed_total", "counter", "Commands answered from an earlier one with the same key.",
                    (double)w.replayed);
  prometheus_metric(&b, "boothd_batches_total", "counter", "Commits.", (double)w.batches);
  prometheus_metric(&b, "boothd_failed_batches_total", "counter", "Commits that failed.", (double)w.failed_batches);
  prometheus_metric(&b, "boothd_wal_bytes", "gauge", "Size of the write-ahead log.", (double)w.wal_bytes);
  prometheus_metric(&b, "boothd_db_bytes", "gauge", "Size of the database.", (double)w.db_bytes);
  prometheus_metric(&b, "boothd_journal_head", "gauge", "Latest event of this epoch.",
                    (double)EVENT_SEQ(box->view.head));
  prometheus_metric(&b, "boothd_journal_acked", "gauge",
                    "Latest event of this epoch that the hub has, with all before it.", (double)hub_acked(box));
  hub_metrics(box, &b);
  prometheus_metric(&b, "boothd_sync_pending", "gauge", "Events that the hub does not have.", (double)sync.pending);
  prometheus_metric(&b, "boothd_sync_bytes_total", "counter", "Bytes exchanged with the hub.", (double)box->sync.bytes);
  prometheus_metric(&b, "boothd_sync_rate_bytes", "gauge", "Bytes per second of the last exchange that told.",
                    (double)box->sync.rate);
  prometheus_metric(&b, "boothd_sync_last_ok_seconds", "gauge", "When an exchange last succeeded, since 1970.",
                    (double)box->sync.last_ok_wall / 1000);
  prometheus_metric(&b, "boothd_storage_ok", "gauge", "1 if the latest commit reached the disk.", box->view.storage_ok);
  prometheus_metric(&b, "boothd_waiting", "gauge", "Tickets waiting.", (double)queue_waiting(box->view.queue, -1));
  prometheus_metric(&b, "boothd_active", "gauge", "Tickets waiting or called.", (double)queue_active(box->view.queue));
  prometheus_metric(&b, "boothd_streams", "gauge", "Open event streams.", (double)h.streams);
  prometheus_metric(&b, "boothd_http_connections", "gauge", "Open connections.", (double)h.connections);
  prometheus_metric(&b, "boothd_http_refused_total", "counter", "Connections refused for a limit.", (double)h.refused);
  prometheus_metric(&b, "boothd_http_timeouts_total", "counter", "Requests ended because they took too long to arrive.",
                    (double)h.timeouts);
  prometheus_metric(&b, "boothd_rss_bytes", "gauge", "Resident memory.", (double)api_resident_bytes());
  prometheus_metric(&b, "boothd_loop_longest_turn_seconds", "gauge", "Longest turn of the event loop.",
                    (double)box->longest_turn_us / 1e6);
  health_metrics(&b, box->health);
  uplink_metrics(&b, box->uplink);
  radio_metrics(&b, box->radio);
  http_reply(r, 200, PROMETHEUS_TYPE, &b, NULL);
}
