#include "hub/model/inbox.h"

#include <errno.h>

#include "base/clock.h"
#include "base/json_write.h"

/* Of a join: its ticket is closed, or the booth refused it. */
#define JOIN_IS_CLOSED                                                                                                 \
  "(EXISTS (SELECT FROM ticket_issue s JOIN ticket t ON (t.booth, t.origin, t.id) = (s.booth, s.origin, s.id) "        \
  "WHERE s.booth = i.booth AND s.remote = i.id AND t.state NOT IN ('waiting', 'called')) "                             \
  "OR EXISTS (SELECT FROM refusal f WHERE f.booth = i.booth AND f.item = i.id))"
/* True for an item that a restored box must get again. */
#define IS_STILL_NEEDED "(i.type = 'hub.keys' OR (i.type = 'remote.join' AND NOT " JOIN_IS_CLOSED "))"

static const char SQL_LOCK[] = "SELECT h.generation, b.generation, b.inbox_head, b.inbox_acked FROM hub h, booth b "
                               "WHERE b.n = $1 FOR UPDATE OF b";
static const char SQL_RENUMBER[] =
    "WITH keep AS (SELECT i.id, row_number() OVER (ORDER BY i.generation, i.n) AS n FROM inbox i "
    "  WHERE i.booth = $1 AND (i.acked_at IS NULL OR " IS_STILL_NEEDED ")), "
    "gone AS (DELETE FROM inbox i WHERE i.booth = $1 AND NOT EXISTS "
    "  (SELECT FROM keep WHERE keep.id = i.id)), "
    "moved AS (UPDATE inbox i SET generation = $2, n = keep.n, acked_at = NULL FROM keep "
    "  WHERE i.booth = $1 AND i.id = keep.id) "
    "UPDATE booth SET generation = $2, inbox_head = (SELECT count(*) FROM keep), inbox_acked = 0 "
    "WHERE n = $1 RETURNING inbox_head";
static const char SQL_ACK_ITEMS[] =
    "UPDATE inbox SET acked_at = $4 WHERE booth = $1 AND generation = $2 AND n > $5 AND n <= $3 "
    "AND acked_at IS NULL";
static const char SQL_ACK[] = "UPDATE booth SET inbox_acked = $2 WHERE n = $1";
static const char SQL_APPEND[] =
    "INSERT INTO inbox (booth, id, generation, n, type, body, valid_until, made_at) "
    "VALUES ($1, $2, $3, $4, $5, $6::text::jsonb, $7, $8) ON CONFLICT (booth, id) DO NOTHING";
static const char SQL_HEAD[] = "UPDATE booth SET inbox_head = $2 WHERE n = $1";
static const char SQL_PAGE[] =
    "SELECT i.n, encode(i.id, 'hex'), i.type, i.valid_until, i.body::text, "
    "i.n <= $4 AND NOT " IS_STILL_NEEDED " FROM inbox i WHERE i.booth = $1 AND i.generation = $2 "
    "AND i.n > $3 ORDER BY i.n LIMIT $5";

int inbox_lock(struct pg *db, int64_t booth, struct inbox *ret)
{
  autorows struct pg_rows *rows = NULL, *renumbered = NULL;
  struct pg_args a = {0};
  pg_int(&a, booth);
  int r = pg_query(db, SQL_LOCK, &a, &rows);
  if (r < 0)
    return r;
  if (pg_count(rows) == 0)
    return -ENOENT;
  struct inbox i = {
      .booth = booth,
      .generation = pg_get_int(rows, 0, 0),
      .head = pg_get_int(rows, 0, 2),
      .acked = pg_get_int(rows, 0, 3),
  };
  int64_t booth_generation = pg_get_int(rows, 0, 1);
  if (booth_generation < i.generation) {
    pg_int(&a, booth);
    pg_int(&a, i.generation);
    r = pg_query(db, SQL_RENUMBER, &a, &renumbered);
    if (r < 0)
      return r;
    i.head = pg_get_int(renumbered, 0, 0);
    i.acked = 0;
  }
  /* If the generation rose while waiting for the lock, the booth's row is newer than the hub's in this read. */
  i.generation = max(i.generation, booth_generation);
  *ret = i;
  return 0;
}

int inbox_ack(struct pg *db, struct inbox *i, int64_t n)
{
  struct pg_args a = {0};
  if (n <= i->acked)
    return 0;
  pg_int(&a, i->booth);
  pg_int(&a, i->generation);
  pg_int(&a, n);
  pg_int(&a, clock_wall_ms());
  pg_int(&a, i->acked);
  int r = pg_do(db, SQL_ACK_ITEMS, &a, NULL);
  if (r < 0)
    return r;
  pg_int(&a, i->booth);
  pg_int(&a, n);
  r = pg_do(db, SQL_ACK, &a, NULL);
  if (r == 0)
    i->acked = n;
  return r;
}

int inbox_append(struct pg *db, int64_t booth, const uint8_t id[static 16], const char *type, int64_t valid_until,
                 const char *members)
{
  struct inbox i;
  struct pg_args a = {0};
  int64_t appended = 0;
  int r = inbox_lock(db, booth, &i);
  if (r < 0)
    return r;
  pg_int(&a, booth);
  pg_bytes(&a, id, 16);
  pg_int(&a, i.generation);
  pg_int(&a, i.head + 1);
  pg_text(&a, type);
  pg_text(&a, members);
  pg_int_or_null(&a, valid_until);
  pg_int(&a, clock_wall_ms());
  r = pg_do(db, SQL_APPEND, &a, &appended);
  if (r < 0 || appended == 0)
    return r;
  pg_int(&a, booth);
  pg_int(&a, i.head + 1);
  return pg_do(db, SQL_HEAD, &a, NULL);
}

/* The item without effect is the delivery report of a call that never was, which a booth passes without an event. */
static void item_json(struct buf *b, const struct pg_rows *rows, size_t row)
{
  static const char no_effect[] =
      "\"ticket\":1,\"epoch\":\"00000000000000000000000000000000\",\"seq\":1,\"state\":\"failed\"";
  bool passed = pg_get_true(rows, row, 5);
  const char *body = pg_get(rows, row, 4);
  size_t n = pg_get_length(rows, row, 4);
  json_open(b, NULL, '{');
  json_int(b, "n", pg_get_int(rows, row, 0));
  json_str(b, "id", pg_get(rows, row, 1));
  json_str(b, "type", passed ? "delivery" : pg_get(rows, row, 2));
  json_time(b, "valid_until", passed ? 0 : pg_get_int(rows, row, 3));
  if (passed) {
    json_raw(b, NULL, no_effect);
  } else if (n > 2) {
    autofree char *members = xcalloc(n - 1, 1);
    memcpy(members, body + 1, n - 2);
    json_raw(b, NULL, members);
  }
  json_close(b, '}');
}

int inbox_page(struct pg *db, const struct inbox *i, int64_t n, struct buf *ret)
{
  autorows struct pg_rows *rows = NULL;
  struct pg_args a = {0};
  json_open(ret, "inbox", '[');
  if (n < i->head) {
    pg_int(&a, i->booth);
    pg_int(&a, i->generation);
    pg_int(&a, n);
    pg_int(&a, i->acked);
    pg_int(&a, LIMIT_ITEMS);
    int r = pg_query(db, SQL_PAGE, &a, &rows);
    if (r < 0)
      return r;
    for (size_t row = 0; row < pg_count(rows); row++)
      item_json(ret, rows, row);
  }
  json_close(ret, ']');
  return 0;
}
