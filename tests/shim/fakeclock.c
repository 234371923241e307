/* fakeclock.so - LD_PRELOAD: a machine whose clock is wrong, and whose kernel says what it is told to say about that.
 *
 * The file FAKECLOCK, read again whenever somebody asks for the time: "OFFSET_MS RATE SYNCHRONISED", e.g. "-3600000 1
 * 0". OFFSET_MS      CLOCK_REALTIME is so far ahead of the machine's RATE           and runs so many times as fast,
 * from the first question on SYNCHRONISED   1: adjtimex() says that somebody keeps the clock right FAKECLOCK_UPTIME_MS:
 * CLOCK_BOOTTIME is so far ahead, always. Who waits for the clock to be set is woken every 50 ms.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) __typeof__(name) *real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)
#define FDS        4096

static _Atomic int clock_of[FDS]; /* clock + 1, of timers */

struct lie {
  long long offset_ms;
  double rate;
  int synchronised;
};

static struct lie read_lie(void)
{
  struct lie lie = {0, 1, 0};
  char text[64] = "";
  const char *path = getenv("FAKECLOCK");
  int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (fd >= 0) {
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    if (n > 0)
      sscanf(text, "%lld %lf %d", &lie.offset_ms, &lie.rate, &lie.synchronised);
  }
  return lie;
}

static long long ahead_ms(clockid_t clock, long long real_ms)
{
  static _Atomic long long first_ms;
  if (clock == CLOCK_BOOTTIME) {
    const char *uptime = getenv("FAKECLOCK_UPTIME_MS");
    return uptime ? atoll(uptime) : 0;
  }
  if (clock != CLOCK_REALTIME)
    return 0;
  struct lie lie = read_lie();
  long long none = 0;
  atomic_compare_exchange_strong(&first_ms, &none, real_ms);
  return lie.offset_ms + (long long)((double)(real_ms - first_ms) * (lie.rate - 1));
}

static void add(struct timespec *t, long long ms)
{
  long long ns = t->tv_nsec + ms % 1000 * 1000000;
  t->tv_sec += ms / 1000 + (ns >= 1000000000) - (ns < 0);
  t->tv_nsec = ns + (ns < 0 ? 1000000000 : ns >= 1000000000 ? -1000000000 : 0);
}

int clock_gettime(clockid_t clock, struct timespec *t)
{
  int r = (int)syscall(SYS_clock_gettime, clock, t);
  if (r == 0)
    add(t, ahead_ms(clock, (long long)t->tv_sec * 1000 + t->tv_nsec / 1000000));
  return r;
}

time_t time(time_t *to)
{
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  if (to)
    *to = t.tv_sec;
  return t.tv_sec;
}

int gettimeofday(struct timeval *to, void *zone)
{
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  *to = (struct timeval){t.tv_sec, t.tv_nsec / 1000};
  return 0;
}

int adjtimex(struct timex *t)
{
  int synchronised = read_lie().synchronised;
  t->status = synchronised ? 0 : STA_UNSYNC;
  return synchronised ? TIME_OK : TIME_ERROR;
}

int timerfd_create(int clock, int flags)
{
  REAL(timerfd_create);
  int fd = real(clock, flags);
  if (fd >= 0 && fd < FDS)
    clock_of[fd] = clock + 1;
  return fd;
}

int timerfd_settime(int fd, int flags, const struct itimerspec *to, struct itimerspec *old)
{
  REAL(timerfd_settime);
  struct itimerspec t = *to;
  if (flags & TFD_TIMER_CANCEL_ON_SET) {
    t.it_value = t.it_interval = (struct timespec){.tv_nsec = 50000000};
    return real(fd, 0, &t, old);
  }
  if ((flags & TFD_TIMER_ABSTIME) && (t.it_value.tv_sec || t.it_value.tv_nsec) && fd < FDS &&
      clock_of[fd] == CLOCK_BOOTTIME + 1) {
    add(&t.it_value, -ahead_ms(CLOCK_BOOTTIME, 0));
    if (t.it_value.tv_sec < 0) /* long ago */
      t.it_value = (struct timespec){.tv_nsec = 1};
  }
  return real(fd, flags, &t, old);
}
