/* Data flows one way: a request goes to the writer and comes back in a batch; the batch is applied to the view, told to
 * the streams and the panel, and only then are those answered who asked. Nothing here waits for the disk. */
#include "boothd/app.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>

#include "api/handle_hub.h"
#include "api/routes.h"
#include "base/clock.h"
#include "base/json_write.h"
#include "base/log.h"
#include "config/config.h"
#include "http/static_files.h"
#include "system/clock_sync.h"
#include "system/privop_client.h"
#include "system/uplink.h"
#include "wifi/radio.h"

#define TICK_US        (1 * 1000000ULL)
#define CLOCK_SAVE_MS  (600 * 1000) /* so much a power cut may take from a clock that nobody sets */
#define PROBE_MS       20000        /* a write is proved this often when nobody asks for one */
#define BOARD_US       (100 * 1000ULL)
#define STOP_MS        3000  /* for what was asked before the signal */
#define WRITER_DEAD_MS 45000 /* without an answer, even an error, for so long: let the watchdog bite */

/* --- what comes back --- */

static int send_board(sd_event_source *source, uint64_t now, void *userdata)
{
  struct box *b = userdata;
  (void)source, (void)now;
  b->board_timer = sd_event_source_disable_unref(b->board_timer);
  autobuf struct buf data = {0};
  char id[56];
  view_event_id(&b->view, id);
  view_board_json(&b->view, &data);
  sse_topic_send(b->board, "snapshot", id, data.data);
  return 0;
}

/* A board wants the latest state, not each step: one snapshot for a burst. */
static void board_changed(struct box *b)
{
  if (b->board_timer || sse_topic_size(b->board) == 0)
    return;
  int r = sd_event_add_time_relative(b->event, &b->board_timer, CLOCK_BOOTTIME, BOARD_US, 1, send_board, b);
  if (r < 0)
    log_err("timer_failed", "error=%d", -r);
}

static void send_staff(struct box *b, const char *event, bool with_id, void (*render)(struct view *, struct buf *))
{
  if (sse_topic_size(b->staff) == 0)
    return; /* who comes is greeted with a snapshot */
  autobuf struct buf data = {0};
  char id[56];
  view_event_id(&b->view, id);
  render(&b->view, &data);
  sse_topic_send(b->staff, event, with_id ? id : NULL, data.data);
}

static void render_status(struct view *v, struct buf *data)
{
  view_status(v, data);
}

void box_show_status(struct box *b)
{
  send_staff(b, "status", false, render_status);
}

void box_show_lamp(struct box *b)
{
  bool reached = b->view.sync.state != VIEW_SYNC_STUCK;
  panel_set_led(b->panel, led_for_state(queue_waiting(b->view.queue, -1) > 0, reached, !b->view.storage_ok));
}

static void show_change(struct box *b, const struct change *c)
{
  view_apply(&b->view, c);
  if (sse_topic_size(b->staff) > 0) {
    autobuf struct buf data = {0};
    char id[56];
    view_event_id(&b->view, id);
    view_change(&b->view, &data, c);
    sse_topic_send(b->staff, "change", id, data.data);
  } else {
    sse_topic_forget(b->staff); /* nobody to format it for: who comes back gets a snapshot */
  }
  if (c->type == EVENT_INTAKE || c->type == EVENT_MESSAGE)
    box_show_status(b); /* every line's estimate stands still or goes on; what the hub says */
  if (c->type == EVENT_CALLED)
    panel_buzz(b->panel, c->ticket.calls > 1 ? BUZZER_RECALL : BUZZER_CALL);
  if (c->type == EVENT_SETTINGS)
    panel_set_double_press(b->panel, queue_settings(b->view.queue)->double_press);
}

static void show_reset(struct box *b, struct batch *batch)
{
  view_reset(&b->view, batch);
  panel_set_double_press(b->panel, queue_settings(b->view.queue)->double_press);
  sse_topic_forget(b->staff);
  send_staff(b, "snapshot", true, view_snapshot_json);
}

static void show_status(struct box *b)
{
  if (!view_set_status(&b->view, b->view.storage_ok, clock_trusted()))
    return;
  box_show_status(b);
  board_changed(b);
}

static void take_batch(struct box *b, struct batch *batch)
{
  const bool was_ok = b->view.storage_ok, reset = batch->reset;
  if (reset)
    show_reset(b, batch);
  for (size_t i = 0; i < batch->n_changes; i++)
    show_change(b, &batch->changes[i]);
  if (batch->storage_ok != was_ok) {
    view_set_status(&b->view, batch->storage_ok, clock_trusted());
    util_copy(b->storage_error, sizeof b->storage_error, batch->storage_error);
    send_staff(b, "status", false, render_status);
    if (!batch->storage_ok) {
      log_err("storage_failed", "error=\"%s\"", batch->storage_error);
      panel_buzz(b->panel, BUZZER_ERROR);
    }
  }
  if (reset || batch->n_changes > 0 || batch->storage_ok != was_ok) {
    board_changed(b);
    box_show_lamp(b);
    hub_wake(b, batch);
  }
  while (batch->requests) {
    struct request *r = batch->requests;
    batch->requests = (struct request *)r->mail.next;
    struct call *c = r->context;
    if (c) {
      if (c->answer)
        c->answer(c, r);
      box_call_done(c);
    }
    request_free(r);
  }
  batch_free(batch);
}

static int on_batches(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
  struct box *b = userdata;
  (void)source, (void)fd, (void)events;
  for (struct mail *m = mailbox_take_all(b->o.batches, 0), *next; m; m = next) {
    next = m->next;
    take_batch(b, (struct batch *)m);
  }
  return 0;
}

static int on_jobs(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
  struct box *b = userdata;
  (void)source, (void)fd, (void)events;
  for (struct mail *m = mailbox_take_all(b->o.jobs, 0), *next; m; m = next) {
    next = m->next;
    struct work_item *j = (struct work_item *)m;
    struct call *c = j->context;
    if (c->done)
      c->done(c, j);
    box_call_done(c);
    work_item_free(j);
  }
  return 0;
}

static int on_mails(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
  struct box *b = userdata;
  (void)source, (void)fd, (void)events;
  for (struct mail *m = mailbox_take_all(b->o.mails, 0), *next; m; m = next) {
    next = m->next;
    hub_take(b, (struct sync_event *)m);
  }
  return 0;
}

/* --- the panel and the clock speak --- */

static void answer_button(struct call *c, struct request *r)
{
  struct box *b = c->box;
  if (r->refusal == REFUSE_NOTHING_WAITING || r->refusal == REFUSE_NOTHING_TO_UNDO)
    panel_show_led(b->panel, LED_BLINK, 1500);
  else if (r->refusal == REFUSE_STORAGE)
    panel_buzz(b->panel, BUZZER_ERROR);
}

static void on_gesture(enum gesture gesture, void *context)
{
  struct box *b = context;
  bool testing = clock_mono_ms() < b->testing_until;
  struct command command = {0};
  autobuf struct buf data = {0};
  json_open(&data, NULL, '{');
  json_str(&data, "gesture", gesture_names[gesture]);
  json_close(&data, '}');
  sse_topic_send(b->panel_stream, "panel", NULL, data.data);
  if (testing)
    sse_topic_send(b->staff, "panel", NULL, data.data);
  if (testing || !gesture_command(gesture, &command))
    return;
  struct request *r = request_new(REQUEST_COMMAND, NULL);
  r->command = command;
  box_submit(b, NULL, r, answer_button);
}

static void on_panel(const struct panel *p, void *context)
{
  struct box *b = context;
  if (!b->panel_stream || sse_topic_size(b->panel_stream) == 0)
    return;
  autobuf struct buf data = {0};
  panel_json(&data, NULL, p);
  sse_topic_send(b->panel_stream, "panel", NULL, data.data);
}

static void on_clock(void *context, int64_t old_wall_ms)
{
  struct box *b = context;
  struct request *r = request_new(REQUEST_COMMAND, NULL);
  r->command = (struct command){.kind = CMD_CLOCK, .actor = ACTOR_TIMER, .old_wall_ms = old_wall_ms};
  box_submit(b, NULL, r, NULL);
  box_save_clock(b);
  show_status(b);
}

/* --- time --- */

static void clock_saved(struct call *c, struct work_item *j)
{
  (void)c;
  if (j->refusal)
    log_warn("clock_not_saved", "why=\"%s\"", j->detail);
}

void box_save_clock(struct box *b)
{
  struct work_item *j = work_item_new(WORK_FILE, NULL);
  autobuf struct buf path = {0};
  clock_sync_state(b->o.config->state_dir, &path, &j->text);
  j->path = buf_take(&path);
  b->clock_saved = clock_mono_ms();
  box_submit_job(b, NULL, j, clock_saved);
}

static void snapshot_done(struct call *c, struct work_item *j)
{
  (void)c;
  if (j->refusal)
    log_warn("snapshot_failed", "why=\"%s\"", j->detail);
}

static void look_at_health(struct box *b, int64_t now_ms, const struct writer_stats *n)
{
  health_poll(b->health, now_ms, n->wal_bytes);
  if (view_set_warnings(&b->view, health_warnings(b->health)))
    box_show_status(b);
}

static void tick(struct box *b, int64_t now_ms)
{
  struct writer_stats n;
  writer_stats(b->o.writer, &n);
  if (now_ms - n.last_commit_mono > PROBE_MS && now_ms - b->probed > PROBE_MS) {
    b->probed = now_ms;
    box_submit(b, NULL, request_new(REQUEST_PROBE, NULL), NULL);
  }
  if (now_ms - b->snapshot_asked >= LIMIT_SNAPSHOT_MS) {
    b->snapshot_asked = now_ms;
    box_submit_job(b, NULL, work_item_new(WORK_SNAPSHOT, NULL), snapshot_done);
  }
  if (now_ms - b->clock_saved >= CLOCK_SAVE_MS)
    box_save_clock(b);
  look_at_health(b, now_ms, &n);
  if (now_ms - n.last_answer_mono < WRITER_DEAD_MS)
    (void)sd_notify(0, "WATCHDOG=1");
  show_status(b);
  hub_show(b, now_ms);
}

static int on_tick(sd_event_source *source, uint64_t now, void *userdata)
{
  tick(userdata, clock_mono_ms());
  int r = sd_event_source_set_time(source, now + TICK_US);
  return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int on_end(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
  struct box *b = userdata;
  (void)source;
  if (b->stop_by)
    return 0;
  log_info("stopping", "signal=%u", info->ssi_signo);
  b->stop_by = clock_mono_ms() + STOP_MS;
  box_save_clock(b);
  (void)sd_notify(0, "STOPPING=1");
  http_quiesce(b->http);
  sync_cancel(b->o.sync);
  return 0;
}

static int on_hangup(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
  struct box *b = userdata;
  (void)source, (void)info;
  (void)sd_notify(0, "RELOADING=1");
  if (b->o.reload(b->o.config) == 0)
    auth_set_names(&b->access, b->o.config->names);
  (void)sd_notify(0, "READY=1");
  return 0;
}

/* --- life --- */

static int add_sources(struct box *b)
{
  int r = sd_event_add_signal(b->event, NULL, SIGTERM, on_end, b);
  if (r >= 0)
    r = sd_event_add_signal(b->event, NULL, SIGINT, on_end, b);
  if (r >= 0)
    r = sd_event_add_signal(b->event, NULL, SIGHUP, on_hangup, b);
  if (r >= 0)
    r = sd_event_add_io(b->event, NULL, mailbox_fd(b->o.batches), EPOLLIN, on_batches, b);
  if (r >= 0)
    r = sd_event_add_io(b->event, NULL, mailbox_fd(b->o.jobs), EPOLLIN, on_jobs, b);
  if (r >= 0)
    r = sd_event_add_io(b->event, NULL, mailbox_fd(b->o.mails), EPOLLIN, on_mails, b);
  if (r >= 0)
    r = sd_event_add_time_relative(b->event, NULL, CLOCK_BOOTTIME, TICK_US, 1, on_tick, b);
  return r < 0 ? r : 0;
}

static void fill_access(struct box *b)
{
  b->access.key = writer_key(b->o.writer);
  b->access.secrets = b->o.secrets;
  b->access.cli = (struct device){.id = ACTOR_CLI, .manager = true, .name = "boothctl"};
  b->access.n_devices = writer_devices(b->o.writer, b->access.devices);
  auth_set_names(&b->access, b->o.config->names);
  b->view.name_of = auth_device_name;
  b->view.arg = &b->access;
  util_copy(b->view.booth, sizeof b->view.booth, writer_booth(b->o.writer));
}

static void on_route(void *context)
{
  struct box *b = context;
  sync_wake(b->o.sync, SYNC_WAKE_ROUTE);
}

/* Without it a new route is found by trying. */
static void watch_uplink(struct box *b)
{
  int r = uplink_start(&(struct uplink_options){b->event, b->o.config->wifi_interface, on_route, b}, &b->uplink);
  if (r < 0)
    log_warn("uplink_unwatched", "error=\"%s\"", strerrordesc_np(-r));
}

static void watch_radio(struct box *b)
{
  int r = radio_start(b, &b->radio);
  if (r < 0)
    log_warn("radio_unwatched", "error=\"%s\"", strerrordesc_np(-r));
}

/* The view before the first reader: the writer's first batch is already in the mailbox. */
static int first_view(struct box *b)
{
  struct writer_stats n;
  writer_stats(b->o.writer, &n);
  (void)on_batches(NULL, 0, 0, b);
  look_at_health(b, clock_mono_ms(), &n);
  return b->view.queue ? 0 : -EPROTO;
}

int app_start(const struct app_options *o, struct box **ret, char ret_error[static 160])
{
  struct box *b = xnew(struct box);
  b->o = *o;
  b->started = b->snapshot_asked = b->clock_saved = clock_mono_ms();
  b->view.storage_ok = true;
  b->view.trusted = clock_trusted();
  b->health = health_new("", o->config->state_dir);
  fill_access(b);
  privop_client_start(o->config->socket);
  sync_status(o->sync, &b->sync);
  const char *what = "event loop";
  int r = sd_event_default(&b->event);
  if (r >= 0) {
    b->staff = sse_topic_new(b->event);
    b->board = sse_topic_new(b->event);
    b->panel_stream = sse_topic_new(b->event);
    r = add_sources(b);
  }
  if (r >= 0) {
    const struct panel_options panel = {b->event, o->config, on_gesture, on_panel, b};
    what = "panel";
    r = panel_start(&panel, &b->panel);
  }
  if (r >= 0)
    what = "clock", r = clock_sync_start(b->event, o->config->trust_clock, on_clock, b, &b->clock);
  if (r >= 0)
    watch_uplink(b);
  if (r >= 0)
    watch_radio(b);
  if (r >= 0)
    what = "queue", r = first_view(b);
  if (r >= 0)
    hub_show(b, clock_mono_ms());
  if (r >= 0)
    what = o->config->web_dir, r = static_files_load(o->config->web_dir, &b->files);
  if (r >= 0)
    what = NULL, r = api_start(b, ret_error);
  if (r < 0) {
    if (what)
      snprintf(ret_error, 160, "%s: %s", what, strerrordesc_np(-r));
    app_free(b);
    return r;
  }
  *ret = b;
  return 0;
}

const char *app_address(const struct box *b)
{
  return http_address(b->http);
}

static bool finished(const struct box *b)
{
  return b->stop_by && ((b->waiting == 0 && http_pending(b->http) == 0) || clock_mono_ms() >= b->stop_by);
}

/* One turn at a time, so that the longest can be told: one that waited for a disk would show. */
int app_run(struct box *b)
{
  while (!finished(b)) {
    int r = sd_event_prepare(b->event);
    if (r == 0)
      r = sd_event_wait(b->event, UINT64_MAX);
    if (r < 0)
      return r == -EINTR ? 0 : r;
    if (r == 0)
      continue;
    int64_t began_us = clock_mono_us();
    r = sd_event_dispatch(b->event);
    if (r < 0)
      return r;
    b->longest_turn_us = max(b->longest_turn_us, clock_mono_us() - began_us);
  }
  return 0;
}

void app_free(struct box *b)
{
  if (!b)
    return;
  b->board_timer = sd_event_source_disable_unref(b->board_timer);
  sse_topic_free(take(b->staff));
  sse_topic_free(take(b->board));
  sse_topic_free(take(b->panel_stream));
  http_free(b->http);
  radio_free(b->radio);
  uplink_free(b->uplink);
  clock_sync_free(b->clock);
  panel_free(b->panel);
  static_files_free(b->files);
  health_free(b->health);
  view_done(&b->view);
  sd_event_unref(b->event);
  free(b);
}
