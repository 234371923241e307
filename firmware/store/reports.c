/* reports.c - without indices: full scans of the ticket table are fine here, a hundred thousand rows take 50 ms, but
 * each command would pay for an index.
 */
#include "store/reports.h"

#include <errno.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/json_write.h"
#include "queue/event_json.h"
#include "store/columns.h"

/* From commands only: their events may have been compacted. */
static const char history_sql[] =
    "WITH RECURSIVE h (id, earlier, kind, actor, wall, undoes) AS ("
    " SELECT c.id, c.earlier, c.kind, c.actor, c.wall, c.undoes FROM ticket t JOIN command c ON c.id = t.last"
    "  WHERE t.id = ?1"
    " UNION ALL SELECT c.id, c.earlier, c.kind, c.actor, c.wall, c.undoes FROM h JOIN command c ON c.id = h.earlier"
    " LIMIT ?2)"
    " SELECT h.id, h.kind, h.wall, h.actor, v.name, h.id IN (SELECT undoes FROM h WHERE undoes IS NOT NULL), u.kind"
    " FROM h LEFT JOIN command u ON u.id = h.undoes LEFT JOIN device v ON v.id = h.actor ORDER BY h.id";

static const char ticket_sql[] = TICKET_SELECT TICKET_FROM "WHERE t.id = ?1";

static const char days_sql[] =
    "SELECT d.id, d.date, d.trusted, n.* FROM (SELECT * FROM day ORDER BY id DESC LIMIT ?1) d LEFT JOIN"
    " (SELECT count(*), sum(state = 2), sum(state = 3), sum(state = 4), sum(state < 2),"
    "  sum(CASE state WHEN 2 THEN party_size ELSE 0 END), day AS of FROM ticket GROUP BY day) n"
    " ON n.of = d.id ORDER BY d.id DESC";

/* With the name of the last actor, and the first call that was not undone. */
static const char day_sql[] = TICKET_SELECT
    ", v.name, f.at" TICKET_FROM
    "LEFT JOIN device v ON v.id = t.actor LEFT JOIN (SELECT ticket, min(wall) AS at FROM command WHERE kind IN (?2, ?3)"
    " AND id NOT IN (SELECT undoes FROM command WHERE undoes IS NOT NULL) GROUP BY ticket) f ON f.ticket = t.id"
    " WHERE t.day IN (SELECT id FROM day WHERE date = ?1) ORDER BY t.id LIMIT ?4";

/* --- one ticket --- */

/* The type of the event that the command wrote; an undone issue is a cancellation. */
static const char *history_type(sqlite3_stmt *q)
{
  const int kind = sqlite3_column_int(q, 1);
  const bool unissued = sqlite3_column_type(q, 6) != SQLITE_NULL && sqlite3_column_int(q, 6) == CMD_ISSUE;
  return event_names[unissued ? EVENT_CANCELLED : command_specs[(unsigned)kind % CMD_KINDS].event];
}

static void history_item_json(sqlite3_stmt *q, struct buf *b)
{
  char actor[24];
  actor_text(actor, sqlite3_column_int(q, 3));
  json_open(b, NULL, '{');
  json_int(b, "seq", EVENT_SEQ(sqlite3_column_int64(q, 0)));
  json_str(b, "type", history_type(q));
  json_time(b, "at", sqlite3_column_int64(q, 2));
  json_str(b, "actor", actor);
  json_str(b, "by", (const char *)sqlite3_column_text(q, 4));
  json_bool(b, "undone", sqlite3_column_int(q, 5));
  json_close(b, '}');
}

static int load_ticket(sqlite3 *db, int64_t id, struct ticket *ret)
{
  cleanup(sql_finalize) sqlite3_stmt *q = NULL;
  int r = sql_prepare(db, ticket_sql, &q);
  if (r < 0)
    return r;
  sqlite3_bind_int64(q, 1, id);
  r = sql_step(q);
  if (r <= 0)
    return r < 0 ? r : REFUSE_NOT_FOUND;
  columns_read_ticket(q, ret);
  return 0;
}

static int history_json(sqlite3 *db, int64_t id, struct buf *b)
{
  cleanup(sql_finalize) sqlite3_stmt *q = NULL;
  int r = sql_prepare_args(db, history_sql, SQL_ARGUMENTS(id, LIMIT_HISTORY), &q);
  if (r < 0)
    return r;
  json_open(b, NULL, '[');
  while ((r = sql_step(q)) > 0)
    history_item_json(q, b);
  json_close(b, ']');
  return r;
}

int report_ticket(const char *state_dir, int64_t id, struct ticket *ret, struct buf *history)
{
  cleanup(sql_close) sqlite3 *db = NULL;
  struct ticket t;
  int r = sql_open_reader(state_dir, &db);
  if (r == 0)
    r = load_ticket(db, id, &t);
  if (r)
    return r;
  r = history_json(db, id, history);
  if (r < 0)
    person_unref(t.person);
  else
    *ret = t;
  return r;
}

/* --- totals --- */

enum total { TOTAL_ISSUED, TOTAL_SEATED, TOTAL_NO_SHOW, TOTAL_CANCELLED, TOTAL_ACTIVE, TOTAL_GUESTS, TOTALS };

static void totals_json(struct buf *b, const int64_t totals[TOTALS])
{
  static const char *const names[TOTALS] = {"issued", "seated", "no_show", "cancelled", "active", "guests"};
  for (size_t i = 0; i < TOTALS; i++)
    json_int(b, names[i], totals[i]);
}

int report_days(const char *state_dir, struct buf *b)
{
  cleanup(sql_close) sqlite3 *db = NULL;
  cleanup(sql_finalize) sqlite3_stmt *q = NULL;
  int64_t totals[TOTALS];
  int r = sql_open_reader(state_dir, &db);
  if (r == 0)
    r = sql_prepare_args(db, days_sql, SQL_ARGUMENTS(LIMIT_DAYS), &q);
  if (r < 0)
    return r;
  json_open(b, NULL, '{');
  json_open(b, "days", '[');
  while ((r = sql_step(q)) > 0) {
    for (int i = 0; i < TOTALS; i++)
      totals[i] = sqlite3_column_int64(q, 3 + i);
    json_open(b, NULL, '{');
    json_int(b, "id", sqlite3_column_int64(q, 0));
    json_date(b, "date", sqlite3_column_int(q, 1));
    json_bool(b, "trusted", sqlite3_column_int(q, 2));
    totals_json(b, totals);
    json_close(b, '}');
  }
  json_close(b, ']');
  json_close(b, '}');
  return r;
}

/* --- one day --- */

struct guest {
  struct ticket ticket;
  char *by;
  int64_t first_call; /* wall_ms; 0 = never called */
};

struct guests {
  struct guest *at;
  size_t n;
  size_t size;
};

static void guests_done(struct guests *g)
{
  for (size_t i = 0; i < g->n; i++) {
    person_unref(g->at[i].ticket.person);
    free(g->at[i].by);
  }
  free(g->at);
}

/* Days of the same date are one: a day that was started by hand continues the evening. */
static void add_guest(struct guests *g, sqlite3_stmt *q)
{
  if (g->n == g->size) {
    g->size = max(g->size * 2, (size_t)64);
    g->at = xrealloc(g->at, g->size * sizeof *g->at);
  }
  const char *by = (const char *)sqlite3_column_text(q, TICKET_SELECTED);
  struct guest *one = &g->at[g->n++];
  columns_read_ticket(q, &one->ticket);
  one->by = by ? xstrdup(by) : NULL;
  one->first_call = sqlite3_column_int64(q, TICKET_SELECTED + 1);
}

static int load_day(const char *state_dir, int32_t date, struct guests *g)
{
  cleanup(sql_close) sqlite3 *db = NULL;
  cleanup(sql_finalize) sqlite3_stmt *day = NULL, *q = NULL;
  int r = sql_open_reader(state_dir, &db);
  if (r == 0)
    r = sql_prepare_args(db, "SELECT 1 FROM day WHERE date = ?1", SQL_ARGUMENTS(date), &day);
  if (r == 0)
    r = sql_step(day);
  if (r <= 0)
    return r < 0 ? r : REFUSE_NOT_FOUND;
  r = sql_prepare_args(db, day_sql, SQL_ARGUMENTS(date, CMD_CALL, CMD_CALL_NEXT, LIMIT_DAY_TICKETS), &q);
  if (r < 0)
    return r;
  while ((r = sql_step(q)) > 0)
    add_guest(g, q);
  return r;
}

static int64_t wait_s(const struct guest *g)
{
  return max(g->first_call - g->ticket.issued_at, 0) / 1000; /* the clock may have stepped in between */
}

static int compare_waits(const void *a, const void *b)
{
  const int64_t *x = a, *y = b;
  return (*x > *y) - (*x < *y);
}

static void waits_json(struct buf *b, const struct guests *g)
{
  autofree int64_t *waits = xcalloc(g->n, sizeof *waits);
  size_t n = 0;
  int64_t sum = 0;
  for (size_t i = 0; i < g->n; i++)
    if (g->at[i].first_call)
      sum += waits[n++] = wait_s(&g->at[i]);
  if (!n) {
    json_null(b, "wait_s");
    return;
  }
  qsort(waits, n, sizeof *waits, compare_waits);
  json_open(b, "wait_s", '{');
  json_int(b, "median", (waits[(n - 1) / 2] + waits[n / 2]) / 2);
  json_int(b, "p90", waits[(n * 9 + 9) / 10 - 1]);
  json_int(b, "mean", (sum + (int64_t)n / 2) / (int64_t)n);
  json_close(b, '}');
}

static void count_totals(const struct guests *g, int64_t totals[TOTALS])
{
  static const enum total by_state[TICKET_STATES] = {
      [TICKET_WAITING] = TOTAL_ACTIVE,  [TICKET_CALLED] = TOTAL_ACTIVE,       [TICKET_SEATED] = TOTAL_SEATED,
      [TICKET_NO_SHOW] = TOTAL_NO_SHOW, [TICKET_CANCELLED] = TOTAL_CANCELLED,
  };
  for (size_t i = 0; i < g->n; i++) {
    const struct ticket *t = &g->at[i].ticket;
    totals[TOTAL_ISSUED]++;
    totals[by_state[t->state % TICKET_STATES]]++;
    totals[TOTAL_GUESTS] += t->state == TICKET_SEATED ? t->party_size : 0;
  }
}

/* Local hours in the order of the day: 00 follows 23. */
static void hours_json(struct buf *b, const struct guests *g)
{
  static const char *const names[] = {"issued", "called", "seated"};
  int64_t counts[24][array_len(names)] = {0};
  int first = g->n ? clock_local_hour(g->at[0].ticket.issued_at) : 0;
  for (size_t i = 0; i < g->n; i++) {
    const struct ticket *t = &g->at[i].ticket;
    const int64_t at[] = {t->issued_at, g->at[i].first_call, t->state == TICKET_SEATED ? t->closed_at : 0};
    for (size_t k = 0; k < array_len(at); k++)
      if (at[k])
        counts[clock_local_hour(at[k])][k]++;
  }
  json_open(b, "hours", '[');
  for (int i = 0; i < 24; i++) {
    int hour = (first + i) % 24;
    char text[12];
    if (!counts[hour][0] && !counts[hour][1] && !counts[hour][2])
      continue;
    snprintf(text, sizeof text, "%02d", hour);
    json_open(b, NULL, '{');
    json_str(b, "hour", text);
    for (size_t k = 0; k < array_len(names); k++)
      json_int(b, names[k], counts[hour][k]);
    json_close(b, '}');
  }
  json_close(b, ']');
}

int report_day(const char *state_dir, int32_t date, struct buf *b)
{
  cleanup(guests_done) struct guests g = {0};
  int64_t totals[TOTALS] = {0};
  int r = load_day(state_dir, date, &g);
  if (r)
    return r;
  count_totals(&g, totals);
  int64_t due = totals[TOTAL_SEATED] + totals[TOTAL_NO_SHOW];
  json_open(b, NULL, '{');
  json_date(b, "date", date);
  json_open(b, "totals", '{');
  totals_json(b, totals);
  json_close(b, '}');
  waits_json(b, &g);
  if (due)
    json_num(b, "no_show_rate", (double)totals[TOTAL_NO_SHOW] / (double)due);
  else
    json_null(b, "no_show_rate");
  hours_json(b, &g);
  json_open(b, "tickets", '[');
  for (size_t i = 0; i < g.n; i++)
    ticket_json(b, NULL, &g.at[i].ticket, TICKET_STAFF, &(struct ticket_context){.by = g.at[i].by});
  json_close(b, ']');
  json_close(b, '}');
  return 0;
}

/* --- one day as CSV --- */

/* A cell that a spreadsheet would take for a formula gets an apostrophe. */
static void csv_cell(struct buf *b, const char *text, char end)
{
  bool quoted = strpbrk(text, ",\"\r\n");
  if (quoted)
    buf_str(b, "\"");
  if (*text && strchr("=+-@\t\r", *text))
    buf_str(b, "'");
  for (; *text; text++)
    buf_add(b, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1);
  if (quoted)
    buf_str(b, "\"");
  buf_add(b, &end, 1);
}

static void csv_int(struct buf *b, int64_t v)
{
  buf_fmt(b, "%lld,", (long long)v);
}

static void csv_time(struct buf *b, int64_t wall_ms)
{
  char text[20] = "";
  if (wall_ms)
    clock_local_text(text, wall_ms);
  csv_cell(b, text, ',');
}

static void csv_row(struct buf *b, const struct guest *g)
{
  const struct ticket *t = &g->ticket;
  const struct person *p = t->person;
  const char *const person[] = {p ? p->name : NULL, p ? p->phone : NULL, p ? p->note : NULL};
  csv_cell(b, t->label, ',');
  csv_cell(b, t->line, ',');
  csv_cell(b, ticket_state_names[t->state % TICKET_STATES], ',');
  csv_int(b, t->party_size);
  for (size_t i = 0; i < array_len(person); i++)
    csv_cell(b, person[i] ? person[i] : "", ',');
  csv_cell(b, source_names[t->source], ',');
  csv_int(b, t->calls);
  csv_time(b, t->issued_at);
  csv_time(b, t->called_at);
  csv_time(b, t->closed_at);
  if (g->first_call)
    buf_fmt(b, "%lld", (long long)wait_s(g));
  buf_str(b, "\r\n");
}

int report_csv(const char *state_dir, int32_t date, struct buf *b)
{
  cleanup(guests_done) struct guests g = {0};
  int r = load_day(state_dir, date, &g);
  if (r)
    return r;
  buf_str(b, "\xef\xbb\xbf"
             "number,line,state,party_size,name,phone,note,source,calls,issued_at,called_at,closed_at,wait_s\r\n");
  for (size_t i = 0; i < g.n; i++)
    csv_row(b, &g.at[i]);
  return 0;
}

/* --- the last event --- */

int report_last_event(const char *state_dir, int64_t *ret)
{
  cleanup(sql_close) sqlite3 *db = NULL;
  int r = sql_open_reader(state_dir, &db);
  return r < 0 ? r : sql_int(db, "SELECT max(id) FROM event", ret);
}
