/* The box itself: health, clock, settings, panel, label, backup and restore. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "api/handle_hub.h"
#include "api/label.h"
#include "api/routes.h"
#include "base/clock.h"
#include "base/json_write.h"
#include "base/text.h"
#include "config/ap_network.h"
#include "system/clock_sync.h"
#include "system/uplink.h"
#include "wifi/radio.h"

#define TEST_MS   5000  /* a test of the panel */
#define PROVED_MS 60000 /* healthz: a write reached the disk this recently */

int64_t api_resident_bytes(void)
{
  long pages = 0;
  FILE *f = fopen("/proc/self/statm", "re");
  if (f) {
    if (fscanf(f, "%*s %ld", &pages) != 1)
      pages = 0;
    fclose(f);
  }
  return (int64_t)pages * sysconf(_SC_PAGESIZE);
}

void api_healthz_get(struct http_request *r)
{
  struct box *b = api_box(r);
  struct writer_stats n;
  writer_stats(b->o.writer, &n);
  if (!b->view.storage_ok || clock_mono_ms() - n.last_commit_mono > PROVED_MS) {
    api_problem(r, REFUSE_STORAGE, NULL, "No write has reached the disk within the last minute.", NULL);
    return;
  }
  struct buf body = {0};
  buf_str(&body, "{\"status\":\"ok\"}");
  api_json(r, 200, &body);
}

void api_system_get(struct http_request *r)
{
  struct box *b = api_box(r);
  struct writer_stats n;
  writer_stats(b->o.writer, &n);
  struct buf j = {0};
  json_open(&j, NULL, '{');
  json_str(&j, "version", BOOTHD_VERSION);
  json_int(&j, "uptime_s", (clock_mono_ms() - b->started) / 1000);
  view_booth(&b->view, &j, "booth");
  hub_json(b, &j);
  maintenance_json(b->o.nightly, &j, "nightly");
  uplink_json(&j, "uplink", b->uplink);
  radio_json(&j, "radio", b->radio);
  clock_sync_json(&j, "clock", b->clock);
  json_open(&j, "storage", '{');
  json_bool(&j, "ok", b->view.storage_ok);
  json_int(&j, "wal_bytes", n.wal_bytes);
  json_int(&j, "db_bytes", n.db_bytes);
  json_int(&j, "free_bytes", health_free_bytes(b->health));
  json_time(&j, "last_snapshot_at", n.last_snapshot_wall);
  json_str(&j, "error", *b->storage_error ? b->storage_error : NULL);
  json_close(&j, '}');
  panel_json(&j, "panel", b->panel);
  health_json(&j, "board", b->health);
  json_open(&j, "memory", '{');
  json_int(&j, "rss_bytes", api_resident_bytes());
  json_close(&j, '}');
  json_open(&j, "loop", '{');
  json_num(&j, "longest_turn_ms", (double)b->longest_turn_us / 1000);
  json_close(&j, '}');
  view_banner(&b->view, &j, "banner");
  json_close(&j, '}');
  api_json(r, 200, &j);
}

/* --- the clock --- */

static void refuse_offer(struct http_request *r)
{
  api_conflict(r, "wrong_state", "The clock is trusted already, or that time is behind it or too far ahead.");
}

static void offer_refused(struct call *c, struct request *r)
{
  if (r->refusal == REFUSE_NOT_FOUND)
    refuse_offer(c->http);
  else
    api_answer_command(c, r);
}

/* Refused for a clock that this very offer has moved: its twin came in between, and its answer is theirs both. */
static void judge_offer(struct http_request *r, struct request *take_command, int64_t wall_ms)
{
  struct box *b = api_box(r);
  take_command->command.old_wall_ms = clock_wall_ms();
  if (clock_sync_offer(b->clock, wall_ms) == 0) {
    box_save_clock(b);
    api_submit(r, take_command);
  } else if (take_command->has_key) {
    take_command->kind = REQUEST_KEY;
    box_submit(b, r, take_command, offer_refused);
  } else {
    request_free(take_command);
    refuse_offer(r);
  }
}

static void offer_looked_up(struct call *c, struct request *r)
{
  if (r->refusal == REFUSE_NOT_FOUND)
    judge_offer(c->http, take(c->then), c->offered_ms);
  else
    api_answer_command(c, r);
}

/* A repeat is answered as the first one was, and moves no clock: by the time it comes, its own time is in the past. */
static void look_up_offer(struct http_request *r, struct request *take_command, int64_t wall_ms)
{
  struct request *q = request_new(REQUEST_KEY, NULL);
  q->command.kind = CMD_CLOCK;
  memcpy(q->key.hash, take_command->key.hash, sizeof q->key.hash);
  memcpy(q->key.fingerprint, take_command->key.fingerprint, sizeof q->key.fingerprint);
  struct call *c = box_submit(api_box(r), r, q, offer_looked_up);
  if (!c) {
    request_free(take_command);
    return;
  }
  c->then = take_command;
  c->offered_ms = wall_ms;
}

void api_clock_post(struct http_request *r)
{
  struct clock_body {
    const char *now;
  } body = {0};
  static const struct json_field fields[] = {
      {"now", JSON_STRING, offsetof(struct clock_body, now), .low = 20, .high = 32, .required = true},
  };
  struct json *parsed;
  if (!http_json_read(r, fields, array_len(fields), &body, &parsed))
    return;
  int64_t wall_ms;
  int bad = text_parse_time(body.now, &wall_ms);
  json_free(parsed);
  if (bad < 0) {
    http_problem(r, 400, "invalid_field", "now", "A time looks like 2026-09-11T10:03:07.250Z.", NULL, 0);
    return;
  }
  struct request *q = api_command(r, CMD_CLOCK);
  if (!q)
    return;
  if (q->has_key)
    look_up_offer(r, q, wall_ms);
  else
    judge_offer(r, q, wall_ms);
}

/* --- backup and restore --- */

static void backup_done(struct call *c, struct work_item *j)
{
  int fd = j->refusal == REFUSE_NONE ? open(j->path, O_RDONLY | O_CLOEXEC) : -1;
  if (j->path)
    unlink(j->path);
  if (fd < 0) {
    api_problem(c->http, REFUSE_STORAGE, NULL, "The backup could not be made.", NULL);
    return;
  }
  char date[11], headers[96];
  text_date(date, clock_business_date(clock_wall_ms(), 0));
  snprintf(headers, sizeof headers, "Content-Disposition: attachment; filename=\"booth-%s.db\"\r\n", date);
  http_reply_file(c->http, fd, "application/vnd.sqlite3", headers);
}

void api_backup_get(struct http_request *r)
{
  box_submit_job(api_box(r), r, work_item_new(WORK_BACKUP, NULL), backup_done);
}

static void restored(struct call *c, struct request *q)
{
  if (q->refusal != REFUSE_NONE) {
    api_answer_code(c, q);
    return;
  }
  struct buf body = {0};
  json_open(&body, NULL, '{');
  json_int(&body, "seq", EVENT_SEQ(c->box->view.head));
  json_null(&body, "ticket");
  json_close(&body, '}');
  api_json(c->http, 200, &body);
}

static void verified(struct call *c, struct work_item *j)
{
  if (j->refusal == REFUSE_INVALID)
    http_problem(c->http, 400, "invalid_field", NULL, j->detail, NULL, 0);
  else if (j->refusal != REFUSE_NONE)
    api_problem(c->http, (enum refusal)j->refusal, NULL, NULL, NULL);
  else {
    struct request *q = request_new(REQUEST_RESTORE, NULL);
    q->path = take(j->path);
    box_submit(c->box, c->http, q, restored);
  }
}

void api_restore_post(struct http_request *r)
{
  const char *path = http_body_path(r);
  if (!path) {
    http_problem(r, 400, "invalid_field", NULL, "The body is a backup of a booth (application/vnd.sqlite3).", NULL, 0);
    return;
  }
  struct work_item *j = work_item_new(WORK_VERIFY, NULL);
  j->path = xstrdup(path);
  box_submit_job(api_box(r), r, j, verified);
}

/* --- label --- */

static struct label label_of(const struct http_request *r, char ssid[static AP_SSID_SIZE], char address[static 300])
{
  const struct box *b = api_box(r);
  const char *port = strrchr(app_address(b), ':');
  snprintf(address, 300, "http://%s%s", b->access.n_names ? b->access.names[0] : "localhost",
           port && strcmp(port, ":80") != 0 ? port : "");
  ap_network_ssid(b->o.config, b->view.booth, ssid);
  return (struct label){
      .booth = queue_settings(b->view.queue)->name,
      .address = address,
      .ssid = ssid,
      .passphrase = b->access.secrets.wifi_passphrase,
      .staff_pin = b->access.secrets.staff_pin,
      .manager_pin = http_local(r) ? b->access.secrets.manager_pin : NULL,
  };
}

void api_wifi_get(struct http_request *r)
{
  char ssid[AP_SSID_SIZE], address[300];
  struct label l = label_of(r, ssid, address);
  autobuf struct buf wifi = {0};
  struct buf svg = {0};
  label_wifi(&wifi, &l);
  label_svg(&svg, wifi.data);
  http_reply(r, 200, "image/svg+xml", &svg, NULL);
}

void api_label_get(struct http_request *r)
{
  char ssid[AP_SSID_SIZE], address[300];
  struct label l = label_of(r, ssid, address);
  struct buf html = {0};
  label_html(&html, &l);
  http_reply(r, 200, "text/html; charset=utf-8", &html, NULL);
}

/* --- panel --- */

void api_panel_get(struct http_request *r)
{
  struct buf body = {0};
  panel_json(&body, NULL, api_box(r)->panel);
  api_json(r, 200, &body);
}

void api_panel_stream_get(struct http_request *r)
{
  struct box *b = api_box(r);
  autobuf struct buf data = {0};
  int64_t owner = api_device(r)->id;
  if (!sse_topic_join(b->panel_stream, r, owner))
    return;
  panel_json(&data, NULL, b->panel);
  sse_topic_greet(b->panel_stream, "panel", NULL, data.data);
}

void api_panel_press(struct http_request *r)
{
  struct press_body {
    int64_t ms;
  } body = {0};
  static const struct json_field fields[] = {
      {"ms", JSON_INT, offsetof(struct press_body, ms), .low = 1, .high = 10000, .required = true},
  };
  struct json *parsed;
  if (!http_local(r)) {
    api_not_found(r, "A press is simulated through the unix socket only.");
    return;
  }
  if (!http_json_read(r, fields, array_len(fields), &body, &parsed))
    return;
  json_free(parsed);
  if (panel_press(api_box(r)->panel, (int)body.ms) < 0)
    api_not_found(r, "This booth has a real panel, or none: there is nothing to simulate.");
  else
    http_reply(r, 202, NULL, NULL, NULL);
}

void api_panel_test(struct http_request *r)
{
  struct test_body {
    int led, buzzer;
  } body = {-1, -1};
  static const struct json_field fields[] = {
      {"led", JSON_ENUM, offsetof(struct test_body, led), .names = led_names},
      {"buzzer", JSON_ENUM, offsetof(struct test_body, buzzer), .names = buzzer_names},
  };
  struct json *parsed;
  if (!http_json_read(r, fields, array_len(fields), &body, &parsed))
    return;
  json_free(parsed);
  if ((body.led < 0) == (body.buzzer < 0)) {
    http_problem(r, 400, "invalid_field", "led", "Say either led or buzzer.", NULL, 0);
    return;
  }
  api_box(r)->testing_until = clock_mono_ms() + TEST_MS;
  if (body.led >= 0)
    panel_show_led(api_box(r)->panel, (enum led)body.led, TEST_MS);
  else
    panel_buzz(api_box(r)->panel, (enum buzzer)body.buzzer);
  http_reply(r, 202, NULL, NULL, NULL);
}
