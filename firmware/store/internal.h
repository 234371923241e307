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
  int64_t open_floor;  /* no active ticket has a lower id; as in meta */
  struct store_identity at_begin;
  int64_t event_at_savepoint; /* identity.last_event then, */
  int64_t floor_at_savepoint; /* and open_floor */
  int wal_pages;
  int checkpoint_at; /* pages */
  char error[96];    /* SQLite's words about the latest one */
};

int store_result(struct store *s, int r);                             /* r; if it is an error, keeps SQLite's words */
sqlite3_stmt *store_statement(struct store *s, enum statement which); /* nothing bound */
int store_run(struct store *s, enum statement which) must_check;
int store_set_meta(struct store *s, const char *key, const char *text) must_check; /* text NULL = none */
int store_get_meta(struct store *s, const char *key, char **ret) must_check;       /* NULL = none; the caller frees */

#endif
