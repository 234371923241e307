/* internal.h - what the store's own files share; nobody else includes it. */
#ifndef STORE_INTERNAL_H
#define STORE_INTERNAL_H

#include "store/columns.h"
#include "store/idempotency.h"
#include "store/statements.h"
#include "store/store.h"

struct store {
  sqlite3 *db;
  sqlite3_stmt *statements[STATEMENTS];
  struct store_identity identity;
  struct idempotency keys;
  int64_t boot;        /* number of this boot */
  int64_t loaded_mono; /* when the queue was loaded: a call's timer starts anew then */
  int64_t open_floor;  /* no active ticket has a lower id; also in meta */
  struct store_identity at_begin;
  int64_t event_at_savepoint; /* identity.last_event at the savepoint */
  int64_t floor_at_savepoint; /* open_floor at the savepoint */
  int wal_pages;
  int checkpoint_at; /* pages of the WAL */
  char error[96];    /* SQLite's message of the latest error */
};

int store_result(struct store *s, int r); /* returns r; if negative, saves SQLite's message */
sqlite3_stmt *store_statement(struct store *s, enum statement which); /* without bindings */
int store_run(struct store *s, enum statement which) must_check;
int store_set_meta(struct store *s, const char *key, const char *text) must_check; /* text NULL: stores NULL */
int store_get_meta(struct store *s, const char *key, char **ret) must_check;       /* NULL = none; the caller frees */

#endif
