/* files.h - files that are whole or not there, whatever happens to the power. Any thread.
 *
 * Never on a database that a connection has open: closing our descriptor would drop sqlite's locks.
 */
#ifndef STORE_FILES_H
#define STORE_FILES_H

#include "base/util.h"

char *files_path(const char *dir, const char *format, ...) printf_like(2, 3); /* dir/name; the caller frees */
int files_create(const char *path) must_check; /* empty, mode 0600; replaces what is there */
int files_sync(const char *path) must_check;   /* a file's or a directory's contents to the disk */
/* Written beside it, synced, renamed, the directory synced. Mode 0600. */
int files_write(const char *dir, const char *name, const char *text) must_check;
/* The same for a copy of another file. */
int files_copy(const char *from, const char *dir, const char *name) must_check;
/* Renames within dir and syncs it. */
int files_rename(const char *dir, const char *from, const char *to) must_check;

#endif
