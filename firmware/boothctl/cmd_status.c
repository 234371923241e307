/* cmd_status.c - the booth's health. */
#include "base/clock.h"
#include "boothctl/client.h"
#include "boothctl/format_queue.h"
#include "boothctl/format_system.h"
#include "boothctl/table.h"
#include "boothctl/term.h"

#include <stdio.h>

struct report {
  const struct json *system, *queue;
};

static void show_program(struct buf *b, const struct report *r)
{
  char span[24];
  term_duration(span, json_int_or_zero(r->system, "uptime_s") * 1000);
  buf_fmt(b, "%s, up %s, ", json_text_or_empty(r->system, "version"), span);
  format_bytes(b, json_int_or_zero(json_get(r->system, "memory"), "rss_bytes"));
}

static void show_booth(struct buf *b, const struct report *r)
{
  buf_str(b, json_text_or_empty(json_get(r->system, "booth"), "name"));
}

static void show_day(struct buf *b, const struct report *r)
{
  buf_fmt(b, "%s, intake ", json_text_or_empty(r->queue, "day"));
  format_intake(b, json_get(r->queue, "intake"));
}

static void show_lines(struct buf *b, const struct report *r)
{
  format_counts(b, r->queue);
}

static void show_clock(struct buf *b, const struct report *r)
{
  format_clock(b, json_get(r->system, "clock"));
}

static void show_storage(struct buf *b, const struct report *r)
{
  const struct json *storage = json_get(r->system, "storage");
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

static void show_sync(struct buf *b, const struct report *r)
{
  format_sync(b, json_get(r->system, "sync"));
}

static void show_nightly(struct buf *b, const struct report *r)
{
  format_nightly(b, json_get(r->system, "nightly"));
}

static void show_panel(struct buf *b, const struct report *r)
{
  const struct json *panel = json_get(r->system, "panel");
  buf_fmt(b, "%s, LED %s, buzzer %s", json_text_or_empty(panel, "backend"), json_text_or_empty(panel, "led_pattern"),
          json_text_or_empty(panel, "buzzer_pattern"));
  if (*json_text_or_empty(panel, "fault"))
    buf_fmt(b, "; %s", json_text_or_empty(panel, "fault"));
}

static void show_uplink(struct buf *b, const struct report *r)
{
  const struct json *uplink = json_get(r->system, "uplink");
  if (json_get(uplink, "online"))
    buf_fmt(b, "%s%s", json_true(json_get(uplink, "online")) ? "by " : "none", json_text_or_empty(uplink, "interface"));
}

static void show_radio(struct buf *b, const struct report *r)
{
  const struct json *radio = json_get(r->system, "radio");
  if (!json_get(radio, "state"))
    return;
  buf_fmt(b, "%s, %d stations", json_text_or_empty(radio, "state"), (int)json_size(json_get(radio, "stations")));
  if (json_int_or_zero(radio, "channel"))
    buf_fmt(b, ", channel %d", (int)json_int_or_zero(radio, "channel"));
}

static void show_board(struct buf *b, const struct report *r)
{
  const struct json *board = json_get(r->system, "board"), *celsius = json_get(board, "temperature_c");
  int64_t seen = json_time_or_zero(board, "under_voltage_at");
  char text[20];
  buf_str(b, *json_text_or_empty(board, "model") ? json_text_or_empty(board, "model") : "unknown");
  if (json_is_number(celsius))
    buf_fmt(b, ", %.0f °C", json_number(celsius));
  if (json_true(json_get(board, "throttled")))
    buf_str(b, ", slowed down");
  if (seen) {
    term_time(text, seen, clock_wall_ms());
    buf_fmt(b, ", under-voltage %s%s", json_true(json_get(board, "under_voltage")) ? "now" : "at ",
            json_true(json_get(board, "under_voltage")) ? "" : text);
  }
}

static void show_warnings(struct buf *b, const struct report *r)
{
  format_warnings(b, json_get(json_get(r->system, "board"), "warnings"));
}

static void show_banner(struct buf *b, const struct report *r)
{
  buf_str(b, json_text_or_empty(json_get(r->system, "banner"), "detail"));
}

int cmd_status(struct ctl *c)
{
  static const struct {
    const char *name;
    void (*show)(struct buf *b, const struct report *r);
  } rows[] = {{"booth", show_booth},       {"program", show_program}, {"day", show_day},     {"lines", show_lines},
              {"clock", show_clock},       {"storage", show_storage}, {"sync", show_sync},   {"night", show_nightly},
              {"uplink", show_uplink},     {"radio", show_radio},     {"panel", show_panel}, {"board", show_board},
              {"warnings", show_warnings}, {"attention", show_banner}};
  autoanswer struct answer system = {0}, queue = {0};
  autotable struct table t = {.columns = 2};
  int r = client_get(c, API_SYSTEM, &system);
  if (r || c->options[OPT_JSON])
    return r ? r : answer_print(&system);
  r = client_get(c, API_QUEUE, &queue);
  for (size_t i = 0; i < array_len(rows) && r == 0; i++) {
    autobuf struct buf b = {0};
    rows[i].show(&b, &(struct report){system.json, queue.json});
    if (b.len) {
      table_add(&t, rows[i].name);
      table_add(&t, b.data);
    }
  }
  table_print(&t);
  return r;
}
