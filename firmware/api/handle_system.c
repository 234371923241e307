#include "api/api.h"
#include "api/handlers.h"
#include "base/clock.h"
#include "base/json_write.h"
#include "system/clock_sync.h"
#include "system/uplink.h"
#include "wifi/radio.h"
#include "worker/maintenance.h"

#define PROVED_MS 60000 /* healthz: a write reached the disk within this time */

void api_healthz_get(struct http_request *r)
{
  struct api *api = api_of(r);
  struct writer_stats n;
  writer_stats(api->parts->writer, &n);
  if (!api->view.storage_ok || clock_mono_ms() - n.last_commit_mono > PROVED_MS) {
    api_refuse(r, REFUSE_STORAGE, NULL, "No write has reached the disk within the last minute.", NULL);
    return;
  }
  struct buf body = {0};
  buf_str(&body, "{\"status\":\"ok\"}");
  api_json(r, 200, &body);
}

void api_system_get(struct http_request *r)
{
  const struct api *api = api_of(r);
  const struct api_parts *parts = api->parts;
  const struct view *v = &api->view;
  struct writer_stats n;
  writer_stats(parts->writer, &n);
  struct buf j = {0};
  json_open(&j, NULL, '{');
  json_str(&j, "version", BOOTHD_VERSION);
  json_int(&j, "uptime_s", (clock_mono_ms() - api->started_ms) / 1000);
  view_booth_json(v, &j, "booth");
  hub_status_json(&api->hub, v->head, &j, "sync");
  maintenance_json(parts->maintenance, &j, "nightly");
  uplink_json(&j, "uplink", parts->uplink);
  radio_json(&j, "radio", parts->radio);
  clock_sync_json(&j, "clock", parts->clock);
  json_open(&j, "storage", '{');
  json_bool(&j, "ok", v->storage_ok);
  json_int(&j, "wal_bytes", n.wal_bytes);
  json_int(&j, "db_bytes", n.db_bytes);
  json_int(&j, "free_bytes", health_free_bytes(parts->health));
  json_time(&j, "last_snapshot_at", n.last_snapshot_wall);
  json_str(&j, "error", *v->storage_error ? v->storage_error : NULL);
  json_close(&j, '}');
  panel_json(&j, "panel", parts->panel);
  health_json(&j, "hardware", parts->health);
  json_open(&j, "memory", '{');
  json_int(&j, "rss_bytes", health_resident_bytes());
  json_close(&j, '}');
  json_open(&j, "loop", '{');
  json_num(&j, "longest_iteration_ms", (double)api->longest_iteration_us / 1000);
  json_close(&j, '}');
  view_banner_json(v, &j, "banner");
  json_close(&j, '}');
  api_json(r, 200, &j);
}
