/* file.c - a rename is durable only after its folder was synced: before that, a power cut may leave the old file or
 * none.
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static void closep(int *fd)
{
  if (*fd >= 0)
    close(*fd);
}
#define autoclose cleanup(closep)

static int read_all(int fd, size_t most, struct buf *ret)
{
  char piece[4096];
  for (;;) {
    ssize_t n = read(fd, piece, sizeof piece);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return n < 0 ? -errno : 0;
    if (ret->len + (size_t)n > most)
      return -EFBIG;
    buf_add(ret, piece, (size_t)n);
  }
}

int file_read(const char *path, size_t most, struct buf *ret)
{
  autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
  return fd < 0 ? -errno : read_all(fd, most, ret);
}

/* O_NONBLOCK: opening a FIFO would otherwise wait for its writer. */
int file_read_foreign(int folder, const char *name, size_t most, struct buf *ret)
{
  struct stat s;
  autoclose int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &s) < 0)
    return -errno;
  return S_ISREG(s.st_mode) ? read_all(fd, most, ret) : -EINVAL;
}

int file_sync_folder_of(const char *path)
{
  autofree char *folder = xstrdup(path);
  char *slash = strrchr(folder, '/');
  if (slash)
    slash[slash == folder] = '\0';
  autoclose int fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}

int file_make_folders_of(const char *path)
{
  autofree char *folder = xstrdup(path);
  for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    if (mkdir(folder, 0755) < 0 && errno != EEXIST)
      return -errno;
    *slash = '/';
  }
  return 0;
}

int file_lock_folder(const char *path)
{
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return -errno;
  if (flock(fd, LOCK_EX | LOCK_NB) == 0)
    return 0; /* the descriptor is the lock: it stays open */
  int r = -errno;
  close(fd);
  return r;
}

static int write_synced(const char *path, const char *bytes, size_t n, unsigned mode)
{
  autoclose int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (fd < 0)
    return -errno;
  while (n > 0) {
    ssize_t done = write(fd, bytes, n);
    if (done < 0 && errno == EINTR)
      continue;
    if (done < 0)
      return -errno;
    bytes += done;
    n -= (size_t)done;
  }
  return fsync(fd) < 0 ? -errno : 0;
}

int file_write_atomic(const char *path, const void *bytes, size_t n, unsigned mode)
{
  autobuf struct buf temporary = {0};
  buf_fmt(&temporary, "%s.new", path);
  int r = write_synced(temporary.data, bytes, n, mode);
  if (r == 0 && rename(temporary.data, path) < 0)
    r = -errno;
  if (r < 0) {
    unlink(temporary.data);
    return r;
  }
  return file_sync_folder_of(path);
}
