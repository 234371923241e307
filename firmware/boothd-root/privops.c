/* privops.c - boothd writes the folder of requests, and boothd may have been taken over by whoever sent it something.
 *
 * A file there is either an operation of the table with a number within its bounds, or it is deleted. A request is
 * deleted before it is carried out, so that one that ends in a crash is not repeated for ever. Each operation has a
 * minimum interval.
 */
#include "config/privop.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/rtc.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "boothd-root/radio.h"
#include "boothd-root/root.h"

#define AP_UNIT         "boothd-ap.service"
#define LAN_UNIT        "boothd-lan.service"
#define REBOOT_AFTER_MS 600000 /* never in the first minutes: other repairs come first */

/* --- the operations --- */

static void set_rtc(int64_t wall_ms)
{
  const time_t seconds = (time_t)(wall_ms / 1000);
  struct tm t;
  int fd = open("/dev/rtc0", O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return; /* most machines have none */
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

static int set_clock(const struct root *root, int64_t wall_ms)
{
  if (clock_kernel_synchronised()) {
    log_warn("privop_refused", "privop=clock-set why=\"the clock is synchronised\"");
    return 0;
  }
  if (root->dry) {
    printf("clock %lld\n", (long long)wall_ms);
    return 0;
  }
  const struct timespec t = {wall_ms / 1000, wall_ms % 1000 * 1000000};
  if (clock_settime(CLOCK_REALTIME, &t) < 0)
    return -errno;
  set_rtc(wall_ms);
  return 0;
}

static int restart_ap(const struct root *root, int64_t argument)
{
  return root_spawn(root, "systemctl", "--no-block", "restart", AP_UNIT, LAN_UNIT);
}

/* Stops what uses the radio, acts on it, and starts that again. */
static int with_radio_stopped(const struct root *root,
                              int (*act)(const struct root *root, const struct radio_device *radio))
{
  struct radio_device radio;
  int r = radio_find(root, &radio);
  if (r < 0)
    return r;
  root_spawn(root, "systemctl", "stop", AP_UNIT, LAN_UNIT);
  r = act(root, &radio);
  int restarted = restart_ap(root, 0);
  return r != 0 ? r : restarted;
}

static int reload_radio(const struct root *root, int64_t argument)
{
  return with_radio_stopped(root, radio_reload);
}

static int rebind_radio(const struct root *root, int64_t argument)
{
  return with_radio_stopped(root, radio_rebind);
}

static int reboot_machine(const struct root *root, int64_t argument)
{
  if (!root->dry && clock_mono_ms() < REBOOT_AFTER_MS) {
    log_warn("privop_refused", "privop=reboot why=\"it has just started\"");
    return 0;
  }
  return root_spawn(root, "systemctl", "--no-block", "reboot");
}

static const struct {
  int (*run)(const struct root *root, int64_t argument); /* 0, the exit status of a program, or -errno */
  int64_t interval_ms;
} operations[PRIVOPS] = {
    [PRIVOP_CLOCK_SET] = {set_clock, 10000},       [PRIVOP_AP_RESTART] = {restart_ap, 10000},
    [PRIVOP_RADIO_RELOAD] = {reload_radio, 60000}, [PRIVOP_RADIO_REBIND] = {rebind_radio, 60000},
    [PRIVOP_REBOOT] = {reboot_machine, 600000},
};

/* --- reading the requests --- */

/* Deletes a file of any kind, or a folder with its content; never follows a link. */
static void remove_entry(int folder, const char *name, int depth)
{
  if (unlinkat(folder, name, 0) == 0 || errno != EISDIR)
    return;
  int fd = depth < LIMIT_PRIVOP_DEPTH ? openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
  DIR *d = fd < 0 ? NULL : fdopendir(fd);
  // NOLINTNEXTLINE(concurrency-mt-unsafe): there are no threads
  for (struct dirent *e; d && (e = readdir(d));)
    if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
      remove_entry(fd, e->d_name, depth + 1);
  if (d)
    closedir(d);
  if (unlinkat(folder, name, AT_REMOVEDIR) == 0 || depth > 0)
    return;
  autobuf struct buf hidden = {0}; /* nested too deeply: the path unit ignores hidden names, else it would never stop */
  buf_fmt(&hidden, ".aside-%lld", (long long)clock_mono_us());
  if (renameat(folder, name, folder, hidden.data) < 0)
    log_warn("privop_stays", "error=\"%s\"", strerrordesc_np(errno));
}

static enum privop find_privop(const char *name)
{
  enum privop op = 0;
  while (op < PRIVOPS && strcmp(privop_specs[op].name, name) != 0)
    op++;
  return op;
}

/* 0; -EBADMSG: the file holds no valid argument; -errno. */
static int read_argument(int folder, enum privop op, int64_t *ret)
{
  const struct privop_spec *spec = &privop_specs[op];
  autobuf struct buf text = {0};
  int r = file_read_foreign(folder, spec->name, LIMIT_PRIVOP_ARGUMENT, &text);
  if (r < 0)
    return r;
  if (!spec->argument)
    return text.len == 0 ? 0 : -EBADMSG;
  if (!text.data || strlen(text.data) != text.len || util_parse_i64(text.data, spec->low, spec->high, ret) < 0)
    return -EBADMSG;
  return 0;
}

struct requests {
  bool pending[PRIVOPS];
  int64_t argument[PRIVOPS];
};

static void read_request(int folder, const char *name, struct requests *ret)
{
  enum privop op = find_privop(name);
  int r = op < PRIVOPS ? read_argument(folder, op, &ret->argument[op]) : -ENOSYS;
  remove_entry(folder, name, 0);
  if (r == 0)
    ret->pending[op] = true;
  else
    log_warn("privop_refused", "privop=%.32s why=\"%s\"", op < PRIVOPS ? name : "?",
             op < PRIVOPS ? "it is not understood" : "there is no such operation");
}

/* Names that begin with a dot are still being written. systemd starts us again for what exceeds the limit. */
static int read_requests(const char *path, struct requests *ret)
{
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), n = 0;
  DIR *d = fd < 0 ? NULL : fdopendir(fd);
  if (!d)
    return -errno;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): there are no threads
  for (struct dirent *e; n < LIMIT_PRIVOP_FILES && (e = readdir(d));)
    if (*e->d_name != '.') {
      read_request(fd, e->d_name, ret);
      n++;
    }
  closedir(d);
  return 0;
}

/* --- carrying them out --- */

static bool too_soon(const struct root *root, enum privop op)
{
  autobuf struct buf name = {0};
  buf_fmt(&name, "did-%s", privop_specs[op].name);
  int64_t last = root_number(root, name.data), now = clock_mono_ms();
  if (last && now - last < operations[op].interval_ms)
    return true;
  return root_save_number(root, name.data, now) < 0; /* without the record the interval could not be kept */
}

static void run_privop(const struct root *root, enum privop op, int64_t argument)
{
  const char *name = privop_specs[op].name;
  if (too_soon(root, op)) {
    log_warn("privop_refused", "privop=%s why=\"it was done a moment ago\"", name);
    return;
  }
  log_info("privop", "privop=%s", name);
  int r = operations[op].run(root, argument);
  if (r != 0)
    log_err("privop_failed", "privop=%s error=\"%s\" status=%d", name, r < 0 ? strerrordesc_np(-r) : "", max(r, 0));
}

int root_privop(const struct root *root)
{
  struct requests requests = {0};
  autobuf struct buf folder = {0};
  const char *socket = root->config.socket, *slash = strrchr(socket, '/');
  buf_fmt(&folder, "%.*s/privops", slash ? (int)(slash - socket) : 1, slash ? socket : ".");
  int r = read_requests(folder.data, &requests);
  if (r < 0) {
    log_err("privops", "folder=%s error=\"%s\"", folder.data, strerrordesc_np(-r));
    return EX_NOINPUT;
  }
  for (enum privop op = 0; op < PRIVOPS; op++)
    if (requests.pending[op])
      run_privop(root, op, requests.argument[op]);
  return 0;
}
