/* badsync.so - LD_PRELOAD: a disk that fails while the file BADSYNC exists. Its first letter says how:
 * n = no space (ENOSPC when the database or its WAL is written), e = EIO when it is synced.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REAL(name) __typeof__(name) *real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

/* 'n', 'e' or 0. */
static char failing(void)
{
  const char *path = getenv("BADSYNC");
  char how = 0;
  int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (fd >= 0) {
    if (read(fd, &how, 1) != 1)
      how = 0;
    close(fd);
  }
  return how;
}

static int is_database(int fd)
{
  char link[64], path[512];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1);
  path[n > 0 ? n : 0] = '\0';
  return strstr(path, "/booth.db") != NULL;
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at)
{
  REAL(pwrite64);
  if (is_database(fd) && failing() == 'n') {
    errno = ENOSPC;
    return -1;
  }
  return real(fd, bytes, n, at);
}

static int sync_as(const char *name, int fd)
{
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  if (is_database(fd) && failing() == 'e') {
    errno = EIO;
    return -1;
  }
  return real(fd);
}
int fsync(int fd)
{
  return sync_as("fsync", fd);
}
int fdatasync(int fd)
{
  return sync_as("fdatasync", fd);
}
