/* migrate.h - brings the database to this program's schema: numbered .sql files, embedded. */
#ifndef HUB_DB_MIGRATE_H
#define HUB_DB_MIGRATE_H

#include "hub/db/pg.h"

/* From whatever version (an empty database = 0) to the latest, in a transaction of the caller, which holds an advisory
 * lock until it ends. 0; -EILSEQ: the database is newer than this program; a code of pg.h. */
int migrate(struct pg *db) must_check;

#endif
