/* clock.c - a Pi boots without the right time, so wall time is the kernel's plus an offset, and is never used for a
 * duration. The zone's file is checked before tzset(), which takes any unknown name for UTC.
 */
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#define ZONES "/usr/share/zoneinfo/"

static _Atomic int64_t offset;
static atomic_bool trust;
static char boot_id[37];

int64_t clock_mono_us(void)
{
  struct timespec t;
  clock_gettime(CLOCK_BOOTTIME, &t);
  return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_mono_ms(void)
{
  return clock_mono_us() / 1000;
}

int64_t clock_of_monotonic_ms(uint64_t ns)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  int64_t ago_us = ((int64_t)t.tv_sec * 1000000000 + t.tv_nsec - (int64_t)ns) / 1000;
  return (clock_mono_us() - max(ago_us, 0)) / 1000;
}

int64_t clock_wall_ms(void)
{
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 + atomic_load(&offset);
}

bool clock_trusted(void)
{
  return atomic_load(&trust);
}

int64_t clock_offset_ms(void)
{
  return atomic_load(&offset);
}

void clock_set(int64_t offset_ms, bool trusted)
{
  atomic_store(&offset, offset_ms);
  atomic_store(&trust, trusted);
}

bool clock_timezone_known(const char *iana)
{
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/";
  char path[sizeof ZONES + 64], magic[4];
  size_t n = strlen(iana);
  if (n == 0 || n > 64 || strspn(iana, letters) != n || iana[0] == '/')
    return false; /* without dots, the path stays in the folder */
  snprintf(path, sizeof path, "%s%s", ZONES, iana);
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return false;
  bool known = read(fd, magic, sizeof magic) == sizeof magic && memcmp(magic, "TZif", sizeof magic) == 0;
  close(fd);
  return known;
}

int clock_set_timezone(const char *iana)
{
  if (!clock_timezone_known(iana))
    return -EINVAL;
  if (setenv("TZ", iana, 1) < 0) // NOLINT(concurrency-mt-unsafe): before threads start
    return -errno;
  tzset();
  return 0;
}

static struct tm local_time(int64_t wall_ms)
{
  time_t t = wall_ms / 1000 - (wall_ms % 1000 < 0);
  struct tm tm = {0};
  localtime_r(&t, &tm);
  return tm;
}

int32_t clock_business_date(int64_t wall_ms, int cutover_min)
{
  struct tm tm = local_time(wall_ms - (int64_t)cutover_min * 60000);
  return (tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 + tm.tm_mday;
}

int clock_local_hour(int64_t wall_ms)
{
  return local_time(wall_ms).tm_hour;
}

void clock_local_text(char to[static 20], int64_t wall_ms)
{
  struct tm tm = local_time(wall_ms);
  if (!strftime(to, 20, "%Y-%m-%d %H:%M:%S", &tm))
    to[0] = '\0'; /* a year of five digits */
}

/* adjtimex() can also set the clock, so the unit of a network daemon forbids it. */
bool clock_kernel_synchronised(void)
{
  struct timex state = {0};
  int r = adjtimex(&state);
  return r < 0 ? access(CLOCK_STATE_FILE, F_OK) == 0 : r != TIME_ERROR && !(state.status & STA_UNSYNC);
}

static void read_boot_id(void)
{
  int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
  if (fd < 0 || read(fd, boot_id, sizeof boot_id - 1) != sizeof boot_id - 1)
    strcpy(boot_id, "00000000-0000-0000-0000-000000000000");
  if (fd >= 0)
    close(fd);
}

const char *clock_boot_id(void)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, read_boot_id);
  return boot_id;
}
