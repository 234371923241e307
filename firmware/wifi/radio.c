/* radio.c - samples come from a thread (wifi/monitor.h), decisions from wifi/recovery.h. boothd-root carries out the
 * steps: each is logged and counted when it is requested, and the next samples show whether it helped.
 *
 * The machine is rebooted only after a file on the disk says so: a radio that a reboot does not bring back costs one
 * reboot, not one every half an hour.
 */
#include "wifi/radio.h"

#include <errno.h>
#include <stdio.h>
#include <systemd/sd-event.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json_write.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "base/prometheus.h"
#include "system/health.h"
#include "system/privop_client.h"
#include "wifi/monitor.h"

#define TICK_US      (3 * 1000000ULL)
#define NO_SAMPLE_MS 20000  /* without a sample: the driver does not answer the kernel */
#define SILENT_MS    120000 /* no station was heard for so long, although frames were sent to them */
#define SILENT_LEAST 2      /* stations: a single one may have walked away */

/* state_dir/radio: whether a reboot has been tried since the radio was up. */
static const char saved_up[] = "up\n";
static const char saved_rebooted[] = "rebooted\n";

struct radio {
  struct radio_options o;
  char *path; /* of the file */
  struct monitor *monitor;
  sd_event_source *samples;
  sd_event_source *timer;
  struct radio_sample *sample; /* the latest; NULL = none yet */
  int64_t sampled_ms;          /* mono_ms */
  enum radio_state state;
  int64_t since;     /* mono_ms, of the state */
  uint64_t failures; /* of all stations, when one was heard last; UINT64_MAX = unknown */
  struct recovery recovery;
  uint64_t steps[RECOVERY_STEPS];
  bool saved; /* recovery.may_reboot in the file */
};

static bool read_saved(const char *path)
{
  autobuf struct buf text = {0};
  return file_read(path, 32, &text) == 0 && text.len > 0 && strcmp(text.data, saved_up) == 0;
}

/* --- steps --- */

static const enum privop privops[RECOVERY_STEPS] = {
    [RECOVERY_AP] = PRIVOP_AP_RESTART,
    [RECOVERY_DRIVER] = PRIVOP_RADIO_RELOAD,
    [RECOVERY_DEVICE] = PRIVOP_RADIO_REBIND,
    [RECOVERY_REBOOT] = PRIVOP_REBOOT,
};

static void request_step(struct radio *r, enum recovery_step s)
{
  if (privop_client_request(privops[s], 0) == 0) /* a failure is logged there; the next step follows later */
    r->steps[s]++;
}

static void start_step(struct radio *r, enum recovery_step s)
{
  log_warn("radio_recovery", "step=%s state=%s tries=%d", recovery_names[s], radio_state_names[r->state],
           r->recovery.tries);
  if (s != RECOVERY_REBOOT) /* radio_saved() requests that one */
    request_step(r, s);
}

/* If it cannot be saved now, there is no reboot; it is tried again later. */
static void save_recovery(struct radio *r)
{
  if (r->o.save(r->o.context, r->path, r->recovery.may_reboot ? saved_up : saved_rebooted))
    r->saved = r->recovery.may_reboot;
  else
    r->recovery.may_reboot = r->saved;
}

void radio_saved(struct radio *r, const char *text)
{
  if (strcmp(text, saved_rebooted) == 0 && !r->recovery.may_reboot) /* else the radio is up again */
    request_step(r, RECOVERY_REBOOT);
}

/* --- evidence --- */

/* Frames are sent, but no station has acknowledged one for SILENT_MS. */
static bool is_silent(struct radio *r, const struct radio_sample *sample)
{
  size_t n = min(sample->n_stations, array_len(sample->stations));
  uint64_t failures = 0;
  bool heard = n < SILENT_LEAST;
  for (size_t i = 0; i < n; i++) {
    failures += sample->stations[i].failed;
    heard |= sample->stations[i].inactive_ms < SILENT_MS;
  }
  if (heard || r->failures == UINT64_MAX)
    r->failures = failures;
  return !heard && failures > r->failures;
}

static enum radio_state current_state(struct radio *r, int64_t now_ms)
{
  if (now_ms - r->sampled_ms >= NO_SAMPLE_MS)
    return RADIO_STUCK;
  if (!r->sample)
    return RADIO_UNKNOWN;
  if (r->sample->state != RADIO_UP)
    r->failures = UINT64_MAX;
  else if (is_silent(r, r->sample))
    return RADIO_SILENT;
  return r->sample->state;
}

static bool is_crowded(const struct radio *r)
{
  return r->sample && r->sample->limit > 0 && r->sample->n_stations * 10 >= (size_t)r->sample->limit * 8;
}

/* --- the loop --- */

static void set_state(struct radio *r, enum radio_state state, int64_t now_ms)
{
  if (state == r->state)
    return;
  log_info("radio", "state=%s was=%s", radio_state_names[state], radio_state_names[r->state]);
  r->state = state;
  r->since = now_ms;
}

static void decide_step(struct radio *r)
{
  const int64_t now_ms = clock_mono_ms();
  set_state(r, current_state(r, now_ms), now_ms);
  health_warn(r->o.health, WARNING_STATIONS, is_crowded(r));
  enum recovery_step s = recovery_decide(&r->recovery, r->state, r->o.busy(r->o.context), now_ms);
  if (s != RECOVERY_NONE)
    start_step(r, s);
  if (r->recovery.may_reboot != r->saved)
    save_recovery(r);
}

static int on_samples(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
  struct radio *r = userdata;
  for (struct mail *m = mailbox_take_all(monitor_samples(r->monitor), 0), *next; m; m = next) {
    next = m->next;
    free(r->sample);
    r->sample = (struct radio_sample *)m;
  }
  r->sampled_ms = clock_mono_ms();
  decide_step(r);
  return 0;
}

static int on_timer(sd_event_source *source, uint64_t now, void *userdata)
{
  decide_step(userdata);
  int r = sd_event_source_set_time(source, now + TICK_US);
  return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* --- start and stop --- */

static int add_sources(struct radio *r)
{
  int result = monitor_start(r->o.interface, &r->monitor);
  if (result < 0)
    return result;
  int fd = mailbox_fd(monitor_samples(r->monitor));
  result = sd_event_add_io(r->o.event, &r->samples, fd, EPOLLIN, on_samples, r);
  if (result < 0)
    return result;
  return sd_event_add_time_relative(r->o.event, &r->timer, CLOCK_BOOTTIME, TICK_US, 1, on_timer, r);
}

int radio_start(const struct radio_options *o, struct radio **ret)
{
  *ret = NULL;
  if (!*o->interface)
    return 0;
  struct radio *radio = xnew(struct radio);
  autobuf struct buf path = {0};
  buf_fmt(&path, "%s/radio", o->state_dir);
  radio->o = *o;
  radio->path = buf_take(&path);
  radio->sampled_ms = radio->since = clock_mono_ms();
  radio->failures = UINT64_MAX;
  radio->saved = read_saved(radio->path);
  recovery_begin(&radio->recovery, radio->saved, radio->sampled_ms);
  int r = add_sources(radio);
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
  sd_event_source_disable_unref(r->samples);
  sd_event_source_disable_unref(r->timer);
  monitor_stop(r->monitor);
  free(r->sample);
  free(r->path);
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

/* Two bytes distinguish the phones of a booth, and do not identify their owners. */
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
  const struct radio_sample *s = r->sample ? r->sample : &nothing;
  json_open(b, key, '{');
  json_str(b, "interface", r->o.interface);
  json_str(b, "state", radio_state_names[r->state]);
  json_time(b, "since", clock_wall_ms() - (clock_mono_ms() - r->since));
  json_str(b, "driver", *s->driver ? s->driver : NULL);
  json_str(b, "ssid", *s->ssid ? s->ssid : NULL);
  number_or_null(b, "channel", channel_of_freq(s->freq_mhz));
  number_or_null(b, "frequency_mhz", s->freq_mhz);
  json_open(b, "stations", '[');
  for (size_t i = 0; i < min(s->n_stations, array_len(s->stations)); i++)
    station_json(b, &s->stations[i]);
  json_close(b, ']');
  number_or_null(b, "limit", s->limit);
  json_bool(b, "crowded", is_crowded(r));
  recovery_json(b, &r->recovery);
  json_close(b, '}');
}

void radio_metrics(struct buf *b, const struct radio *r)
{
  if (!r)
    return;
  prometheus_metric(b, "boothd_radio_up", "gauge", "1 if the booth's own Wi-Fi is up.", r->state == RADIO_UP);
  prometheus_metric(b, "boothd_radio_channel", "gauge", "Its channel, 0 if none.",
                    r->sample ? channel_of_freq(r->sample->freq_mhz) : 0);
  prometheus_metric(b, "boothd_radio_stations", "gauge", "Stations in it.",
                    r->sample ? (double)r->sample->n_stations : 0);
  prometheus_metric(b, "boothd_radio_stations_limit", "gauge", "Stations that it takes.",
                    r->sample ? r->sample->limit : 0);
  prometheus_head(b, "boothd_radio_steps_total", "counter", "Steps taken to bring it back.");
  for (int s = RECOVERY_AP; s < RECOVERY_STEPS; s++)
    prometheus_sample(b, "boothd_radio_steps_total", "step", recovery_names[s], (double)r->steps[s]);
}
