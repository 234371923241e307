/* file.h - small files, whole. Any thread; they wait for the disk. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/buf.h"

/* Adds the file's bytes to ret. 0, -ENOENT, -EFBIG beyond most, ... */
int file_read(const char *path, size_t most, struct buf *ret) must_check;
/* The same of a file that somebody else may have put there: -ELOOP for a link, -EINVAL for what is no regular file. */
int file_read_foreign(int folder, const char *name, size_t most, struct buf *ret) must_check; /* AT_FDCWD: a path */
/* Temporary file, fsync, rename, fsync of the folder: the name shows the old bytes or the new. */
int file_write_atomic(const char *path, const void *bytes, size_t n, unsigned mode) must_check;
/* Makes the folders above the path that are missing, 0755 less the umask. */
int file_make_folders_of(const char *path) must_check;
/* A lock on a folder, held until the process ends. 0, -EWOULDBLOCK when another process holds it, ... */
int file_lock_folder(const char *path) must_check;
int file_sync_folder_of(const char *path) must_check;

#endif
