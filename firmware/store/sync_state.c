/* sync_state.c - cursors, the inbox, erasing and compacting. These statements are prepared on use, so that they do not
 * delay a start.
 *
 * Erasing removes personal data from the tables (secure_delete overwrites it), from the before-images of edits, and
 * from the WAL. Compacting deletes events, and clears the columns of commands that only a repeat or an undo needs: the
 * rows stay for the tickets' histories and the reports.
 */
#include "store/sync_state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "store/internal.h"

static int run_args(struct store *s, const char *statement, const int64_t *arguments, size_t n)
{
  cleanup(sql_finalize) sqlite3_stmt *q = NULL;
  int r = store_result(s, sql_prepare_args(s->db, statement, arguments, n, &q));
  return r < 0 ? r : store_result(s, sql_run(q));
}

/* The integers of the first row; *ret_found false = there is none. */
static int query_row(struct store *s, const char *statement, const int64_t *arguments, size_t n, int64_t *to,
                     size_t columns, bool *ret_found)
{
  cleanup(sql_finalize) sqlite3_stmt *q = NULL;
  int r = store_result(s, sql_prepare_args(s->db, statement, arguments, n, &q));
  if (r < 0)
    return r;
  r = store_result(s, sql_step(q));
  if (r < 0)
    return r;
  for (size_t i = 0; i < columns; i++)
    to[i] = r ? sqlite3_column_int64(q, (int)i) : 0;
  *ret_found = r;
  return 0;
}

/* --- the hub --- */

int store_inbox(struct store *s, struct inbox_position *ret)
{
  autofree char *text = NULL;
  struct inbox_position i = {0};
  int r = store_get_meta(s, "inbox", &text);
  if (r < 0)
    return r;
  char *space = text ? strchr(text, ' ') : NULL;
  if (space) {
    *space = '\0';
    if (util_parse_i64(text, 0, INT64_MAX, &i.generation) < 0 || util_parse_i64(space + 1, 0, INT64_MAX, &i.n) < 0)
      return -EUCLEAN;
  }
  *ret = i;
  return 0;
}

int store_set_inbox(struct store *s, int64_t generation, int64_t n)
{
  char text[48];
  snprintf(text, sizeof text, "%" PRId64 " %" PRId64, generation, n);
  return store_set_meta(s, "inbox", text);
}

/* An epoch ends at its successor's parent_event. */
static const char cursor_sql[] = "SELECT e.generation, e.acked, n.parent_event FROM epoch e"
                                 " LEFT JOIN epoch n ON n.ordinal = e.ordinal + 1 WHERE e.ordinal = ?1";

int store_set_cursor(struct store *s, const struct cursor *c, bool *ret_wrote)
{
  struct inbox_position known;
  int64_t row[3];
  bool found;
  *ret_wrote = false;
  int r = store_inbox(s, &known);
  if (r == 0)
    r = query_row(s, cursor_sql, SQL_ARGUMENTS(c->ordinal), row, array_len(row), &found);
  if (r < 0)
    return r;
  if (!found)
    return REFUSE_NOT_FOUND;
  const int64_t generation = row[0], acked = row[1];
  const int64_t head = EVENT_SEQ(c->ordinal == s->identity.epoch_ordinal ? s->identity.last_event : row[2]);
  if (c->generation < 1 || c->acked < 0 || c->acked > head)
    return REFUSE_INVALID;
  if (c->generation < known.generation)
    return REFUSE_STALE;
  if (c->generation == generation && c->acked <= acked)
    return REFUSE_NONE;
  if (c->generation > known.generation)
    r = store_set_inbox(s, c->generation, 0);
  if (r < 0)
    return r;
  *ret_wrote = true;
  return run_args(s, "UPDATE epoch SET generation = ?2, acked = ?3 WHERE ordinal = ?1",
                  SQL_ARGUMENTS(c->ordinal, c->generation, c->acked));
}

int store_sync_reset(struct store *s)
{
  int r = run_args(s, "UPDATE epoch SET generation = 0, acked = 0, closed = 0", NULL, 0);
  return r < 0 ? r : run_args(s, "DELETE FROM meta WHERE k = 'inbox'", NULL, 0);
}

int store_find_epoch(struct store *s, const uint8_t id[16], int64_t *ret_ordinal)
{
  cleanup(sql_finalize) sqlite3_stmt *q = NULL;
  int r = store_result(s, sql_prepare_args(s->db, "SELECT ordinal FROM epoch WHERE id = ?1", NULL, 0, &q));
  if (r < 0)
    return r;
  sqlite3_bind_blob(q, 1, id, 16, SQLITE_STATIC);
  r = store_result(s, sql_step(q));
  if (r > 0)
    *ret_ordinal = sqlite3_column_int64(q, 0);
  if (r < 0)
    return r;
  return r ? 0 : REFUSE_NOT_FOUND;
}

int store_close_epoch(struct store *s, int64_t ordinal, int64_t closed_seq)
{
  return run_args(s, "UPDATE epoch SET closed = ?2 WHERE ordinal = ?1 AND (closed = 0 OR closed > ?2)",
                  SQL_ARGUMENTS(ordinal, closed_seq));
}

int store_set_maintenance_report(struct store *s, const char *report)
{
  return store_set_meta(s, "nightly", report);
}

int store_machine_id(struct store *s, char ret[static LIMIT_HEX_ID])
{
  autofree char *text = NULL;
  int r = store_get_meta(s, "board", &text);
  *ret = '\0';
  if (r == 0 && text)
    util_copy(ret, LIMIT_HEX_ID, text);
  return r;
}

int store_set_machine_id(struct store *s, const char *hash)
{
  return store_set_meta(s, "board", hash);
}

/* --- erasing --- */

/* A day with an untrusted date ended before any later day with a trusted one. */
int store_days_before(struct store *s, int32_t date, int32_t *ret_day)
{
  int64_t day;
  bool found;
  int r =
      query_row(s, "SELECT ifnull(max(id), 0) FROM day WHERE trusted AND date < ?1 AND id < (SELECT max(id) FROM day)",
                SQL_ARGUMENTS(date), &day, 1, &found);
  if (r == 0)
    *ret_day = (int32_t)day;
  return r;
}

/* Day ids rise with ticket ids: tickets of later days are not read. */
static const char erasable_sql[] =
    "SELECT t.id, t.day, d.date FROM person p JOIN ticket t ON t.id = p.ticket JOIN day d ON d.id = t.day"
    " WHERE p.ticket < (SELECT min(first_ticket) FROM day WHERE id > min(?1, (SELECT max(id) - 1 FROM day)))"
    " AND t.state > 1 AND t.day <= ?1 AND t.day < (SELECT max(id) FROM day) ORDER BY p.ticket LIMIT ?2";

/* false: no room. */
static bool batch_add_day(struct erased_days *days, int32_t id, int32_t date)
{
  size_t i = 0;
  while (i < days->n && days->days[i].id != id)
    i++;
  if (i == array_len(days->days))
    return false;
  days->days[i].id = id;
  days->days[i].date = date;
  days->n = max(days->n, i + 1);
  return true;
}

int store_find_erasure_batch(struct store *s, int32_t through_day, struct erasure_batch *ret)
{
  cleanup(sql_finalize) sqlite3_stmt *q = NULL;
  int r = store_result(s, sql_prepare_args(s->db, erasable_sql, SQL_ARGUMENTS(through_day, LIMIT_ERASE + 1), &q));
  *ret = (struct erasure_batch){0};
  if (r < 0)
    return r;
  while (!ret->more && (r = sql_step(q)) > 0) {
    ret->more = ret->n == array_len(ret->tickets) ||
                !batch_add_day(&ret->days, sqlite3_column_int(q, 1), sqlite3_column_int(q, 2));
    if (!ret->more)
      ret->tickets[ret->n++] = sqlite3_column_int64(q, 0);
  }
  return store_result(s, min(r, 0));
}

/* An edit whose before-image is erased cannot be undone any more. FIELD_PERSON is 128. */
static const char *const erase_sql[] = {
    "DELETE FROM person WHERE ticket = ?1",
    "WITH RECURSIVE h (id, earlier) AS ("
    " SELECT c.id, c.earlier FROM ticket t JOIN command c ON c.id = t.last WHERE t.id = ?1"
    " UNION ALL SELECT c.id, c.earlier FROM h JOIN command c ON c.id = h.earlier)"
    " UPDATE command SET before = NULL, class = NULL WHERE id IN (SELECT id FROM h) AND fields & 128",
};
_Static_assert(FIELD_PERSON == 128, "erase_sql has it as a number");

int store_erase(struct store *s, const struct erasure_batch *e)
{
  for (size_t k = 0; k < array_len(erase_sql); k++) {
    cleanup(sql_finalize) sqlite3_stmt *q = NULL;
    int r = store_result(s, sql_prepare_args(s->db, erase_sql[k], NULL, 0, &q));
    for (size_t i = 0; r == 0 && i < e->n; i++) {
      sqlite3_bind_int64(q, 1, e->tickets[i]);
      r = store_result(s, sql_run(q));
    }
    if (r < 0)
      return r;
  }
  return 0;
}

int store_wal_truncate(struct store *s)
{
  sqlite3_busy_timeout(s->db, 0);
  int r = store_checkpoint(s, true);
  sqlite3_busy_timeout(s->db, SQL_BUSY_MS);
  return r;
}

/* --- compacting --- */

/* The first event of the next day; nothing before the first known day is compacted. */
static const char bound_sql[] = "SELECT ifnull(min(first_event), 0) FROM day WHERE id > ?1 AND first_event > 0";

/* The oldest range of events that may be compacted: acknowledged ones of one epoch, below the bound; of a closed epoch
 * also those after its end, which are never sent. */
static const char oldest_sql[] =
    "SELECT o.first, o.last FROM"
    " (SELECT (SELECT min(id) FROM event WHERE id > e.ordinal << 32) AS first,"
    "   min(?1 - 1, CASE WHEN ?2 OR (e.closed AND e.generation = ?3 AND e.acked >= e.closed - 1) THEN"
    "   (e.ordinal + 1 << 32) - 1 WHEN e.generation = ?3 THEN (e.ordinal << 32) + e.acked ELSE 0 END) AS last"
    "  FROM epoch e) o WHERE o.first <= o.last ORDER BY o.first LIMIT 1";

static const char last_sql[] =
    "SELECT max(id) FROM (SELECT id FROM event WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3)";

static const char *const compact_sql[] = {
    "UPDATE command SET key = NULL, print = NULL, class = NULL, prev = NULL, day = NULL, mono = NULL, boot = NULL,"
    " fields = NULL, before = NULL WHERE id BETWEEN ?1 AND ?2",
    "DELETE FROM event WHERE id BETWEEN ?1 AND ?2",
};

int store_compact(struct store *s, int32_t through_day, bool no_hub, bool *ret_wrote, bool *ret_more)
{
  struct inbox_position known;
  int64_t bound, range[2], last;
  bool found;
  *ret_wrote = *ret_more = false;
  int r = store_inbox(s, &known);
  if (r == 0)
    r = query_row(s, bound_sql, SQL_ARGUMENTS(through_day), &bound, 1, &found);
  if (r < 0)
    return r;
  if (bound == 0)
    return 0;
  r = query_row(s, oldest_sql, SQL_ARGUMENTS(bound, no_hub, known.generation), range, array_len(range), &found);
  if (r < 0 || !found)
    return r;
  r = query_row(s, last_sql, SQL_ARGUMENTS(range[0], range[1], LIMIT_COMPACT), &last, 1, &found);
  for (size_t i = 0; r == 0 && i < array_len(compact_sql); i++)
    r = run_args(s, compact_sql[i], SQL_ARGUMENTS(range[0], last));
  *ret_wrote = *ret_more = r == 0;
  return r;
}
