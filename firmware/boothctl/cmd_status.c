/* cmd_booth.c - the commands on the box: health, days, settings, devices, clock, backups, label, panel. */
#include "base/clock.h"
#include "base/json.h"
#include "base/json_write.h"
#include "base/text.h"
#include "boothctl/client.h"
#include "boothctl/cmd_hub.h"
#include "boothctl/cmd_watch.h"
#include "boothctl/format_queue.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define SYSTEM "/api/v1/system"

/* ---- status ---- */

static void format_bytes(struct buf *b, int64_t bytes)
{
  static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
  double v = (double)bytes;
  size_t unit = 0;
  for (; v >= 1000 && unit + 1 < array_len(units); unit++)
    v /= 1000;
  buf_fmt(b, unit && v < 10 ? "%.1f %s" : "%.0f %s", v, units[unit]);
}

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

static void format_clock(struct buf *b, const struct report *r)
{
  const struct json *clock = json_get(r->system, "clock");
  char text[20];
  clock_local_text(text, json_time_or_zero(clock, "now"));
  buf_fmt(b, "%s, %s, from the %s", text, json_true(json_get(clock, "trusted")) ? "trusted" : "not trusted",
          json_text_or_empty(clock, "source"));
  if (json_int_or_zero(clock, "offset_ms"))
    buf_fmt(b, ", %+" PRId64 " ms to the kernel's", json_int_or_zero(clock, "offset_ms"));
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
              {"clock", format_clock},     {"storage", show_storage}, {"sync", show_sync},   {"night", show_nightly},
              {"uplink", show_uplink},     {"radio", show_radio},     {"panel", show_panel}, {"board", show_board},
              {"warnings", show_warnings}, {"attention", show_banner}};
  autoanswer struct answer system = {0}, queue = {0};
  autotable struct table t = {.columns = 2};
  int r = client_get(c, SYSTEM, &system);
  if (r || c->options[OPT_JSON])
    return r ? r : answer_print(&system);
  r = client_get(c, "/api/v1/queue", &queue);
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

/* ---- days ---- */

static const char *const totals[] = {"issued", "seated", "no_show", "cancelled", "active", "guests"};

static void add_totals(struct table *t, const struct json *object)
{
  for (size_t i = 0; i < array_len(totals); i++)
    table_fmt(t, "%" PRId64, json_int_or_zero(object, totals[i]));
}

static int list_days(struct ctl *c)
{
  autoanswer struct answer a = {0};
  autotable struct table t = {.columns = 8, .right = 0x7e};
  int r = client_get(c, "/api/v1/days", &a);
  if (r || c->options[OPT_JSON])
    return r ? r : answer_print(&a);
  table_add(&t, "DATE");
  for (size_t i = 0; i < array_len(totals); i++)
    table_add(&t, totals[i]);
  table_add(&t, "");
  for (const struct json *day = json_at(json_get(a.json, "days"), 0); day; day = json_next(day)) {
    table_add(&t, json_text_or_empty(day, "date"));
    add_totals(&t, day);
    table_add(&t, json_true(json_get(day, "trusted")) ? "" : "[clock not trusted]");
  }
  table_print(&t);
  return 0;
}

static int path_of_day(const char *date, const char *what, char *ret_path, size_t size)
{
  int32_t parsed;
  if (text_parse_date(date, &parsed) < 0)
    return ctl_usage_error("%s is no date such as 2026-09-11", date);
  snprintf(ret_path, size, "/api/v1/days/%s%s", date, what);
  return 0;
}

static int show_one_day(struct ctl *c)
{
  autoanswer struct answer a = {0};
  autotable struct table t = {.columns = 7, .right = 0x7e}, hours = {.columns = 4, .right = 0xf};
  static const char *const by_hour[] = {"hour", "issued", "called", "seated"};
  char path[64], median[24], p90[24];
  int r = path_of_day(c->words[0], "", path, sizeof path);
  if (r == 0)
    r = client_get(c, path, &a);
  if (r || c->options[OPT_JSON])
    return r ? r : answer_print(&a);
  table_add(&t, "DATE");
  for (size_t i = 0; i < array_len(totals); i++)
    table_add(&t, totals[i]);
  table_add(&t, json_text_or_empty(a.json, "date"));
  add_totals(&t, json_get(a.json, "totals"));
  table_print(&t);
  const struct json *wait = json_get(a.json, "wait_s");
  if (json_get(wait, "median")) {
    term_duration(median, json_int_or_zero(wait, "median") * 1000);
    term_duration(p90, json_int_or_zero(wait, "p90") * 1000);
    printf("waited %s (median), %s (nine of ten)\n", median, p90);
  }
  if (json_number(json_get(a.json, "no_show_rate")) > 0)
    printf("missed %.0f%%\n", 100 * json_number(json_get(a.json, "no_show_rate")));
  for (size_t i = 0; i < array_len(by_hour); i++)
    table_add(&hours, by_hour[i]);
  for (const struct json *hour = json_at(json_get(a.json, "hours"), 0); hour; hour = json_next(hour)) {
    table_add(&hours, json_text_or_empty(hour, "hour"));
    for (size_t i = 1; i < array_len(by_hour); i++)
      table_fmt(&hours, "%" PRId64, json_int_or_zero(hour, by_hour[i]));
  }
  table_print(&hours);
  return 0;
}

static int start_day(struct ctl *c)
{
  autoanswer struct answer a = {0};
  int r = client_change(c, "POST", "/api/v1/days", NULL, &a);
  if (r || c->options[OPT_JSON])
    return r ? r : answer_print(&a);
  printf("a new day has begun  (seq %" PRId64 ")\n", json_int_or_zero(a.json, "seq"));
  return 0;
}

int cmd_days(struct ctl *c)
{
  if (c->n_words == 0)
    return list_days(c);
  return strcmp(c->words[0], "new") == 0 ? start_day(c) : show_one_day(c);
}

/* The open day by default: an evening goes on after midnight, and the machine may be of another time zone. */
int cmd_export(struct ctl *c)
{
  autoanswer struct answer queue = {0};
  char path[64];
  int r = c->n_words ? 0 : client_get(c, "/api/v1/queue", &queue);
  if (r == 0)
    r = path_of_day(c->n_words ? c->words[0] : json_text_or_empty(queue.json, "day"), "/export.csv", path, sizeof path);
  return r ? r : client_download(c, path, c->options[OPT_OUTPUT]);
}

/* ---- settings ---- */

/* JSON as it came, one member a line: to be read, edited and set again. */
static void print_indented(const char *json)
{
  int depth = 0;
  for (bool quoted = false; *json; json++) {
    bool open = !quoted && (*json == '{' || *json == '['), close = !quoted && (*json == '}' || *json == ']');
    bool empty = open && (json[1] == '}' || json[1] == ']');
    depth += open - close;
    if (close)
      printf("\n%*s", 2 * depth, "");
    putchar(*json);
    if (empty || (quoted && *json == '\\' && json[1])) {
      putchar(*++json);
      depth -= empty;
    } else if (*json == '"') {
      quoted = !quoted;
    } else if (open || (!quoted && *json == ',')) {
      printf("\n%*s", 2 * depth, "");
    } else if (!quoted && *json == ':') {
      putchar(' ');
    }
  }
  putchar('\n');
}

static int read_text(const char *file, struct buf *ret)
{
  bool standard = strcmp(file, "-") == 0;
  FILE *f = standard ? stdin : fopen(file, "re");
  buf_reserve(ret, LIMIT_JSON + 1);
  if (f)
    ret->len = fread(ret->data, 1, LIMIT_JSON + 1, f);
  ret->data[ret->len] = '\0';
  int error = !f || ferror(f) ? errno : ret->len > LIMIT_JSON ? EFBIG : 0;
  if (f && !standard)
    fclose(f);
  if (error)
    ctl_print_error("%s: %s", file, strerror(error));
  return error ? CTL_REFUSED : 0;
}

int cmd_settings(struct ctl *c)
{
  autoanswer struct answer a = {0};
  autobuf struct buf body = {0};
  bool set = c->n_words && strcmp(c->words[0], "set") == 0;
  if (c->n_words != (set ? 2 : c->n_words && strcmp(c->words[0], "get") == 0))
    return ctl_usage_error("settings get, or settings set FILE");
  int r = set ? read_text(c->words[1], &body) : 0;
  if (r == 0)
    r = set ? client_change(c, "PUT", SYSTEM "/settings", body.data, &a) : client_get(c, SYSTEM "/settings", &a);
  if (r || c->options[OPT_JSON])
    return r ? r : answer_print(&a);
  print_indented(a.text.data ? a.text.data : "");
  return 0;
}

/* ---- devices, clock ---- */

static int revoke_device(struct ctl *c)
{
  autoanswer struct answer a = {0};
  char path[64];
  int64_t id = 0;
  if (c->n_words != 2 || strcmp(c->words[0], "revoke") != 0 || util_parse_i64(c->words[1], 1, INT64_MAX, &id) < 0)
    return ctl_usage_error("devices, or devices revoke ID");
  snprintf(path, sizeof path, SYSTEM "/devices/%" PRId64, id);
  return client_change_once(c, "DELETE", path, NULL, &a);
}

int cmd_devices(struct ctl *c)
{
  static const char *const headings[] = {"ID", "NAME", "ROLE", "SIGNED IN", "LAST SEEN", "VIEWS"};
  autoanswer struct answer a = {0};
  autotable struct table t = {.columns = array_len(headings), .right = 1 << 0 | 1 << 5};
  if (c->n_words)
    return revoke_device(c);
  int r = client_get(c, SYSTEM "/devices", &a);
  if (r || c->options[OPT_JSON])
    return r ? r : answer_print(&a);
  for (size_t i = 0; i < array_len(headings); i++)
    table_add(&t, headings[i]);
  for (const struct json *d = json_at(json_get(a.json, "devices"), 0); d; d = json_next(d)) {
    char text[20];
    table_fmt(&t, "%" PRId64, json_int_or_zero(d, "id"));
    table_add(&t, json_text_or_empty(d, "name"));
    table_add(&t, json_text_or_empty(d, "role"));
    term_time(text, json_time_or_zero(d, "created_at"), a.date_ms);
    table_add(&t, text);
    term_time(text, json_time_or_zero(d, "last_seen_at"), a.date_ms);
    table_add(&t, text);
    table_fmt(&t, "%" PRId64, json_int_or_zero(d, "streams"));
  }
  table_print(&t);
  return 0;
}

static int set_clock(struct ctl *c)
{
  autoanswer struct answer a = {0};
  char time[25] = "", body[48];
  int64_t ms;
  if (c->n_words == 2 && util_copy(time, sizeof time, c->words[1]) && strlen(time) == 20)
    strcpy(time + 19, ".000Z"); /* as date -u +%FT%TZ writes it */
  if (strcmp(c->words[0], "set") != 0 || text_parse_time(time, &ms) < 0)
    return ctl_usage_error("clock, or clock set TIME, as 2026-09-11T10:03:07Z");
  snprintf(body, sizeof body, "{\"now\":\"%s\"}", time);
  int r = client_change(c, "POST", SYSTEM "/clock", body, &a);
  if (r == 0 && c->options[OPT_JSON])
    answer_print(&a);
  return r;
}

int cmd_clock(struct ctl *c)
{
  autoanswer struct answer a = {0};
  autobuf struct buf b = {0};
  if (c->n_words)
    return set_clock(c);
  int r = client_get(c, SYSTEM, &a);
  if (r || c->options[OPT_JSON])
    return r ? r : answer_print(&a);
  format_clock(&b, &(struct report){.system = a.json});
  puts(b.data);
  return 0;
}

/* ---- files ---- */

int cmd_backup(struct ctl *c)
{
  return client_download(c, SYSTEM "/backup", c->words[0]);
}

int cmd_restore(struct ctl *c)
{
  autoanswer struct answer a = {0};
  int r = client_upload(c, SYSTEM "/restore", "application/vnd.sqlite3", c->words[0], &a);
  if (r || c->options[OPT_JSON])
    return r ? r : answer_print(&a);
  puts("restored; the replaced database was kept beside it");
  return 0;
}

int cmd_label(struct ctl *c)
{
  return client_download(c, SYSTEM "/label", c->options[OPT_OUTPUT]);
}

/* ---- panel ---- */

static int press(struct ctl *c, struct buf *body)
{
  int64_t ms = 0;
  if (c->n_words != 2 || ctl_parse_duration(c->words[1], &ms) < 0)
    return ctl_usage_error("panel press needs a time, as 100ms");
  json_int(body, "ms", ms);
  return 0;
}

static int test(struct ctl *c, struct buf *body)
{
  if (c->n_words != 3 || (strcmp(c->words[1], "led") != 0 && strcmp(c->words[1], "buzzer") != 0))
    return ctl_usage_error("panel test led PATTERN, or panel test buzzer PATTERN");
  json_str(body, c->words[1], c->words[2]);
  return 0;
}

static int show(struct ctl *c)
{
  autoanswer struct answer a = {0};
  autobuf struct buf b = {0};
  int r = client_get(c, SYSTEM "/panel", &a);
  if (r || c->options[OPT_JSON])
    return r ? r : answer_print(&a);
  format_panel(&b, a.json);
  puts(b.data);
  return 0;
}

int cmd_panel(struct ctl *c)
{
  static const struct {
    const char *word, *path;
    int (*fill)(struct ctl *c, struct buf *body);
  } actions[] = {{"press", SYSTEM "/panel/press", press}, {"test", SYSTEM "/panel-test", test}};
  if (c->n_words == 0)
    return show(c);
  if (c->n_words == 1 && strcmp(c->words[0], "watch") == 0)
    return watch_panel(c);
  for (size_t i = 0; i < array_len(actions); i++) {
    if (strcmp(c->words[0], actions[i].word) != 0)
      continue;
    autoanswer struct answer a = {0};
    autobuf struct buf body = {0};
    json_open(&body, NULL, '{');
    int r = actions[i].fill(c, &body);
    json_close(&body, '}');
    return r ? r : client_change_once(c, "POST", actions[i].path, body.data, &a);
  }
  return ctl_usage_error("panel press, panel watch or panel test");
}
