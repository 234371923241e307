/* slowsync.so - LD_PRELOAD: a disk that syncs slowly, and now and then stalls, as an SD card does.
 *
 * SLOWSYNC_MS is added to each fsync and fdatasync; each SLOWSYNC_EVERY-th takes SLOWSYNC_STALL_MS instead. None ends
 * while there is a file SLOWSYNC_WHILE.
 */
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static long number(const char *name)
{
  const char *text = getenv(name);
  return text ? atol(text) : 0;
}

static int slow(const char *name, int fd)
{
  static atomic_long calls;
  long every = number("SLOWSYNC_EVERY"), ms = number("SLOWSYNC_MS");
  if (every && ++calls % every == 0)
    ms = number("SLOWSYNC_STALL_MS");
  struct timespec t = {ms / 1000, ms % 1000 * 1000000};
  while (nanosleep(&t, &t) != 0)
    ;
  const char *file = getenv("SLOWSYNC_WHILE");
  while (file && access(file, F_OK) == 0)
    usleep(10000);
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  return real(fd);
}

int fsync(int fd)
{
  return slow("fsync", fd);
}
int fdatasync(int fd)
{
  return slow("fdatasync", fd);
}
