/* journal.c - a batch of events costs a fixed number of statements, whatever its length.
 *
 * New events are the rule, so only a batch that begins at or below the highest stored seq is compared with the stored
 * events. The server compares the texts; from the first different one on, nothing of the batch is stored, because it is
 * another history of the same epoch.
 *
 * The projection is written inside a savepoint: if it fails unexpectedly, its events go to the quarantine and the booth
 * is not blocked.
 */
#include "hub/ingest/journal.h"

#include <errno.h>

#include "base/clock.h"
#include "hub/ingest/event_parse.h"
#include "hub/ingest/projection.h"
#include "hub/ingest/ranges.h"

static const char SQL_SET_BOOTS[] =
    "INSERT INTO boot (booth, id, trusted_offset, heard_offset) "
    "SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::bigint[]) ON CONFLICT (booth, id) DO UPDATE SET "
    "trusted_offset = coalesce(excluded.trusted_offset, boot.trusted_offset), "
    "heard_offset = least(excluded.heard_offset, boot.heard_offset) RETURNING id, n";
static const char SQL_STORED[] = "SELECT e.seq, e.text = u.text FROM unnest($2::bigint[], $3::text[]) AS u (seq, text) "
                                 "JOIN event e ON e.epoch = $1 AND e.seq = u.seq ORDER BY e.seq";
static const char SQL_ADD_EVENTS[] =
    "INSERT INTO event SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::text[], $5::bigint[], "
    "$6::bigint[], $7::bigint[], $8::bigint[], $9::boolean[])";
static const char SQL_ADD_ARRIVALS[] =
    "INSERT INTO arrival (generation, booth, epoch, first_seq, last_seq, received_at) "
    "SELECT greatest($1, (SELECT generation FROM hub)), $2, $3, u.first, u.last, $6 FROM "
    "unnest($4::bigint[], $5::bigint[]) AS u (first, last)";
static const char SQL_ADD_QUARANTINE[] =
    "INSERT INTO quarantine SELECT $1, u.seq, u.why, u.text, $5 "
    "FROM unnest($2::bigint[], $3::text[], $4::text[]) AS u (seq, why, text) ON CONFLICT DO NOTHING";
static const char SQL_PENDING[] = "SELECT first_seq, last_seq FROM pending_range WHERE epoch = $1 ORDER BY first_seq";
static const char SQL_DELETE_PENDING[] = "DELETE FROM pending_range WHERE epoch = $1";
static const char SQL_ADD_PENDING[] = "INSERT INTO pending_range SELECT $1, * FROM unnest($2::bigint[], $3::bigint[])";
static const char SQL_ADD_GAPS[] =
    "INSERT INTO gap SELECT $1, * FROM unnest($2::bigint[], $3::bigint[]) ON CONFLICT DO NOTHING";
static const char SQL_ADVANCE[] =
    "UPDATE epoch SET acked = $2, top = $3, head = $4, oldest = $5, seen_at = $6 WHERE n = $1";

/* --- a batch of events --- */

struct boot {
  char id[64];
  int64_t trusted_offset; /* wall clock minus clock since boot, as the next; 0 = unknown */
  int64_t heard_offset;
  int64_t n; /* number of its row */
};

struct batch {
  int64_t booth;
  int64_t generation;
  const struct exchange_request *request;
  struct epoch *epoch;
  struct ingest_result *result;
  bool *stored;             /* for each event of the request: it is in the database already */
  struct ranges new_events; /* seqs of those that are not; the arrays have a row for each */
  struct pg_array seq;
  struct pg_array text;
  struct pg_array type;
  struct pg_array ticket;
  struct pg_array mono;
  struct pg_array wall;
  struct pg_array trusted;
  int16_t *boot_index; /* indices in boots; -1 = unknown */
  struct boot boots[LIMIT_HUB_BOOTS];
  size_t n_boots;
  struct pg_array bad_seq; /* for the quarantine */
  struct pg_array bad_why;
  struct pg_array bad_text;
  struct projection *projection;
};

static void batch_init(struct batch *b)
{
  size_t n = b->request->n_events;
  b->stored = xcalloc(n, sizeof *b->stored);
  b->boot_index = xcalloc(n, sizeof *b->boot_index);
  b->seq.type = b->ticket.type = b->mono.type = b->wall.type = b->bad_seq.type = PG_INT;
  b->text.type = b->type.type = b->bad_why.type = b->bad_text.type = PG_TEXT;
  b->trusted.type = PG_BOOL;
  b->projection = projection_new(b->booth, b->epoch->n);
}

static void batch_done(struct batch *b)
{
  struct pg_array *arrays[] = {&b->seq,  &b->text,    &b->type,    &b->ticket,  &b->mono,
                               &b->wall, &b->trusted, &b->bad_seq, &b->bad_why, &b->bad_text};
  for (size_t i = 0; i < array_len(arrays); i++)
    pg_array_done(arrays[i]);
  ranges_done(&b->new_events);
  projection_free(b->projection);
  free(b->boot_index);
  free(b->stored);
}

static void add_to_quarantine(struct batch *b, int64_t seq, const char *why, const char *text)
{
  pg_add_int(&b->bad_seq, seq);
  pg_add_text(&b->bad_why, why);
  pg_add_text(&b->bad_text, text);
  b->result->quarantined++;
}

/* Finds the events that are stored already, and the first whose stored text differs. */
static int find_stored(struct batch *b, struct pg *db)
{
  const struct exchange_request *q = b->request;
  autoarray struct pg_array seqs = {PG_INT}, texts = {PG_TEXT};
  autorows struct pg_rows *rows = NULL;
  struct pg_args a = {0};
  int64_t seq = q->first_seq;
  if (seq > b->epoch->top)
    return 0;
  for (const struct json *e = json_at(q->events, 0); e; e = json_next(e), seq++) {
    pg_add_int(&seqs, seq);
    pg_add_text(&texts, json_string(e));
  }
  pg_int(&a, b->epoch->n);
  pg_list(&a, &seqs);
  pg_list(&a, &texts);
  int r = pg_query(db, SQL_STORED, &a, &rows);
  if (r < 0)
    return r;
  for (size_t i = 0; i < pg_count(rows); i++) {
    int64_t one = pg_get_int(rows, i, 0);
    b->stored[one - q->first_seq] = true;
    if (!pg_get_true(rows, i, 1) && !b->result->conflict)
      b->result->conflict = one;
  }
  return 0;
}

/* The index in boots of a boot, which is added if it is new; -1: too many. */
static int16_t boot_index(struct batch *b, const char *id)
{
  size_t i = b->n_boots;
  while (i && strcmp(b->boots[i - 1].id, id) != 0)
    i--;
  if (i == 0) {
    if (b->n_boots == LIMIT_HUB_BOOTS)
      return -1;
    i = ++b->n_boots;
    util_copy(b->boots[i - 1].id, sizeof b->boots[i - 1].id, id);
  }
  return (int16_t)(i - 1);
}

static void add_unparsed(struct batch *b)
{
  struct pg_array *arrays[] = {&b->type, &b->ticket, &b->mono, &b->wall, &b->trusted};
  for (size_t i = 0; i < array_len(arrays); i++)
    pg_add_null(arrays[i]);
}

static void add_event(struct batch *b, int64_t seq, const char *text)
{
  struct parsed_event e;
  const char *why = event_parse(text, strlen(text), seq, &e);
  int16_t boot = why ? -1 : boot_index(b, e.boot);
  if (!why && boot < 0)
    why = "its bundle has events of too many boots";
  b->boot_index[b->seq.n] = boot;
  pg_add_int(&b->seq, seq);
  pg_add_text(&b->text, text);
  ranges_add(&b->new_events, seq, seq);
  if (why) {
    add_to_quarantine(b, seq, why, text);
    add_unparsed(b);
    parsed_event_done(&e);
    return;
  }
  if (e.trusted && e.wall_ms)
    b->boots[boot].trusted_offset = e.wall_ms - e.mono_ms;
  pg_add_text(&b->type, e.type);
  pg_add_int_or_null(&b->ticket, e.ticket.id);
  pg_add_int(&b->mono, e.mono_ms);
  pg_add_int(&b->wall, e.wall_ms);
  pg_add_bool(&b->trusted, e.trusted);
  projection_add(b->projection, seq, text, &e);
}

/* Adds the events that are not stored, up to the conflict, which goes to the quarantine. */
static void add_events(struct batch *b)
{
  const struct exchange_request *q = b->request;
  int64_t seq = q->first_seq;
  for (const struct json *e = json_at(q->events, 0); e; e = json_next(e), seq++) {
    if (seq == b->result->conflict) {
      add_to_quarantine(b, seq, "another text is stored", json_string(e));
      break;
    }
    if (b->stored[seq - q->first_seq])
      b->result->duplicates++;
    else
      add_event(b, seq, json_string(e));
  }
  b->result->stored = (uint64_t)b->seq.n;
}

/* Writes the boots and sets boot.n. */
static int write_boots(struct batch *b, struct pg *db)
{
  autoarray struct pg_array id = {PG_TEXT}, trusted = {PG_INT}, heard = {PG_INT};
  autorows struct pg_rows *rows = NULL;
  struct pg_args a = {0};
  if (b->n_boots == 0)
    return 0;
  for (size_t i = 0; i < b->n_boots; i++) {
    pg_add_text(&id, b->boots[i].id);
    pg_add_int_or_null(&trusted, b->boots[i].trusted_offset);
    pg_add_int_or_null(&heard, b->boots[i].heard_offset);
  }
  pg_int(&a, b->booth);
  pg_list(&a, &id);
  pg_list(&a, &trusted);
  pg_list(&a, &heard);
  int r = pg_query(db, SQL_SET_BOOTS, &a, &rows);
  if (r < 0)
    return r;
  for (size_t i = 0; i < pg_count(rows); i++)
    for (size_t k = 0; k < b->n_boots; k++)
      if (strcmp(b->boots[k].id, pg_get(rows, i, 0)) == 0)
        b->boots[k].n = pg_get_int(rows, i, 1);
  return 0;
}

static void add_ranges(const struct ranges *ranges, struct pg_array *first, struct pg_array *last)
{
  for (size_t i = 0; i < ranges->n; i++) {
    pg_add_int(first, ranges->at[i].first);
    pg_add_int(last, ranges->at[i].last);
  }
}

static int write_arrivals(struct batch *b, struct pg *db)
{
  autoarray struct pg_array first = {PG_INT}, last = {PG_INT};
  struct pg_args a = {0};
  add_ranges(&b->new_events, &first, &last);
  pg_int(&a, b->generation);
  pg_int(&a, b->booth);
  pg_int(&a, b->epoch->n);
  pg_list(&a, &first);
  pg_list(&a, &last);
  pg_int(&a, clock_wall_ms());
  return pg_do(db, SQL_ADD_ARRIVALS, &a, NULL);
}

static int write_events(struct batch *b, struct pg *db)
{
  autoarray struct pg_array boot = {PG_INT};
  struct pg_args a = {0};
  if (b->seq.n == 0)
    return 0;
  for (size_t i = 0; i < (size_t)b->seq.n; i++)
    pg_add_int_or_null(&boot, b->boot_index[i] < 0 ? 0 : b->boots[b->boot_index[i]].n);
  pg_int(&a, b->epoch->n);
  pg_list(&a, &b->seq);
  pg_list(&a, &b->text);
  pg_list(&a, &b->type);
  pg_list(&a, &b->ticket);
  pg_list(&a, &boot);
  pg_list(&a, &b->mono);
  pg_list(&a, &b->wall);
  pg_list(&a, &b->trusted);
  int r = pg_do(db, SQL_ADD_EVENTS, &a, NULL);
  return r < 0 ? r : write_arrivals(b, db);
}

static int write_quarantine(struct batch *b, struct pg *db)
{
  struct pg_args a = {0};
  if (b->bad_seq.n == 0)
    return 0;
  pg_int(&a, b->epoch->n);
  pg_list(&a, &b->bad_seq);
  pg_list(&a, &b->bad_why);
  pg_list(&a, &b->bad_text);
  pg_int(&a, clock_wall_ms());
  return pg_do(db, SQL_ADD_QUARANTINE, &a, NULL);
}

static void quarantine_new_events(struct batch *b)
{
  const struct exchange_request *q = b->request;
  int64_t seq = q->first_seq;
  for (const struct json *e = json_at(q->events, 0); e; e = json_next(e), seq++) {
    bool kept = !b->result->conflict || seq < b->result->conflict;
    if (kept && !b->stored[seq - q->first_seq])
      add_to_quarantine(b, seq, "the projection failed", json_string(e));
  }
}

static int write_projection(struct batch *b, struct pg *db)
{
  if (b->seq.n == 0 && json_size(b->request->people) == 0)
    return 0;
  int r = pg_script(db, "SAVEPOINT projection");
  if (r < 0)
    return r;
  r = projection_write(b->projection, db, b->request->people, b->result->conflict != 0);
  if (r == -EPROTO || r == -EEXIST) {
    r = pg_script(db, "ROLLBACK TO projection");
    if (r == 0)
      quarantine_new_events(b);
  }
  return r < 0 ? r : pg_script(db, "RELEASE projection");
}

static int write_batch(struct batch *b, struct pg *db)
{
  int r = find_stored(b, db);
  if (r < 0)
    return r;
  if (b->request->heard_offset)
    b->boots[boot_index(b, b->request->boot)].heard_offset = b->request->heard_offset;
  add_events(b);
  r = write_boots(b, db);
  if (r < 0)
    return r;
  r = write_events(b, db);
  if (r < 0)
    return r;
  r = write_projection(b, db);
  return r < 0 ? r : write_quarantine(b, db);
}

/* --- advancing acked --- */

static int read_pending(struct pg *db, const struct epoch *e, struct ranges *ret)
{
  autorows struct pg_rows *rows = NULL;
  struct pg_args a = {0};
  if (e->top <= e->acked)
    return 0;
  pg_int(&a, e->n);
  int r = pg_query(db, SQL_PENDING, &a, &rows);
  if (r < 0)
    return r;
  for (size_t i = 0; i < pg_count(rows); i++)
    ranges_add(ret, pg_get_int(rows, i, 0), pg_get_int(rows, i, 1));
  return 0;
}

static int write_ranges(struct pg *db, const char *sql, int64_t epoch, const struct ranges *ranges)
{
  autoarray struct pg_array first = {PG_INT}, last = {PG_INT};
  struct pg_args a = {0};
  if (ranges->n == 0)
    return 0;
  add_ranges(ranges, &first, &last);
  pg_int(&a, epoch);
  pg_list(&a, &first);
  pg_list(&a, &last);
  return pg_do(db, sql, &a, NULL);
}

static int write_epoch(struct pg *db, const struct epoch *e)
{
  struct pg_args a = {0};
  pg_int(&a, e->n);
  pg_int(&a, e->acked);
  pg_int(&a, e->top);
  pg_int(&a, e->head);
  pg_int(&a, e->oldest);
  pg_int(&a, clock_wall_ms());
  return pg_do(db, SQL_ADVANCE, &a, NULL);
}

static int advance_epoch(struct pg *db, struct epoch *e, const struct exchange_request *q, struct ranges *pending)
{
  autoranges struct ranges gaps = {0};
  bool had_pending = e->top > e->acked;
  if (pending->n)
    e->top = max(e->top, pending->at[pending->n - 1].last);
  e->oldest = max(e->oldest, q->oldest_seq);
  e->acked = ranges_advance(e->acked, e->oldest, pending, &gaps);
  e->top = max(e->top, e->acked);
  e->head = max(e->head, max(q->head_seq, e->top));
  if (had_pending) {
    struct pg_args a = {0};
    pg_int(&a, e->n);
    int r = pg_do(db, SQL_DELETE_PENDING, &a, NULL);
    if (r < 0)
      return r;
  }
  int r = write_ranges(db, SQL_ADD_PENDING, e->n, pending);
  if (r < 0)
    return r;
  r = write_ranges(db, SQL_ADD_GAPS, e->n, &gaps);
  return r < 0 ? r : write_epoch(db, e);
}

/* --- ingesting --- */

/* False: the batch would be one pending range too many. It is not stored; the booth sends it again. */
static bool has_room(const struct ranges *pending, const struct epoch *e, const struct exchange_request *q)
{
  return pending->n < LIMIT_HUB_PENDING || q->first_seq <= e->acked + 1 ||
         ranges_touch(pending, q->first_seq, q->last_seq);
}

int journal_ingest(struct pg *db, int64_t booth, int64_t generation, const struct exchange_request *q, struct epoch *e,
                   struct ingest_result *ret)
{
  autoranges struct ranges pending = {0};
  *ret = (struct ingest_result){0};
  int r = read_pending(db, e, &pending);
  if (r < 0)
    return r;
  if (has_room(&pending, e, q)) {
    struct batch b = {.booth = booth, .generation = generation, .request = q, .epoch = e, .result = ret};
    batch_init(&b);
    r = write_batch(&b, db);
    for (size_t i = 0; i < b.new_events.n; i++)
      ranges_add(&pending, b.new_events.at[i].first, b.new_events.at[i].last);
    batch_done(&b);
    if (r < 0)
      return r;
  }
  return advance_epoch(db, e, q, &pending);
}
