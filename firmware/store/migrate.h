/* migrate.h - brings a database to this program's schema: numbered .sql files, each one transaction.
 * For whoever holds the only connection.
 */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include <sqlite3.h>

#include "base/util.h"

#define MIGRATE_APPLICATION 0x626f6f74 /* PRAGMA application_id: 'boot' */

/* PRAGMA user_version after all of them. */
int migrate_latest(void);
/* Is it ours, and not newer? 0, -EUCLEAN (another program's, or no database), -EPROTO (newer); *ret_version if 0. */
int migrate_check(sqlite3 *db, int *ret_version) must_check;
/* From whatever version (0 = empty) to the latest. */
int migrate(sqlite3 *db) must_check;

#endif
