/* monitor.c - what counts as up.
 *
 * A running hostapd proves nothing: it has been seen to report an access point that did not send. The kernel's own
 * evidence is the interface's type and its SSID: cfg80211 has one from the moment that beacons were handed to the
 * driver until they were stopped, hostapd was killed, or the interface went away.
 *
 * There is no evidence of the beacons themselves: nl80211 counts those that a station receives, not those that an
 * access point sends. When the firmware stops sending them, either its stations fall silent (wifi/radio.c), or the
 * driver stops listing them, or it does not answer: then it is stuck. A hostapd that hangs without ending leaves an
 * access point that nobody new can join; that is not detected here.
 */
#include "wifi/monitor.h"

#include <errno.h>
#include <glob.h>
#include <poll.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/thread.h"

#define SAMPLE_MS 3000
#define BURST_MS  100 /* events come in bursts */
#define SAMPLES   8   /* that may wait; further ones are dropped */
#define STOP_MS   1000
#define ANY_LIMIT 32

struct monitor {
  char *interface;
  struct mailbox *samples;
  struct thread thread;
  int wake; /* eventfd */
  /* for the thread alone from here on */
  struct nl80211 *kernel; /* NULL = to be opened */
  int events;             /* descriptor; -1 = none */
  int max_stations;       /* as the driver says; 0 = it does not say, -1 = not asked yet */
  bool listed;            /* the driver has listed its stations once, so it can do that */
};

/* --- sysfs --- */

/* Measured: stations that an access point accepts, for drivers that do not say. */
static const struct {
  const char *driver;
  int limit;
} known_limits[] = {{"brcmfmac", 8}};

static void find_driver(const char *interface, char ret[static 32])
{
  char path[96], to[256];
  snprintf(path, sizeof path, "/sys/class/net/%s/device/driver", interface);
  ssize_t n = readlink(path, to, sizeof to - 1);
  to[max(n, 0)] = '\0';
  const char *last = strrchr(to, '/');
  util_copy(ret, 32, last ? last + 1 : "");
}

static bool file_says_one(const char *path)
{
  FILE *f = fopen(path, "re");
  int c = f ? getc(f) : EOF;
  if (f)
    fclose(f);
  return c == '1';
}

/* Hard (a switch) or soft (no country code, or a command). */
static bool is_blocked(const char *interface)
{
  char pattern[128];
  glob_t found = {0};
  bool blocked = false;
  snprintf(pattern, sizeof pattern, "/sys/class/net/%s/phy80211/rfkill*/{hard,soft}", interface);
  // NOLINTNEXTLINE(concurrency-mt-unsafe): only a tilde would make it so
  if (glob(pattern, GLOB_BRACE, NULL, &found) == 0)
    for (size_t i = 0; i < found.gl_pathc; i++)
      blocked |= file_says_one(found.gl_pathv[i]);
  globfree(&found);
  return blocked;
}

static int max_stations(struct monitor *m, const struct nl80211_interface *i, const char *driver)
{
  for (size_t k = 0; k < array_len(known_limits); k++)
    if (strcmp(known_limits[k].driver, driver) == 0)
      return known_limits[k].limit;
  if (m->max_stations < 0 && nl80211_max_stations(m->kernel, i->wiphy, &m->max_stations) < 0)
    return ANY_LIMIT;
  return m->max_stations > 0 ? m->max_stations : ANY_LIMIT;
}

/* --- a sample --- */

static int open_kernel(struct monitor *m)
{
  int r = nl80211_open(&m->kernel);
  if (r == 0 && nl80211_subscribe(m->kernel, &m->events) < 0)
    m->events = -1; /* then it only samples every few seconds */
  return r;
}

static void close_kernel(struct monitor *m)
{
  nl80211_close(take(m->kernel));
  m->events = m->max_stations = -1;
}

static enum radio_state sample_stations(struct monitor *m, unsigned index, struct radio_sample *s)
{
  int r = nl80211_stations(m->kernel, index, s->stations, array_len(s->stations), &s->n_stations);
  if (r < 0)
    return m->listed || r == -ETIMEDOUT ? RADIO_STUCK : RADIO_UP;
  m->listed = true;
  return RADIO_UP;
}

static enum radio_state sample_radio(struct monitor *m, struct radio_sample *s)
{
  struct nl80211_interface i = {0};
  int r = m->kernel ? 0 : open_kernel(m);
  if (r == 0)
    r = nl80211_interface(m->kernel, m->interface, &i);
  if (r == -ENODEV || r == -ENOENT) {
    m->listed = false; /* another device may come back */
    return RADIO_ABSENT;
  }
  if (r < 0)
    return r == -ETIMEDOUT ? RADIO_STUCK : RADIO_UNKNOWN;
  find_driver(m->interface, s->driver);
  s->limit = max_stations(m, &i, s->driver);
  if (i.type != NL80211_AP || !*i.ssid)
    return is_blocked(m->interface) ? RADIO_BLOCKED : RADIO_DOWN;
  memcpy(s->ssid, i.ssid, sizeof s->ssid);
  s->freq_mhz = i.freq_mhz;
  return sample_stations(m, i.index, s);
}

static void post_sample(struct monitor *m)
{
  struct radio_sample *s = xnew(struct radio_sample);
  s->state = sample_radio(m, s);
  if (s->state == RADIO_STUCK || s->state == RADIO_UNKNOWN || s->state == RADIO_ABSENT)
    close_kernel(m); /* answers may still come, or the module was unloaded */
  if (mailbox_put(m->samples, &s->mail) < 0)
    free(s);
}

static void *monitor_main(void *argument)
{
  struct monitor *m = argument;
  while (!thread_stopping(&m->thread)) {
    post_sample(m);
    struct pollfd p[] = {{.fd = m->wake, .events = POLLIN}, {.fd = m->events, .events = POLLIN}};
    if (poll(p, 2, SAMPLE_MS) > 0 && p[1].revents) {
      (void)poll(p, 1, BURST_MS);
      (void)nl80211_drain_events(m->kernel);
    }
  }
  close_kernel(m);
  return NULL;
}

/* --- start and stop --- */

static void free_monitor(struct monitor *m)
{
  for (struct mail *sample = mailbox_take_all(m->samples, 0), *next; sample; sample = next) {
    next = sample->next;
    free(sample);
  }
  mailbox_free(m->samples);
  if (m->wake >= 0)
    close(m->wake);
  thread_done(&m->thread);
  free(m->interface);
  free(m);
}

int monitor_start(const char *interface, struct monitor **ret)
{
  struct monitor *m = xnew(struct monitor);
  m->interface = xstrdup(interface);
  m->samples = mailbox_new(SAMPLES);
  m->events = m->max_stations = -1;
  thread_init(&m->thread);
  m->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  int r = m->wake < 0 ? -errno : thread_start(&m->thread, monitor_main, m);
  if (r < 0) {
    free_monitor(m);
    return r;
  }
  *ret = m;
  return 0;
}

struct mailbox *monitor_samples(const struct monitor *m)
{
  return m->samples;
}

void monitor_stop(struct monitor *m)
{
  if (!m)
    return;
  thread_stop(&m->thread);
  bool woken = eventfd_write(m->wake, 1) == 0;
  if (thread_join(&m->thread, woken ? STOP_MS : 0) == 0)
    free_monitor(m);
}
