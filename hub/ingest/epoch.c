#include "hub/ingest/epoch.h"

#include "base/clock.h"

static const char SQL_FIND[] =
    "SELECT n, acked, top, head, oldest, parent IS NOT NULL FROM epoch WHERE booth = $1 AND id = $2";
static const char SQL_MAKE[] =
    "INSERT INTO epoch (booth, id, seen_at) VALUES ($1, $2, $3) ON CONFLICT (booth, id) DO NOTHING";
static const char SQL_LINK[] =
    "UPDATE epoch SET parent = p.n, parent_seq = $4 FROM epoch p "
    "WHERE epoch.n = $2 AND epoch.parent IS NULL AND p.booth = $1 AND p.id = $3 AND p.n <> $2";
static const char SQL_SET_DEPTHS[] =
    "WITH RECURSIVE d (n, depth, life) AS (SELECT n, 0, n FROM epoch WHERE booth = $1 AND parent IS NULL "
    "UNION ALL SELECT e.n, d.depth + 1, d.life FROM epoch e JOIN d ON e.parent = d.n) "
    "UPDATE epoch SET depth = d.depth, life = d.life FROM d "
    "WHERE epoch.n = d.n AND (epoch.depth, life(epoch.n)) <> (d.depth, d.life)";
/* The present epoch is the one without a child; of several, the latest. */
static const char SQL_SET_PRESENT[] =
    "UPDATE booth SET epoch = coalesce((SELECT e.n FROM epoch e WHERE e.booth = $1 AND NOT EXISTS "
    "(SELECT FROM epoch c WHERE c.parent = e.n) ORDER BY e.n DESC LIMIT 1), epoch) WHERE n = $1";

static int set_present(struct pg *db, int64_t booth)
{
  struct pg_args a = {0};
  pg_int(&a, booth);
  return pg_do(db, SQL_SET_PRESENT, &a, NULL);
}

static int make_epoch(struct pg *db, int64_t booth, const uint8_t id[static 16])
{
  struct pg_args a = {0};
  pg_int(&a, booth);
  pg_bytes(&a, id, 16);
  pg_int(&a, clock_wall_ms());
  return pg_do(db, SQL_MAKE, &a, NULL);
}

int epoch_link(struct pg *db, int64_t booth, int64_t epoch, const uint8_t parent[static 16], int64_t seq)
{
  int r = make_epoch(db, booth, parent);
  if (r < 0)
    return r;
  struct pg_args a = {0};
  int64_t linked = 0;
  pg_int(&a, booth);
  pg_int(&a, epoch);
  pg_bytes(&a, parent, 16);
  pg_int(&a, seq);
  r = pg_do(db, SQL_LINK, &a, &linked);
  if (r < 0 || linked == 0)
    return r;
  pg_int(&a, booth);
  r = pg_do(db, SQL_SET_DEPTHS, &a, NULL);
  return r < 0 ? r : set_present(db, booth);
}

static int read_epoch(struct pg *db, int64_t booth, const uint8_t id[static 16], struct epoch *ret, bool *ret_linked)
{
  autorows struct pg_rows *rows = NULL;
  struct pg_args a = {0};
  *ret = (struct epoch){0};
  pg_int(&a, booth);
  pg_bytes(&a, id, 16);
  int r = pg_query(db, SQL_FIND, &a, &rows);
  if (r < 0 || pg_count(rows) == 0)
    return r;
  *ret = (struct epoch){
      .n = pg_get_int(rows, 0, 0),
      .acked = pg_get_int(rows, 0, 1),
      .top = pg_get_int(rows, 0, 2),
      .head = pg_get_int(rows, 0, 3),
      .oldest = pg_get_int(rows, 0, 4),
  };
  *ret_linked = pg_get_true(rows, 0, 5);
  return 0;
}

/* The parent is made first: SQL_SET_PRESENT depends on the order. */
static int begin_epoch(struct pg *db, int64_t booth, const struct exchange_request *q)
{
  if (q->has_parent) {
    int r = make_epoch(db, booth, q->parent);
    if (r < 0)
      return r;
  }
  int r = make_epoch(db, booth, q->epoch);
  return r < 0 ? r : set_present(db, booth);
}

int epoch_find_or_make(struct pg *db, int64_t booth, const struct exchange_request *q, bool may_make, struct epoch *ret)
{
  bool linked = false;
  int r = read_epoch(db, booth, q->epoch, ret, &linked);
  if (r < 0 || (ret->n == 0 && !may_make))
    return r;
  if (ret->n == 0) {
    r = begin_epoch(db, booth, q);
    if (r < 0)
      return r;
    r = read_epoch(db, booth, q->epoch, ret, &linked);
    if (r < 0)
      return r;
  }
  if (q->has_parent && !linked)
    r = epoch_link(db, booth, ret->n, q->parent, q->parent_seq);
  return r;
}
