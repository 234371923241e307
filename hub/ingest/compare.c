#include "hub/ingest/compare.h"

#include "base/hash.h"
#include "base/json.h"
#include "base/json_write.h"

#define ROWS 2000 /* texts read at once */

static const char SQL_TEXTS[] =
    "SELECT seq, text FROM event WHERE epoch = $1 AND seq BETWEEN $2 AND $3 ORDER BY seq LIMIT $4";

struct day_digest {
  int64_t first;
  int64_t last;
  int64_t count; /* of events */
  uint8_t hash[HASH_SUM];
};

/* Hashes the stored events from d->first to d->last. */
static int digest_day(struct pg *db, int64_t epoch, struct day_digest *d)
{
  struct hash_state sum;
  int64_t from = d->first;
  hash_begin(&sum);
  d->count = 0;
  for (size_t n = ROWS; n == ROWS;) {
    autorows struct pg_rows *rows = NULL;
    struct pg_args a = {0};
    pg_int(&a, epoch);
    pg_int(&a, from);
    pg_int(&a, d->last);
    pg_int(&a, ROWS);
    int r = pg_query(db, SQL_TEXTS, &a, &rows);
    if (r < 0)
      return r;
    n = pg_count(rows);
    for (size_t i = 0; i < n; i++) {
      hash_add(&sum, pg_get(rows, i, 1), pg_get_length(rows, i, 1));
      hash_add(&sum, "\n", 1);
    }
    d->count += (int64_t)n;
    if (n)
      from = pg_get_int(rows, n - 1, 0) + 1;
  }
  hash_end(&sum, d->hash);
  return 0;
}

/* False also for a day that has not arrived completely: its events come anyway. */
static bool read_digest(const struct json *j, const struct epoch *e, struct day_digest *ret)
{
  return json_get_int(j, "first_seq", 1, e->acked, &ret->first) &&
         json_get_int(j, "last_seq", ret->first, e->acked, &ret->last) &&
         json_get_int(j, "count", 0, e->acked, &ret->count) && json_get_hex(j, "hash", ret->hash, sizeof ret->hash);
}

int compare_days(struct pg *db, const struct epoch *e, const struct json *digests, struct buf *ret)
{
  int n = 0;
  json_open(ret, "differs", '[');
  for (const struct json *j = json_at(digests, 0); j && n++ < LIMIT_BATCH_DAYS; j = json_next(j)) {
    struct day_digest booth;
    if (!read_digest(j, e, &booth))
      continue;
    struct day_digest hub = booth;
    int r = digest_day(db, e->n, &hub);
    if (r < 0)
      return r;
    if (hub.count == booth.count && memcmp(hub.hash, booth.hash, sizeof hub.hash) == 0)
      continue;
    json_open(ret, NULL, '{');
    json_int(ret, "first_seq", booth.first);
    json_int(ret, "last_seq", booth.last);
    json_close(ret, '}');
  }
  json_close(ret, ']');
  return 0;
}
