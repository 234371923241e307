/* estimates.c - as at the booth, only entries since its last start count: they are measured by its monotonic clock,
 * which no step of the wall clock disturbs. The last LIMIT_HUB_ESTIMATE events are more than the rule needs.
 */
#include "hub/model/estimates.h"

#include "base/json_write.h"

static const char SQL_ENTRIES[] =
    "SELECT e.type, e.mono_ms, e.text::json -> 'ticket' ->> 'line', e.wall_ms - coalesce(t.issued_at, e.wall_ms), "
    "e.text::json -> 'intake' ->> 'state' FROM booth b JOIN epoch p ON p.n = b.epoch "
    "JOIN event e ON e.epoch = p.n AND e.seq > p.top - $2 AND e.seq <= p.top "
    "LEFT JOIN carried c ON c.epoch = e.epoch AND c.id = e.ticket "
    "LEFT JOIN ticket t ON t.booth = b.n AND t.origin = coalesce(c.origin, e.epoch) AND t.id = e.ticket "
    "WHERE b.n = $1 AND e.boot = (SELECT l.boot FROM event l WHERE l.epoch = p.n AND l.seq = p.top) "
    "AND CASE e.type WHEN 'ticket.called' THEN (e.text::json -> 'ticket' ->> 'calls') = '1' "
    "WHEN 'ticket.seated' THEN (e.text::json -> 'ticket' ->> 'calls') = '0' ELSE e.type = 'intake.changed' END "
    "ORDER BY e.seq";

/* The line's rate, which is added if it is new; NULL: too many lines. */
static struct service_rate *find_rate(struct estimates *e, const char *line)
{
  size_t i = 0;
  while (i < e->n && strcmp(e->lines[i].id, line) != 0)
    i++;
  if (i < e->n)
    return &e->lines[i].rate;
  if (i == LIMIT_LINES || !util_copy(e->lines[i].id, sizeof e->lines[i].id, line))
    return NULL;
  return &e->lines[e->n++].rate;
}

static void add_entry(struct estimates *e, const struct pg_rows *rows, size_t row)
{
  int64_t at = pg_get_int(rows, row, 1);
  struct service_rate *rate = pg_is_null(rows, row, 2) ? NULL : find_rate(e, pg_get(rows, row, 2));
  if (rate)
    service_rate_enter(rate, at, pg_get_int(rows, row, 3));
  if (pg_is_null(rows, row, 4))
    return;
  bool paused = strcmp(pg_get(rows, row, 4), "paused") == 0;
  for (size_t i = 0; i < e->n; i++)
    service_rate_pause(&e->lines[i].rate, at, paused);
}

int estimates_read(struct pg *db, int64_t booth, struct estimates *ret)
{
  autorows struct pg_rows *rows = NULL;
  struct pg_args a = {0};
  pg_int(&a, booth);
  pg_int(&a, LIMIT_HUB_ESTIMATE);
  int r = pg_query(db, SQL_ENTRIES, &a, &rows);
  if (r < 0)
    return r;
  *ret = (struct estimates){0};
  for (size_t i = 0; i < pg_count(rows); i++)
    if (!pg_is_null(rows, i, 2))
      (void)find_rate(ret, pg_get(rows, i, 2)); /* adds all lines first, so that every pause counts for each */
  for (size_t i = 0; i < pg_count(rows); i++)
    add_entry(ret, rows, i);
  return 0;
}

void estimates_json(struct buf *b, const struct estimates *all, const char *line, int64_t ahead, int64_t waiting)
{
  struct estimate e = {0};
  for (size_t i = 0; i < all->n; i++)
    if (strcmp(all->lines[i].id, line) == 0)
      e = service_rate_estimate(&all->lines[i].rate, (int)ahead, (int)waiting);
  if (!e.high_s) {
    json_null(b, "estimate");
    return;
  }
  json_open(b, "estimate", '{');
  json_int(b, "low_s", e.low_s);
  json_int(b, "high_s", e.high_s);
  json_close(b, '}');
}
