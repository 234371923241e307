/* generation.c - the column `location` of the hub's row records the cluster and database of the last start, so that the
 * first start after restoring a dump elsewhere detects it.
 */
#include "hub/model/generation.h"

#include "base/clock.h"

static const char SQL_LOCATION[] = "SELECT system_identifier || '/' || d.oid FROM pg_control_system(), pg_database d "
                                   "WHERE d.datname = current_database()";
static const char SQL_START[] =
    "INSERT INTO hub (generation, location) VALUES ($1, $2) ON CONFLICT (one) DO UPDATE SET "
    "generation = CASE WHEN hub.location = $2 THEN hub.generation ELSE "
    "greatest(hub.generation + 1, $1) END, location = $2 "
    "WHERE hub.location <> $2";
static const char SQL_RAISE[] =
    "UPDATE hub SET generation = greatest(generation + 1, $1, $2 + 1) WHERE generation <= $3";
static const char SQL_READ[] = "SELECT generation FROM hub";

int generation_start(struct pg *db)
{
  autorows struct pg_rows *rows = NULL;
  int r = pg_query(db, SQL_LOCATION, NULL, &rows);
  if (r < 0)
    return r;
  struct pg_args a = {0};
  pg_int(&a, clock_wall_ms());
  pg_text(&a, pg_get(rows, 0, 0));
  return pg_do(db, SQL_START, &a, NULL);
}

/* The lock waits until all arrivals of the old generation are committed: readers of /events go by generation. */
int generation_raise(struct pg *db, int64_t from, int64_t reported)
{
  int r = pg_script(db, "LOCK TABLE arrival IN SHARE ROW EXCLUSIVE MODE");
  if (r < 0)
    return r;
  struct pg_args a = {0};
  pg_int(&a, clock_wall_ms());
  pg_int(&a, reported);
  pg_int(&a, from);
  return pg_do(db, SQL_RAISE, &a, NULL);
}

int generation_read(struct pg *db, int64_t *ret)
{
  autorows struct pg_rows *rows = NULL;
  int r = pg_query(db, SQL_READ, NULL, &rows);
  if (r == 0)
    *ret = pg_get_int(rows, 0, 0);
  return r;
}
