/* handle_events.c - all booths' events, page by page, for clients that keep a copy.
 *
 * They are ordered by arrival.(generation, xid, n), then by seq. A transaction that began early may commit late, so a
 * page ends before the oldest transaction that is still open (pg_snapshot_xmin): nothing is ever added behind a cursor.
 * A cursor names the last event that its reader has; it stays valid when that event is gone.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/json_write.h"
#include "http/request.h"
#include "hub/api/handlers.h"
#include "hub/api/job.h"
#include "hub/api/params.h"

#define PAGE_DEFAULT 200

struct cursor {
  int64_t generation;
  int64_t xid;
  int64_t n;
  int64_t seq;
};

struct page_job {
  struct job job;
  struct cursor after;
  int64_t limit;
};

/* The limit is one row more than the page, which shows whether there are more. */
static const char SQL_PAGE[] =
    "SELECT a.generation, a.xid, a.n, e.seq, encode(b.id, 'hex'), encode(p.id, 'hex'), t.at_ms, t.known, "
    "a.received_at, e.type IS NOT NULL, e.text FROM hub h, arrival a JOIN event e ON e.epoch = a.epoch "
    "AND e.seq BETWEEN a.first_seq AND a.last_seq JOIN event_time t ON (t.epoch, t.seq) = (e.epoch, e.seq) "
    "JOIN booth b ON b.n = a.booth JOIN epoch p ON p.n = a.epoch "
    "WHERE (a.generation, a.xid, a.n) >= ($1, $2::text::xid8, $3) "
    "AND ((a.generation, a.xid, a.n) > ($1, $2::text::xid8, $3) OR e.seq > $4) "
    "AND (a.generation < h.generation OR a.xid < pg_snapshot_xmin(pg_current_snapshot())) "
    "ORDER BY a.generation, a.xid, a.n, e.seq LIMIT $5";

static void event_json(struct buf *b, const struct pg_rows *rows, size_t i)
{
  bool understood = pg_get_true(rows, i, 9);
  json_open(b, NULL, '{');
  json_str(b, "booth", pg_get(rows, i, 4));
  json_str(b, "epoch", pg_get(rows, i, 5));
  json_int(b, "seq", pg_get_int(rows, i, 3));
  json_time(b, "at", pg_get_int(rows, i, 6));
  json_bool(b, "at_known", pg_get_true(rows, i, 7));
  json_time(b, "received_at", pg_get_int(rows, i, 8));
  json_raw(b, "event", understood ? pg_get(rows, i, 10) : "null");
  json_str(b, "text", understood ? NULL : pg_get(rows, i, 10));
  json_close(b, '}');
}

static void cursor_json(struct buf *b, const struct cursor *p)
{
  char text[96];
  snprintf(text, sizeof text, "%" PRId64 "-%" PRId64 "-%" PRId64 "-%" PRId64, p->generation, p->xid, p->n, p->seq);
  json_str(b, "next", text);
}

static int run_page(struct job *j, struct pg *db)
{
  struct page_job *q = (struct page_job *)j;
  autorows struct pg_rows *rows = NULL;
  autobuf struct buf b = {0};
  struct pg_args a = {0};
  struct cursor next = q->after;
  char xid[24];
  snprintf(xid, sizeof xid, "%" PRId64, q->after.xid);
  pg_int(&a, q->after.generation);
  pg_text(&a, xid);
  pg_int(&a, q->after.n);
  pg_int(&a, q->after.seq);
  pg_int(&a, q->limit + 1);
  int r = pg_query(db, SQL_PAGE, &a, &rows);
  if (r < 0)
    return r;
  size_t n = min(pg_count(rows), (size_t)q->limit);
  json_open(&b, NULL, '{');
  json_open(&b, "events", '[');
  for (size_t i = 0; i < n; i++)
    event_json(&b, rows, i);
  json_close(&b, ']');
  if (n)
    next = (struct cursor){pg_get_int(rows, n - 1, 0), pg_get_int(rows, n - 1, 1), pg_get_int(rows, n - 1, 2),
                           pg_get_int(rows, n - 1, 3)};
  cursor_json(&b, &next);
  json_bool(&b, "more", pg_count(rows) > n);
  json_close(&b, '}');
  answer_json(j, 200, &b);
  return 0;
}

/* "generation-xid-n-seq", as cursor_json() writes it. */
static bool parse_cursor(const char *text, struct cursor *ret)
{
  int64_t *const parts[] = {&ret->generation, &ret->xid, &ret->n, &ret->seq};
  autofree char *copy = xstrdup(text);
  char *rest = copy;
  for (size_t i = 0; i < array_len(parts); i++) {
    const char *word = strsep(&rest, "-");
    if (!word || util_parse_i64(word, 0, INT64_MAX, parts[i]) < 0)
      return false;
  }
  return !rest;
}

static bool read_after(struct http_request *r, struct cursor *ret)
{
  const char *after = http_query(r, "after");
  if (!after || parse_cursor(after, ret))
    return true;
  problem_send(r, PROBLEM_BAD_CURSOR);
  return false;
}

void api_events_get(struct http_request *r)
{
  static const char *const names[] = {"after", "limit", NULL};
  struct page_job *q = job_new(sizeof *q, run_page, NULL);
  q->limit = PAGE_DEFAULT;
  if (params_check_names(r, names) && read_after(r, &q->after) &&
      params_number(r, "limit", 1, LIMIT_HUB_EVENTS, &q->limit))
    job_submit(r, &q->job);
  else
    job_free(&q->job);
}
