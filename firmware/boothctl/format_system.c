/* format_system.c - texts from the hub or the panel go through term_text(), those of boothd's own need not. */
#include "boothctl/format_system.h"

#include "base/clock.h"
#include "boothctl/term.h"

#include <inttypes.h>

void format_bytes(struct buf *b, int64_t bytes)
{
  static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
  double v = (double)bytes;
  size_t unit = 0;
  for (; v >= 1000 && unit + 1 < array_len(units); unit++)
    v /= 1000;
  buf_fmt(b, unit && v < 10 ? "%.1f %s" : "%.0f %s", v, units[unit]);
}

void format_clock(struct buf *b, const struct json *clock)
{
  char text[20];
  clock_local_text(text, json_time_or_zero(clock, "now"));
  buf_fmt(b, "%s, %s, from the %s", text, json_true(json_get(clock, "trusted")) ? "trusted" : "not trusted",
          json_text_or_empty(clock, "source"));
  if (json_int_or_zero(clock, "offset_ms"))
    buf_fmt(b, ", %+" PRId64 " ms to the kernel's", json_int_or_zero(clock, "offset_ms"));
}

void format_sync(struct buf *b, const struct json *sync)
{
  const char *reason = json_text_or_empty(sync, "reason"), *detail = json_text_or_empty(sync, "detail");
  int64_t last = json_time_or_zero(sync, "last_ok_at");
  char text[20];
  buf_fmt(b, "%s, %" PRId64 " pending", json_text_or_empty(sync, "state"), json_int_or_zero(sync, "pending"));
  if (last) {
    term_time(text, last, clock_wall_ms());
    buf_fmt(b, ", last ok %s", text);
  }
  if (*reason) {
    buf_fmt(b, ": %s (", reason);
    term_text(b, detail);
    buf_fmt(b, "), next attempt in %" PRId64 " s", json_int_or_zero(sync, "next_s"));
  }
}

void format_nightly(struct buf *b, const struct json *nightly)
{
  const struct json *last = json_get(nightly, "last");
  int64_t ended = json_time_or_zero(last, "ended_at");
  char text[20];
  term_time(text, ended, clock_wall_ms());
  buf_fmt(b, "%s%s%s", json_true(json_get(nightly, "running")) ? "running, " : "",
          ended ? "last done " : "not done yet", ended ? text : "");
  const struct json *step = json_at(json_get(last, "steps"), 0);
  for (; step; step = json_next(step))
    if (strcmp(json_text_or_empty(step, "result"), "failed") == 0) {
      buf_fmt(b, ", %s failed: ", json_text_or_empty(step, "name"));
      term_text(b, json_text_or_empty(step, "detail"));
    }
}

void format_panel(struct buf *b, const struct json *panel)
{
  const char *gesture = json_text_or_empty(panel, "gesture"), *fault = json_text_or_empty(panel, "fault");
  if (json_get(panel, "backend")) {
    buf_fmt(b, "LED %s (", json_true(json_get(panel, "led")) ? "on" : "off");
    term_text(b, json_text_or_empty(panel, "led_pattern"));
    buf_fmt(b, ")  buzzer %s (", json_true(json_get(panel, "buzzer")) ? "on" : "off");
    term_text(b, json_text_or_empty(panel, "buzzer_pattern"));
    buf_fmt(b, ")  button %s%s", json_true(json_get(panel, "button")) ? "down" : "up", *gesture ? "  " : "");
  }
  if (*fault) {
    buf_str(b, "  fault: ");
    term_text(b, fault);
  }
  if (*gesture) {
    buf_str(b, "press: ");
    term_text(b, gesture);
  }
}

void format_warnings(struct buf *b, const struct json *warnings)
{
  const struct json *warning = json_at(warnings, 0);
  for (const char *between = ""; warning; warning = json_next(warning), between = ", ") {
    buf_str(b, between);
    term_text(b, json_string(warning) ? json_string(warning) : "");
  }
}
