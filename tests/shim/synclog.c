/* synclog.so - LD_PRELOAD: writes down, in the order of the clock, what became durable and what left by a socket.
 *
 * Lines in the file SYNCLOG:
 *   page NS SEQ FILE        an event's text, "seq":SEQ, was written to FILE (not durable yet)
 *   sync NS_BEGIN NS_END FILE
 *   send NS SEQ             a socket was given bytes that speak of "seq":SEQ
 *   buzz NS                 a socket was given the news that the buzzer sounds
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) __typeof__(name) *real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

static long long now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void note(const char *format, ...)
{
  static int log = -1;
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  char line[256];
  va_list args;
  va_start(args, format);
  int n = vsnprintf(line, sizeof line, format, args);
  va_end(args);
  pthread_mutex_lock(&lock);
  if (log < 0 && getenv("SYNCLOG"))
    log = open(getenv("SYNCLOG"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log >= 0)
    syscall(SYS_write, log, line, n);
  pthread_mutex_unlock(&lock);
}

static const char *base_name(int fd, char to[static 256])
{
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, to, 255);
  to[n > 0 ? n : 0] = '\0';
  const char *slash = strrchr(to, '/');
  return slash ? slash + 1 : to;
}

static void look(int fd, const void *bytes, size_t n)
{
  static const char key[] = "\"seq\":";
  struct stat s;
  char name[256];
  if (n < sizeof key || fstat(fd, &s) != 0 || !(S_ISREG(s.st_mode) || S_ISSOCK(s.st_mode)))
    return;
  const char *file = S_ISREG(s.st_mode) ? base_name(fd, name) : NULL;
  long long at = now();
  const char *end = (const char *)bytes + n;
  for (const char *p = bytes; (p = memmem(p, end - p, key, sizeof key - 1)); p += sizeof key) {
    char digits[24] = "";
    size_t left = end - p - (sizeof key - 1);
    memcpy(digits, p + sizeof key - 1, left < 23 ? left : 23);
    note(file ? "page %lld %lld %s\n" : "send %lld %lld\n", at, atoll(digits), file);
  }
  if (!file && memmem(bytes, n, "\"buzzer\":true", 13))
    note("buzz %lld\n", at);
}

static void look_all(int fd, const struct iovec *v, int n)
{
  for (int i = 0; i < n; i++)
    look(fd, v[i].iov_base, v[i].iov_len);
}

ssize_t write(int fd, const void *b, size_t n)
{
  REAL(write);
  look(fd, b, n);
  return real(fd, b, n);
}
ssize_t pwrite64(int fd, const void *b, size_t n, off64_t at)
{
  REAL(pwrite64);
  look(fd, b, n);
  return real(fd, b, n, at);
}
ssize_t writev(int fd, const struct iovec *v, int n)
{
  REAL(writev);
  look_all(fd, v, n);
  return real(fd, v, n);
}
ssize_t send(int fd, const void *b, size_t n, int flags)
{
  REAL(send);
  look(fd, b, n);
  return real(fd, b, n, flags);
}
ssize_t sendmsg(int fd, const struct msghdr *m, int flags)
{
  REAL(sendmsg);
  look_all(fd, m->msg_iov, (int)m->msg_iovlen);
  return real(fd, m, flags);
}

static int timed(const char *what, int fd)
{
  char name[256];
  long long begun = now();
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, what);
  int r = real(fd);
  note("sync %lld %lld %s\n", begun, now(), base_name(fd, name));
  return r;
}
int fsync(int fd)
{
  return timed("fsync", fd);
}
int fdatasync(int fd)
{
  return timed("fdatasync", fd);
}
