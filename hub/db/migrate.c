/* migrate.c - all steps are one transaction: PostgreSQL's DDL is transactional. A new step is a file in schema/ and a
 * line in each of the two lists below.
 */
#include "hub/db/migrate.h"

#include <errno.h>

#include "base/clock.h"
#include "base/embed.h"

EMBED(schema_001, "hub/db/schema/001.sql");
EMBED(schema_002, "hub/db/schema/002.sql");

static const uint8_t *const steps[] = {schema_001_begin, schema_002_begin};

static const char SQL_LOCK[] = "SELECT pg_advisory_xact_lock(8028911401)";
static const char SQL_VERSION[] = "SELECT coalesce(max(version), 0) FROM schema_version";
static const char SQL_SET_VERSION[] = "INSERT INTO schema_version VALUES ($1, $2)";

static int lock_schema(struct pg *db)
{
  int r = pg_script(db, "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0");
  if (r < 0)
    return r;
  r = pg_do(db, SQL_LOCK, NULL, NULL);
  if (r < 0)
    return r;
  return pg_script(db, "CREATE TABLE IF NOT EXISTS schema_version (version bigint PRIMARY KEY, at bigint NOT NULL)");
}

static int read_version(struct pg *db, int64_t *ret)
{
  autorows struct pg_rows *rows = NULL;
  int r = pg_query(db, SQL_VERSION, NULL, &rows);
  if (r == 0)
    *ret = pg_get_int(rows, 0, 0);
  return r;
}

static int apply_step(struct pg *db, size_t step)
{
  int r = pg_script(db, (const char *)steps[step]);
  if (r < 0)
    return r;
  struct pg_args a = {0};
  pg_int(&a, (int64_t)step + 1);
  pg_int(&a, clock_wall_ms());
  return pg_do(db, SQL_SET_VERSION, &a, NULL);
}

int migrate(struct pg *db)
{
  int64_t version = 0;
  int r = lock_schema(db);
  if (r < 0)
    return r;
  r = read_version(db, &version);
  if (r < 0)
    return r;
  if (version > (int64_t)array_len(steps))
    return -EILSEQ;
  for (size_t step = (size_t)version; r == 0 && step < array_len(steps); step++)
    r = apply_step(db, step);
  return r;
}
