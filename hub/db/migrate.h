/* migrate.h - brings the database to this program's schema: numbered .sql files, embedded. */
#ifndef HUB_DB_MIGRATE_H
#define HUB_DB_MIGRATE_H

#include "hub/db/pg.h"

/* From any version (0 = empty) to the latest, in a transaction of the caller, which then holds an advisory lock until
 * its end. 0; -EILSEQ: the database is newer than this program; or a code of pg.h. */
int migrate(struct pg *db) must_check;

#endif
