/* failing_disk.h - a disk that can fail: a VFS of sqlite that passes everything on, counts, and refuses when told to;
 * and the same for what boothd asks of the disk beside sqlite (fsync, rename). A test may also listen to what is
 * written.
 *
 *   disk_fail(FAULT_ALL, 3, 4);     the third call from now fails, and no other
 *   disk_fault = FAULT_FULL;        every write fails, until it is FAULT_NONE again
 */
#ifndef UNIT_FAILING_DISK_H
#define UNIT_FAILING_DISK_H

#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/util.h"

enum disk_call {
  DISK_OPEN,
  DISK_READ,
  DISK_WRITE,
  DISK_TRUNCATE,
  DISK_SYNC,
  DISK_SIZE,
  DISK_LOCK,
  DISK_SHM,
  DISK_DELETE,
  DISK_ACCESS,
  DISK_FSYNC, /* not sqlite's, as the next */
  DISK_RENAME,
  DISK_CALLS
};
static const int disk_errors[DISK_CALLS] = {
    [DISK_OPEN] = SQLITE_CANTOPEN,           [DISK_READ] = SQLITE_IOERR_READ,  [DISK_WRITE] = SQLITE_IOERR_WRITE,
    [DISK_TRUNCATE] = SQLITE_IOERR_TRUNCATE, [DISK_SYNC] = SQLITE_IOERR_FSYNC, [DISK_SIZE] = SQLITE_IOERR_FSTAT,
    [DISK_LOCK] = SQLITE_IOERR_LOCK,         [DISK_SHM] = SQLITE_IOERR_SHMMAP, [DISK_DELETE] = SQLITE_IOERR_DELETE,
    [DISK_ACCESS] = SQLITE_IOERR_ACCESS,     [DISK_FSYNC] = SQLITE_IOERR,      [DISK_RENAME] = SQLITE_IOERR,
};

enum fault { FAULT_NONE, FAULT_FULL, FAULT_WRITE, FAULT_SYNC, FAULT_ALL, FAULTS };
static const struct {
  unsigned calls; /* 1 << enum disk_call */
  int code;       /* 0: each call's own */
} disk_faults[FAULTS] = {
    [FAULT_FULL] = {1 << DISK_WRITE, SQLITE_FULL},
    [FAULT_WRITE] = {1 << DISK_WRITE, 0},
    [FAULT_SYNC] = {1 << DISK_SYNC, 0},
    [FAULT_ALL] = {(1 << DISK_CALLS) - 1, 0},
};

static _Atomic int disk_fault, disk_syncs, disk_failed;
static _Atomic long disk_calls, disk_from, disk_until = LONG_MAX;
/* Called after a call that succeeded: WRITE, TRUNCATE (at = the new size) and SYNC. */
static void (*_Atomic disk_listener)(const char *path, enum disk_call call, const void *bytes, size_t n, int64_t at);

/* Of those calls that the fault is about, the from-th from now and all up to until fail. */
static inline void disk_fail(enum fault fault, long from, long until)
{
  disk_fault = FAULT_NONE;
  disk_failed = 0;
  disk_calls = 0;
  disk_from = from;
  disk_until = until;
  disk_fault = (int)fault;
}

static inline void disk_heal(void)
{
  disk_fault = FAULT_NONE;
  disk_from = 0;
  disk_until = LONG_MAX;
}

static int disk_gate(enum disk_call call)
{
  const int fault = disk_fault;
  if (!(disk_faults[fault].calls & 1U << call))
    return SQLITE_OK;
  long n = ++disk_calls;
  if (n < disk_from || n >= disk_until)
    return SQLITE_OK;
  disk_failed++;
  return disk_faults[fault].code ? disk_faults[fault].code : disk_errors[call];
}

/* The real methods, of which a VFS has a few sets, and the same with ours in them. */
static struct {
  const sqlite3_io_methods *real;
  sqlite3_io_methods methods;
} wrapped[4];
static sqlite3_vfs faulty;

static const sqlite3_io_methods *real_methods(const sqlite3_file *f)
{
  for (size_t i = 0; i < array_len(wrapped); i++)
    if (f->pMethods == &wrapped[i].methods)
      return wrapped[i].real;
  abort();
}

static const char **path_of(sqlite3_file *f)
{
  return (const char **)(void *)((char *)f + ((sqlite3_vfs *)faulty.pAppData)->szOsFile);
}

static int notify(sqlite3_file *f, int rc, enum disk_call call, const void *bytes, size_t n, int64_t at)
{
  void (*listener)(const char *, enum disk_call, const void *, size_t, int64_t) = disk_listener;
  if (rc == SQLITE_OK && listener && *path_of(f))
    listener(*path_of(f), call, bytes, n, at);
  return rc;
}

#define FAIL_OR(call, otherwise)                                                                                       \
  int refused_ = disk_gate(call);                                                                                      \
  return refused_ ? refused_ : (otherwise)

static int faulty_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
  FAIL_OR(DISK_READ, real_methods(f)->xRead(f, to, n, at));
}

/* One that fails has done the half of it. */
static int faulty_write(sqlite3_file *f, const void *bytes, int n, sqlite3_int64 at)
{
  int rc = disk_gate(DISK_WRITE);
  if (rc && n > 1)
    (void)real_methods(f)->xWrite(f, bytes, n / 2, at);
  return rc ? rc : notify(f, real_methods(f)->xWrite(f, bytes, n, at), DISK_WRITE, bytes, (size_t)n, at);
}

static int faulty_truncate(sqlite3_file *f, sqlite3_int64 size)
{
  FAIL_OR(DISK_TRUNCATE, notify(f, real_methods(f)->xTruncate(f, size), DISK_TRUNCATE, NULL, 0, size));
}

static int faulty_sync(sqlite3_file *f, int flags)
{
  int rc = disk_gate(DISK_SYNC);
  disk_syncs += rc == SQLITE_OK;
  return rc ? rc : notify(f, real_methods(f)->xSync(f, flags), DISK_SYNC, NULL, 0, 0);
}

static int faulty_size(sqlite3_file *f, sqlite3_int64 *ret)
{
  FAIL_OR(DISK_SIZE, real_methods(f)->xFileSize(f, ret));
}

static int faulty_lock(sqlite3_file *f, int level)
{
  FAIL_OR(DISK_LOCK, real_methods(f)->xLock(f, level));
}

static int faulty_shm(sqlite3_file *f, int page, int size, int extend, void volatile **ret)
{
  FAIL_OR(DISK_SHM, real_methods(f)->xShmMap(f, page, size, extend, ret));
}

static int faulty_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
  sqlite3_vfs *real = vfs->pAppData;
  FAIL_OR(DISK_DELETE, real->xDelete(real, name, sync));
}

static int faulty_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret)
{
  sqlite3_vfs *real = vfs->pAppData;
  FAIL_OR(DISK_ACCESS, real->xAccess(real, name, flags, ret));
}

static void wrap(sqlite3_file *f)
{
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&lock);
  for (size_t i = 0; i < array_len(wrapped); i++) {
    if (!wrapped[i].real) {
      wrapped[i].real = f->pMethods;
      wrapped[i].methods = *f->pMethods;
      wrapped[i].methods.xRead = faulty_read;
      wrapped[i].methods.xWrite = faulty_write;
      wrapped[i].methods.xTruncate = faulty_truncate;
      wrapped[i].methods.xSync = faulty_sync;
      wrapped[i].methods.xFileSize = faulty_size;
      wrapped[i].methods.xLock = faulty_lock;
      if (wrapped[i].methods.xShmMap)
        wrapped[i].methods.xShmMap = faulty_shm;
    }
    if (wrapped[i].real == f->pMethods) {
      f->pMethods = &wrapped[i].methods;
      break;
    }
  }
  pthread_mutex_unlock(&lock);
}

static int faulty_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *ret_flags)
{
  sqlite3_vfs *real = vfs->pAppData;
  f->pMethods = NULL;
  int rc = disk_gate(DISK_OPEN);
  if (rc == SQLITE_OK)
    rc = real->xOpen(real, name, f, flags, ret_flags);
  *path_of(f) = name; /* sqlite keeps it as long as the file is open */
  if (f->pMethods)
    wrap(f);
  return rc;
}

static inline void disk_install_faults(void)
{
  sqlite3_vfs *real = sqlite3_vfs_find(NULL);
  if (faulty.zName)
    return;
  faulty = *real;
  faulty.zName = "faulty";
  faulty.pAppData = real;
  faulty.szOsFile = real->szOsFile + (int)sizeof(char *);
  faulty.xOpen = faulty_open;
  faulty.xDelete = faulty_delete;
  faulty.xAccess = faulty_access;
  assert_int_equal(sqlite3_vfs_register(&faulty, 1), SQLITE_OK);
}

/* libc's, in its place for the whole process. */
int fsync(int fd)
{
  if (disk_gate(DISK_FSYNC)) {
    errno = EIO;
    return -1;
  }
  return (int)syscall(SYS_fsync, fd);
}

int rename(const char *from, const char *to)
{
  if (disk_gate(DISK_RENAME)) {
    errno = EIO;
    return -1;
  }
  return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

#endif
