/* clock_sync.c - the sources of the time.
 *
 * The kernel's clock may be years off, and this program may not set it. So the booth keeps an offset of its own
 * (base/clock.h), which a phone may move forward; it is dropped as soon as the kernel says that it is synchronised. The
 * hub's time is right for the whole machine (its journal, its RTC, its next boot), so boothd-root is asked to set the
 * kernel's clock; once that is done, the offset shrinks by as much and nobody sees a step.
 *
 * An RTC without its battery begins in 1970 or 2000, or where the power left it: a time before the saved one is not
 * believed. Neither is an RTC that did not set the kernel's clock: then the kernel started from the date of some file
 * or program, which is often later than the saved time and proves nothing.
 */
#include "system/clock_sync.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <systemd/sd-event.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json_write.h"
#include "base/log.h"
#include "config/config.h"
#include "system/privop_client.h"

#define POLL_US      (10 * 1000000ULL)
#define STEP_MS      2000
#define RTC_NEAR_MS  60000      /* an RTC counts seconds, and drifts */
#define SET_AGAIN_MS 600000     /* between two requests to set the kernel's clock */
#define NEVER_S      9000000000 /* the year 2255: the kernel's clock cannot be set to so late a time */

struct clock_sync {
  int trust_key;
  void (*on_step)(void *context, int64_t old_wall_ms);
  void *context;
  int fd; /* a timer that is cancelled when the clock is set */
  sd_event_source *set;
  sd_event_source *poll;
  int64_t distance_ms;      /* wall minus mono, as last seen */
  int64_t offered_ms;       /* by phones, since the last trusted time */
  bool anchored;            /* by the hub, until the next boot: distance_ms is right */
  bool rtc;                 /* trusted because of an RTC */
  int64_t set_requested_ms; /* mono_ms: boothd-root was requested to set the kernel's clock; 0 = not yet */
};

/* As found by clock_sync_init(). */
static struct {
  const char *root;
  bool rtc;
} found = {.root = ""};

static bool is_trusted(int trust_key)
{
  return trust_key == TRUST_AUTO ? clock_kernel_synchronised() : trust_key == TRUST_YES;
}

static int64_t kernel_ms(void)
{
  return clock_wall_ms() - clock_offset_ms();
}

static bool read_rtc(const char *name, int64_t high, int64_t *ret)
{
  autobuf struct buf path = {0}, text = {0};
  buf_fmt(&path, "%s/sys/class/rtc/rtc0/%s", found.root, name);
  if (file_read(path.data, 32, &text) < 0 || !text.len)
    return false;
  text.data[strcspn(text.data, "\n")] = '\0';
  return util_parse_i64(text.data, 0, high, ret) == 0;
}

/* The kernel's clock was set by an RTC, still goes by it, and is not behind that time. */
static bool rtc_is_right(int trust_key, int64_t known_ms)
{
  int64_t hctosys = 0, s;
  if (trust_key != TRUST_AUTO || !read_rtc("hctosys", 1, &hctosys) || !hctosys ||
      !read_rtc("since_epoch", LIMIT_CLOCK_LATEST_MS / 1000, &s))
    return false;
  int64_t off_ms = s * 1000 - kernel_ms();
  return s * 1000 >= max(known_ms - RTC_NEAR_MS, LIMIT_CLOCK_EARLIEST_MS) && off_ms <= RTC_NEAR_MS &&
         off_ms >= -RTC_NEAR_MS;
}

void clock_sync_state(const char *state_dir, struct buf *path, struct buf *text)
{
  buf_fmt(path, "%s/clock", state_dir);
  buf_fmt(text, "%lld\n", (long long)clock_wall_ms());
}

void clock_sync_init(int trust_key, const char *root, const char *state_dir)
{
  autobuf struct buf path = {0}, text = {0}, unused = {0};
  int64_t saved_ms = 0, offset_ms = 0;
  clock_sync_state(state_dir, &path, &unused);
  if (file_read(path.data, 32, &text) == 0 && text.len > 0) {
    text.data[strcspn(text.data, "\n")] = '\0';
    if (util_parse_i64(text.data, 0, LIMIT_CLOCK_LATEST_MS, &saved_ms) == 0)
      offset_ms = max(saved_ms - kernel_ms(), 0);
  }
  bool trusted = is_trusted(trust_key);
  found.root = root;
  found.rtc = !trusted && rtc_is_right(trust_key, saved_ms);
  clock_set(trusted ? 0 : offset_ms, trusted || found.rtc);
}

/* When somebody sets the kernel's clock, the hub's time goes on by CLOCK_BOOTTIME. */
static void keep_anchor(struct clock_sync *c)
{
  int64_t moved = clock_wall_ms() - clock_mono_ms() - c->distance_ms;
  if (moved > STEP_MS || moved < -STEP_MS)
    clock_set(clock_offset_ms() - moved, true);
}

/* The kernel's clock was set forward by hand, or by the driver of an RTC that came late: our offset shrinks. */
static void follow_kernel(struct clock_sync *c)
{
  int64_t known_ms = clock_mono_ms() + c->distance_ms, moved = clock_wall_ms() - known_ms;
  if (moved <= STEP_MS)
    return;
  clock_set(max(clock_offset_ms() - moved, 0), clock_trusted());
  c->rtc = c->rtc || rtc_is_right(c->trust_key, known_ms);
}

static void check_clock(struct clock_sync *c)
{
  bool own = is_trusted(c->trust_key), was = clock_trusted();
  c->anchored &= !own;
  c->rtc &= !own;
  if (!own && !c->anchored)
    follow_kernel(c);
  bool trusted = own || c->anchored || c->rtc;
  if (trusted)
    c->offered_ms = 0;
  clock_set(own ? 0 : clock_offset_ms(), trusted);
  if (c->anchored)
    keep_anchor(c);
  int64_t mono_ms = clock_mono_ms(), distance_ms = clock_wall_ms() - mono_ms;
  int64_t moved = distance_ms - c->distance_ms;
  bool step = moved > STEP_MS || moved < -STEP_MS;
  int64_t old_wall_ms = mono_ms + (step ? c->distance_ms : distance_ms);
  c->distance_ms = distance_ms; /* slewing is followed without an event */
  if (step || (trusted && !was)) {
    log_info("clock", "trusted=%d step_ms=%lld", trusted, step ? (long long)moved : 0);
    c->on_step(c->context, old_wall_ms);
  }
}

/* The kernel cancels a timer with this flag as soon as somebody sets the clock. */
static void arm_set_timer(struct clock_sync *c)
{
  struct itimerspec far = {.it_value.tv_sec = NEVER_S};
  if (timerfd_settime(c->fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &far, NULL) < 0 && errno != ECANCELED)
    log_warn("clock_watch_failed", "error=%d", errno);
}

static int on_set(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
  struct clock_sync *c = userdata;
  uint64_t expirations;
  if (read(fd, &expirations, sizeof expirations) < 0 && errno == EAGAIN)
    return 0;
  arm_set_timer(c);
  check_clock(c);
  return 0;
}

static int on_poll(sd_event_source *source, uint64_t now, void *userdata)
{
  check_clock(userdata);
  int r = sd_event_source_set_time(source, now + POLL_US);
  return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int add_sources(struct clock_sync *c, struct sd_event *event)
{
  arm_set_timer(c);
  int r = sd_event_add_io(event, &c->set, c->fd, EPOLLIN, on_set, c);
  if (r < 0)
    return r;
  return sd_event_add_time_relative(event, &c->poll, CLOCK_BOOTTIME, POLL_US, 1, on_poll, c);
}

int clock_sync_start(struct sd_event *event, int trust_key, void (*on_step)(void *context, int64_t old_wall_ms),
                     void *context, struct clock_sync **ret)
{
  struct clock_sync *c = xnew(struct clock_sync);
  *c = (struct clock_sync){.trust_key = trust_key, .on_step = on_step, .context = context, .rtc = found.rtc};
  c->distance_ms = clock_wall_ms() - clock_mono_ms();
  c->fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
  int r = c->fd < 0 ? -errno : add_sources(c, event);
  if (r < 0) {
    clock_sync_free(c);
    return r;
  }
  *ret = c;
  return 0;
}

void clock_sync_free(struct clock_sync *c)
{
  if (!c)
    return;
  sd_event_source_disable_unref(c->set);
  sd_event_source_disable_unref(c->poll);
  if (c->fd >= 0)
    close(c->fd);
  free(c);
}

int clock_sync_offer(struct clock_sync *c, int64_t wall_ms)
{
  int64_t ahead_ms = wall_ms - clock_wall_ms();
  if (clock_trusted() || ahead_ms <= 0 || ahead_ms > CLOCK_OFFER_MS - c->offered_ms)
    return 1;
  c->offered_ms += ahead_ms;
  clock_set(clock_offset_ms() + ahead_ms, false);
  c->distance_ms += ahead_ms; /* the caller writes the event of this step */
  return 0;
}

/* For other programs and for the next boot. Failures are logged there; the offset works without it. */
static void set_kernel_clock(struct clock_sync *c)
{
  int64_t now_ms = clock_mono_ms(), off_ms = clock_offset_ms();
  if ((off_ms <= STEP_MS && off_ms >= -STEP_MS) || (c->set_requested_ms && now_ms - c->set_requested_ms < SET_AGAIN_MS))
    return;
  int r = privop_client_request(PRIVOP_CLOCK_SET, clock_wall_ms());
  c->set_requested_ms = r == 0 ? now_ms : 0;
}

int clock_sync_anchor(struct clock_sync *c, int64_t wall_ms, int64_t mono_ms, int64_t error_ms)
{
  int64_t old_wall_ms = clock_wall_ms(), ahead_ms = wall_ms - mono_ms - (old_wall_ms - clock_mono_ms());
  bool near = ahead_ms <= max(error_ms, STEP_MS) && ahead_ms >= -max(error_ms, STEP_MS);
  bool known = near && (c->anchored || c->rtc);
  if (is_trusted(c->trust_key))
    return 1;
  if (near)
    ahead_ms = 0; /* only trust is gained */
  else
    c->set_requested_ms = 0;
  c->anchored = true;
  c->offered_ms = 0;
  clock_set(clock_offset_ms() + ahead_ms, true);
  c->distance_ms += ahead_ms;
  set_kernel_clock(c);
  if (known)
    return 1;
  log_info("clock", "trusted=1 step_ms=%lld by=hub", (long long)ahead_ms);
  c->on_step(c->context, ahead_ms ? old_wall_ms : clock_wall_ms());
  return 0;
}

void clock_sync_json(struct buf *b, const char *key, const struct clock_sync *c)
{
  json_open(b, key, '{');
  json_bool(b, "trusted", clock_trusted());
  json_time(b, "now", clock_wall_ms());
  json_int(b, "offset_ms", clock_offset_ms());
  json_str(b, "source",
           c->anchored              ? "hub"
           : c->rtc                 ? "rtc"
           : clock_offset_ms() == 0 ? "kernel"
           : c->offered_ms > 0      ? "phone"
                                    : "saved");
  json_str(b, "boot_id", clock_boot_id());
  json_int(b, "mono_ms", clock_mono_ms());
  json_close(b, '}');
}
