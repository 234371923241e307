/* projection_events.c - events that say more than their ticket. */
#include "base/clock.h"
#include "base/text.h"
#include "hub/ingest/internal.h"
#include "hub/ingest/journal.h"

static const char SQL_CARRIED[] =
    "INSERT INTO carried SELECT $1, u.id, coalesce(c.origin, e.parent) FROM unnest($2::bigint[]) AS u (id) "
    "JOIN epoch e ON e.n = $1 AND e.parent IS NOT NULL "
    "LEFT JOIN carried c ON c.epoch = e.parent AND c.id = u.id ON CONFLICT DO NOTHING";
static const char SQL_CARRIED_ON[] = "UPDATE carried d SET origin = c.origin FROM carried c "
                                     "WHERE c.epoch = $1 AND d.origin = $1 AND d.id = c.id";
static const char SQL_MOVE_TICKETS[] =
    "WITH moved AS (DELETE FROM ticket t USING carried c WHERE t.booth = $2 AND t.origin = $1 AND c.epoch = $1 "
    "AND c.id = t.id AND c.origin <> $1 RETURNING c.origin AS to_origin, t.*) "
    "INSERT INTO ticket AS t (booth, origin, id, epoch, seq, version, day, number, line, state, party_size, "
    "source, "
    "calls, delivery, issued_at, called_at, closed_at, rank, held_at, call_event) "
    "SELECT booth, to_origin, id, epoch, seq, version, day, number, line, state, party_size, source, calls, "
    "delivery, "
    "issued_at, called_at, closed_at, rank, held_at, call_event FROM moved "
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
static const char SQL_REFUSED[] = "INSERT INTO refusal VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
static const char SQL_ERASED[] =
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

/* --- the special ones; a member that is not what it must be leaves the event without effect --- */

static void begin_args(struct pg_args *a, const struct projection *p, const struct projection_event *s)
{
  pg_int(a, p->booth);
  pg_int(a, p->epoch);
  pg_int(a, s->seq);
}

static int write_settings(struct projection *p, struct pg *db, const struct projection_event *s)
{
  struct pg_args a = {0};
  begin_args(&a, p, s);
  pg_text(&a, s->text);
  return pg_do(db, SQL_SETTINGS, &a, NULL);
}

static int write_intake(struct projection *p, struct pg *db, const struct projection_event *s)
{
  struct pg_args a = {0};
  begin_args(&a, p, s);
  pg_text(&a, s->text);
  return pg_do(db, SQL_INTAKE, &a, NULL);
}

static int write_day(struct projection *p, struct pg *db, const struct projection_event *s)
{
  const struct json *day = json_get(s->parsed_event.json, "day");
  struct pg_args a = {0};
  char date[11];
  int32_t parsed;
  int64_t id;
  if (!json_get_int(day, "id", 0, INT64_C(1) << 53, &id) || !json_get_text(day, "date", date, sizeof date) ||
      text_parse_date(date, &parsed) < 0)
    return 0;
  begin_args(&a, p, s);
  pg_int(&a, id);
  pg_text(&a, date);
  pg_bool(&a, json_true(json_get(day, "trusted")));
  return pg_do(db, SQL_DAY, &a, NULL);
}

static int write_refused(struct projection *p, struct pg *db, const struct projection_event *s)
{
  struct pg_args a = {0};
  char item[PARSED_WORD] = "", code[PARSED_WORD] = "";
  if (!s->parsed_event.has_remote)
    return 0;
  bool whole = json_get_text(s->parsed_event.json, "item", item, sizeof item) &&
               json_get_text(s->parsed_event.json, "code", code, sizeof code);
  pg_int(&a, p->booth);
  pg_bytes(&a, s->parsed_event.remote, 16);
  pg_text(&a, whole ? item : NULL);
  pg_text(&a, whole ? code : NULL);
  pg_int(&a, clock_wall_ms());
  return pg_do(db, SQL_REFUSED, &a, NULL);
}

/* Who still waits is called by name. */
static int erase(struct projection *p, struct pg *db, const struct pg_array *days)
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

/* Tickets of erased days of which only now is known that they were closed. */
static int erase_late(struct projection *p, struct pg *db)
{
  autoarray struct pg_array ids = {PG_INT}, days = {PG_INT};
  autorows struct pg_rows *rows = NULL;
  struct pg_args a = {0};
  for (size_t i = 0; i < p->room; i++)
    if (p->seen[i].ticket.id)
      pg_add_int(&ids, p->seen[i].ticket.id);
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
  return erase(p, db, &days);
}

static int write_erased(struct projection *p, struct pg *db, const struct projection_event *s)
{
  autoarray struct pg_array days = {PG_INT};
  struct pg_args a = {0};
  int64_t id;
  for (const struct json *d = json_at(json_get(s->parsed_event.json, "days"), 0); d; d = json_next(d))
    if (json_get_int(d, "id", 0, INT64_C(1) << 53, &id))
      pg_add_int(&days, id);
  pg_int(&a, p->epoch);
  pg_list(&a, &days);
  pg_int(&a, clock_wall_ms());
  int r = pg_do(db, SQL_ERASED, &a, NULL);
  return r < 0 ? r : erase(p, db, &days);
}

/* What an epoch took over from its parent. Tickets whose events came before this one were taken for its own. */
static int write_epoch(struct projection *p, struct pg *db, const struct projection_event *s)
{
  static const uint8_t nobody[16];
  const struct json *parent = json_get(s->parsed_event.json, "parent"),
                    *active = json_get(s->parsed_event.json, "active");
  autoarray struct pg_array ids = {PG_INT};
  struct parsed_ticket t;
  uint8_t id[16];
  int64_t seq;
  int r = 0;
  if (json_get_hex(parent, "epoch", id, sizeof id) && json_get_int(parent, "seq", 0, INT64_C(1) << 48, &seq))
    r = journal_link(db, p->booth, p->epoch, id, seq);
  for (const struct json *j = json_at(active, 0); j && ids.n < LIMIT_HUB_TICKETS; j = json_next(j))
    if (parsed_ticket(j, &t)) {
      pg_add_int(&ids, t.id);
      projection_add_ticket(p, s->seq, &t);
      projection_add_issue(p, &t, nobody, false);
    }
  struct pg_args a = {0};
  if (r < 0 || ids.n == 0)
    return r;
  pg_int(&a, p->epoch);
  pg_list(&a, &ids);
  r = pg_do(db, SQL_CARRIED, &a, NULL);
  if (r == 0) {
    pg_int(&a, p->epoch);
    r = pg_do(db, SQL_CARRIED_ON, &a, NULL);
  }
  if (r == 0) {
    pg_int(&a, p->epoch);
    pg_int(&a, p->booth);
    r = pg_do(db, SQL_MOVE_TICKETS, &a, NULL);
  }
  if (r == 0) {
    pg_int(&a, p->epoch);
    pg_int(&a, p->booth);
    r = pg_do(db, SQL_MOVE_PEOPLE, &a, NULL);
  }
  return r;
}

int projection_write_epochs(struct projection *p, struct pg *db)
{
  int r = 0;
  for (size_t i = 0; r == 0 && i < p->n_events; i++)
    if (p->events[i].parsed_event.kind == KIND_EPOCH)
      r = write_epoch(p, db, &p->events[i]);
  return r;
}

int projection_write_events(struct projection *p, struct pg *db)
{
  static int (*const writers[EVENT_KINDS])(struct projection *, struct pg *, const struct projection_event *) = {
      [KIND_INTAKE] = write_intake,   [KIND_DAY] = write_day,       [KIND_SETTINGS] = write_settings,
      [KIND_REFUSED] = write_refused, [KIND_ERASED] = write_erased,
  };
  int r = 0;
  for (size_t i = 0; r == 0 && i < p->n_events; i++) {
    const struct projection_event *s = &p->events[i];
    if (writers[s->parsed_event.kind])
      r = writers[s->parsed_event.kind](p, db, s);
  }
  return r < 0 ? r : erase_late(p, db);
}
