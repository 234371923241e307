/* app.c - data flows one way: a request goes to the writer and comes back in a batch; the batch is applied to the view
 * and shown by streams and panel, and only then are its requests answered. Nothing here waits for the disk.
 */
#include "boothd/app.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>

#include "api/handlers.h"
#include "api/routes.h"
#include "base/clock.h"
#include "base/log.h"
#include "config/config.h"
#include "http/server.h"
#include "http/static_files.h"
#include "system/clock_sync.h"
#include "system/privop_client.h"
#include "system/uplink.h"
#include "wifi/radio.h"

#define TICK_US        (1 * 1000000ULL)
#define CLOCK_SAVE_MS  (600 * 1000) /* at most so much is lost by a power cut, if nobody sets the clock */
#define PROBE_MS       20000        /* without a command for so long, a write is probed */
#define STOP_MS        3000         /* for requests that came before the signal */
#define WRITER_DEAD_MS 45000        /* without an answer for so long, even an error, the watchdog is not fed */

struct app {
  struct app_options o;
  struct sd_event *event;
  struct api_parts parts;
  struct api api;
  int64_t probed_ms;
  int64_t snapshot_ms; /* when the last one was requested */
  int64_t clock_saved_ms;
  int64_t stop_by_ms; /* 0 = not stopping */
};

/* --- LED, streams, warnings --- */

static void show_led(struct app *a)
{
  const struct view *v = &a->api.view;
  bool reached = v->sync.state != VIEW_SYNC_STUCK;
  panel_set_led(a->parts.panel, led_for_state(queue_waiting(v->queue, -1) > 0, reached, !v->storage_ok));
}

static void show_hub(struct app *a)
{
  if (!hub_status_show(&a->api.hub, &a->api.view, clock_mono_ms()))
    return;
  streams_status(&a->api.streams);
  show_led(a);
}

static void show_clock(struct app *a)
{
  if (!view_set_trusted(&a->api.view, clock_trusted()))
    return;
  streams_status(&a->api.streams);
  streams_board_changed(&a->api.streams);
}

static void show_health(struct app *a, const struct writer_stats *n)
{
  health_poll(a->parts.health, clock_mono_ms(), n->wal_bytes);
  if (view_set_warnings(&a->api.view, health_warnings(a->parts.health)))
    streams_status(&a->api.streams);
}

static void set_double_press(struct app *a)
{
  panel_set_double_press(a->parts.panel, queue_settings(a->api.view.queue)->double_press);
}

/* --- batches of the writer --- */

static void apply_reset(struct app *a, struct batch *batch)
{
  view_reset(&a->api.view, batch);
  set_double_press(a);
  streams_reset(&a->api.streams);
}

static void apply_change(struct app *a, const struct change *c)
{
  view_apply(&a->api.view, c);
  streams_change(&a->api.streams, c);
  if (c->type == EVENT_INTAKE || c->type == EVENT_MESSAGE)
    streams_status(&a->api.streams); /* every line's estimate depends on the intake; a message is no ticket's */
  if (c->type == EVENT_CALLED)
    panel_buzz(a->parts.panel, c->ticket.calls > 1 ? BUZZER_RECALL : BUZZER_CALL);
  if (c->type == EVENT_SETTINGS)
    set_double_press(a);
}

static void apply_storage(struct app *a, const struct batch *batch)
{
  view_set_storage(&a->api.view, batch->storage_ok, batch->storage_error);
  view_set_trusted(&a->api.view, clock_trusted());
  streams_status(&a->api.streams);
  if (batch->storage_ok)
    return;
  log_err("storage_failed", "error=\"%s\"", batch->storage_error);
  panel_buzz(a->parts.panel, BUZZER_ERROR);
}

static void wake_sync(struct app *a, const struct batch *batch)
{
  struct view *v = &a->api.view;
  bool called = false;
  if (a->api.hub.sync.enrolled)
    v->sync.pending = hub_status_pending(&a->api.hub, v->head); /* before a snapshot shows this version */
  for (size_t i = 0; i < batch->n_changes; i++)
    called |= batch->changes[i].type == EVENT_CALLED;
  sync_wake(a->o.sync, called ? SYNC_WAKE_CALL : SYNC_WAKE_CHANGED);
}

static void apply_batch(struct app *a, struct batch *batch)
{
  bool storage_changed = batch->storage_ok != a->api.view.storage_ok;
  bool reset = batch->reset;
  if (reset)
    apply_reset(a, batch);
  for (size_t i = 0; i < batch->n_changes; i++)
    apply_change(a, &batch->changes[i]);
  if (storage_changed)
    apply_storage(a, batch);
  if (reset || batch->n_changes > 0 || storage_changed) {
    streams_board_changed(&a->api.streams);
    show_led(a);
    wake_sync(a, batch);
  }
  while (batch->requests) {
    struct writer_request *r = batch->requests;
    batch->requests = (struct writer_request *)r->mail.next;
    pending_finish(r);
  }
  batch_free(batch);
}

static int on_batches(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
  struct app *a = userdata;
  for (struct mail *m = mailbox_take_all(a->o.batches, 0), *next; m; m = next) {
    next = m->next;
    apply_batch(a, (struct batch *)m);
  }
  return 0;
}

/* --- the worker and sync --- */

static int on_work_items(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
  struct app *a = userdata;
  for (struct mail *m = mailbox_take_all(a->o.work_items, 0), *next; m; m = next) {
    next = m->next;
    pending_finish_work((struct work_item *)m);
  }
  return 0;
}

static int on_sync_events(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
  struct app *a = userdata;
  for (struct mail *m = mailbox_take_all(a->o.sync_events, 0), *next; m; m = next) {
    next = m->next;
    struct sync_event *e = (struct sync_event *)m;
    hub_status_set(&a->api.hub, &e->status, clock_mono_ms());
    if (e->kind == SYNC_EVENT_TIME)
      (void)clock_sync_anchor(a->parts.clock, e->wall_ms, e->mono_ms, e->error_ms);
    if (e->kind == SYNC_EVENT_ENROLLED)
      api_answer_enrolment(e);
    free(e);
    show_hub(a);
  }
  return 0;
}

/* Submits a request of the daemon itself; dropped if the writer's queue is full. */
static void submit_internal(struct app *a, struct writer_request *take_request,
                            void (*on_request)(struct pending *p, struct writer_request *r))
{
  pending_submit(&a->api.pending, a, NULL, take_request, on_request);
}

/* --- the panel --- */

static void button_done(struct pending *p, struct writer_request *r)
{
  struct app *a = p->context;
  if (r->refusal == REFUSE_NOTHING_WAITING || r->refusal == REFUSE_NOTHING_TO_UNDO)
    panel_show_led(a->parts.panel, LED_BLINK, 1500);
  else if (r->refusal == REFUSE_STORAGE)
    panel_buzz(a->parts.panel, BUZZER_ERROR);
}

static void on_gesture(enum gesture gesture, void *context)
{
  struct app *a = context;
  bool testing = clock_mono_ms() < a->api.testing_until_ms;
  struct command command = {0};
  streams_gesture(&a->api.streams, gesture, testing);
  if (testing || !gesture_command(gesture, &command))
    return;
  struct writer_request *r = writer_request_new(WRITER_COMMAND, NULL);
  r->command = command;
  submit_internal(a, r, button_done);
}

static void on_panel(const struct panel *p, void *context)
{
  struct app *a = context;
  streams_panel(&a->api.streams, p);
}

/* --- the clock --- */

static void clock_saved(struct pending *p, struct work_item *w)
{
  if (w->refusal)
    log_warn("clock_not_saved", "why=\"%s\"", w->detail);
}

static void save_clock(void *context)
{
  struct app *a = context;
  struct work_item *w = work_item_new(WORK_FILE, NULL);
  autobuf struct buf path = {0};
  clock_sync_state(a->o.config->state_dir, &path, &w->text);
  w->path = buf_take(&path);
  a->clock_saved_ms = clock_mono_ms();
  pending_submit_work(&a->api.pending, a, NULL, w, clock_saved);
}

static void on_clock(void *context, int64_t old_wall_ms)
{
  struct app *a = context;
  struct writer_request *r = writer_request_new(WRITER_COMMAND, NULL);
  r->command = (struct command){.kind = CMD_CLOCK, .actor = ACTOR_TIMER, .old_wall_ms = old_wall_ms};
  submit_internal(a, r, NULL);
  save_clock(a);
  show_clock(a);
}

/* --- the radio and the uplink --- */

static bool is_busy(void *context)
{
  const struct app *a = context;
  return queue_active(a->api.view.queue) > 0;
}

static void radio_file_saved(struct pending *p, struct work_item *w)
{
  struct app *a = p->context;
  if (w->refusal)
    log_warn("radio_not_saved", "why=\"%s\"", w->detail);
  else
    radio_saved(a->parts.radio, w->text.data);
}

static bool save_radio_file(void *context, const char *path, const char *text)
{
  struct app *a = context;
  struct work_item *w = work_item_new(WORK_FILE, NULL);
  w->path = xstrdup(path);
  buf_str(&w->text, text);
  return pending_submit_work(&a->api.pending, a, NULL, w, radio_file_saved);
}

static void watch_radio(struct app *a)
{
  const struct radio_options o = {
      .event = a->event,
      .interface = a->o.config->wifi_interface,
      .state_dir = a->o.config->state_dir,
      .health = a->parts.health,
      .busy = is_busy,
      .save = save_radio_file,
      .context = a,
  };
  int r = radio_start(&o, &a->parts.radio);
  if (r < 0)
    log_warn("radio_unwatched", "error=\"%s\"", strerrordesc_np(-r));
}

static void on_route(void *context)
{
  struct app *a = context;
  sync_wake(a->o.sync, SYNC_WAKE_ROUTE);
}

/* Without it, sync notices a new route only by its attempts. */
static void watch_uplink(struct app *a)
{
  int r = uplink_start(&(struct uplink_options){a->event, a->o.config->wifi_interface, on_route, a}, &a->parts.uplink);
  if (r < 0)
    log_warn("uplink_unwatched", "error=\"%s\"", strerrordesc_np(-r));
}

/* --- timers and signals --- */

static void snapshot_done(struct pending *p, struct work_item *w)
{
  if (w->refusal)
    log_warn("snapshot_failed", "why=\"%s\"", w->detail);
}

static void tick(struct app *a, int64_t now_ms)
{
  struct writer_stats n;
  writer_stats(a->o.writer, &n);
  if (now_ms - n.last_commit_mono > PROBE_MS && now_ms - a->probed_ms > PROBE_MS) {
    a->probed_ms = now_ms;
    submit_internal(a, writer_request_new(WRITER_PROBE, NULL), NULL);
  }
  if (now_ms - a->snapshot_ms >= LIMIT_SNAPSHOT_MS) {
    a->snapshot_ms = now_ms;
    pending_submit_work(&a->api.pending, a, NULL, work_item_new(WORK_SNAPSHOT, NULL), snapshot_done);
  }
  if (now_ms - a->clock_saved_ms >= CLOCK_SAVE_MS)
    save_clock(a);
  show_health(a, &n);
  if (now_ms - n.last_answer_mono < WRITER_DEAD_MS)
    (void)sd_notify(0, "WATCHDOG=1");
  show_clock(a);
  show_hub(a);
}

static int on_tick(sd_event_source *source, uint64_t now, void *userdata)
{
  tick(userdata, clock_mono_ms());
  int r = sd_event_source_set_time(source, now + TICK_US);
  return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int on_end(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
  struct app *a = userdata;
  if (a->stop_by_ms)
    return 0;
  log_info("stopping", "signal=%u", info->ssi_signo);
  a->stop_by_ms = clock_mono_ms() + STOP_MS;
  save_clock(a);
  (void)sd_notify(0, "STOPPING=1");
  http_quiesce(a->api.http);
  sync_cancel(a->o.sync);
  return 0;
}

static int on_hangup(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
  struct app *a = userdata;
  (void)sd_notify(0, "RELOADING=1");
  if (a->o.reload(a->o.config) == 0)
    auth_set_names(&a->api.auth, a->o.config->names);
  (void)sd_notify(0, "READY=1");
  return 0;
}

/* --- start and stop --- */

static int add_mailboxes(struct app *a)
{
  const struct {
    struct mailbox *mailbox;
    sd_event_io_handler_t on_mail;
  } rows[] = {{a->o.batches, on_batches}, {a->o.work_items, on_work_items}, {a->o.sync_events, on_sync_events}};
  for (size_t i = 0; i < array_len(rows); i++) {
    int r = sd_event_add_io(a->event, NULL, mailbox_fd(rows[i].mailbox), EPOLLIN, rows[i].on_mail, a);
    if (r < 0)
      return r;
  }
  return 0;
}

static int add_signals(struct app *a)
{
  const struct {
    int signal;
    sd_event_signal_handler_t on_signal;
  } rows[] = {{SIGTERM, on_end}, {SIGINT, on_end}, {SIGHUP, on_hangup}};
  for (size_t i = 0; i < array_len(rows); i++) {
    int r = sd_event_add_signal(a->event, NULL, rows[i].signal, rows[i].on_signal, a);
    if (r < 0)
      return r;
  }
  return 0;
}

static int start_loop(struct app *a)
{
  int r = sd_event_default(&a->event);
  if (r < 0)
    return r;
  streams_init(&a->api.streams, a->event, &a->api.view);
  r = add_signals(a);
  if (r < 0)
    return r;
  r = add_mailboxes(a);
  if (r < 0)
    return r;
  return sd_event_add_time_relative(a->event, NULL, CLOCK_BOOTTIME, TICK_US, 1, on_tick, a);
}

/* Fills the view before its first reader, from the writer's first batch, which is already in the mailbox. */
static int load_view(struct app *a)
{
  struct writer_stats n;
  writer_stats(a->o.writer, &n);
  (void)on_batches(NULL, 0, 0, a);
  show_health(a, &n);
  return a->api.view.queue ? 0 : -EPROTO;
}

/* In this order: each part uses those before it. *ret_part: the one that failed. */
static int start_parts(struct app *a, const char **ret_part)
{
  *ret_part = "event loop";
  int r = start_loop(a);
  if (r < 0)
    return r;
  *ret_part = "panel";
  const struct panel_options panel = {a->event, a->o.config, on_gesture, on_panel, a};
  r = panel_start(&panel, &a->parts.panel);
  if (r < 0)
    return r;
  *ret_part = "clock";
  r = clock_sync_start(a->event, a->o.config->trust_clock, on_clock, a, &a->parts.clock);
  if (r < 0)
    return r;
  watch_uplink(a);
  watch_radio(a);
  *ret_part = "queue";
  r = load_view(a);
  if (r < 0)
    return r;
  show_hub(a);
  return 0;
}

static void init_auth(struct auth *auth, const struct app_options *o)
{
  auth->key = writer_key(o->writer);
  auth->secrets = o->secrets;
  auth->cli = (struct device){.id = ACTOR_CLI, .manager = true, .name = "boothctl"};
  auth->n_devices = writer_devices(o->writer, auth->devices);
  auth_set_names(auth, o->config->names);
}

static void init_view(struct view *v, struct auth *auth, const struct writer *writer)
{
  v->storage_ok = true;
  v->trusted = clock_trusted();
  v->name_of = auth_device_name;
  v->arg = auth;
  util_copy(v->booth, sizeof v->booth, writer_booth(writer));
}

static void init_api(struct app *a)
{
  struct api *api = &a->api;
  api->parts = &a->parts;
  api->pending = (struct pending_set){.writer = a->o.writer, .worker = a->o.worker};
  api->started_ms = clock_mono_ms();
  api->clock_set = save_clock;
  api->context = a;
  init_auth(&api->auth, &a->o);
  init_view(&api->view, &api->auth, a->o.writer);
  sync_status(a->o.sync, &api->hub.sync);
}

int app_start(const struct app_options *o, struct app **ret, char ret_error[static 160])
{
  struct app *a = xnew(struct app);
  a->o = *o;
  a->parts = (struct api_parts){
      .config = o->config,
      .writer = o->writer,
      .worker = o->worker,
      .sync = o->sync,
      .maintenance = o->maintenance,
      .health = health_new("", o->config->state_dir),
  };
  a->snapshot_ms = a->clock_saved_ms = clock_mono_ms();
  init_api(a);
  privop_client_start(o->config->socket);
  const char *part;
  int r = start_parts(a, &part);
  if (r < 0)
    snprintf(ret_error, 160, "%s: %s", part, strerrordesc_np(-r));
  else
    r = routes_start(&a->api, a->event, ret_error);
  if (r < 0) {
    app_free(a);
    return r;
  }
  *ret = a;
  return 0;
}

const char *app_address(const struct app *a)
{
  return http_address(a->api.http);
}

size_t app_pending(const struct app *a)
{
  return a->api.pending.n + http_pending(a->api.http);
}

static bool is_finished(const struct app *a)
{
  return a->stop_by_ms && (app_pending(a) == 0 || clock_mono_ms() >= a->stop_by_ms);
}

/* One iteration at a time, to measure the longest: waiting for the disk would show. */
int app_run(struct app *a)
{
  while (!is_finished(a)) {
    int r = sd_event_prepare(a->event);
    if (r == 0)
      r = sd_event_wait(a->event, UINT64_MAX);
    if (r < 0)
      return r == -EINTR ? 0 : r;
    if (r == 0)
      continue;
    int64_t began_us = clock_mono_us();
    r = sd_event_dispatch(a->event);
    if (r < 0)
      return r;
    a->api.longest_iteration_us = max(a->api.longest_iteration_us, clock_mono_us() - began_us);
  }
  return 0;
}

void app_free(struct app *a)
{
  if (!a)
    return;
  streams_done(&a->api.streams);
  http_free(a->api.http);
  radio_free(a->parts.radio);
  uplink_free(a->parts.uplink);
  clock_sync_free(a->parts.clock);
  panel_free(a->parts.panel);
  static_files_free(a->api.files);
  health_free(a->parts.health);
  view_done(&a->api.view);
  sd_event_unref(a->event);
  free(a);
}
