/* files.h - atomic and durable changes of files. Any thread.
 *
 * Not for a database that a connection has open: closing our descriptor would drop sqlite's locks.
 */
#ifndef STORE_FILES_H
#define STORE_FILES_H

#include "base/util.h"

char *files_path(const char *dir, const char *format, ...) printf_like(2, 3); /* dir/name; the caller frees */
int files_create(const char *path) must_check; /* empty, mode 0600; truncates an existing file */
int files_sync(const char *path) must_check;   /* fsync of a file or directory */
/* Writes a temporary file, syncs and renames it, and syncs the directory. Mode 0600. */
int files_write(const char *dir, const char *name, const char *text) must_check;
/* The same, with the contents of another file. */
int files_copy(const char *from, const char *dir, const char *name) must_check;
/* Renames within dir and syncs dir. */
int files_rename(const char *dir, const char *from, const char *to) must_check;

#endif
