/* journal.c - a run of events costs a fixed number of statements, whatever its length.
 *
 * New events are the rule, so whether some of a run are here already is asked only when its first seq is not above all
 * that are here. The texts of those are then compared by the server; from the first that differs on, nothing of the run
 * is kept, for it is another history under the same name.
 *
 * The projection is built inside a savepoint: should it fail in a way that nobody foresaw, the run goes to the
 * quarantine, and the booth is not held up.
 */
#include "hub/ingest/journal.h"

#include <errno.h>

#include "base/clock.h"
#include "hub/ingest/event_parse.h"
#include "hub/ingest/projection.h"
#include "hub/ingest/ranges.h"

static const char SQL_BOOTS[] =
    "INSERT INTO boot (booth, id, trusted_offset, heard_offset) "
    "SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::bigint[]) ON CONFLICT (booth, id) DO UPDATE SET "
    "trusted_offset = coalesce(excluded.trusted_offset, boot.trusted_offset), "
    "heard_offset = least(excluded.heard_offset, boot.heard_offset) RETURNING id, n";
static const char SQL_HERE[] = "SELECT e.seq, e.text = u.text FROM unnest($2::bigint[], $3::text[]) AS u (seq, text) "
                               "JOIN event e ON e.epoch = $1 AND e.seq = u.seq ORDER BY e.seq";
static const char SQL_EVENTS[] =
    "INSERT INTO event SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::text[], $5::bigint[], "
    "$6::bigint[], $7::bigint[], $8::bigint[], $9::boolean[])";
static const char SQL_ARRIVALS[] =
    "INSERT INTO arrival (generation, booth, epoch, first_seq, last_seq, received_at) "
    "SELECT greatest($1, (SELECT generation FROM hub)), $2, $3, u.first, u.last, $6 FROM "
    "unnest($4::bigint[], $5::bigint[]) AS u (first, last)";
static const char SQL_QUARANTINE[] =
    "INSERT INTO quarantine SELECT $1, u.seq, u.why, u.text, $5 "
    "FROM unnest($2::bigint[], $3::text[], $4::text[]) AS u (seq, why, text) ON CONFLICT DO NOTHING";
static const char SQL_PENDING[] = "SELECT first_seq, last_seq FROM island WHERE epoch = $1 ORDER BY first_seq";
static const char SQL_DELETE_PENDING[] = "DELETE FROM island WHERE epoch = $1";
static const char SQL_ADD_PENDING[] = "INSERT INTO island SELECT $1, * FROM unnest($2::bigint[], $3::bigint[])";
static const char SQL_ADD_GAPS[] =
    "INSERT INTO hole SELECT $1, * FROM unnest($2::bigint[], $3::bigint[]) ON CONFLICT DO NOTHING";
static const char SQL_ADVANCE[] =
    "UPDATE epoch SET acked = $2, top = $3, head = $4, oldest = $5, seen_at = $6 WHERE n = $1";

/* --- a run of events --- */

struct boot {
  char id[64];
  int64_t trusted_offset, heard_offset, n; /* offsets: 0 = unknown */
};

struct run {
  int64_t booth, generation;
  const struct exchange_request *m;
  struct epoch *epoch;
  struct ingest_result *stats;
  struct pg_array seq, text, type, ticket, mono, wall, trusted; /* a row for each new event */
  int16_t *places;                                              /* of their boots, -1 = unknown */
  struct pg_array bad_seq, bad_why, bad_text;
  struct boot boots[LIMIT_HUB_BOOTS];
  size_t n_boots;
  bool *here;          /* of each event: it is in the database already */
  struct ranges fresh; /* those that are not */
  struct projection *projection;
};

static void run_done(struct run *r)
{
  struct pg_array *arrays[] = {&r->seq,  &r->text,    &r->type,    &r->ticket,  &r->mono,
                               &r->wall, &r->trusted, &r->bad_seq, &r->bad_why, &r->bad_text};
  for (size_t i = 0; i < array_len(arrays); i++)
    pg_array_done(arrays[i]);
  ranges_done(&r->fresh);
  projection_free(r->projection);
  free(r->places);
  free(r->here);
}

static void quarantine(struct run *r, int64_t seq, const char *why, const char *text)
{
  pg_add_int(&r->bad_seq, seq);
  pg_add_text(&r->bad_why, why);
  pg_add_text(&r->bad_text, text);
  r->stats->quarantined++;
}

/* Which are here, and whether any of them is another. */
static int find_stored(struct run *r, struct pg *db)
{
  autoarray struct pg_array seq = {PG_INT}, text = {PG_TEXT};
  autorows struct pg_rows *rows = NULL;
  struct pg_args a = {0};
  const struct exchange_request *m = r->m;
  int64_t at = m->first_seq;
  if (at > r->epoch->top)
    return 0;
  for (const struct json *e = json_at(m->events, 0); e; e = json_next(e), at++) {
    pg_add_int(&seq, at);
    pg_add_text(&text, json_string(e));
  }
  pg_int(&a, r->epoch->n);
  pg_list(&a, &seq);
  pg_list(&a, &text);
  int code = pg_query(db, SQL_HERE, &a, &rows);
  for (size_t i = 0; code == 0 && i < pg_count(rows); i++) {
    int64_t one = pg_get_int(rows, i, 0);
    r->here[one - m->first_seq] = true;
    if (!pg_get_true(rows, i, 1) && !r->stats->conflict)
      r->stats->conflict = one;
  }
  return code;
}

/* The place of a boot in our list; -1 if there are too many. */
static int64_t boot_of(struct run *r, const char *id)
{
  size_t i = r->n_boots;
  while (i && strcmp(r->boots[i - 1].id, id) != 0)
    i--;
  if (i == 0) {
    if (r->n_boots == LIMIT_HUB_BOOTS)
      return -1;
    i = ++r->n_boots;
    util_copy(r->boots[i - 1].id, sizeof r->boots[i - 1].id, id);
  }
  return (int64_t)i - 1;
}

static void add_int_or_null(struct pg_array *a, int64_t v)
{
  if (v)
    pg_add_int(a, v);
  else
    pg_add_null(a);
}

static void add_unknown(struct run *r)
{
  struct pg_array *arrays[] = {&r->type, &r->ticket, &r->mono, &r->wall, &r->trusted};
  for (size_t i = 0; i < array_len(arrays); i++)
    pg_add_null(arrays[i]);
}

static void add_event(struct run *r, int64_t seq, const char *text)
{
  struct parsed_event d;
  const char *why = event_parse(text, strlen(text), seq, &d);
  int64_t boot = why ? -1 : boot_of(r, d.boot);
  if (!why && boot < 0)
    why = "it is of one boot too many";
  r->places[r->seq.n] = (int16_t)boot;
  pg_add_int(&r->seq, seq);
  pg_add_text(&r->text, text);
  ranges_add(&r->fresh, seq, seq);
  if (why) {
    quarantine(r, seq, why, text);
    add_unknown(r);
    parsed_event_done(&d);
    return;
  }
  if (d.trusted && d.wall_ms)
    r->boots[boot].trusted_offset = d.wall_ms - d.mono_ms;
  pg_add_text(&r->type, d.type);
  add_int_or_null(&r->ticket, d.ticket.id);
  pg_add_int(&r->mono, d.mono_ms);
  pg_add_int(&r->wall, d.wall_ms);
  pg_add_bool(&r->trusted, d.trusted);
  projection_add(r->projection, seq, text, &d);
}

static void add_events(struct run *r)
{
  const struct exchange_request *m = r->m;
  int64_t seq = m->first_seq;
  for (const struct json *e = json_at(m->events, 0); e; e = json_next(e), seq++) {
    if (seq == r->stats->conflict) {
      quarantine(r, seq, "another text is here", json_string(e));
      break;
    }
    if (r->here[seq - m->first_seq])
      r->stats->again++;
    else
      add_event(r, seq, json_string(e));
  }
  r->stats->stored = (uint64_t)r->seq.n;
}

/* And their stats, by place. */
static int write_boots(struct run *r, struct pg *db)
{
  autoarray struct pg_array id = {PG_TEXT}, trusted = {PG_INT}, heard = {PG_INT};
  autorows struct pg_rows *rows = NULL;
  struct pg_args a = {0};
  if (r->n_boots == 0)
    return 0;
  for (size_t i = 0; i < r->n_boots; i++) {
    pg_add_text(&id, r->boots[i].id);
    add_int_or_null(&trusted, r->boots[i].trusted_offset);
    add_int_or_null(&heard, r->boots[i].heard_offset);
  }
  pg_int(&a, r->booth);
  pg_list(&a, &id);
  pg_list(&a, &trusted);
  pg_list(&a, &heard);
  int code = pg_query(db, SQL_BOOTS, &a, &rows);
  for (size_t i = 0; code == 0 && i < pg_count(rows); i++)
    for (size_t k = 0; k < r->n_boots; k++)
      if (strcmp(r->boots[k].id, pg_get(rows, i, 0)) == 0)
        r->boots[k].n = pg_get_int(rows, i, 1);
  return code;
}

static int write_events(struct run *r, struct pg *db)
{
  autoarray struct pg_array boot = {PG_INT}, first = {PG_INT}, last = {PG_INT};
  struct pg_args a = {0};
  if (r->seq.n == 0)
    return 0;
  for (size_t i = 0; i < (size_t)r->seq.n; i++)
    add_int_or_null(&boot, r->places[i] < 0 ? 0 : r->boots[r->places[i]].n);
  pg_int(&a, r->epoch->n);
  pg_list(&a, &r->seq);
  pg_list(&a, &r->text);
  pg_list(&a, &r->type);
  pg_list(&a, &r->ticket);
  pg_list(&a, &boot);
  pg_list(&a, &r->mono);
  pg_list(&a, &r->wall);
  pg_list(&a, &r->trusted);
  int code = pg_do(db, SQL_EVENTS, &a, NULL);
  if (code < 0)
    return code;
  for (size_t i = 0; i < r->fresh.n; i++) {
    pg_add_int(&first, r->fresh.at[i].first);
    pg_add_int(&last, r->fresh.at[i].last);
  }
  pg_int(&a, r->generation);
  pg_int(&a, r->booth);
  pg_int(&a, r->epoch->n);
  pg_list(&a, &first);
  pg_list(&a, &last);
  pg_int(&a, clock_wall_ms());
  return pg_do(db, SQL_ARRIVALS, &a, NULL);
}

static int write_quarantine(struct run *r, struct pg *db)
{
  struct pg_args a = {0};
  if (r->bad_seq.n == 0)
    return 0;
  pg_int(&a, r->epoch->n);
  pg_list(&a, &r->bad_seq);
  pg_list(&a, &r->bad_why);
  pg_list(&a, &r->bad_text);
  pg_int(&a, clock_wall_ms());
  return pg_do(db, SQL_QUARANTINE, &a, NULL);
}

static int write_projection(struct run *r, struct pg *db)
{
  int code = pg_script(db, "SAVEPOINT projection");
  if (code < 0)
    return code;
  code = projection_write(r->projection, db, r->m->people, r->stats->conflict != 0);
  if (code == -EPROTO || code == -EEXIST) {
    code = pg_script(db, "ROLLBACK TO projection");
    int64_t seq = r->m->first_seq;
    for (const struct json *e = json_at(r->m->events, 0); code == 0 && e; e = json_next(e), seq++)
      if (!r->here[seq - r->m->first_seq] && (!r->stats->conflict || seq < r->stats->conflict))
        quarantine(r, seq, "the projection failed", json_string(e));
  }
  return code < 0 ? code : pg_script(db, "RELEASE projection");
}

/* --- the cursor --- */

static int read_pending(struct pg *db, const struct epoch *e, struct ranges *ret)
{
  autorows struct pg_rows *rows = NULL;
  struct pg_args a = {0};
  if (e->top <= e->acked)
    return 0;
  pg_int(&a, e->n);
  int r = pg_query(db, SQL_PENDING, &a, &rows);
  for (size_t i = 0; r == 0 && i < pg_count(rows); i++)
    ranges_add(ret, pg_get_int(rows, i, 0), pg_get_int(rows, i, 1));
  return r;
}

static int write_ranges(struct pg *db, const char *sql, int64_t epoch, const struct ranges *s)
{
  autoarray struct pg_array first = {PG_INT}, last = {PG_INT};
  struct pg_args a = {0};
  if (s->n == 0)
    return 0;
  for (size_t i = 0; i < s->n; i++) {
    pg_add_int(&first, s->at[i].first);
    pg_add_int(&last, s->at[i].last);
  }
  pg_int(&a, epoch);
  pg_list(&a, &first);
  pg_list(&a, &last);
  return pg_do(db, sql, &a, NULL);
}

static int advance_epoch(struct pg *db, struct epoch *e, const struct exchange_request *m, struct ranges *pending)
{
  struct ranges gaps = {0};
  struct pg_args a = {0};
  bool had = e->top > e->acked;
  if (pending->n)
    e->top = max(e->top, pending->at[pending->n - 1].last);
  e->oldest = max(e->oldest, m->oldest_seq);
  e->acked = ranges_advance(e->acked, e->oldest, pending, &gaps);
  e->top = max(e->top, e->acked);
  e->head = max(e->head, max(m->head_seq, e->top));
  int r = 0;
  if (had) {
    pg_int(&a, e->n);
    r = pg_do(db, SQL_DELETE_PENDING, &a, NULL);
  }
  if (r == 0)
    r = write_ranges(db, SQL_ADD_PENDING, e->n, pending);
  if (r == 0)
    r = write_ranges(db, SQL_ADD_GAPS, e->n, &gaps);
  ranges_done(&gaps);
  if (r < 0)
    return r;
  pg_int(&a, e->n);
  pg_int(&a, e->acked);
  pg_int(&a, e->top);
  pg_int(&a, e->head);
  pg_int(&a, e->oldest);
  pg_int(&a, clock_wall_ms());
  return pg_do(db, SQL_ADVANCE, &a, NULL);
}

/* --- all of it --- */

static int ingest_batch(struct run *r, struct pg *db)
{
  int code = find_stored(r, db);
  if (code < 0)
    return code;
  if (r->m->heard_offset)
    r->boots[boot_of(r, r->m->boot)].heard_offset = r->m->heard_offset;
  add_events(r);
  code = write_boots(r, db);
  if (code == 0)
    code = write_events(r, db);
  if (code == 0 && (r->seq.n > 0 || json_size(r->m->people) > 0))
    code = write_projection(r, db);
  return code < 0 ? code : write_quarantine(r, db);
}

int journal_ingest(struct pg *db, int64_t booth, int64_t generation, const struct exchange_request *m, struct epoch *e,
                   struct ingest_result *ret)
{
  struct ranges pending = {0};
  struct run run = {.booth = booth, .generation = generation, .m = m, .epoch = e, .stats = ret};
  *ret = (struct ingest_result){0};
  run.seq.type = run.ticket.type = run.mono.type = run.wall.type = PG_INT;
  run.text.type = run.type.type = run.bad_why.type = run.bad_text.type = PG_TEXT;
  run.trusted.type = PG_BOOL;
  int r = read_pending(db, e, &pending);
  bool room = pending.n < LIMIT_HUB_PENDING || m->first_seq <= e->acked + 1 ||
              ranges_touch(&pending, m->first_seq, m->last_seq);
  if (r == 0 && room) {
    run.here = xcalloc(m->n_events, sizeof *run.here);
    run.places = xcalloc(m->n_events, sizeof *run.places);
    run.projection = projection_new(booth, e->n);
    r = ingest_batch(&run, db);
    for (size_t i = 0; i < run.fresh.n; i++)
      ranges_add(&pending, run.fresh.at[i].first, run.fresh.at[i].last);
  }
  if (r == 0)
    r = advance_epoch(db, e, m, &pending);
  ranges_done(&pending);
  run_done(&run);
  return r;
}
