/* The booth's Wi-Fi in the loop, with samples made here, a clock that is moved, and requests to boothd-root as files in
 * a folder. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <systemd/sd-event.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "system/health.h"
#include "system/privop_client.h"
#include "wifi/monitor.h"
#include "wifi/radio.h"
#include "worker/worker.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)

/* --- the clock, and a monitor without a thread --- */

static _Atomic int64_t ahead_ms;

int clock_gettime(clockid_t clock, struct timespec *ret)
{
  int r = (int)syscall(SYS_clock_gettime, clock, ret);
  if (clock == CLOCK_BOOTTIME)
    ret->tv_sec += ahead_ms / 1000;
  return r;
}

static struct mailbox *samples;

int monitor_start(const char *interface, struct monitor **ret)
{
  assert_string_equal(interface, "wlan9");
  samples = mailbox_new(4);
  *ret = (struct monitor *)&samples;
  return 0;
}

struct mailbox *monitor_samples(const struct monitor *w)
{
  assert_ptr_equal(w, &samples);
  return samples;
}

void monitor_stop(struct monitor *w)
{
  assert_ptr_equal(w, &samples);
  mailbox_free(samples);
}

/* --- the booth --- */

static char dir[64], path[128];
static sd_event *event;
static struct health *health;
static struct worker *worker;
static struct mailbox *work_items;
static struct radio_options options;
static struct radio *radio;
static size_t saving; /* files that the worker has not reported yet */
static bool disk_hangs;

static bool is_busy(void *context)
{
  return false;
}

static bool save(void *context, const char *file, const char *text)
{
  struct work_item *j = work_item_new(WORK_FILE, NULL);
  j->path = xstrdup(file);
  buf_str(&j->text, text);
  assert_int_equal(worker_post(worker, j), 0);
  saving++;
  return true;
}

static const char *in_dir(const char *name)
{
  snprintf(path, sizeof path, "%s/%s", dir, name);
  return path;
}

static int set_up(void **state)
{
  static char socket[128];
  snprintf(dir, sizeof dir, "/tmp/radio-test-XXXXXX");
  assert_non_null(mkdtemp(dir));
  assert_int_equal(mkdir(in_dir("privops"), 0700), 0);
  snprintf(socket, sizeof socket, "%s/sock", dir);
  work_items = mailbox_new(SIZE_MAX);
  assert_int_equal(worker_start(dir, work_items, &worker), 0);
  assert_true(sd_event_default(&event) >= 0);
  health = health_new("", dir);
  privop_client_start(socket);
  options = (struct radio_options){
      .event = event, .interface = "wlan9", .state_dir = dir, .health = health, .busy = is_busy, .save = save};
  ahead_ms = 40 * MINUTE; /* the machine was booted some time ago */
  assert_int_equal(radio_start(&options, &radio), 0);
  return 0;
}

static int tear_down(void **state)
{
  autobuf struct buf command = {0};
  radio_free(take(radio));
  worker_stop(worker);
  mailbox_free(work_items);
  health_free(health);
  sd_event_unref(event);
  buf_fmt(&command, "rm -r %s", dir);
  return system(command.data); // NOLINT(concurrency-mt-unsafe, cert-env33-c)
}

/* Handles the worker's results. */
static void finish_saves(void)
{
  while (saving > 0 && !disk_hangs) {
    mailbox_wait(work_items, 1, -1);
    for (struct mail *m = mailbox_take_all(work_items, 0), *next; m; m = next) {
      next = m->next;
      struct work_item *j = (struct work_item *)m;
      saving--;
      if (!j->refusal)
        radio_saved(radio, j->text.data);
      work_item_free(j);
    }
  }
}

static void deliver(const struct radio_sample *l)
{
  struct radio_sample *copy = xnew(struct radio_sample);
  *copy = *l;
  assert_int_equal(mailbox_put(samples, &copy->mail), 0);
  while (mailbox_size(samples) > 0)
    assert_true(sd_event_run(event, 0) >= 0);
  finish_saves();
}

/* Delivers the same sample every five seconds, for so long. */
static void deliver_for(enum radio_state state, int64_t for_ms)
{
  const struct radio_sample l = {.state = state, .ssid = "booth", .freq_mhz = 2437, .limit = 8};
  for (int64_t end = ahead_ms + for_ms; ahead_ms < end; ahead_ms += 5 * SECOND)
    deliver(&l);
}

static bool json_has(const char *text)
{
  autobuf struct buf b = {0};
  radio_json(&b, NULL, radio);
  return strstr(b.data, text) != NULL;
}

static bool file_is(const char *text)
{
  autobuf struct buf b = {0};
  return file_read(in_dir("radio"), 32, &b) == 0 && b.data && strcmp(b.data, text) == 0;
}

/* Removes the request, as boothd-root does. */
static bool was_requested(enum privop e)
{
  char name[64];
  snprintf(name, sizeof name, "privops/%s", privop_specs[e].name);
  return unlink(in_dir(name)) == 0;
}

/* --- tests --- */

static void test_none(void **state)
{
  struct radio_options o = options;
  struct radio *none = radio;
  autobuf struct buf b = {0};
  o.interface = "";
  assert_int_equal(radio_start(&o, &none), 0);
  assert_null(none);
  radio_free(none);
  radio_metrics(&b, none);
  assert_int_equal(b.len, 0);
  radio_json(&b, NULL, none);
  assert_string_equal(b.data, "null");
}

static void test_json(void **state)
{
  struct radio_sample l = {
      .state = RADIO_UP, .ssid = "booth-3f9a1c", .freq_mhz = 2462, .limit = 8, .driver = "brcmfmac"};
  autobuf struct buf b = {0};
  assert_true(json_has("\"state\":\"unknown\"") && json_has("\"ssid\":null") && json_has("\"limit\":null"));
  l.n_stations = 1;
  l.stations[0] = (struct nl80211_station){{1, 2, 3, 4, 0xab, 0x0d}, -47, 812, 340, 0};
  deliver(&l);
  radio_json(&b, NULL, radio);
  static const char *const parts[] = {
      "{\"interface\":\"wlan9\",\"state\":\"up\",\"since\":\"20",
      "\"driver\":\"brcmfmac\",\"ssid\":\"booth-3f9a1c\",\"channel\":11,\"frequency_mhz\":2462,\"stations\":["
      "{\"mac_end\":\"ab:0d\",\"signal_dbm\":-47,\"connected_s\":812,\"inactive_ms\":340}],\"limit\":8,"
      "\"crowded\":false,\"recovery\":{\"step\":\"none\",\"tries\":0,\"last_at\":null}}"};
  for (size_t i = 0; i < array_len(parts); i++)
    if (!strstr(b.data, parts[i]))
      fail_msg("%s\nlacks %s", b.data, parts[i]);
}

static void test_crowded(void **state)
{
  struct radio_sample l = {.state = RADIO_UP, .ssid = "booth"};
  static const struct {
    int limit;
    size_t stations;
    bool crowded;
  } rows[] = {{8, 6, false},  {8, 7, true},   {8, 9, true}, {32, 25, false},
              {32, 26, true}, {0, 50, false}, {8, 0, false}};
  for (size_t i = 0; i < array_len(rows); i++) {
    l.limit = rows[i].limit;
    l.n_stations = rows[i].stations;
    deliver(&l);
    assert_int_equal(json_has("\"crowded\":true"), rows[i].crowded);
    assert_int_equal((health_warnings(health) & WARNING_BIT(WARNING_STATIONS)) != 0, rows[i].crowded);
  }
  autobuf struct buf b = {0};
  l.n_stations = 3 * LIMIT_STATIONS; /* more than are listed */
  deliver(&l);
  radio_json(&b, NULL, radio);
  int n = 0;
  for (const char *at = b.data; (at = strstr(at, "mac_end")); at++)
    n++;
  assert_int_equal(n, LIMIT_STATIONS);
}

static void test_silent(void **state)
{
  struct radio_sample l = {.state = RADIO_UP, .ssid = "booth", .limit = 8, .n_stations = 2};
  l.stations[0] = (struct nl80211_station){.inactive_ms = 130000, .failed = 5};
  l.stations[1] = (struct nl80211_station){.inactive_ms = 500000, .failed = 3};
  deliver(&l);
  deliver(&l);
  assert_true(json_has("\"state\":\"up\"")); /* no frames were sent to them: they may sleep */
  l.stations[1].failed = 9;
  deliver(&l);
  assert_true(json_has("\"state\":\"silent\""));
  l.stations[0].inactive_ms = 20; /* one that is heard is enough */
  deliver(&l);
  assert_true(json_has("\"state\":\"up\""));
  l.stations[0].inactive_ms = 130000;
  l.stations[0].failed = 6;
  l.n_stations = 1; /* a single one may have walked away */
  deliver(&l);
  l.stations[0].failed = 99;
  deliver(&l);
  assert_true(json_has("\"state\":\"up\""));
}

static void test_no_samples(void **state)
{
  const struct radio_sample up = {.state = RADIO_UP, .ssid = "booth", .limit = 8};
  deliver(&up);
  for (int64_t end = clock_mono_ms() + 10 * SECOND; !json_has("stuck") && clock_mono_ms() < end + 60 * SECOND;) {
    ahead_ms += 25 * SECOND; /* its timer is the kernel's, which is not moved */
    assert_true(sd_event_run(event, 4000000) >= 0);
  }
  assert_true(json_has("\"state\":\"stuck\""));
  deliver(&up);
  assert_true(json_has("\"state\":\"up\""));
}

static void test_steps(void **state)
{
  deliver_for(RADIO_UP, 90 * SECOND);
  assert_true(file_is("up\n"));
  deliver_for(RADIO_DOWN, 10 * SECOND);
  assert_false(was_requested(PRIVOP_AP_RESTART)); /* hostapd comes back by itself */
  deliver_for(RADIO_DOWN, 15 * SECOND);
  assert_true(was_requested(PRIVOP_AP_RESTART));
  deliver_for(RADIO_DOWN, 30 * SECOND);
  assert_true(was_requested(PRIVOP_AP_RESTART));
  deliver_for(RADIO_DOWN, 30 * SECOND);
  assert_true(was_requested(PRIVOP_RADIO_RELOAD) && !was_requested(PRIVOP_AP_RESTART));
  deliver_for(RADIO_ABSENT, 45 * SECOND);
  assert_true(was_requested(PRIVOP_RADIO_REBIND) && !was_requested(PRIVOP_REBOOT) && file_is("up\n"));
  assert_true(json_has("\"recovery\":{\"step\":\"radio-rebind\",\"tries\":4,\"last_at\":\"20"));
  deliver_for(RADIO_ABSENT, 45 * SECOND);
  assert_true(was_requested(PRIVOP_REBOOT) && file_is("rebooted\n"));
  autobuf struct buf b = {0};
  radio_metrics(&b, radio);
  assert_non_null(strstr(b.data, "boothd_radio_steps_total{step=\"ap-restart\"} 2\n"));
  assert_non_null(strstr(b.data, "boothd_radio_steps_total{step=\"reboot\"} 1\n"));

  radio_free(take(radio)); /* it was rebooted, without effect */
  assert_int_equal(radio_start(&options, &radio), 0);
  deliver_for(RADIO_ABSENT, 5 * 60 * MINUTE);
  assert_true(was_requested(PRIVOP_RADIO_RELOAD) && !was_requested(PRIVOP_REBOOT));
  deliver_for(RADIO_UP, 90 * SECOND);
  assert_true(file_is("up\n"));
}

/* Without the file a reboot could be repeated for ever. */
static void test_no_reboot_without_file(void **state)
{
  deliver_for(RADIO_UP, 90 * SECOND);
  assert_true(file_is("up\n"));
  assert_int_equal(unlink(in_dir("radio")), 0);
  assert_int_equal(mkdir(in_dir("radio"), 0700), 0); /* where the file should go */
  deliver_for(RADIO_ABSENT, 60 * MINUTE);
  assert_true(was_requested(PRIVOP_RADIO_REBIND) && !was_requested(PRIVOP_REBOOT));
}

static void test_no_reboot_once_up(void **state)
{
  deliver_for(RADIO_UP, 90 * SECOND);
  disk_hangs = true;
  deliver_for(RADIO_ABSENT, 60 * MINUTE);
  assert_true(saving > 0);
  deliver_for(RADIO_UP, 90 * SECOND);
  disk_hangs = false;
  finish_saves();
  assert_true(file_is("up\n") && !was_requested(PRIVOP_REBOOT));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_none, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_json, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_crowded, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_silent, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_no_samples, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_steps, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_no_reboot_without_file, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_no_reboot_once_up, set_up, tear_down),
  };
  return cmocka_run_group_tests_name("radio", tests, NULL, NULL);
}
