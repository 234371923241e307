/* projection.c - see projection.h. The order of the steps matters: an epoch tells which tickets it took over before
 * anything is said of them, tickets are there before the people who hold them, and what is to be erased goes last.
 *
 * Of two events about a ticket the one of the deeper epoch wins (a child knows what its parent knew), then the higher
 * seq. A ticket that a child took over belongs to the epoch that issued it: `carried` leads there.
 */
#include "hub/ingest/internal.h"

static const char SQL_TICKETS[] =
    "INSERT INTO ticket AS t (booth, origin, id, epoch, seq, version, day, number, line, state, party_size, "
    "source, "
    "calls, delivery, issued_at, called_at, closed_at, rank, held_at, call_event) "
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
  p->room = 64;
  p->seen = xcalloc(p->room, sizeof *p->seen);
  p->issue_id.type = PG_INT;
  p->issue_token.type = p->issue_remote.type = PG_BYTES;
  return p;
}

void projection_free(struct projection *p)
{
  if (!p)
    return;
  for (size_t i = 0; i < p->n_events; i++)
    parsed_event_done(&p->events[i].parsed_event);
  pg_array_done(&p->issue_id);
  pg_array_done(&p->issue_token);
  pg_array_done(&p->issue_remote);
  free(p->events);
  free(p->seen);
  free(p);
}

/* --- collecting --- */

static struct projection_ticket *place(struct projection_ticket *seen, size_t room, int64_t id)
{
  size_t i = ((uint64_t)id * UINT64_C(0x9e3779b97f4a7c15)) >> 32 & (room - 1);
  while (seen[i].ticket.id && seen[i].ticket.id != id)
    i = (i + 1) & (room - 1);
  return &seen[i];
}

static void grow(struct projection *p)
{
  struct projection_ticket *fresh = xcalloc(2 * p->room, sizeof *fresh);
  for (size_t i = 0; i < p->room; i++)
    if (p->seen[i].ticket.id)
      *place(fresh, 2 * p->room, p->seen[i].ticket.id) = p->seen[i];
  free(p->seen);
  p->seen = fresh;
  p->room *= 2;
}

void projection_add_ticket(struct projection *p, int64_t seq, const struct parsed_ticket *t)
{
  if (2 * p->n_seen >= p->room)
    grow(p);
  struct projection_ticket *s = place(p->seen, p->room, t->id);
  if (!s->ticket.id)
    p->n_seen++;
  if (s->seq <= seq)
    *s = (struct projection_ticket){seq, *t};
}

static void add_bytes(struct pg_array *to, const void *bytes, size_t n, bool there)
{
  if (there)
    pg_add(to, bytes, n);
  else
    pg_add_null(to);
}

void projection_add_issue(struct projection *p, const struct parsed_ticket *t, const uint8_t remote[static 16],
                          bool has_remote)
{
  pg_add_int(&p->issue_id, t->id);
  add_bytes(&p->issue_token, t->token, sizeof t->token, t->has_token);
  add_bytes(&p->issue_remote, remote, 16, has_remote);
}

void projection_add(struct projection *p, int64_t seq, const char *text, struct parsed_event *take_event)
{
  struct parsed_event d = *take_event;
  take_event->json = NULL;
  if (d.ticket.id)
    projection_add_ticket(p, seq, &d.ticket);
  if (d.kind == KIND_ISSUED && d.ticket.id)
    projection_add_issue(p, &d.ticket, d.remote, d.has_remote);
  if (d.kind == KIND_CALLED && (d.ticket.call_event & UINT32_MAX) == seq)
    p->ordinal = d.ticket.call_event >> 32;
  if (d.kind < KIND_INTAKE)
    return;
  p->events = xrealloc(p->events, (p->n_events + 1) * sizeof *p->events);
  p->events[p->n_events++] = (struct projection_event){seq, text, d};
}

/* --- writing --- */

/* One array for each column of SQL_TICKETS, in its order. */
enum { TICKET_TEXTS = 5, TICKET_COLUMNS = 17 };

static void ticket_row(struct pg_array a[static TICKET_COLUMNS], const struct projection_ticket *s)
{
  const struct parsed_ticket *t = &s->ticket;
  const struct {
    const char *text;
    int64_t number;
    bool is_text, null_if_zero;
  } columns[TICKET_COLUMNS] = {
      {NULL, t->id, false, false},
      {NULL, s->seq, false, false},
      {NULL, t->version, false, false},
      {NULL, t->day, false, false},
      {t->number, 0, true, false},
      {t->line, 0, true, false},
      {t->state, 0, true, false},
      {NULL, t->party_size, false, false},
      {t->source, 0, true, false},
      {NULL, t->calls, false, false},
      {*t->delivery ? t->delivery : NULL, 0, true, false},
      {NULL, t->issued_at, false, true},
      {NULL, t->called_at, false, true},
      {NULL, t->closed_at, false, true},
      {NULL, t->rank, false, false},
      {NULL, t->held_at, false, false},
      {NULL, t->call_event, false, false},
  };
  for (size_t i = 0; i < TICKET_COLUMNS; i++) {
    a[i].type = columns[i].is_text ? PG_TEXT : PG_INT;
    if (columns[i].is_text)
      pg_add_text(&a[i], columns[i].text);
    else if (columns[i].null_if_zero && !columns[i].number)
      pg_add_null(&a[i]);
    else
      pg_add_int(&a[i], columns[i].number);
  }
}

static int write_tickets(struct projection *p, struct pg *db)
{
  struct pg_array columns[TICKET_COLUMNS] = {0};
  struct pg_args a = {0};
  if (p->n_seen == 0)
    return 0;
  for (size_t i = 0; i < p->room; i++)
    if (p->seen[i].ticket.id)
      ticket_row(columns, &p->seen[i]);
  pg_int(&a, p->booth);
  pg_int(&a, p->epoch);
  for (size_t i = 0; i < TICKET_COLUMNS; i++)
    pg_list(&a, &columns[i]);
  int r = pg_do(db, SQL_TICKETS, &a, NULL);
  for (size_t i = 0; i < TICKET_COLUMNS; i++)
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

struct person {
  int64_t ticket, version;
  const char *name, *phone, *note;
};

static bool read_text(const struct json *j, const char *name, const char **ret)
{
  const struct json *member = json_get(j, name);
  *ret = json_string(member);
  return *ret || !member || json_is_null(member);
}

static bool read_person(const struct json *j, struct person *ret)
{
  return json_get_int(j, "ticket", 1, INT64_C(1) << 53, &ret->ticket) &&
         json_get_int(j, "version", 0, INT64_C(1) << 53, &ret->version) && read_text(j, "name", &ret->name) &&
         read_text(j, "phone", &ret->phone) && read_text(j, "note", &ret->note);
}

static int by_ticket(const void *a, const void *b)
{
  const struct person *x = a, *y = b;
  return x->ticket != y->ticket ? (x->ticket > y->ticket) - (x->ticket < y->ticket)
                                : (x->version > y->version) - (x->version < y->version);
}

/* A statement may touch a row once: of several about one ticket the highest version, which is sorted last, stands. */
static int write_people(struct projection *p, struct pg *db, const struct json *people, bool of_these)
{
  autoarray struct pg_array ticket = {PG_INT}, version = {PG_INT}, name = {PG_TEXT}, phone = {PG_TEXT},
                            note = {PG_TEXT};
  struct pg_args a = {0};
  size_t n = 0;
  autofree struct person *list = xcalloc(json_size(people), sizeof *list);
  for (const struct json *j = json_at(people, 0); j; j = json_next(j))
    if (read_person(j, &list[n]) && (!of_these || place(p->seen, p->room, list[n].ticket)->ticket.id))
      n++;
  if (n == 0)
    return 0;
  qsort(list, n, sizeof *list, by_ticket);
  for (size_t i = 0; i < n; i++) {
    if (i + 1 < n && list[i + 1].ticket == list[i].ticket)
      continue;
    pg_add_int(&ticket, list[i].ticket);
    pg_add_int(&version, list[i].version);
    pg_add_text(&name, list[i].name);
    pg_add_text(&phone, list[i].phone);
    pg_add_text(&note, list[i].note);
  }
  pg_int(&a, p->booth);
  pg_int(&a, p->epoch);
  pg_list(&a, &ticket);
  pg_list(&a, &version);
  pg_list(&a, &name);
  pg_list(&a, &phone);
  pg_list(&a, &note);
  return pg_do(db, SQL_PEOPLE, &a, NULL);
}

int projection_write(struct projection *p, struct pg *db, const struct json *people, bool of_these)
{
  int r = projection_write_epochs(p, db);
  if (r == 0)
    r = write_tickets(p, db);
  if (r == 0)
    r = write_issues(p, db);
  if (r == 0)
    r = write_ordinal(p, db);
  if (r == 0)
    r = write_people(p, db, people, of_these);
  return r == 0 ? projection_write_events(p, db) : r;
}
