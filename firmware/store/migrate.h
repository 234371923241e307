/* migrate.h - brings a database to this program's schema: numbered .sql files, each one transaction.
 * The caller has the only connection.
 */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include <sqlite3.h>

#include "base/util.h"

#define MIGRATE_APPLICATION 0x626f6f74 /* PRAGMA application_id: 'boot' */

/* The newest version: PRAGMA user_version after all migrations. */
int migrate_latest(void);
/* 0 and *ret_version; -EUCLEAN (another program's, or no database), -EPROTO (made by a newer version). */
int migrate_check(sqlite3 *db, int *ret_version) must_check;
/* From any version (0 = empty) to the latest. */
int migrate(sqlite3 *db) must_check;

#endif
