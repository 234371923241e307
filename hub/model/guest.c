/* guest.c - a restored box may have issued two tickets to a guest: the one of the deeper epoch counts. A ticket that
 * waits in an epoch that the booth has left does not count; the booth issues it again from its inbox, see inbox.h.
 */
#include "hub/model/guest.h"

#include <errno.h>

#include "base/json_write.h"
#include "hub/db/rows_json.h"
#include "hub/model/estimates.h"
#include "hub/model/ticket_json.h"

/* Columns of SQL_GUEST; the last is the first of TICKET_JSON_COLUMNS. */
enum {
  BOOTH,
  BOOTH_ID,
  MADE_AT,
  VALID_UNTIL,
  REFUSED,
  REASON,
  PARTY,
  LINE,
  NAME,
  PHONE,
  NOTE,
  SEEN_AT,
  POSITION,
  WAITING,
  TICKET
};
enum { TICKET_LINE = TICKET + 3, TICKET_STATE = TICKET + 4 };

static const char SQL_GUEST[] =
    "SELECT g.booth, encode(b.id, 'hex'), g.made_at, i.valid_until, f.item IS NOT NULL, f.code, "
    "coalesce(t.party_size::text, i.body ->> 'party_size'), coalesce(t.line, i.body ->> 'line'), "
    "CASE WHEN p.booth IS NULL THEN i.body ->> 'name' ELSE p.name END, "
    "CASE WHEN p.booth IS NULL THEN i.body ->> 'phone' ELSE p.phone END, "
    "CASE WHEN p.booth IS NULL THEN i.body ->> 'note' ELSE p.note END, b.seen_at, "
    "CASE t.state WHEN 'waiting' THEN (SELECT count(*) FROM queue q WHERE q.booth = t.booth AND q.line = t.line "
    "AND q.state = 'waiting' AND (q.rank, q.id) <= (t.rank, t.id)) END, "
    "(SELECT count(*) FROM queue q WHERE q.booth = t.booth AND q.line = t.line AND q.state = "
    "'waiting'), " TICKET_JSON_COLUMNS " FROM guest g JOIN booth b ON b.n = g.booth "
    "LEFT JOIN inbox i ON i.booth = g.booth AND i.id = g.item "
    "LEFT JOIN refusal f ON f.booth = g.booth AND f.item = g.item "
    "LEFT JOIN LATERAL (SELECT t.* FROM ticket_issue s JOIN ticket t ON (t.booth, t.origin, t.id) = "
    "(s.booth, s.origin, s.id) JOIN epoch e ON e.n = t.epoch WHERE s.booth = g.booth AND s.remote = g.item "
    "AND (t.epoch = b.epoch OR t.state NOT IN ('waiting', 'called')) ORDER BY e.depth DESC, t.seq DESC LIMIT 1) t "
    "ON true LEFT JOIN epoch o ON o.n = t.origin "
    "LEFT JOIN person p ON (p.booth, p.origin, p.ticket) = (t.booth, t.origin, t.id) WHERE g.ref = $1";
static const char SQL_REQUESTS[] =
    "SELECT * FROM (SELECT encode(i.id, 'hex'), i.type, i.body ->> 'after', i.made_at, "
    "i.acked_at IS NOT NULL, f.item IS NOT NULL, f.code, i.generation, i.n FROM inbox i "
    "LEFT JOIN refusal f ON f.booth = i.booth AND f.item = i.id WHERE i.booth = $1 AND "
    "i.body ? 'join' AND i.body ->> 'join' = $2 ORDER BY i.generation DESC, i.n DESC LIMIT $3) w "
    "ORDER BY generation, n";

static const char *guest_state(const struct pg_rows *rows)
{
  if (!pg_is_null(rows, 0, TICKET_STATE))
    return pg_get(rows, 0, TICKET_STATE);
  return pg_get_true(rows, 0, REFUSED) ? "refused" : "asked";
}

static bool state_is_final(const char *state)
{
  return strcmp(state, "asked") != 0 && strcmp(state, "waiting") != 0 && strcmp(state, "called") != 0;
}

/* Why the booth refused; "unknown" if it gave no reason. */
static void reason_json(struct buf *b, const struct pg_rows *rows, size_t row, bool refused, int column)
{
  if (refused)
    json_str(b, "reason", pg_is_null(rows, row, column) ? "unknown" : pg_get(rows, row, column));
  else
    json_null(b, "reason");
}

static int requests_json(struct pg *db, struct buf *b, int64_t booth, const char *id)
{
  autorows struct pg_rows *rows = NULL;
  struct pg_args a = {0};
  pg_int(&a, booth);
  pg_text(&a, id);
  pg_int(&a, LIMIT_HUB_REQUESTS);
  int r = pg_query(db, SQL_REQUESTS, &a, &rows);
  if (r < 0)
    return r;
  json_open(b, "requests", '[');
  for (size_t i = 0; i < pg_count(rows); i++) {
    bool refused = pg_get_true(rows, i, 5);
    bool defer = strcmp(pg_get(rows, i, 1), "remote.defer") == 0;
    json_open(b, NULL, '{');
    json_str(b, "id", pg_get(rows, i, 0));
    json_str(b, "type", defer ? "defer" : "cancel");
    if (defer)
      json_int(b, "after", pg_get_int(rows, i, 2));
    json_time(b, "made_at", pg_get_int(rows, i, 3));
    json_str(b, "state", refused ? "refused" : pg_get_true(rows, i, 4) ? "taken" : "asked");
    reason_json(b, rows, i, refused, 6);
    json_close(b, '}');
  }
  json_close(b, ']');
  return 0;
}

static int estimate_json(struct pg *db, struct buf *b, const struct pg_rows *rows)
{
  struct estimates estimates;
  int64_t position = pg_get_int(rows, 0, POSITION);
  if (!position) {
    json_null(b, "estimate");
    return 0;
  }
  int r = estimates_read(db, pg_get_int(rows, 0, BOOTH), &estimates);
  if (r == 0)
    estimates_json(b, &estimates, pg_get(rows, 0, TICKET_LINE), position - 1, pg_get_int(rows, 0, WAITING));
  return r;
}

static int guest_json(struct pg *db, struct buf *b, const struct pg_rows *rows, const char *id)
{
  bool ticket = !pg_is_null(rows, 0, TICKET);
  json_open(b, NULL, '{');
  json_str(b, "ref", id);
  json_str(b, "booth", pg_get(rows, 0, BOOTH_ID));
  json_str(b, "state", guest_state(rows));
  reason_json(b, rows, 0, !ticket && pg_get_true(rows, 0, REFUSED), REASON);
  rows_json_int(b, "party_size", rows, 0, PARTY);
  rows_json_text(b, "line", rows, 0, LINE);
  rows_json_text(b, "name", rows, 0, NAME);
  rows_json_text(b, "phone", rows, 0, PHONE);
  rows_json_text(b, "note", rows, 0, NOTE);
  json_time(b, "made_at", pg_get_int(rows, 0, MADE_AT));
  json_time(b, "valid_until", pg_get_int(rows, 0, VALID_UNTIL));
  json_time(b, "seen_at", pg_get_int(rows, 0, SEEN_AT));
  rows_json_int(b, "position", rows, 0, POSITION);
  int r = estimate_json(db, b, rows);
  if (ticket) {
    json_open(b, "ticket", '{');
    ticket_json(b, rows, 0, TICKET);
    json_close(b, '}');
  } else {
    json_null(b, "ticket");
  }
  if (r == 0)
    r = requests_json(db, b, pg_get_int(rows, 0, BOOTH), id);
  json_close(b, '}');
  return r;
}

int guest_read(struct pg *db, const uint8_t id[static 16], struct guest *ret, struct buf *ret_json)
{
  autorows struct pg_rows *rows = NULL;
  struct pg_args a = {0};
  char ref[33];
  util_hex(ref, id, 16);
  pg_text(&a, ref);
  int r = pg_query(db, SQL_GUEST, &a, &rows);
  if (r < 0)
    return r;
  if (pg_count(rows) == 0)
    return -ENOENT;
  if (ret)
    *ret = (struct guest){pg_get_int(rows, 0, BOOTH), state_is_final(guest_state(rows))};
  return ret_json ? guest_json(db, ret_json, rows, ref) : 0;
}
