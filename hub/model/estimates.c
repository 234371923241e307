/* estimates.c - as the booth itself does, only entries since its last start count: its monotonic clock measures them,
 * and no step of the wall clock can. The last LIMIT_HUB_ESTIMATE events are looked at, which is more than the rule
 * remembers.
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

/* NULL: there is none, and there is no room for it. */
static struct service_rate *of_line(struct estimates *p, const char *line)
{
  size_t i = 0;
  while (i < p->n && strcmp(p->lines[i].id, line) != 0)
    i++;
  if (i < p->n)
    return &p->lines[i].pace;
  if (i == LIMIT_LINES || !util_copy(p->lines[i].id, sizeof p->lines[i].id, line))
    return NULL;
  return &p->lines[p->n++].pace;
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
      (void)of_line(ret, pg_get(rows, i, 2)); /* all of them, so that each knows of every pause */
  for (size_t i = 0; i < pg_count(rows); i++) {
    int64_t at = pg_get_int(rows, i, 1);
    struct service_rate *entered = pg_is_null(rows, i, 2) ? NULL : of_line(ret, pg_get(rows, i, 2));
    if (entered)
      service_rate_enter(entered, at, pg_get_int(rows, i, 3));
    for (size_t k = 0; k < ret->n && !pg_is_null(rows, i, 4); k++)
      service_rate_pause(&ret->lines[k].pace, at, strcmp(pg_get(rows, i, 4), "paused") == 0);
  }
  return 0;
}

void estimates_json(struct buf *b, const struct estimates *p, const char *line, int64_t ahead, int64_t waiting)
{
  struct estimate e = {0};
  for (size_t i = 0; i < p->n; i++)
    if (strcmp(p->lines[i].id, line) == 0)
      e = service_rate_estimate(&p->lines[i].pace, (int)ahead, (int)waiting);
  if (!e.high_s) {
    json_null(b, "estimate");
    return;
  }
  json_open(b, "estimate", '{');
  json_int(b, "low_s", e.low_s);
  json_int(b, "high_s", e.high_s);
  json_close(b, '}');
}
