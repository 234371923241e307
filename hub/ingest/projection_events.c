/* projection_events.c - the effects of events beyond their ticket. An event with a wrong member has no effect. */
#include "base/clock.h"
#include "base/text.h"
#include "hub/ingest/epoch.h"
#include "hub/ingest/internal.h"

static const char SQL_CARRY[] =
    "INSERT INTO carried SELECT $1, u.id, coalesce(c.origin, e.parent) FROM unnest($2::bigint[]) AS u (id) "
    "JOIN epoch e ON e.n = $1 AND e.parent IS NOT NULL "
    "LEFT JOIN carried c ON c.epoch = e.parent AND c.id = u.id ON CONFLICT DO NOTHING";
static const char SQL_CARRY_ON[] = "UPDATE carried d SET origin = c.origin FROM carried c "
                                   "WHERE c.epoch = $1 AND d.origin = $1 AND d.id = c.id";
static const char SQL_MOVE_TICKETS[] =
    "WITH moved AS (DELETE FROM ticket t USING carried c WHERE t.booth = $2 AND t.origin = $1 AND c.epoch = $1 "
    "AND c.id = t.id AND c.origin <> $1 RETURNING c.origin AS to_origin, t.*) "
    "INSERT INTO ticket AS t (booth, origin, id, epoch, seq, version, day, number, line, state, party_size, "
    "source, calls, delivery, issued_at, called_at, closed_at, rank, held_at, call_event) "
    "SELECT booth, to_origin, id, epoch, seq, version, day, number, line, state, party_size, source, calls, "
    "delivery, issued_at, called_at, closed_at, rank, held_at, call_event FROM moved "
    "ON CONFLICT (booth, origin, id) DO UPDATE SET " TICKET_SET " WHERE " NEWER("t", "seq");
static const char SQL_MOVE_PEOPLE[] =
    "WITH moved AS (DELETE FROM person p USING carried c WHERE p.booth = $2 AND p.origin = $1 AND c.epoch = $1 "
    "AND c.id = p.ticket AND c.origin <> $1 RETURNING c.origin AS to_origin, p.*) "
    "INSERT INTO person AS p SELECT booth, to_origin, ticket, epoch, version, name, phone, note FROM moved "
    "ON CONFLICT (booth, origin, ticket) DO UPDATE SET " PERSON_SET " WHERE " NEWER("p", "version");
static const char SQL_SETTINGS[] =
    "UPDATE booth SET settings = $4::text::jsonb -> 'settings', settings_epoch = $2, settings_seq = $3 "
    "WHERE n = $1 AND (settings IS NULL OR (settings_epoch = $2 AND settings_seq < $3) "
    "OR (epoch = $2 AND settings_epoch <> $2))";
static const char SQL_INTAKE[] =
    "UPDATE booth SET intake = $4::text::jsonb -> 'intake', intake_epoch = $2, intake_seq = $3 "
    "WHERE n = $1 AND (intake IS NULL OR (intake_epoch = $2 AND intake_seq < $3) "
    "OR (epoch = $2 AND intake_epoch <> $2))";
static const char SQL_DAY[] =
    "INSERT INTO day AS d VALUES ($1, life($2), $4, $2, $3, $5, $6) ON CONFLICT (life, id) DO UPDATE SET "
    "epoch = $2, seq = $3, date = $5, trusted = $6 WHERE CASE WHEN d.epoch = $2 THEN d.seq < $3 "
    "ELSE d.epoch < $2 END";
static const char SQL_ADD_REFUSAL[] = "INSERT INTO refusal VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
static const char SQL_ADD_ERASED_DAYS[] =
    "INSERT INTO erased_day SELECT life($1), id, $3 FROM unnest($2::bigint[]) AS u (id) ON CONFLICT DO NOTHING";
static const char SQL_ERASE_PEOPLE[] =
    "DELETE FROM person p USING ticket t WHERE p.booth = $1 AND t.booth = p.booth AND t.origin = p.origin "
    "AND t.id = p.ticket AND t.day = ANY ($2::bigint[]) AND life(t.epoch) = life($3) AND NOT " LISTED;
static const char SQL_ERASE_JOINS[] =
    "UPDATE inbox i SET body = i.body - 'name' - 'phone' - 'note' FROM ticket_issue s JOIN ticket t "
    "ON (t.booth, t.origin, t.id) = (s.booth, s.origin, s.id) WHERE i.booth = $1 AND s.booth = $1 "
    "AND s.remote = i.id AND t.day = ANY ($2::bigint[]) AND life(t.epoch) = life($3) AND NOT " LISTED;
static const char SQL_ERASE_GUESTS[] =
    "UPDATE guest g SET contact = NULL FROM ticket_issue s JOIN ticket t "
    "ON (t.booth, t.origin, t.id) = (s.booth, s.origin, s.id) WHERE g.booth = $1 AND s.booth = $1 "
    "AND s.remote = g.item AND t.day = ANY ($2::bigint[]) AND life(t.epoch) = life($3) AND NOT " LISTED;
static const char SQL_CLOSED_LATE[] =
    "SELECT DISTINCT d.id FROM ticket t JOIN erased_day d ON d.life = life($2) AND d.id = t.day "
    "WHERE t.booth = $1 AND t.epoch = $2 AND t.id = ANY ($3::bigint[]) AND NOT " LISTED;

#define EXACT (INT64_C(1) << 53)

static void begin_args(struct pg_args *a, const struct projection *p, const struct projection_event *e)
{
  pg_int(a, p->booth);
  pg_int(a, p->epoch);
  pg_int(a, e->seq);
}

static int write_settings(struct projection *p, struct pg *db, const struct projection_event *e)
{
  struct pg_args a = {0};
  begin_args(&a, p, e);
  pg_text(&a, e->text);
  return pg_do(db, SQL_SETTINGS, &a, NULL);
}

static int write_intake(struct projection *p, struct pg *db, const struct projection_event *e)
{
  struct pg_args a = {0};
  begin_args(&a, p, e);
  pg_text(&a, e->text);
  return pg_do(db, SQL_INTAKE, &a, NULL);
}

static int write_day(struct projection *p, struct pg *db, const struct projection_event *e)
{
  const struct json *day = json_get(e->parsed.json, "day");
  char date[11];
  int32_t parsed;
  int64_t id;
  if (!json_get_int(day, "id", 0, EXACT, &id) || !json_get_text(day, "date", date, sizeof date) ||
      text_parse_date(date, &parsed) < 0)
    return 0;
  struct pg_args a = {0};
  begin_args(&a, p, e);
  pg_int(&a, id);
  pg_text(&a, date);
  pg_bool(&a, json_true(json_get(day, "trusted")));
  return pg_do(db, SQL_DAY, &a, NULL);
}

static int write_refusal(struct projection *p, struct pg *db, const struct projection_event *e)
{
  const struct json *j = e->parsed.json;
  char item[PARSED_WORD], code[PARSED_WORD];
  if (!e->parsed.has_remote)
    return 0;
  bool whole = json_get_text(j, "item", item, sizeof item) && json_get_text(j, "code", code, sizeof code);
  struct pg_args a = {0};
  pg_int(&a, p->booth);
  pg_bytes(&a, e->parsed.remote, 16);
  pg_text(&a, whole ? item : NULL);
  pg_text(&a, whole ? code : NULL);
  pg_int(&a, clock_wall_ms());
  return pg_do(db, SQL_ADD_REFUSAL, &a, NULL);
}

/* --- erasure of personal data --- */

/* Erases people of closed tickets only: a guest who still waits is called by name. */
static int erase_days(struct projection *p, struct pg *db, const struct pg_array *days)
{
  static const char *const erasures[] = {SQL_ERASE_PEOPLE, SQL_ERASE_JOINS, SQL_ERASE_GUESTS};
  int r = 0;
  for (size_t i = 0; r == 0 && i < array_len(erasures); i++) {
    struct pg_args a = {0};
    pg_int(&a, p->booth);
    pg_list(&a, days);
    pg_int(&a, p->epoch);
    r = pg_do(db, erasures[i], &a, NULL);
  }
  return r;
}

/* Erases people of tickets that these events closed, if their day was erased before. */
static int erase_closed_late(struct projection *p, struct pg *db)
{
  autoarray struct pg_array ids = {PG_INT}, days = {PG_INT};
  autorows struct pg_rows *rows = NULL;
  struct pg_args a = {0};
  for (size_t i = 0; i < p->capacity; i++)
    if (p->tickets[i].ticket.id)
      pg_add_int(&ids, p->tickets[i].ticket.id);
  if (ids.n == 0)
    return 0;
  pg_int(&a, p->booth);
  pg_int(&a, p->epoch);
  pg_list(&a, &ids);
  int r = pg_query(db, SQL_CLOSED_LATE, &a, &rows);
  if (r < 0 || pg_count(rows) == 0)
    return r;
  for (size_t i = 0; i < pg_count(rows); i++)
    pg_add_int(&days, pg_get_int(rows, i, 0));
  return erase_days(p, db, &days);
}

static int write_erased(struct projection *p, struct pg *db, const struct projection_event *e)
{
  autoarray struct pg_array days = {PG_INT};
  int64_t id;
  for (const struct json *d = json_at(json_get(e->parsed.json, "days"), 0); d; d = json_next(d))
    if (json_get_int(d, "id", 0, EXACT, &id))
      pg_add_int(&days, id);
  struct pg_args a = {0};
  pg_int(&a, p->epoch);
  pg_list(&a, &days);
  pg_int(&a, clock_wall_ms());
  int r = pg_do(db, SQL_ADD_ERASED_DAYS, &a, NULL);
  return r < 0 ? r : erase_days(p, db, &days);
}

/* --- the first event of an epoch --- */

/* Tickets whose events arrived before this one were stored under this epoch: they move to the one that issued them. */
static int carry_tickets(struct projection *p, struct pg *db, const struct pg_array *ids)
{
  struct pg_args a = {0};
  pg_int(&a, p->epoch);
  pg_list(&a, ids);
  int r = pg_do(db, SQL_CARRY, &a, NULL);
  if (r < 0)
    return r;
  pg_int(&a, p->epoch);
  r = pg_do(db, SQL_CARRY_ON, &a, NULL);
  if (r < 0)
    return r;
  pg_int(&a, p->epoch);
  pg_int(&a, p->booth);
  r = pg_do(db, SQL_MOVE_TICKETS, &a, NULL);
  if (r < 0)
    return r;
  pg_int(&a, p->epoch);
  pg_int(&a, p->booth);
  return pg_do(db, SQL_MOVE_PEOPLE, &a, NULL);
}

static int write_epoch_start(struct projection *p, struct pg *db, const struct projection_event *e)
{
  const struct json *parent = json_get(e->parsed.json, "parent"), *active = json_get(e->parsed.json, "active");
  uint8_t id[16];
  int64_t seq;
  if (json_get_hex(parent, "epoch", id, sizeof id) && json_get_int(parent, "seq", 0, INT64_C(1) << 48, &seq)) {
    int r = epoch_link(db, p->booth, p->epoch, id, seq);
    if (r < 0)
      return r;
  }
  autoarray struct pg_array ids = {PG_INT};
  for (const struct json *j = json_at(active, 0); j && ids.n < LIMIT_HUB_TICKETS; j = json_next(j)) {
    struct parsed_ticket t;
    if (!event_parse_ticket(j, &t))
      continue;
    pg_add_int(&ids, t.id);
    projection_add_ticket(p, e->seq, &t);
    projection_add_issue(p, &t, NULL);
  }
  return ids.n ? carry_tickets(p, db, &ids) : 0;
}

/* --- all events --- */

int projection_write_epochs(struct projection *p, struct pg *db)
{
  int r = 0;
  for (size_t i = 0; r == 0 && i < p->n_events; i++)
    if (p->events[i].parsed.kind == KIND_EPOCH)
      r = write_epoch_start(p, db, &p->events[i]);
  return r;
}

int projection_write_events(struct projection *p, struct pg *db)
{
  static int (*const writers[EVENT_KINDS])(struct projection *, struct pg *, const struct projection_event *) = {
      [KIND_INTAKE] = write_intake,   [KIND_DAY] = write_day,       [KIND_SETTINGS] = write_settings,
      [KIND_REFUSED] = write_refusal, [KIND_ERASED] = write_erased,
  };
  int r = 0;
  for (size_t i = 0; r == 0 && i < p->n_events; i++) {
    const struct projection_event *e = &p->events[i];
    if (writers[e->parsed.kind])
      r = writers[e->parsed.kind](p, db, e);
  }
  return r < 0 ? r : erase_closed_late(p, db);
}
