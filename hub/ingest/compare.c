/* compare.c - what the hub has of a day against what the booth says it is, by count and hash of the texts. */
#include "base/hash.h"
#include "base/json_write.h"
#include "hub/ingest/event_parse.h"
#include "hub/ingest/journal.h"

#define ROWS 2000 /* texts read at once */

static const char SQL_TEXTS[] =
    "SELECT seq, text FROM event WHERE epoch = $1 AND seq BETWEEN $2 AND $3 ORDER BY seq LIMIT $4";

struct day_sum {
  int64_t first, last, count;
  uint8_t hash[HASH_SUM];
};

static int sum_up(struct pg *db, int64_t epoch, struct day_sum *d)
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

int journal_compare(struct pg *db, const struct epoch *e, const struct json *digests, struct buf *ret)
{
  int n = 0;
  json_open(ret, "differs", '[');
  for (const struct json *j = json_at(digests, 0); j && n++ < LIMIT_BATCH_DAYS; j = json_next(j)) {
    struct day_sum theirs, ours;
    if (!json_get_int(j, "first_seq", 1, e->acked, &theirs.first) ||
        !json_get_int(j, "last_seq", theirs.first, e->acked, &theirs.last) ||
        !json_get_int(j, "count", 0, e->acked, &theirs.count) ||
        !json_get_hex(j, "hash", theirs.hash, sizeof theirs.hash))
      continue; /* not here yet: it comes anyway */
    ours = theirs;
    int r = sum_up(db, e->n, &ours);
    if (r < 0)
      return r;
    if (ours.count == theirs.count && memcmp(ours.hash, theirs.hash, sizeof ours.hash) == 0)
      continue;
    json_open(ret, NULL, '{');
    json_int(ret, "first_seq", theirs.first);
    json_int(ret, "last_seq", theirs.last);
    json_close(ret, '}');
  }
  json_close(ret, ']');
  return 0;
}
