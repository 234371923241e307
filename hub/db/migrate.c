/* migrate.c - one transaction for all steps (PostgreSQL's DDL is transactional), under an advisory lock.
 *
 * The hub's row remembers in which cluster and database it was last seen. A dump that was restored, or moved to another
 * server, is thereby known at the first start, and raises the generation as `admin restored` does: booths then tell
 * anew where they are. A new migration is a file in schema/ and a line in each of the two lists below.
 */
#include "hub/db/migrate.h"

#include <errno.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/embed.h"
#include "hub/model/keys.h"

EMBED(schema_001, "hub/db/schema/001.sql");

static const uint8_t *const steps[] = {schema_001_begin};

static const char SQL_LOCK[] = "SELECT pg_advisory_xact_lock(8028911401)";
static const char SQL_VERSION[] = "SELECT coalesce(max(version), 0) FROM schema_version";
static const char SQL_SET_VERSION[] = "INSERT INTO schema_version VALUES ($1, $2)";
static const char SQL_PLACE[] = "SELECT system_identifier || '/' || d.oid FROM pg_control_system(), pg_database d "
                                "WHERE d.datname = current_database()";
static const char SQL_SETTLE[] = "INSERT INTO hub (generation, place) VALUES ($1, $2) ON CONFLICT (one) DO UPDATE SET "
                                 "generation = CASE WHEN hub.place = $2 THEN hub.generation ELSE "
                                 "greatest(hub.generation + 1, $1) END, place = $2 "
                                 "WHERE hub.place <> $2";

static int steps_from(struct pg *db, int64_t version)
{
  int r = 0;
  for (; r == 0 && version < (int64_t)array_len(steps); version++) {
    struct pg_args a = {0};
    r = pg_script(db, (const char *)steps[version]);
    pg_int(&a, version + 1);
    pg_int(&a, clock_wall_ms());
    if (r == 0)
      r = pg_do(db, SQL_SET_VERSION, &a, NULL);
  }
  return r;
}

static int read_version(struct pg *db, int64_t *ret)
{
  autorows struct pg_rows *rows = NULL;
  int r = pg_query(db, SQL_VERSION, NULL, &rows);
  if (r == 0)
    *ret = pg_get_int(rows, 0, 0);
  return r;
}

static int settle(struct pg *db)
{
  autorows struct pg_rows *rows = NULL;
  struct pg_args a = {0};
  int r = pg_query(db, SQL_PLACE, NULL, &rows);
  if (r < 0)
    return r;
  pg_int(&a, clock_wall_ms());
  pg_text(&a, pg_get(rows, 0, 0));
  r = pg_do(db, SQL_SETTLE, &a, NULL);
  return r < 0 ? r : keys_first(db);
}

static int in_transaction(struct pg *db)
{
  int64_t version = 0;
  int r = pg_script(db, "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0");
  if (r == 0)
    r = pg_do(db, SQL_LOCK, NULL, NULL);
  if (r == 0)
    r = pg_script(db, "CREATE TABLE IF NOT EXISTS schema_version (version bigint PRIMARY KEY, at bigint NOT NULL)");
  if (r == 0)
    r = read_version(db, &version);
  if (r == 0 && version > (int64_t)array_len(steps))
    r = -EILSEQ;
  if (r == 0)
    r = steps_from(db, version);
  return r < 0 ? r : settle(db);
}

int migrate(struct pg *db)
{
  int r = pg_begin(db);
  if (r == 0)
    r = in_transaction(db);
  if (r == 0)
    r = pg_commit(db);
  pg_rollback(db);
  return r;
}
