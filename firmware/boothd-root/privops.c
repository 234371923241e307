/* privops.c - the folder of privops is boothd's, and boothd may have been taken over by whoever sent it something: what
 * lies there is believed to be a wish from the table and a number within its bounds, or nothing. Each wish is taken
 * away before it is fulfilled, so that one that ends in a crash is not tried for ever; and none is fulfilled more often
 * than a machine can bear.
 */
#include "config/privop.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/rtc.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "boothd-root/radio.h"
#include "boothd-root/root.h"

#define AP  "boothd-ap.service"
#define LAN "boothd-lan.service"

#define REBOOT_AFTER_MS 600000 /* a machine that has just started has not been tried */

/* ---- what they are ---- */

static void set_rtc(int64_t wall_ms)
{
  const time_t seconds = (time_t)(wall_ms / 1000);
  struct tm t;
  int fd = open("/dev/rtc0", O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return; /* most boards have none */
  gmtime_r(&seconds, &t);
  const struct rtc_time rtc = {.tm_sec = t.tm_sec,
                               .tm_min = t.tm_min,
                               .tm_hour = t.tm_hour,
                               .tm_mday = t.tm_mday,
                               .tm_mon = t.tm_mon,
                               .tm_year = t.tm_year};
  if (ioctl(fd, RTC_SET_TIME, &rtc) < 0)
    log_warn("rtc_not_set", "error=\"%s\"", strerrordesc_np(errno));
  close(fd);
}

static int clock_set_to(const struct root *r, int64_t wall_ms)
{
  if (clock_kernel_synchronised()) {
    log_warn("privop_refused", "privop=clock-set why=\"the clock is synchronised\"");
    return 0;
  }
  if (r->dry) {
    printf("clock %lld\n", (long long)wall_ms);
    return 0;
  }
  const struct timespec t = {wall_ms / 1000, wall_ms % 1000 * 1000000};
  if (clock_settime(CLOCK_REALTIME, &t) < 0)
    return -errno;
  set_rtc(wall_ms);
  return 0;
}

static int start_wifi(const struct root *r)
{
  return root_spawn(r, "systemctl", "--no-block", "restart", AP, LAN);
}

static int ap_restart(const struct root *r, int64_t argument)
{
  (void)argument;
  return start_wifi(r);
}

static int with_radio(const struct root *r, int (*act)(const struct root *r, const struct radio *radio))
{
  struct radio radio;
  int result = radio_find(r, &radio);
  if (result < 0)
    return result;
  root_spawn(r, "systemctl", "stop", AP, LAN); /* hostapd must not hold what is taken away */
  result = act(r, &radio);
  int started = start_wifi(r);
  return result != 0 ? result : started;
}

static int reload(const struct root *r, int64_t argument)
{
  (void)argument;
  return with_radio(r, radio_reload);
}

static int rebind(const struct root *r, int64_t argument)
{
  (void)argument;
  return with_radio(r, radio_rebind);
}

static int reboot_machine(const struct root *r, int64_t argument)
{
  (void)argument;
  if (!r->dry && clock_mono_ms() < REBOOT_AFTER_MS) {
    log_warn("privop_refused", "privop=reboot why=\"it has just started\"");
    return 0;
  }
  return root_spawn(r, "systemctl", "--no-block", "reboot");
}

static const struct {
  int (*act)(const struct root *r, int64_t argument); /* 0, an exit status of a program, -errno */
  int64_t every_ms;
} acts[PRIVOPS] = {
    [PRIVOP_CLOCK_SET] = {clock_set_to, 10000}, [PRIVOP_AP_RESTART] = {ap_restart, 10000},
    [PRIVOP_RADIO_RELOAD] = {reload, 60000},    [PRIVOP_RADIO_REBIND] = {rebind, 60000},
    [PRIVOP_REBOOT] = {reboot_machine, 600000},
};

/* ---- taking them ---- */

/* A file of any kind, or a folder with what is in it; never what a link points to. */
static void remove_whatever(int folder, const char *name, int depth)
{
  if (unlinkat(folder, name, 0) == 0 || errno != EISDIR)
    return;
  int fd = depth < LIMIT_PRIVOP_DEPTH ? openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
  DIR *d = fd < 0 ? NULL : fdopendir(fd);
  // NOLINTNEXTLINE(concurrency-mt-unsafe): there are no threads
  for (struct dirent *e; d && (e = readdir(d));)
    if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
      remove_whatever(fd, e->d_name, depth + 1);
  if (d)
    closedir(d);
  if (unlinkat(folder, name, AT_REMOVEDIR) == 0 || depth > 0)
    return;
  autobuf struct buf aside = {0}; /* deeper than anybody digs: out of systemd's sight, or it would call for ever */
  buf_fmt(&aside, ".aside-%lld", (long long)clock_mono_us());
  if (renameat(folder, name, folder, aside.data) < 0)
    log_warn("privop_stays", "error=\"%s\"", strerrordesc_np(errno));
}

static enum privop privop_of(const char *name)
{
  enum privop e = 0;
  while (e < PRIVOPS && strcmp(privop_specs[e].name, name) != 0)
    e++;
  return e;
}

/* The argument. -EBADMSG: it is none. */
static int read_argument(int folder, enum privop e, int64_t *ret)
{
  const struct privop_spec *spec = &privop_specs[e];
  autobuf struct buf text = {0};
  int result = file_read_foreign(folder, spec->name, LIMIT_PRIVOP, &text);
  if (result < 0 || !spec->argument)
    return result < 0 || text.len == 0 ? result : -EBADMSG;
  if (!text.data || strlen(text.data) != text.len || util_parse_i64(text.data, spec->low, spec->high, ret) < 0)
    return -EBADMSG;
  return 0;
}

struct wishes {
  bool is[PRIVOPS];
  int64_t argument[PRIVOPS];
};

static void take_one(int folder, const char *name, struct wishes *w)
{
  enum privop e = privop_of(name);
  int result = e < PRIVOPS ? read_argument(folder, e, &w->argument[e]) : -ENOSYS;
  remove_whatever(folder, name, 0);
  if (result < 0)
    log_warn("privop_refused", "privop=%.32s why=\"%s\"", e < PRIVOPS ? name : "?",
             e < PRIVOPS ? "it is not understood" : "there is no such privop");
  else
    w->is[e] = true;
}

/* Names that begin with a dot are being written. What is left over makes systemd start us again. */
static int take_all(const char *path, struct wishes *ret)
{
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), n = 0;
  DIR *d = fd < 0 ? NULL : fdopendir(fd);
  if (!d)
    return -errno;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): there are no threads
  for (struct dirent *e; n < LIMIT_PRIVOP_FILES && (e = readdir(d));)
    if (*e->d_name != '.') {
      take_one(fd, e->d_name, ret);
      n++;
    }
  closedir(d);
  return 0;
}

/* ---- doing them ---- */

static bool too_soon(const struct root *r, enum privop e)
{
  autobuf struct buf name = {0};
  buf_fmt(&name, "did-%s", privop_specs[e].name);
  int64_t last = root_number(r, name.data), now = clock_mono_ms();
  if (last && now - last < acts[e].every_ms)
    return true;
  return root_save_number(r, name.data, now) < 0; /* what cannot be counted is not done */
}

static void do_one(const struct root *r, enum privop e, int64_t argument)
{
  const char *name = privop_specs[e].name;
  if (too_soon(r, e)) {
    log_warn("privop_refused", "privop=%s why=\"it was done a moment ago\"", name);
    return;
  }
  log_info("privop", "privop=%s", name);
  int result = acts[e].act(r, argument);
  if (result != 0)
    log_err("privop_failed", "privop=%s error=\"%s\" status=%d", name, result < 0 ? strerrordesc_np(-result) : "",
            max(result, 0));
}

int root_privop(const struct root *r)
{
  struct wishes wishes = {0};
  autobuf struct buf folder = {0};
  const char *slash = strrchr(r->config.socket, '/');
  buf_fmt(&folder, "%.*s/privops", slash ? (int)(slash - r->config.socket) : 1, slash ? r->config.socket : ".");
  int result = take_all(folder.data, &wishes);
  if (result < 0) {
    log_err("privops", "folder=%s error=\"%s\"", folder.data, strerrordesc_np(-result));
    return EX_NOINPUT;
  }
  for (enum privop e = 0; e < PRIVOPS; e++)
    if (wishes.is[e])
      do_one(r, e, wishes.argument[e]);
  return 0;
}
