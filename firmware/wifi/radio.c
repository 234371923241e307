/* radio.c - looks come from a thread (wifi/monitor.h), what is to be done from wifi/recovery.h; here they meet.
 *
 * Steps are done by boothd-root: what is asked of it is logged and counted, and the next look says whether it helped.
 * Before a reboot a file says that it was done; only when the booth can be sure of that is the machine rebooted, so a
 * radio that a reboot does not heal costs one reboot, not one every half an hour.
 */
#include "wifi/radio.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <systemd/sd-event.h>

#include "api/pending.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json_write.h"
#include "base/log.h"
#include "base/prometheus.h"
#include "config/config.h"
#include "system/health.h"
#include "system/privop_client.h"
#include "wifi/monitor.h"

#define TICK_US      (3 * 1000000ULL)
#define NO_LOOK_MS   20000  /* without one: the driver holds who asks */
#define SILENT_MS    120000 /* that no station was heard, though frames went to them: */
#define SILENT_LEAST 2      /* not of a single one, which may have walked away */

static const char kept_up[] = "up\n", kept_rebooted[] = "rebooted\n";

struct radio {
  struct box *box;
  struct monitor *watch;
  sd_event_source *looks, *timer;
  struct radio_sample *look; /* the latest; NULL = none yet */
  int64_t looked;            /* mono_ms */
  enum radio_state state;
  int64_t since;     /* mono_ms */
  uint64_t failures; /* of all stations together, when one was heard last; UINT64_MAX = not known yet */
  struct recovery recovery;
  uint64_t steps[RECOVERY_STEPS];
  bool kept; /* what the file says of recovery.may_reboot */
};

/* --- the file --- */

static void path_of(const struct box *b, struct buf *to)
{
  buf_fmt(to, "%s/radio", b->o.config->state_dir);
}

static bool read_kept(const struct box *b)
{
  autobuf struct buf path = {0}, text = {0};
  path_of(b, &path);
  return file_read(path.data, 32, &text) == 0 && text.len > 0 && strcmp(text.data, kept_up) == 0;
}

static const enum privop privops[RECOVERY_STEPS] = {
    [RECOVERY_AP] = PRIVOP_AP_RESTART,
    [RECOVERY_DRIVER] = PRIVOP_RADIO_RELOAD,
    [RECOVERY_DEVICE] = PRIVOP_RADIO_REBIND,
    [RECOVERY_REBOOT] = PRIVOP_REBOOT,
};

static void ask(struct radio *r, enum recovery_step s)
{
  if (privop_client_request(privops[s], 0) == 0) /* else it was logged, and the ladder goes on */
    r->steps[s]++;
}

static void kept_done(struct call *c, struct work_item *j)
{
  struct radio *r = c->box->radio;
  if (j->refusal)
    log_warn("radio_not_saved", "why=\"%s\"", j->detail);
  else if (strcmp(j->text.data, kept_rebooted) == 0 && !r->recovery.may_reboot) /* or it came up meanwhile */
    ask(r, RECOVERY_REBOOT);
}

/* On the disk, and then the reboot if that is what it is about. */
static void keep(struct radio *r)
{
  struct work_item *j = work_item_new(WORK_FILE, NULL);
  autobuf struct buf path = {0};
  path_of(r->box, &path);
  j->path = buf_take(&path);
  buf_str(&j->text, r->recovery.may_reboot ? kept_up : kept_rebooted);
  if (box_submit_job(r->box, NULL, j, kept_done))
    r->kept = r->recovery.may_reboot;
  else
    r->recovery.may_reboot = r->kept; /* the worker has too much to do: another time */
}

/* --- evidence --- */

/* Frames go out, and nobody acknowledges any, for so long. */
static bool is_silent(struct radio *r, const struct radio_sample *l)
{
  size_t n = min(l->n_stations, array_len(l->stations));
  uint64_t failures = 0;
  bool heard = n < SILENT_LEAST;
  for (size_t i = 0; i < n; i++) {
    failures += l->stations[i].failed;
    heard |= l->stations[i].inactive_ms < SILENT_MS;
  }
  if (heard || r->failures == UINT64_MAX)
    r->failures = failures;
  return !heard && failures > r->failures;
}

static enum radio_state state_now(struct radio *r, int64_t now_ms)
{
  if (now_ms - r->looked >= NO_LOOK_MS)
    return RADIO_STUCK;
  if (!r->look)
    return RADIO_UNKNOWN;
  if (r->look->state != RADIO_UP)
    r->failures = UINT64_MAX;
  else if (is_silent(r, r->look))
    return RADIO_SILENT;
  return r->look->state;
}

static bool crowded(const struct radio *r)
{
  return r->look && r->look->limit > 0 && r->look->n_stations * 10 >= (size_t)r->look->limit * 8;
}

/* --- what is done --- */

static void step(struct radio *r, enum recovery_step s)
{
  log_warn("radio_recovery", "step=%s state=%s tries=%d", recovery_names[s], radio_state_names[r->state],
           r->recovery.tries);
  if (s != RECOVERY_REBOOT) /* which follows when keep() is through */
    ask(r, s);
}

static void show(struct radio *r, enum radio_state state, int64_t now_ms)
{
  if (state != r->state) {
    log_info("radio", "state=%s was=%s", radio_state_names[state], radio_state_names[r->state]);
    r->state = state;
    r->since = now_ms;
  }
  health_warn(r->box->health, WARNING_STATIONS, crowded(r));
}

static void consider(struct radio *r)
{
  const int64_t now_ms = clock_mono_ms();
  show(r, state_now(r, now_ms), now_ms);
  enum recovery_step s = recovery_decide(&r->recovery, r->state, queue_active(r->box->view.queue) > 0, now_ms);
  if (s != RECOVERY_NONE)
    step(r, s);
  if (r->recovery.may_reboot != r->kept)
    keep(r);
}

static int on_looks(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
  struct radio *r = userdata;
  (void)source, (void)fd, (void)events;
  for (struct mail *m = mailbox_take_all(monitor_samples(r->watch), 0), *next; m; m = next) {
    next = m->next;
    free(r->look);
    r->look = (struct radio_sample *)m;
  }
  r->looked = clock_mono_ms();
  consider(r);
  return 0;
}

static int on_timer(sd_event_source *source, uint64_t now, void *userdata)
{
  consider(userdata);
  int r = sd_event_source_set_time(source, now + TICK_US);
  return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* --- life --- */

int radio_start(struct box *b, struct radio **ret)
{
  *ret = NULL;
  if (!*b->o.config->wifi_interface)
    return 0;
  struct radio *radio = xnew(struct radio);
  radio->box = b;
  radio->looked = radio->since = clock_mono_ms();
  radio->failures = UINT64_MAX;
  radio->kept = read_kept(b);
  recovery_begin(&radio->recovery, radio->kept, radio->looked);
  int r = monitor_start(b->o.config->wifi_interface, &radio->watch);
  if (r == 0)
    r = sd_event_add_io(b->event, &radio->looks, mailbox_fd(monitor_samples(radio->watch)), EPOLLIN, on_looks, radio);
  if (r >= 0)
    r = sd_event_add_time_relative(b->event, &radio->timer, CLOCK_BOOTTIME, TICK_US, 1, on_timer, radio);
  if (r < 0) {
    radio_free(radio);
    return r;
  }
  *ret = radio;
  return 0;
}

void radio_free(struct radio *r)
{
  if (!r)
    return;
  sd_event_source_disable_unref(r->looks);
  sd_event_source_disable_unref(r->timer);
  monitor_stop(r->watch);
  free(r->look);
  free(r);
}

/* --- for people --- */

static void number_or_null(struct buf *b, const char *key, int v)
{
  if (v)
    json_int(b, key, v);
  else
    json_null(b, key);
}

/* Two bytes tell one phone of a booth from another, and not whose it is. */
static void station_json(struct buf *b, const struct nl80211_station *s)
{
  char end[6];
  snprintf(end, sizeof end, "%02x:%02x", s->mac[4], s->mac[5]);
  json_open(b, NULL, '{');
  json_str(b, "mac_end", end);
  number_or_null(b, "signal_dbm", s->signal_dbm);
  json_int(b, "connected_s", s->connected_s);
  json_int(b, "inactive_ms", s->inactive_ms);
  json_close(b, '}');
}

static void recovery_json(struct buf *b, const struct recovery *r)
{
  json_open(b, "recovery", '{');
  json_str(b, "step", recovery_names[r->last]);
  json_int(b, "tries", r->tries);
  json_time(b, "last_at", r->last ? clock_wall_ms() - (clock_mono_ms() - r->last_at) : 0);
  json_close(b, '}');
}

void radio_json(struct buf *b, const char *key, const struct radio *r)
{
  static const struct radio_sample nothing;
  if (!r) {
    json_null(b, key);
    return;
  }
  const struct radio_sample *l = r->look ? r->look : &nothing;
  json_open(b, key, '{');
  json_str(b, "interface", r->box->o.config->wifi_interface);
  json_str(b, "state", radio_state_names[r->state]);
  json_time(b, "since", clock_wall_ms() - (clock_mono_ms() - r->since));
  json_str(b, "driver", *l->driver ? l->driver : NULL);
  json_str(b, "ssid", *l->ssid ? l->ssid : NULL);
  number_or_null(b, "channel", channel_of_freq(l->freq_mhz));
  number_or_null(b, "frequency_mhz", l->freq_mhz);
  json_open(b, "stations", '[');
  for (size_t i = 0; i < min(l->n_stations, array_len(l->stations)); i++)
    station_json(b, &l->stations[i]);
  json_close(b, ']');
  number_or_null(b, "limit", l->limit);
  json_bool(b, "crowded", crowded(r));
  recovery_json(b, &r->recovery);
  json_close(b, '}');
}

void radio_metrics(struct buf *b, const struct radio *r)
{
  if (!r)
    return;
  prometheus_metric(b, "boothd_radio_up", "gauge", "1 if the booth's own Wi-Fi is up.", r->state == RADIO_UP);
  prometheus_metric(b, "boothd_radio_channel", "gauge", "Its channel, 0 if none.",
                    r->look ? channel_of_freq(r->look->freq_mhz) : 0);
  prometheus_metric(b, "boothd_radio_stations", "gauge", "Stations in it.", r->look ? (double)r->look->n_stations : 0);
  prometheus_metric(b, "boothd_radio_stations_limit", "gauge", "Stations that it takes.", r->look ? r->look->limit : 0);
  buf_str(b, "# HELP boothd_radio_steps_total Steps taken to bring it back.\n"
             "# TYPE boothd_radio_steps_total counter\n");
  for (int s = RECOVERY_AP; s < RECOVERY_STEPS; s++)
    buf_fmt(b, "boothd_radio_steps_total{step=\"%s\"} %" PRIu64 "\n", recovery_names[s], r->steps[s]);
}
