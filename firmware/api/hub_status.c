#include "api/hub_status.h"

#include "base/clock.h"
#include "base/json_write.h"
#include "base/prometheus.h"

#define CALM_MS    3000  /* events that are pending for less are not late */
#define COUNT_MS   5000  /* between two changes of the count alone */
#define LAST_OK_MS 60000 /* between two changes of the last success alone */

int64_t hub_status_acked(const struct hub_status *h, int64_t head)
{
  return head >> 32 == h->sync.acked >> 32 ? EVENT_SEQ(h->sync.acked) : 0;
}

int64_t hub_status_pending(const struct hub_status *h, int64_t head)
{
  return max(EVENT_SEQ(head) - hub_status_acked(h, head), 0) + h->sync.older;
}

struct view_sync hub_status_now(const struct hub_status *h, int64_t head, int64_t now_ms)
{
  const struct sync_status *s = &h->sync;
  if (!s->enrolled)
    return (struct view_sync){.state = VIEW_SYNC_OFF};
  struct view_sync v = {.pending = hub_status_pending(h, head), .last_ok_wall = s->last_ok_wall};
  if (s->result != SYNC_OK) {
    v.state = VIEW_SYNC_STUCK;
    v.reason = sync_result_names[s->result];
    return v;
  }
  bool late = v.pending > 0 && now_ms - h->moved_ms >= CALM_MS;
  v.state = late ? VIEW_SYNC_PENDING : VIEW_SYNC_OK;
  return v;
}

void hub_status_set(struct hub_status *h, const struct sync_status *s, int64_t now_ms)
{
  if (s->acked != h->sync.acked)
    h->moved_ms = now_ms;
  h->sync = *s;
}

bool hub_status_show(struct hub_status *h, struct view *v, int64_t now_ms)
{
  if (hub_status_pending(h, v->head) == 0)
    h->moved_ms = now_ms;
  const struct view_sync *shown = &v->sync;
  struct view_sync now = hub_status_now(h, v->head, now_ms);
  int64_t since = now_ms - h->shown_ms;
  bool state = now.state != shown->state || now.reason != shown->reason;
  bool count = now.pending != shown->pending && (now.pending == 0 || since >= COUNT_MS);
  bool success = now.last_ok_wall != shown->last_ok_wall && (since >= LAST_OK_MS || !shown->last_ok_wall);
  if (!state && !count && !success)
    return false;
  h->shown_ms = now_ms;
  view_set_sync(v, &now);
  return true;
}

void hub_status_json(const struct hub_status *h, int64_t head, struct buf *b, const char *key)
{
  const struct sync_status *s = &h->sync;
  int64_t now_ms = clock_mono_ms();
  struct view_sync v = hub_status_now(h, head, now_ms);
  json_open(b, key, '{');
  view_sync_json(b, &v);
  json_str(b, "detail", *s->detail ? s->detail : NULL);
  json_int(b, "next_s", s->enrolled ? max((s->next_mono - now_ms + 999) / 1000, 0) : 0);
  json_int(b, "bytes", (int64_t)s->bytes);
  json_int(b, "rate_bytes", s->rate);
  json_open(b, "hubs", '[');
  for (size_t i = 0; i < s->n_hubs; i++) {
    const struct sync_hub *hub = &s->hubs[i];
    json_open(b, NULL, '{');
    json_str(b, "url", hub->url);
    json_int(b, "ok", (int64_t)hub->ok);
    json_int(b, "failed", (int64_t)hub->failed);
    json_str(b, "last", hub->ok + hub->failed ? sync_result_names[hub->last] : NULL);
    json_close(b, '}');
  }
  json_close(b, ']');
  json_close(b, '}');
}

void hub_status_metrics(const struct hub_status *h, int64_t head, struct buf *b)
{
  const struct sync_status *s = &h->sync;
  prometheus_metric(b, "boothd_journal_acked", "gauge",
                    "Latest event of this epoch that the hub has, with all before it.",
                    (double)hub_status_acked(h, head));
  prometheus_head(b, "boothd_sync_attempts_total", "counter", "Exchanges with the hub, by outcome.");
  for (size_t i = 0; i < SYNC_RESULTS; i++)
    prometheus_sample(b, "boothd_sync_attempts_total", "outcome", sync_result_names[i], (double)s->attempts[i]);
  prometheus_metric(b, "boothd_sync_pending", "gauge", "Events that the hub does not have.",
                    (double)hub_status_now(h, head, clock_mono_ms()).pending);
  prometheus_metric(b, "boothd_sync_bytes_total", "counter", "Bytes exchanged with the hub.", (double)s->bytes);
  prometheus_metric(b, "boothd_sync_rate_bytes", "gauge",
                    "Bytes per second of the last exchange long enough to measure.", (double)s->rate);
  prometheus_metric(b, "boothd_sync_last_ok_seconds", "gauge", "When an exchange last succeeded, since 1970.",
                    (double)s->last_ok_wall / 1000);
}
