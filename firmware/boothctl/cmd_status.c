/* cmd_status.c - the booth's health, a row for each member of GET /system that has something to say. */
#include "base/clock.h"
#include "boothctl/client.h"
#include "boothctl/format_queue.h"
#include "boothctl/format_system.h"
#include "boothctl/table.h"
#include "boothctl/term.h"

static void format_booth(struct buf *b, const struct json *booth)
{
  buf_str(b, json_text_or_empty(booth, "name"));
}

static void format_program(struct buf *b, const struct json *system)
{
  char uptime[24];
  term_duration(uptime, json_int_or_zero(system, "uptime_s") * 1000);
  buf_fmt(b, "%s, up %s, ", json_text_or_empty(system, "version"), uptime);
  format_bytes(b, json_int_or_zero(json_get(system, "memory"), "rss_bytes"));
}

static void format_day(struct buf *b, const struct json *queue)
{
  buf_fmt(b, "%s, intake ", json_text_or_empty(queue, "day"));
  format_intake(b, json_get(queue, "intake"));
}

static void format_storage(struct buf *b, const struct json *storage)
{
  const char *error = json_text_or_empty(storage, "error");
  int64_t saved = json_time_or_zero(storage, "last_snapshot_at");
  char text[20];
  buf_fmt(b, "%s%s, database ", json_true(json_get(storage, "ok")) ? "ok" : "failing: ", error);
  format_bytes(b, json_int_or_zero(storage, "db_bytes") + json_int_or_zero(storage, "wal_bytes"));
  buf_str(b, ", free ");
  format_bytes(b, json_int_or_zero(storage, "free_bytes"));
  term_time(text, saved, clock_wall_ms());
  buf_fmt(b, ", last snapshot %s", saved ? text : "none");
}

static void format_uplink(struct buf *b, const struct json *uplink)
{
  const struct json *online = json_get(uplink, "online");
  if (online)
    buf_fmt(b, "%s%s", json_true(online) ? "by " : "none", json_text_or_empty(uplink, "interface"));
}

static void format_radio(struct buf *b, const struct json *radio)
{
  int64_t channel = json_int_or_zero(radio, "channel");
  if (!json_get(radio, "state"))
    return;
  buf_fmt(b, "%s, %d stations", json_text_or_empty(radio, "state"), (int)json_size(json_get(radio, "stations")));
  if (channel)
    buf_fmt(b, ", channel %d", (int)channel);
}

static void format_panel_status(struct buf *b, const struct json *panel)
{
  const char *fault = json_text_or_empty(panel, "fault");
  buf_fmt(b, "%s, LED %s, buzzer %s", json_text_or_empty(panel, "backend"), json_text_or_empty(panel, "led_pattern"),
          json_text_or_empty(panel, "buzzer_pattern"));
  if (*fault)
    buf_fmt(b, "; %s", fault);
}

static void format_hardware(struct buf *b, const struct json *hardware)
{
  const char *model = json_text_or_empty(hardware, "model");
  const struct json *celsius = json_get(hardware, "temperature_c");
  int64_t under_voltage = json_time_or_zero(hardware, "under_voltage_at");
  char text[20];
  buf_str(b, *model ? model : "unknown");
  if (json_is_number(celsius))
    buf_fmt(b, ", %.0f °C", json_number(celsius));
  if (json_true(json_get(hardware, "throttled")))
    buf_str(b, ", slowed down");
  if (json_true(json_get(hardware, "under_voltage"))) {
    buf_str(b, ", under-voltage now");
  } else if (under_voltage) {
    term_time(text, under_voltage, clock_wall_ms());
    buf_fmt(b, ", under-voltage at %s", text);
  }
}

static void format_hardware_warnings(struct buf *b, const struct json *hardware)
{
  format_warnings(b, json_get(hardware, "warnings"));
}

static void format_banner(struct buf *b, const struct json *banner)
{
  buf_str(b, json_text_or_empty(banner, "detail"));
}

int cmd_status(struct ctl *c)
{
  autoanswer struct answer system = {0}, queue = {0};
  autotable struct table t = {.columns = 2};
  int r = client_get(c, API_SYSTEM, &system);
  if (r || c->options[OPT_JSON])
    return r ? r : answer_print(&system);
  r = client_get(c, API_QUEUE, &queue);
  if (r)
    return r;
  const struct {
    const char *name;
    const struct json *of;
    const char *member; /* NULL = all of it */
    void (*format)(struct buf *b, const struct json *json);
  } rows[] = {
      {"booth", system.json, "booth", format_booth},
      {"program", system.json, NULL, format_program},
      {"day", queue.json, NULL, format_day},
      {"lines", queue.json, NULL, format_counts},
      {"clock", system.json, "clock", format_clock},
      {"storage", system.json, "storage", format_storage},
      {"sync", system.json, "sync", format_sync},
      {"night", system.json, "nightly", format_nightly},
      {"uplink", system.json, "uplink", format_uplink},
      {"radio", system.json, "radio", format_radio},
      {"panel", system.json, "panel", format_panel_status},
      {"hardware", system.json, "hardware", format_hardware},
      {"warnings", system.json, "hardware", format_hardware_warnings},
      {"attention", system.json, "banner", format_banner},
  };
  for (size_t i = 0; i < array_len(rows); i++) {
    autobuf struct buf b = {0};
    rows[i].format(&b, rows[i].member ? json_get(rows[i].of, rows[i].member) : rows[i].of);
    if (b.len) {
      table_add(&t, rows[i].name);
      table_add(&t, b.data);
    }
  }
  table_print(&t);
  return 0;
}
