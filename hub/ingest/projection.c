/* projection.c - the order of writes matters: first the start of an epoch, which lists the tickets that it took over
 * and so decides which tickets its other events belong to; then tickets, then their people; erasure last.
 *
 * Of two events about a ticket the one of the deeper epoch wins, because a child epoch begins with its parent's state;
 * within an epoch the higher seq. A ticket that a child took over belongs to the epoch that issued it, which `carried`
 * names.
 */
#include "hub/ingest/projection.h"

#include "hub/ingest/internal.h"

static const char SQL_TICKETS[] =
    "INSERT INTO ticket AS t (booth, origin, id, epoch, seq, version, day, number, line, state, party_size, "
    "source, calls, delivery, issued_at, called_at, closed_at, rank, held_at, call_event) "
    "SELECT $1, coalesce(c.origin, $2), u.id, $2, u.seq, u.version, u.day, u.number, u.line, u.state, u.party, "
    "u.source, u.calls, u.delivery, u.issued, u.called, u.closed, u.rank, u.held, u.call "
    "FROM unnest($3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[], $8::text[], $9::text[], "
    "$10::bigint[], $11::text[], $12::bigint[], $13::text[], $14::bigint[], $15::bigint[], $16::bigint[], "
    "$17::bigint[], $18::bigint[], $19::bigint[]) AS u (id, seq, version, day, number, line, state, party, source, "
    "calls, delivery, issued, called, closed, rank, held, call) "
    "LEFT JOIN carried c ON c.epoch = $2 AND c.id = u.id "
    "ON CONFLICT (booth, origin, id) DO UPDATE SET " TICKET_SET " WHERE " NEWER("t", "seq");
static const char SQL_ISSUES[] =
    "INSERT INTO ticket_issue SELECT DISTINCT ON (u.id) $1, coalesce(c.origin, $2), u.id, u.token, u.remote "
    "FROM unnest($3::bigint[], $4::bytea[], $5::bytea[]) AS u (id, token, remote) "
    "LEFT JOIN carried c ON c.epoch = $2 AND c.id = u.id ORDER BY u.id, u.remote NULLS LAST "
    "ON CONFLICT (booth, origin, id) DO UPDATE SET token = coalesce(ticket_issue.token, excluded.token), "
    "remote = coalesce(ticket_issue.remote, excluded.remote) "
    "WHERE ticket_issue.token IS NULL OR ticket_issue.remote IS NULL";
static const char SQL_PEOPLE[] =
    "INSERT INTO person AS p SELECT $1, coalesce(c.origin, $2), u.ticket, $2, u.version, u.name, u.phone, u.note "
    "FROM unnest($3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[]) "
    "AS u (ticket, version, name, phone, note) LEFT JOIN carried c ON c.epoch = $2 AND c.id = u.ticket "
    "LEFT JOIN ticket t ON t.booth = $1 AND t.origin = coalesce(c.origin, $2) AND t.id = u.ticket "
    "WHERE NOT EXISTS (SELECT FROM erased_day d WHERE d.life = life($2) AND d.id = t.day "
    "AND NOT " LISTED ") "
    "ON CONFLICT (booth, origin, ticket) DO UPDATE SET " PERSON_SET " WHERE " NEWER("p", "version");
static const char SQL_ORDINAL[] = "UPDATE epoch SET ordinal = $2 WHERE n = $1 AND ordinal IS DISTINCT FROM $2";

struct projection *projection_new(int64_t booth, int64_t epoch)
{
  struct projection *p = xnew(struct projection);
  p->booth = booth;
  p->epoch = epoch;
  p->capacity = 64;
  p->tickets = xcalloc(p->capacity, sizeof *p->tickets);
  p->issue_id.type = PG_INT;
  p->issue_token.type = p->issue_remote.type = PG_BYTES;
  return p;
}

void projection_free(struct projection *p)
{
  if (!p)
    return;
  for (size_t i = 0; i < p->n_events; i++)
    parsed_event_done(&p->events[i].parsed);
  pg_array_done(&p->issue_id);
  pg_array_done(&p->issue_token);
  pg_array_done(&p->issue_remote);
  free(p->events);
  free(p->tickets);
  free(p);
}

/* --- collecting --- */

/* The ticket's slot, or the free one for it. */
static struct projection_ticket *find_ticket(struct projection_ticket *table, size_t capacity, int64_t id)
{
  size_t i = ((uint64_t)id * UINT64_C(0x9e3779b97f4a7c15)) >> 32 & (capacity - 1);
  while (table[i].ticket.id && table[i].ticket.id != id)
    i = (i + 1) & (capacity - 1);
  return &table[i];
}

static void grow_tickets(struct projection *p)
{
  size_t capacity = 2 * p->capacity;
  struct projection_ticket *table = xcalloc(capacity, sizeof *table);
  for (size_t i = 0; i < p->capacity; i++)
    if (p->tickets[i].ticket.id)
      *find_ticket(table, capacity, p->tickets[i].ticket.id) = p->tickets[i];
  free(p->tickets);
  p->tickets = table;
  p->capacity = capacity;
}

void projection_add_ticket(struct projection *p, int64_t seq, const struct parsed_ticket *t)
{
  if (2 * p->n_tickets >= p->capacity)
    grow_tickets(p);
  struct projection_ticket *slot = find_ticket(p->tickets, p->capacity, t->id);
  if (!slot->ticket.id)
    p->n_tickets++;
  if (slot->seq <= seq)
    *slot = (struct projection_ticket){seq, *t};
}

void projection_add_issue(struct projection *p, const struct parsed_ticket *t, const uint8_t *remote)
{
  pg_add_int(&p->issue_id, t->id);
  pg_add_bytes(&p->issue_token, t->has_token ? t->token : NULL, sizeof t->token);
  pg_add_bytes(&p->issue_remote, remote, 16);
}

void projection_add(struct projection *p, int64_t seq, const char *text, struct parsed_event *take_event)
{
  struct parsed_event e = *take_event;
  take_event->json = NULL;
  if (e.ticket.id)
    projection_add_ticket(p, seq, &e.ticket);
  if (e.kind == KIND_ISSUED && e.ticket.id)
    projection_add_issue(p, &e.ticket, e.has_remote ? e.remote : NULL);
  if (e.kind == KIND_CALLED && (e.ticket.call_event & UINT32_MAX) == seq)
    p->ordinal = e.ticket.call_event >> 32;
  if (e.kind < KIND_INTAKE)
    return;
  p->events = xrealloc(p->events, (p->n_events + 1) * sizeof *p->events);
  p->events[p->n_events++] = (struct projection_event){seq, text, e};
}

/* --- writing --- */

/* The array parameters of SQL_TICKETS, in order. */
static const enum pg_type ticket_columns[] = {
    PG_INT, PG_INT,  PG_INT, PG_INT, PG_TEXT, PG_TEXT, PG_TEXT, PG_INT, PG_TEXT,
    PG_INT, PG_TEXT, PG_INT, PG_INT, PG_INT,  PG_INT,  PG_INT,  PG_INT,
};

static void add_ticket_row(struct pg_array *column, const struct projection_ticket *row)
{
  const struct parsed_ticket *t = &row->ticket;
  pg_add_int(column++, t->id);
  pg_add_int(column++, row->seq);
  pg_add_int(column++, t->version);
  pg_add_int(column++, t->day);
  pg_add_text(column++, t->number);
  pg_add_text(column++, t->line);
  pg_add_text(column++, t->state);
  pg_add_int(column++, t->party_size);
  pg_add_text(column++, t->source);
  pg_add_int(column++, t->calls);
  pg_add_text(column++, *t->delivery ? t->delivery : NULL);
  pg_add_int_or_null(column++, t->issued_at);
  pg_add_int_or_null(column++, t->called_at);
  pg_add_int_or_null(column++, t->closed_at);
  pg_add_int(column++, t->rank);
  pg_add_int(column++, t->held_at);
  pg_add_int(column, t->call_event);
}

static int write_tickets(struct projection *p, struct pg *db)
{
  struct pg_array columns[array_len(ticket_columns)] = {0};
  struct pg_args a = {0};
  if (p->n_tickets == 0)
    return 0;
  for (size_t i = 0; i < array_len(columns); i++)
    columns[i].type = ticket_columns[i];
  for (size_t i = 0; i < p->capacity; i++)
    if (p->tickets[i].ticket.id)
      add_ticket_row(columns, &p->tickets[i]);
  pg_int(&a, p->booth);
  pg_int(&a, p->epoch);
  for (size_t i = 0; i < array_len(columns); i++)
    pg_list(&a, &columns[i]);
  int r = pg_do(db, SQL_TICKETS, &a, NULL);
  for (size_t i = 0; i < array_len(columns); i++)
    pg_array_done(&columns[i]);
  return r;
}

static int write_issues(struct projection *p, struct pg *db)
{
  struct pg_args a = {0};
  if (p->issue_id.n == 0)
    return 0;
  pg_int(&a, p->booth);
  pg_int(&a, p->epoch);
  pg_list(&a, &p->issue_id);
  pg_list(&a, &p->issue_token);
  pg_list(&a, &p->issue_remote);
  return pg_do(db, SQL_ISSUES, &a, NULL);
}

static int write_ordinal(struct projection *p, struct pg *db)
{
  struct pg_args a = {0};
  if (!p->ordinal)
    return 0;
  pg_int(&a, p->epoch);
  pg_int(&a, p->ordinal);
  return pg_do(db, SQL_ORDINAL, &a, NULL);
}

struct projected_person {
  int64_t ticket;
  int64_t version;
  const char *name;
  const char *phone;
  const char *note;
};

static bool read_person(const struct json *j, struct projected_person *ret)
{
  return json_get_int(j, "ticket", 1, INT64_C(1) << 53, &ret->ticket) &&
         json_get_int(j, "version", 0, INT64_C(1) << 53, &ret->version) &&
         json_get_optional_string(j, "name", &ret->name) && json_get_optional_string(j, "phone", &ret->phone) &&
         json_get_optional_string(j, "note", &ret->note);
}

static int compare_people(const void *a, const void *b)
{
  const struct projected_person *x = a, *y = b;
  if (x->ticket != y->ticket)
    return x->ticket > y->ticket ? 1 : -1;
  return (x->version > y->version) - (x->version < y->version);
}

static size_t read_people(const struct projection *p, const struct json *people, bool added_only,
                          struct projected_person *ret)
{
  size_t n = 0;
  for (const struct json *j = json_at(people, 0); j; j = json_next(j)) {
    if (!read_person(j, &ret[n]))
      continue;
    if (!added_only || find_ticket(p->tickets, p->capacity, ret[n].ticket)->ticket.id)
      n++;
  }
  return n;
}

/* A statement may touch a row only once: of one ticket's people only the highest version, sorted last, is written. */
static int write_people(struct projection *p, struct pg *db, const struct json *people, bool added_only)
{
  autofree struct projected_person *list = xcalloc(json_size(people), sizeof *list);
  size_t n = read_people(p, people, added_only, list);
  if (n == 0)
    return 0;
  qsort(list, n, sizeof *list, compare_people);
  autoarray struct pg_array ticket = {PG_INT}, version = {PG_INT};
  autoarray struct pg_array name = {PG_TEXT}, phone = {PG_TEXT}, note = {PG_TEXT};
  for (size_t i = 0; i < n; i++) {
    if (i + 1 < n && list[i + 1].ticket == list[i].ticket)
      continue;
    pg_add_int(&ticket, list[i].ticket);
    pg_add_int(&version, list[i].version);
    pg_add_text(&name, list[i].name);
    pg_add_text(&phone, list[i].phone);
    pg_add_text(&note, list[i].note);
  }
  struct pg_args a = {0};
  pg_int(&a, p->booth);
  pg_int(&a, p->epoch);
  pg_list(&a, &ticket);
  pg_list(&a, &version);
  pg_list(&a, &name);
  pg_list(&a, &phone);
  pg_list(&a, &note);
  return pg_do(db, SQL_PEOPLE, &a, NULL);
}

int projection_write(struct projection *p, struct pg *db, const struct json *people, bool added_only)
{
  int r = projection_write_epochs(p, db);
  if (r < 0)
    return r;
  r = write_tickets(p, db);
  if (r < 0)
    return r;
  r = write_issues(p, db);
  if (r < 0)
    return r;
  r = write_ordinal(p, db);
  if (r < 0)
    return r;
  r = write_people(p, db, people, added_only);
  return r < 0 ? r : projection_write_events(p, db);
}
