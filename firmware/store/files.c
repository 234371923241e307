/* files.c - write a temporary file, sync it, rename it, sync the directory: without these four a file can end up empty.
 */
#include "store/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"

static void close_fd(int *fd)
{
  if (*fd >= 0)
    close(*fd);
}

char *files_path(const char *dir, const char *format, ...)
{
  char name[256];
  autobuf struct buf b = {0};
  va_list args;
  va_start(args, format);
  vsnprintf(name, sizeof name, format, args);
  va_end(args);
  buf_fmt(&b, "%s/%s", dir, name);
  return buf_take(&b);
}

int files_create(const char *path)
{
  cleanup(close_fd) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  return fd < 0 ? -errno : 0;
}

int files_sync(const char *path)
{
  cleanup(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
  return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}

static int write_all(int fd, const char *bytes, size_t n)
{
  while (n) {
    ssize_t written = write(fd, bytes, n);
    if (written < 0)
      return -errno;
    bytes += written;
    n -= (size_t)written;
  }
  return 0;
}

static int fill_text(int fd, const void *text)
{
  return write_all(fd, text, strlen(text));
}

static int fill_copy(int fd, const void *from)
{
  char block[65536];
  ssize_t n;
  cleanup(close_fd) int in = open(from, O_RDONLY | O_CLOEXEC);
  if (in < 0)
    return -errno;
  while ((n = read(in, block, sizeof block)) > 0) {
    int r = write_all(fd, block, (size_t)n);
    if (r < 0)
      return r;
  }
  return n < 0 ? -errno : 0;
}

static int replace_file(const char *dir, const char *name, int (*fill)(int, const void *), const void *with)
{
  autofree char *beside = files_path(dir, "%s.part", name);
  {
    cleanup(close_fd) int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int r = fd < 0 ? -errno : fill(fd, with);
    if (r == 0 && fsync(fd) < 0)
      r = -errno;
    if (r < 0) {
      unlink(beside);
      return r;
    }
  }
  return files_rename(dir, strrchr(beside, '/') + 1, name);
}

int files_write(const char *dir, const char *name, const char *text)
{
  return replace_file(dir, name, fill_text, text);
}

int files_copy(const char *from, const char *dir, const char *name)
{
  return replace_file(dir, name, fill_copy, from);
}

int files_rename(const char *dir, const char *from, const char *to)
{
  autofree char *old = files_path(dir, "%s", from), *new = files_path(dir, "%s", to);
  if (rename(old, new) < 0)
    return -errno;
  return files_sync(dir);
}
