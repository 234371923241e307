/* epoch.c - a booth's histories, and which of them is its present. */
#include "base/clock.h"
#include "hub/ingest/journal.h"

static const char SQL_EPOCH[] =
    "SELECT n, acked, top, head, oldest, parent IS NOT NULL FROM epoch WHERE booth = $1 AND id = $2";
static const char SQL_NEW_EPOCH[] =
    "INSERT INTO epoch (booth, id, seen_at) VALUES ($1, $2, $3) ON CONFLICT (booth, id) DO NOTHING";
static const char SQL_LINK[] =
    "UPDATE epoch SET parent = p.n, parent_seq = $4 FROM epoch p "
    "WHERE epoch.n = $2 AND epoch.parent IS NULL AND p.booth = $1 AND p.id = $3 AND p.n <> $2";
static const char SQL_DEPTHS[] =
    "WITH RECURSIVE d (n, depth, life) AS (SELECT n, 0, n FROM epoch WHERE booth = $1 AND parent IS NULL "
    "UNION ALL SELECT e.n, d.depth + 1, d.life FROM epoch e JOIN d ON e.parent = d.n) "
    "UPDATE epoch SET depth = d.depth, life = d.life FROM d "
    "WHERE epoch.n = d.n AND (epoch.depth, life(epoch.n)) <> (d.depth, d.life)";
static const char SQL_NEWEST[] =
    "UPDATE booth SET epoch = coalesce((SELECT e.n FROM epoch e WHERE e.booth = $1 AND NOT EXISTS "
    "(SELECT FROM epoch c WHERE c.parent = e.n) ORDER BY e.n DESC LIMIT 1), epoch) WHERE n = $1";

static int newest(struct pg *db, int64_t booth)
{
  struct pg_args a = {0};
  pg_int(&a, booth);
  return pg_do(db, SQL_NEWEST, &a, NULL);
}

static int make(struct pg *db, int64_t booth, const uint8_t id[static 16], int64_t *ret_made)
{
  struct pg_args a = {0};
  pg_int(&a, booth);
  pg_bytes(&a, id, 16);
  pg_int(&a, clock_wall_ms());
  return pg_do(db, SQL_NEW_EPOCH, &a, ret_made);
}

int journal_link(struct pg *db, int64_t booth, int64_t epoch, const uint8_t parent[static 16], int64_t seq)
{
  struct pg_args a = {0};
  int64_t made, linked = 0;
  int r = make(db, booth, parent, &made);
  if (r < 0)
    return r;
  pg_int(&a, booth);
  pg_int(&a, epoch);
  pg_bytes(&a, parent, 16);
  pg_int(&a, seq);
  r = pg_do(db, SQL_LINK, &a, &linked);
  if (r < 0 || linked == 0)
    return r;
  pg_int(&a, booth);
  r = pg_do(db, SQL_DEPTHS, &a, NULL);
  return r < 0 ? r : newest(db, booth);
}

static int read_epoch(struct pg *db, int64_t booth, const uint8_t id[static 16], struct epoch *ret, bool *ret_linked)
{
  autorows struct pg_rows *rows = NULL;
  struct pg_args a = {0};
  pg_int(&a, booth);
  pg_bytes(&a, id, 16);
  int r = pg_query(db, SQL_EPOCH, &a, &rows);
  *ret = (struct epoch){0};
  if (r < 0 || pg_count(rows) == 0)
    return r;
  *ret = (struct epoch){pg_get_int(rows, 0, 0), pg_get_int(rows, 0, 1), pg_get_int(rows, 0, 2), pg_get_int(rows, 0, 3),
                        pg_get_int(rows, 0, 4)};
  *ret_linked = pg_get_true(rows, 0, 5);
  return 0;
}

/* The parent first: of two epochs that nobody descends from, the one that was made later is the booth's present. */
int journal_epoch(struct pg *db, int64_t booth, const struct exchange_request *m, bool may_begin, struct epoch *ret)
{
  bool linked = false;
  int64_t made = 0;
  int r = read_epoch(db, booth, m->epoch, ret, &linked);
  if (r < 0 || (ret->n == 0 && !may_begin))
    return r;
  if (ret->n == 0) {
    if (m->has_parent)
      r = make(db, booth, m->parent, &made);
    if (r == 0)
      r = make(db, booth, m->epoch, &made);
    if (r == 0)
      r = newest(db, booth);
    if (r == 0)
      r = read_epoch(db, booth, m->epoch, ret, &linked);
  }
  if (r == 0 && m->has_parent && !linked)
    r = journal_link(db, booth, ret->n, m->parent, m->parent_seq);
  return r;
}
