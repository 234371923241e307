/* migrate.h - brings the database to this program's schema: numbered .sql files, embedded. Any thread with a
 * connection.
 */
#ifndef HUB_DB_MIGRATE_H
#define HUB_DB_MIGRATE_H

#include "hub/db/pg.h"

/* From whatever version (nothing = 0) to the latest, in one transaction; processes that start at once wait for each
 * other. Then the hub's own row and its first keys, if they are missing. 0; -EILSEQ: the database is newer than this
 * program; the codes of pg.h. */
int migrate(struct pg *db) must_check;

#endif
