/* Prometheus text (exposition format 0.0.4), from counters that other threads keep as atomics. */
#include <inttypes.h>

#include "api/handle_hub.h"
#include "api/routes.h"
#include "base/clock.h"
#include "system/uplink.h"
#include "wifi/radio.h"

static const double bucket_s[] = {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5};

void api_metric(struct buf *b, const char *name, const char *type, const char *help, double value)
{
  buf_fmt(b, "# HELP boothd_%s %s\n# TYPE boothd_%s %s\nboothd_%s %.15g\n", name, help, name, type, name, value);
}

static void commands(struct buf *b, const struct writer_numbers *n)
{
  buf_str(b, "# HELP boothd_commands_total Commands committed, by kind.\n# TYPE boothd_commands_total counter\n");
  for (size_t i = 0; i < CMD_KINDS; i++)
    buf_fmt(b, "boothd_commands_total{kind=\"%s\"} %" PRIu64 "\n", command_specs[i].name, n->commands[i]);
}

static void commit_seconds(struct buf *b, const struct writer_numbers *n)
{
  uint64_t below = 0;
  buf_str(b, "# HELP boothd_commit_seconds Time of one commit.\n# TYPE boothd_commit_seconds histogram\n");
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

static void requests(struct buf *b, const struct http_numbers *n)
{
  buf_str(b, "# HELP boothd_http_responses_total Answers by class.\n# TYPE boothd_http_responses_total counter\n");
  for (int i = 1; i <= 5; i++)
    buf_fmt(b, "boothd_http_responses_total{class=\"%dxx\"} %" PRIu64 "\n", i, n->by_class[i]);
}

void api_metrics_get(struct http_request *r)
{
  struct box *box = api_box(r);
  struct writer_numbers w;
  struct http_numbers h;
  const struct view_sync sync = hub_state(box, clock_mono_ms());
  writer_numbers(box->o.writer, &w);
  http_numbers(box->http, &h);
  struct buf b = {0};
  buf_str(&b, "# HELP boothd_info Version.\n# TYPE boothd_info gauge\nboothd_info{version=\"" BOOTHD_VERSION "\"} 1\n");
  commands(&b, &w);
  commit_seconds(&b, &w);
  requests(&b, &h);
  api_metric(&b, "refused_total", "counter", "Commands that the queue refused.", (double)w.refused);
  api_metric(&b, "replayed_total", "counter", "Commands answered from an earlier one with the same key.",
             (double)w.replayed);
  api_metric(&b, "batches_total", "counter", "Commits.", (double)w.batches);
  api_metric(&b, "failed_batches_total", "counter", "Commits that failed.", (double)w.failed_batches);
  api_metric(&b, "wal_bytes", "gauge", "Size of the write-ahead log.", (double)w.wal_bytes);
  api_metric(&b, "db_bytes", "gauge", "Size of the database.", (double)w.db_bytes);
  api_metric(&b, "journal_head", "gauge", "Latest event of this epoch.", (double)EVENT_SEQ(box->view.head));
  api_metric(&b, "journal_acked", "gauge", "Latest event of this epoch that the hub has, with all before it.",
             (double)hub_acked(box));
  hub_metrics(box, &b);
  api_metric(&b, "sync_pending", "gauge", "Events that the hub does not have.", (double)sync.pending);
  api_metric(&b, "sync_bytes_total", "counter", "Bytes exchanged with the hub.", (double)box->sync.bytes);
  api_metric(&b, "sync_rate_bytes", "gauge", "Bytes per second of the last exchange that told.",
             (double)box->sync.rate);
  api_metric(&b, "sync_last_ok_seconds", "gauge", "When an exchange last succeeded, since 1970.",
             (double)box->sync.last_ok_wall / 1000);
  api_metric(&b, "storage_ok", "gauge", "1 if the latest commit reached the disk.", box->view.storage_ok);
  api_metric(&b, "waiting", "gauge", "Tickets waiting.", (double)queue_waiting(box->view.queue, -1));
  api_metric(&b, "active", "gauge", "Tickets waiting or called.", (double)queue_active(box->view.queue));
  api_metric(&b, "streams", "gauge", "Open event streams.", (double)h.streams);
  api_metric(&b, "http_connections", "gauge", "Open connections.", (double)h.connections);
  api_metric(&b, "http_refused_total", "counter", "Connections refused for a limit.", (double)h.refused);
  api_metric(&b, "http_timeouts_total", "counter", "Requests ended because they took too long to arrive.",
             (double)h.timeouts);
  api_metric(&b, "rss_bytes", "gauge", "Resident memory.", (double)api_resident_bytes());
  api_metric(&b, "loop_longest_turn_seconds", "gauge", "Longest turn of the event loop.",
             (double)box->longest_turn_us / 1e6);
  health_metrics(&b, box->health);
  uplink_metrics(&b, box->uplink);
  radio_metrics(&b, box->radio);
  http_reply(r, 200, "text/plain; version=0.0.4; charset=utf-8", &b, NULL);
}
