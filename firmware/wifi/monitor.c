/* monitor.c - what counts as up.
 *
 * That hostapd runs says nothing: it has been seen to report an access point that did not send. The kernel's own
 * evidence is the interface's type, and the name that it sends: cfg80211 knows one from the moment that beacons were
 * handed to the driver until they were taken back, whoever did that, or hostapd was killed, or the interface went away.
 *
 * What there is no evidence of: the beacons themselves. nl80211 counts those that a station receives, not those that an
 * access point sends, so a firmware that stopped sending them looks as one that sends. Then either its stations fall
 * silent (wifi/radio.c), or it does not list them any more as it did before, or holds whoever asks: it is stuck. A
 * hostapd that hangs without ending leaves an access point that nobody new can join, and nothing here can tell.
 */
#include "wifi/monitor.h"

#include <errno.h>
#include <glob.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define LOOK_MS   3000
#define FLOCK_MS  100 /* news come in flocks */
#define LOOKS     8   /* that may wait; a loop that is slower misses some */
#define STOP_S    1
#define ANY_LIMIT 32

struct monitor {
  char *interface;
  struct mailbox *looks;
  pthread_t thread;
  int wake; /* eventfd */
  _Atomic bool stop;
  struct nl80211 *kernel; /* the thread's own, as all below; NULL = to be opened */
  int news;               /* -1 = none */
  int most;               /* stations that the driver says it takes; 0 = it does not say, -1 = not asked yet */
  bool listed;            /* its stations have been told once, so it can */
};

/* --- what sysfs knows --- */

/* Stations that an access point takes, where the driver does not know it: measured by others. */
static const struct {
  const char *driver;
  int limit;
} limits[] = {{"brcmfmac", 8}};

static void find_driver(const char *interface, char ret[static 32])
{
  char path[96], to[256];
  snprintf(path, sizeof path, "/sys/class/net/%s/device/driver", interface);
  ssize_t n = readlink(path, to, sizeof to - 1);
  to[max(n, 0)] = '\0';
  const char *last = strrchr(to, '/');
  util_copy(ret, 32, last ? last + 1 : "");
}

static bool is_one(const char *path)
{
  FILE *f = fopen(path, "re");
  int c = f ? getc(f) : EOF;
  if (f)
    fclose(f);
  return c == '1';
}

/* Hard (a switch) or soft (no country, or somebody's wish). */
static bool is_blocked(const char *interface)
{
  char pattern[128];
  glob_t found = {0};
  bool blocked = false;
  snprintf(pattern, sizeof pattern, "/sys/class/net/%s/phy80211/rfkill*/{hard,soft}", interface);
  // NOLINTNEXTLINE(concurrency-mt-unsafe): only a tilde would make it so
  if (glob(pattern, GLOB_BRACE, NULL, &found) == 0)
    for (size_t i = 0; i < found.gl_pathc; i++)
      blocked |= is_one(found.gl_pathv[i]);
  globfree(&found);
  return blocked;
}

static int limit_of(struct monitor *w, const struct nl80211_interface *i, const char *driver)
{
  for (size_t k = 0; k < array_len(limits); k++)
    if (strcmp(limits[k].driver, driver) == 0)
      return limits[k].limit;
  if (w->most < 0 && nl80211_max_stations(w->kernel, i->wiphy, &w->most) < 0)
    return ANY_LIMIT;
  return w->most > 0 ? w->most : ANY_LIMIT;
}

/* --- a look --- */

static int open_kernel(struct monitor *w)
{
  int r = nl80211_open(&w->kernel);
  if (r == 0 && nl80211_subscribe(w->kernel, &w->news) < 0)
    w->news = -1; /* every few seconds will do */
  return r;
}

static void close_kernel(struct monitor *w)
{
  nl80211_close(take(w->kernel));
  w->news = w->most = -1;
}

static enum radio_state see_stations(struct monitor *w, unsigned index, struct radio_sample *l)
{
  int r = nl80211_stations(w->kernel, index, l->stations, array_len(l->stations), &l->n_stations);
  if (r < 0)
    return w->listed || r == -ETIMEDOUT ? RADIO_STUCK : RADIO_UP;
  w->listed = true;
  return RADIO_UP;
}

static enum radio_state look_at(struct monitor *w, struct radio_sample *l)
{
  struct nl80211_interface i = {0};
  int r = w->kernel ? 0 : open_kernel(w);
  if (r == 0)
    r = nl80211_interface(w->kernel, w->interface, &i);
  if (r == -ENODEV || r == -ENOENT) {
    w->listed = false; /* what comes back may be another */
    return RADIO_ABSENT;
  }
  if (r < 0)
    return r == -ETIMEDOUT ? RADIO_STUCK : RADIO_UNKNOWN;
  find_driver(w->interface, l->driver);
  l->limit = limit_of(w, &i, l->driver);
  if (i.type != NL80211_AP || !*i.ssid)
    return is_blocked(w->interface) ? RADIO_BLOCKED : RADIO_DOWN;
  memcpy(l->ssid, i.ssid, sizeof l->ssid);
  l->freq_mhz = i.freq_mhz;
  return see_stations(w, i.index, l);
}

static void look(struct monitor *w)
{
  struct radio_sample *l = xnew(struct radio_sample);
  l->state = look_at(w, l);
  if (l->state == RADIO_STUCK || l->state == RADIO_UNKNOWN || l->state == RADIO_ABSENT)
    close_kernel(w); /* late answers, or a family that was unloaded */
  if (mailbox_put(w->looks, &l->mail) < 0)
    free(l);
}

static void *watch(void *argument)
{
  struct monitor *w = argument;
  while (!w->stop) {
    look(w);
    struct pollfd p[] = {{.fd = w->wake, .events = POLLIN}, {.fd = w->news, .events = POLLIN}};
    if (poll(p, 2, LOOK_MS) > 0 && p[1].revents) {
      (void)poll(p, 1, FLOCK_MS);
      (void)nl80211_drain_events(w->kernel);
    }
  }
  close_kernel(w);
  return NULL;
}

/* --- life --- */

static void free_watch(struct monitor *w)
{
  for (struct mail *m = mailbox_take_all(w->looks, 0), *next; m; m = next) {
    next = m->next;
    free(m);
  }
  mailbox_free(w->looks);
  if (w->wake >= 0)
    close(w->wake);
  free(w->interface);
  free(w);
}

int monitor_start(const char *interface, struct monitor **ret)
{
  struct monitor *w = xnew(struct monitor);
  w->interface = xstrdup(interface);
  w->looks = mailbox_new(LOOKS);
  w->news = w->most = -1;
  w->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  int r = w->wake < 0 ? -errno : -pthread_create(&w->thread, NULL, watch, w);
  if (r < 0) {
    free_watch(w);
    return r;
  }
  *ret = w;
  return 0;
}

struct mailbox *monitor_samples(const struct monitor *w)
{
  return w->looks;
}

void monitor_stop(struct monitor *w)
{
  if (!w)
    return;
  struct timespec until;
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_sec += STOP_S;
  w->stop = true;
  bool woken = eventfd_write(w->wake, 1) == 0;
  if (woken && pthread_clockjoin_np(w->thread, NULL, CLOCK_MONOTONIC, &until) == 0)
    free_watch(w);
  else
    pthread_detach(w->thread);
}
