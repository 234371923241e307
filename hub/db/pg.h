/* pg.h - PostgreSQL, for one thread. Wraps libpq. A connection belongs to one thread, and each call waits.
 *
 * Statements are named constants: each is prepared once per connection, and its pointer identifies it. The types of the
 * arguments follow from the functions that add them, so a constant needs no casts. Arguments are borrowed until the
 * call returns.
 *
 *   struct pg_args a = {0};
 *   pg_int(&a, booth);
 *   pg_text(&a, name);
 *   int r = pg_do(db, SQL_RENAME, &a, &changed);
 *
 * Codes: -ECONNRESET (there is no connection any more, the outcome is unknown), -EAGAIN (deadlock, try again), -EEXIST
 * (a unique key), -ETIME (took too long), -ENOSPC (the server lacks disk, memory or the like), -EPROTO (anything else
 * that the server refuses). The last three are logged.
 */
#ifndef HUB_DB_PG_H
#define HUB_DB_PG_H

#include "hub/db/args.h"

struct pg;

/* 0, -ECONNREFUSED, or -EPROTO: the server or the database cannot be used. */
int pg_open(const char *conninfo, struct pg **ret, char ret_error[static 160]) must_check;
void pg_close(struct pg *db);              /* NULL allowed */
bool pg_alive(const struct pg *db);        /* false after -ECONNRESET: close it and open another; NULL = false */
bool pg_conninfo_ok(const char *conninfo); /* checks the syntax only */

int pg_begin(struct pg *db) must_check;
int pg_commit(struct pg *db) must_check;
void pg_rollback(struct pg *db); /* also when nothing was begun */

/* a may be NULL: no arguments. */
struct pg_rows;
int pg_query(struct pg *db, const char *sql, struct pg_args *a, struct pg_rows **ret) must_check;
int pg_do(struct pg *db, const char *sql, struct pg_args *a, int64_t *ret_rows) must_check; /* ret_rows may be NULL */
int pg_script(struct pg *db, const char *sql) must_check; /* any number of statements, not prepared */

/* The rows of a query, by number; values in PostgreSQL's text form. The caller frees. */
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

#endif
