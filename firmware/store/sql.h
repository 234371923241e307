/* sql.h - helpers around sqlite3: opening, errors as errno, rows to structs by tables.
 * Each connection belongs to one thread.
 *
 * Errors: -ENOSPC full, -EUCLEAN damaged, -EROFS, -EBUSY, -ENOMEM, else -EIO.
 */
#ifndef STORE_SQL_H
#define STORE_SQL_H

#include <sqlite3.h>

#include "base/util.h"

/* How one member of a struct maps to a column; the members of a table are in consecutive columns. */
enum column_type { COLUMN_INT, COLUMN_UINT, COLUMN_TEXT, COLUMN_BLOB };
struct column {
  uint16_t offset;
  uint16_t size;
  enum column_type type; /* TEXT: a char array; BLOB: exactly size bytes; NULL reads as zeros */
};
#define column(type, member, kind) {offsetof(type, member), sizeof((type){0}.member), COLUMN_##kind}
void sql_bind_row(sqlite3_stmt *s, int first, const struct column *columns, size_t n, const void *row);
void sql_read_row(sqlite3_stmt *s, int first, const struct column *columns, size_t n, void *row);

/* flags: SQLITE_OPEN_READWRITE ... immutable: read without locks and without a WAL. */
#define SQL_BUSY_MS 2000 /* how long a connection waits for another's lock */
int sql_open(const char *path, int flags, bool immutable, sqlite3 **ret) must_check;
/* state_dir/booth.db, read-only, in one transaction until it is closed. Close soon: a long reader keeps the WAL from
 * being reused. */
int sql_open_reader(const char *state_dir, sqlite3 **ret) must_check;
void sql_close(sqlite3 **db); /* *db may be NULL; for cleanup() */
void sql_finalize(sqlite3_stmt **s);
int sql_errno(int rc);
int sql_exec(sqlite3 *db, const char *statements) must_check;
int sql_prepare(sqlite3 *db, const char *statement, sqlite3_stmt **ret) must_check;
/* Also binds integers: sql_prepare_args(db, "... ?1 ... ?2", SQL_ARGUMENTS(a, b), &q). */
#define SQL_ARGUMENTS(...) (const int64_t[]){__VA_ARGS__}, sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t)
int sql_prepare_args(sqlite3 *db, const char *statement, const int64_t *arguments, size_t n,
                     sqlite3_stmt **ret) must_check;
/* 1 = a row, 0 = done (and reset). */
int sql_step(sqlite3_stmt *s) must_check;
/* Steps to the end and resets; for statements without rows. */
int sql_run(sqlite3_stmt *s) must_check;
/* The first column of the first row, 0 if there is none or it is NULL. */
int sql_int(sqlite3 *db, const char *statement, int64_t *ret) must_check;
/* pragma: quick_check or integrity_check. 0, -EUCLEAN (damaged), or why it cannot be read; ret_why in words. */
int sql_check(sqlite3 *db, const char *pragma, char *ret_why, size_t size) must_check;
/* text must outlive the statement's run; NULL allowed. */
void sql_bind_text(sqlite3_stmt *s, int at, const char *text);

#endif
