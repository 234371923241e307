/* handle_booths.c - the booths and their queues, as their events show. The scope `read` shows no personal data; a key
 * that has `guests` too sees names and phone numbers.
 */
#include "base/clock.h"
#include "base/json_write.h"
#include "hub/api/handlers.h"
#include "hub/api/job.h"
#include "hub/api/params.h"
#include "hub/db/rows_json.h"
#include "hub/model/estimates.h"
#include "hub/model/ticket_json.h"

static const char SQL_BOOTHS[] =
    "SELECT encode(b.id, 'hex'), b.name, CASE WHEN k.states IS NULL THEN 'not_enrolled' "
    "WHEN NOT 'active' = ANY (k.states) THEN 'revoked' WHEN coalesce(b.seen_at, 0) < $1 THEN 'silent' "
    "WHEN l.lag > 0 THEN 'behind' ELSE 'ok' END, b.version, "
    "(SELECT count(*) FROM queue q WHERE q.booth = b.n AND q.state = 'waiting'), "
    "(SELECT count(*) FROM queue q WHERE q.booth = b.n AND q.state = 'called'), l.lag, "
    "CASE WHEN b.generation = h.generation THEN b.inbox_head - b.inbox_acked ELSE "
    "(SELECT count(*) FROM inbox i WHERE i.booth = b.n AND i.acked_at IS NULL) END, b.seen_at, b.direct_at, b.made_at, "
    "b.intake ->> 'state', b.intake ->> 'resume_at' FROM hub h, booth b "
    "LEFT JOIN LATERAL (SELECT array_agg(state) AS states FROM booth_key WHERE booth = b.n) k ON true "
    "CROSS JOIN LATERAL (SELECT coalesce(sum(greatest(e.head - e.acked, 0)), 0) AS lag FROM epoch e "
    "WHERE e.booth = b.n) l ORDER BY b.name, b.n";
static const char SQL_BOOTH[] =
    "SELECT b.n, encode(b.id, 'hex'), b.name, encode(e.id, 'hex'), b.seen_at, b.intake ->> 'state', "
    "b.intake ->> 'resume_at', (SELECT d.date FROM day d WHERE d.life = life(b.epoch) ORDER BY d.id DESC LIMIT 1) "
    "FROM booth b LEFT JOIN epoch e ON e.n = b.epoch WHERE b.id = $1";
static const char SQL_LINES[] =
    "WITH named AS (SELECT x.e ->> 'id' AS id, x.e ->> 'name' AS name, x.o FROM booth b, jsonb_array_elements("
    "CASE jsonb_typeof(b.settings -> 'lines') WHEN 'array' THEN b.settings -> 'lines' ELSE '[]' END) "
    "WITH ORDINALITY AS x (e, o) WHERE b.n = $1), "
    "counted AS (SELECT line AS id, count(*) FILTER (WHERE state = 'waiting') AS waiting, "
    "count(*) FILTER (WHERE state = 'called') AS called FROM queue WHERE booth = $1 GROUP BY line) "
    "SELECT id, named.name, coalesce(waiting, 0), coalesce(called, 0) FROM named FULL JOIN counted USING (id) "
    "WHERE id IS NOT NULL ORDER BY named.o, id";
static const char SQL_TICKETS[] =
    "SELECT t.source, CASE t.state WHEN 'waiting' THEN row_number() OVER (PARTITION BY t.line, t.state "
    "ORDER BY t.rank, t.id) END, g.ref, p.name, p.phone, p.note, " TICKET_JSON_COLUMNS " FROM queue t "
    "JOIN epoch o ON o.n = t.origin "
    "LEFT JOIN ticket_issue s ON (s.booth, s.origin, s.id) = (t.booth, t.origin, t.id) "
    "LEFT JOIN guest g ON g.booth = s.booth AND g.item = s.remote "
    "LEFT JOIN person p ON (p.booth, p.origin, p.ticket) = (t.booth, t.origin, t.id) "
    "WHERE t.booth = $1 ORDER BY t.state, CASE t.state WHEN 'called' THEN t.called_at END, t.line, t.rank, t.id";

static void intake_json(struct buf *b, const struct pg_rows *rows, size_t row, int column)
{
  if (pg_is_null(rows, row, column)) {
    json_null(b, "intake");
    return;
  }
  json_open(b, "intake", '{');
  json_str(b, "state", pg_get(rows, row, column));
  rows_json_text(b, "resume_at", rows, row, column + 1);
  json_close(b, '}');
}

/* --- GET /booths --- */

static int run_booths(struct job *j, struct pg *db)
{
  autorows struct pg_rows *rows = NULL;
  autobuf struct buf b = {0};
  struct pg_args a = {0};
  pg_int(&a, clock_wall_ms() - LIMIT_HUB_SILENT_S * INT64_C(1000));
  int r = pg_query(db, SQL_BOOTHS, &a, &rows);
  if (r < 0)
    return r;
  json_open(&b, NULL, '{');
  json_open(&b, "booths", '[');
  for (size_t i = 0; i < pg_count(rows); i++) {
    json_open(&b, NULL, '{');
    json_str(&b, "id", pg_get(rows, i, 0));
    json_str(&b, "name", pg_get(rows, i, 1));
    json_str(&b, "state", pg_get(rows, i, 2));
    rows_json_text(&b, "version", rows, i, 3);
    json_int(&b, "waiting", pg_get_int(rows, i, 4));
    json_int(&b, "called", pg_get_int(rows, i, 5));
    intake_json(&b, rows, i, 11);
    json_int(&b, "lag_events", pg_get_int(rows, i, 6));
    json_int(&b, "requests", pg_get_int(rows, i, 7));
    json_time(&b, "seen_at", pg_get_int(rows, i, 8));
    json_time(&b, "direct_at", pg_get_int(rows, i, 9));
    json_time(&b, "made_at", pg_get_int(rows, i, 10));
    json_close(&b, '}');
  }
  json_close(&b, ']');
  json_close(&b, '}');
  answer_json(j, 200, &b);
  return 0;
}

void api_booths_get(struct http_request *r)
{
  job_submit(r, job_new(sizeof(struct job), run_booths, NULL));
}

/* --- GET /booths/{id}/queue --- */

struct queue_job {
  struct job job;
  uint8_t booth[16];
};

static int lines_json(struct buf *b, struct pg *db, int64_t booth)
{
  autorows struct pg_rows *rows = NULL;
  struct pg_args a = {0};
  struct estimates estimates;
  pg_int(&a, booth);
  int r = pg_query(db, SQL_LINES, &a, &rows);
  if (r == 0)
    r = estimates_read(db, booth, &estimates);
  if (r < 0)
    return r;
  json_open(b, "lines", '[');
  for (size_t i = 0; i < pg_count(rows); i++) {
    int64_t waiting = pg_get_int(rows, i, 2);
    json_open(b, NULL, '{');
    json_str(b, "id", pg_get(rows, i, 0));
    rows_json_text(b, "name", rows, i, 1);
    json_int(b, "waiting", waiting);
    json_int(b, "called", pg_get_int(rows, i, 3));
    estimates_json(b, &estimates, pg_get(rows, i, 0), waiting, waiting);
    json_close(b, '}');
  }
  json_close(b, ']');
  return 0;
}

static void person_json(struct buf *b, const struct pg_rows *rows, size_t row, int column)
{
  json_open(b, "person", '{');
  rows_json_text(b, "name", rows, row, column);
  rows_json_text(b, "phone", rows, row, column + 1);
  rows_json_text(b, "note", rows, row, column + 2);
  json_close(b, '}');
}

static int tickets_json(struct buf *b, struct pg *db, int64_t booth, bool people)
{
  autorows struct pg_rows *rows = NULL;
  struct pg_args a = {0};
  pg_int(&a, booth);
  int r = pg_query(db, SQL_TICKETS, &a, &rows);
  if (r < 0)
    return r;
  json_open(b, "tickets", '[');
  for (size_t i = 0; i < pg_count(rows); i++) {
    json_open(b, NULL, '{');
    ticket_json(b, rows, i, 6);
    json_str(b, "source", pg_get(rows, i, 0));
    rows_json_int(b, "position", rows, i, 1);
    rows_json_text(b, "guest", rows, i, 2);
    if (people)
      person_json(b, rows, i, 3);
    json_close(b, '}');
  }
  json_close(b, ']');
  return 0;
}

static int queue_json(struct buf *b, struct pg *db, const struct pg_rows *booth, bool people)
{
  int64_t n = pg_get_int(booth, 0, 0);
  json_open(b, NULL, '{');
  json_open(b, "booth", '{');
  json_str(b, "id", pg_get(booth, 0, 1));
  json_str(b, "name", pg_get(booth, 0, 2));
  rows_json_text(b, "epoch", booth, 0, 3);
  json_close(b, '}');
  json_time(b, "seen_at", pg_get_int(booth, 0, 4));
  rows_json_text(b, "day", booth, 0, 7);
  intake_json(b, booth, 0, 5);
  int r = lines_json(b, db, n);
  if (r == 0)
    r = tickets_json(b, db, n, people);
  json_close(b, '}');
  return r;
}

/* One transaction with one snapshot, so that counts and tickets agree. */
static int run_queue(struct job *j, struct pg *db)
{
  autorows struct pg_rows *booth = NULL;
  autobuf struct buf b = {0};
  struct pg_args a = {0};
  int r = pg_script(db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  if (r < 0)
    return r;
  pg_bytes(&a, ((struct queue_job *)j)->booth, 16);
  r = pg_query(db, SQL_BOOTH, &a, &booth);
  if (r < 0)
    return r;
  if (pg_count(booth) == 0) {
    answer_problem(j, PROBLEM_NO_BOOTH);
    return 0;
  }
  r = queue_json(&b, db, booth, j->auth.scopes & SCOPE_GUESTS);
  if (r == 0)
    answer_json(j, 200, &b);
  return r;
}

void api_booth_queue_get(struct http_request *r)
{
  struct queue_job *q = job_new(sizeof *q, run_queue, NULL);
  if (params_id(r, q->booth, PROBLEM_NO_BOOTH))
    job_submit(r, &q->job);
  else
    job_free(&q->job);
}
