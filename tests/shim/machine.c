/* machine.so - LD_PRELOAD: another machine's sysfs and procfs.
 *
 * Below the folder MACHINE lie files as sys/class/hwmon/hwmon0/name, which take the place of the real ones; what is not
 * there, is not there either: no attribute of a sys/class of the machine that runs the test is seen.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The path, or where it is on that machine. */
static const char *there(const char *path, char to[static 512])
{
  const char *machine = getenv("MACHINE");
  if (!machine || (strncmp(path, "/sys/class/", 11) != 0 && strncmp(path, "/sys/firmware/", 14) != 0 &&
                   strcmp(path, "/proc/meminfo") != 0))
    return path;
  return (size_t)snprintf(to, 512, "%s%s", machine, path) < 512 ? to : path;
}

int open(const char *path, int flags, ...)
{
  char other[512];
  va_list more;
  va_start(more, flags);
  unsigned mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(more, unsigned) : 0;
  va_end(more);
  int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open");
  return real(there(path, other), flags, mode);
}

DIR *opendir(const char *path)
{
  char other[512];
  DIR *(*real)(const char *) = (DIR * (*)(const char *)) dlsym(RTLD_NEXT, "opendir");
  return real(there(path, other));
}
