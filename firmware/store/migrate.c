/* migrate.c - the .sql files are embedded in the program, so that none can be missing.
 * A new one is a file in migrations/ and a line in each of the two lists below.
 */
#include "store/migrate.h"

#include <errno.h>
#include <stdio.h>

#include "base/embed.h"
#include "store/sql.h"

EMBED(migration_001, "firmware/store/migrations/001.sql");
EMBED(migration_002, "firmware/store/migrations/002.sql");

static const uint8_t *const migrations[] = {migration_001_begin, migration_002_begin};

int migrate_latest(void)
{
  return array_len(migrations);
}

int migrate_check(sqlite3 *db, int *ret_version)
{
  int64_t application = 0, version = 0;
  int r = sql_int(db, "PRAGMA application_id", &application);
  if (r == 0)
    r = sql_int(db, "PRAGMA user_version", &version);
  if (r < 0)
    return r;
  if (application != MIGRATE_APPLICATION || version < 1)
    return -EUCLEAN;
  if (version > migrate_latest())
    return -EPROTO;
  *ret_version = (int)version;
  return 0;
}

static int migrate_step(sqlite3 *db, int version)
{
  char done[64];
  snprintf(done, sizeof done, "PRAGMA user_version = %d; COMMIT", version + 1);
  int r = sql_exec(db, "BEGIN IMMEDIATE");
  if (r < 0)
    return r;
  r = sql_exec(db, (const char *)migrations[version]);
  if (r == 0)
    r = sql_exec(db, done);
  if (r < 0 && !sqlite3_get_autocommit(db))
    sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
  return r;
}

int migrate(sqlite3 *db)
{
  int64_t version = 0;
  int r = sql_int(db, "PRAGMA user_version", &version);
  for (; r == 0 && version < migrate_latest(); version++)
    r = migrate_step(db, (int)version);
  return r;
}
