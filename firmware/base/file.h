/* file.h - reads and writes small files whole. Any thread; blocks on the disk. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/buf.h"

/* Appends the file's bytes to ret. 0, -ENOENT, -EFBIG beyond most, ... */
int file_read(const char *path, size_t most, struct buf *ret) must_check;
/* Likewise for a file that another user may have created: -ELOOP for a symbolic link, -EINVAL for anything but a
 * regular file. folder may be AT_FDCWD. */
int file_read_foreign(int folder, const char *name, size_t most, struct buf *ret) must_check;
/* Temporary file, fsync, rename, fsync of the folder: the name shows the old bytes or the new. */
int file_write_atomic(const char *path, const void *bytes, size_t n, unsigned mode) must_check;
/* Makes the missing parent folders of a path, 0755 less the umask. */
int file_make_folders_of(const char *path) must_check;
/* Locks a folder until the process ends. 0, -EWOULDBLOCK when another process holds it, ... */
int file_lock_folder(const char *path) must_check;
int file_sync_folder_of(const char *path) must_check;

#endif
