/* pg.h - PostgreSQL, as a pool's thread speaks to it. Wraps libpq. A connection belongs to one thread; each call waits.
 *
 * Statements are named constants: the pointer is their name, and each is prepared once a connection. Types of arguments
 * are told by how they were put in, so a constant needs no casts. Arguments are borrowed until the call returns.
 *
 *   struct pg_args a = {0};
 *   pg_int(&a, booth), pg_text(&a, name);
 *   int r = pg_do(db, SQL_RENAME, &a, &changed);
 *
 * Codes: -ECONNRESET (no connection, or none any more: the outcome is unknown), -EAGAIN (deadlock, begin again),
 * -EEXIST (a unique key), -ETIME (took too long), -ENOSPC (the server has no disk, memory or the like for it), -EPROTO
 * (anything else that the server refuses). The last three are in the log.
 */
#ifndef HUB_DB_PG_H
#define HUB_DB_PG_H

#include "hub/db/args.h"

struct pg;

int pg_open(const char *conninfo, struct pg **ret,
            char ret_error[static 160]) must_check; /* 0, -ECONNREFUSED, -EPROTO */
bool pg_conninfo_ok(const char *conninfo);          /* by its form */
void pg_close(struct pg *db);
bool pg_alive(const struct pg *db); /* false after -ECONNRESET: close it and open another */

/* Rows, by number; values as they are in PostgreSQL's text form. The caller frees. */
struct pg_rows;
int pg_query(struct pg *db, const char *sql, struct pg_args *a, struct pg_rows **ret) must_check;
int pg_do(struct pg *db, const char *sql, struct pg_args *a, int64_t *ret_rows) must_check; /* ret_rows may be NULL */
int pg_script(struct pg *db, const char *sql) must_check; /* not prepared, any number */
void pg_rows_free(struct pg_rows *r);
static inline void pg_rows_freep(struct pg_rows **r)
{
  pg_rows_free(*r);
}
#define autorows cleanup(pg_rows_freep)
size_t pg_count(const struct pg_rows *r);
bool pg_is_null(const struct pg_rows *r, size_t row, int column);
const char *pg_get(const struct pg_rows *r, size_t row, int column); /* "" for NULL; lives as long as r */
size_t pg_get_length(const struct pg_rows *r, size_t row, int column);
int64_t pg_get_int(const struct pg_rows *r, size_t row, int column); /* 0 for NULL */
bool pg_get_true(const struct pg_rows *r, size_t row, int column);
/* A bytea of exactly n bytes; false if it is not. */
bool pg_get_bytes(const struct pg_rows *r, size_t row, int column, void *to, size_t n);

int pg_begin(struct pg *db) must_check;
int pg_commit(struct pg *db) must_check;
void pg_rollback(struct pg *db); /* also when nothing was begun */

#endif
