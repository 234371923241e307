/* journal_reader.c - events are passed on verbatim as the writer wrote them; they are parsed only to find the people
 * that belong to them.
 */
#include "store/journal_reader.h"

#include <errno.h>
#include <stdio.h>

#include "base/hash.h"
#include "base/json_write.h"
#include "queue/command.h"
#include "store/sql.h"

struct journal {
  sqlite3 *db;
};

#define EVENT_ID(ordinal, seq) ((ordinal) << 32 | (seq))

int journal_open(const char *state_dir, struct journal **ret)
{
  sqlite3 *db;
  int r = sql_open_reader(state_dir, &db);
  if (r < 0)
    return r;
  *ret = xnew(struct journal);
  (*ret)->db = db;
  return 0;
}

void journal_close(struct journal *j)
{
  if (!j)
    return;
  sql_close(&j->db);
  free(j);
}

/* --- epochs --- */

/* acked is valid only in the known generation. An epoch with a successor ends at its successor's parent_event, even
 * when none of its events is left. */
#define INBOX "ifnull((SELECT v FROM meta WHERE k = 'inbox'), '0 0')"
static const char epochs_sql[] =
    "SELECT e.ordinal, lower(hex(e.id)), ifnull(lower(hex(p.id)), ''), e.parent_event & 4294967295,"
    " ifnull((SELECT min(id) FROM event WHERE id > e.ordinal << 32 AND id < e.ordinal + 1 << 32), 0),"
    " ifnull(n.parent_event, (SELECT max(id) FROM event)) & 4294967295, e.closed, e.generation,"
    " iif(e.generation = CAST(" INBOX " AS INTEGER), e.acked, 0)"
    " FROM epoch e LEFT JOIN epoch p ON p.ordinal = e.ordinal - 1 AND e.parent_event"
    " LEFT JOIN epoch n ON n.ordinal = e.ordinal + 1 ORDER BY e.ordinal DESC LIMIT ?1";

static void read_epoch(sqlite3_stmt *q, struct journal_epoch *e)
{
  *e = (struct journal_epoch){.ordinal = sqlite3_column_int64(q, 0), .parent_seq = sqlite3_column_int64(q, 3)};
  snprintf(e->id, sizeof e->id, "%s", (const char *)sqlite3_column_text(q, 1));
  snprintf(e->parent, sizeof e->parent, "%s", (const char *)sqlite3_column_text(q, 2));
  const int64_t first = sqlite3_column_int64(q, 4), closed = sqlite3_column_int64(q, 6);
  e->head_seq = sqlite3_column_int64(q, 5);
  e->first_seq = first ? EVENT_SEQ(first) : e->head_seq + 1;
  e->last_seq = closed ? min(closed - 1, e->head_seq) : e->head_seq;
  e->generation = sqlite3_column_int64(q, 7);
  e->acked = sqlite3_column_int64(q, 8);
}

static int64_t count_pending(const struct journal_epoch *e)
{
  return max(e->last_seq - max(e->acked, e->first_seq - 1), 0);
}

/* Drops the oldest epoch without pending events, but never the latest epoch. */
static void drop_sent_epoch(struct journal_epoch *to, size_t *n)
{
  size_t i = *n - 1;
  while (i && count_pending(&to[i]))
    i--;
  if (i)
    memmove(to + i, to + i + 1, (--*n - i) * sizeof *to);
}

int journal_epochs(struct journal *j, struct journal_epoch *to, size_t most, size_t *ret_n)
{
  cleanup(sql_finalize) sqlite3_stmt *q = NULL;
  struct journal_epoch e;
  size_t n = 0;
  int r = sql_prepare_args(j->db, epochs_sql, SQL_ARGUMENTS(INT64_MAX), &q);
  if (r < 0)
    return r;
  while ((r = sql_step(q)) > 0) {
    read_epoch(q, &e);
    if (n == most && most > 1 && count_pending(&e))
      drop_sent_epoch(to, &n);
    if (n < most)
      to[n++] = e;
  }
  *ret_n = n;
  return r;
}

int journal_state(struct journal *j, struct journal_state *ret)
{
  cleanup(sql_finalize) sqlite3_stmt *q = NULL, *inbox = NULL;
  struct journal_state s = {0};
  struct journal_epoch e;
  int r = sql_prepare_args(j->db, epochs_sql, SQL_ARGUMENTS(INT64_MAX), &q);
  if (r == 0)
    r = sql_prepare(j->db, "SELECT " INBOX, &inbox);
  if (r == 0)
    r = sql_step(inbox);
  if (r < 0)
    return r;
  long long generation, n;
  if (sscanf((const char *)sqlite3_column_text(inbox, 0), "%lld %lld", &generation, &n) != 2)
    return -EUCLEAN;
  s.generation = generation;
  s.inbox = n;
  while ((r = sql_step(q)) > 0) {
    read_epoch(q, &e);
    s.pending += count_pending(&e);
    s.ordinal = max(s.ordinal, e.ordinal);
  }
  *ret = s;
  return r;
}

/* --- a batch --- */

/* People of the tickets in these events; with an epoch's first event also of its active tickets. */
static const char people_sql[] =
    "SELECT ticket, version, name, phone, note FROM person WHERE ticket IN ("
    "SELECT json_extract(text, '$.ticket.id') FROM event WHERE id BETWEEN ?1 AND ?2 UNION "
    "SELECT json_extract(a.value, '$.id') FROM event, json_each(event.text, '$.active') a WHERE event.id = ?1 AND ?3)";

static int add_people(const struct journal *j, int64_t first, int64_t last, struct buf *people)
{
  static const char *const names[] = {"name", "phone", "note"};
  cleanup(sql_finalize) sqlite3_stmt *q = NULL;
  int r = sql_prepare_args(j->db, people_sql, SQL_ARGUMENTS(first, last, EVENT_SEQ(first) == 1), &q);
  if (r < 0)
    return r;
  while ((r = sql_step(q)) > 0) {
    json_open(people, NULL, '{');
    json_int(people, "ticket", sqlite3_column_int64(q, 0));
    json_int(people, "version", sqlite3_column_int64(q, 1));
    for (int i = 0; i < (int)array_len(names); i++)
      json_str(people, names[i], (const char *)sqlite3_column_text(q, 2 + i));
    json_close(people, '}');
  }
  return r;
}

/* An estimate of the size of an event's person. */
#define PERSON_BYTES 96

/* The caller stops at a gap. Of a closed epoch nothing beyond its end. */
static const char events_sql[] = "SELECT id, text FROM event WHERE id >= ?1 AND id < (SELECT iif(closed, (ordinal << "
                                 "32) + closed, ordinal + 1 << 32)"
                                 " FROM epoch WHERE ordinal = ?2) ORDER BY id LIMIT ?3";

static int add_events(const struct journal *j, int64_t first, int64_t most, size_t bytes, struct buf *events,
                      int64_t *ret_next)
{
  cleanup(sql_finalize) sqlite3_stmt *q = NULL;
  int64_t next = first;
  size_t size = 0;
  int r = sql_prepare_args(j->db, events_sql, SQL_ARGUMENTS(first, first >> 32, most), &q);
  if (r < 0)
    return r;
  while ((r = sql_step(q)) > 0) {
    const size_t n = (size_t)sqlite3_column_bytes(q, 1);
    size += n + PERSON_BYTES;
    if (sqlite3_column_int64(q, 0) != next || (size > bytes && next != first))
      break;
    json_strn(events, NULL, (const char *)sqlite3_column_text(q, 1), n);
    next++;
  }
  *ret_next = next;
  return min(r, 0);
}

int journal_batch(struct journal *j, int64_t ordinal, int64_t from_seq, size_t most, size_t bytes, struct buf *events,
                  struct buf *people, int64_t *ret_next)
{
  const int64_t first = EVENT_ID(ordinal, from_seq);
  int64_t next;
  int r = add_events(j, first, (int64_t)min(most, (size_t)INT32_MAX), bytes, events, &next);
  if (r < 0)
    return r;
  *ret_next = EVENT_SEQ(next);
  return next == first ? 0 : add_people(j, first, next - 1, people);
}

/* --- digests --- */

/* Closed days from one on, with their first event and the next day's; without days whose first event is unknown. */
static const char days_sql[] =
    "SELECT d.id, d.first_event, (SELECT min(n.first_event) FROM day n WHERE n.id > d.id AND n.first_event) AS end"
    " FROM day d WHERE d.id >= ?1 AND d.first_event AND end ORDER BY d.id LIMIT ?2";

/* Of a closed epoch only the events that are sent to the hub: the others would differ every night. */
static const char digest_sql[] = "SELECT id, text FROM event WHERE id >= ?1 AND id < min(?2,"
                                 " ifnull((SELECT (ordinal << 32) + closed FROM epoch"
                                 " WHERE ordinal = ?1 >> 32 AND closed), ?2)) ORDER BY id";

static int add_digest(const struct journal *j, int32_t day, int64_t first, int64_t end, struct buf *digests)
{
  cleanup(sql_finalize) sqlite3_stmt *q = NULL;
  struct hash_state sum;
  uint8_t hash[HASH_SUM];
  char hex[2 * HASH_SUM + 1];
  int64_t from = 0, last = 0, count = 0;
  int r = sql_prepare_args(j->db, digest_sql, SQL_ARGUMENTS(first, end), &q);
  if (r < 0)
    return r;
  hash_begin(&sum);
  while ((r = sql_step(q)) > 0) {
    last = sqlite3_column_int64(q, 0);
    from = from ? from : last;
    hash_add(&sum, sqlite3_column_text(q, 1), (size_t)sqlite3_column_bytes(q, 1));
    hash_add(&sum, "\n", 1);
    count++;
  }
  hash_end(&sum, hash);
  if (r < 0 || !count)
    return r;
  util_hex(hex, hash, sizeof hash);
  json_open(digests, NULL, '{');
  json_int(digests, "day", day);
  json_int(digests, "first_seq", EVENT_SEQ(from));
  json_int(digests, "last_seq", EVENT_SEQ(last));
  json_int(digests, "count", count);
  json_str(digests, "hash", hex);
  json_close(digests, '}');
  return 0;
}

int journal_digests(struct journal *j, int64_t ordinal, int32_t from_day, size_t most, struct buf *digests,
                    int32_t *ret_next_day)
{
  cleanup(sql_finalize) sqlite3_stmt *q = NULL;
  const int64_t begins = EVENT_ID(ordinal, 1), ends = EVENT_ID(ordinal + 1, 0);
  size_t n = 0;
  int r = sql_prepare_args(j->db, days_sql, SQL_ARGUMENTS(from_day, (int64_t)min(most, (size_t)INT32_MAX) + 1), &q);
  *ret_next_day = 0;
  if (r < 0)
    return r;
  while ((r = sql_step(q)) > 0) {
    const int32_t day = sqlite3_column_int(q, 0);
    if (n++ == most) {
      *ret_next_day = day;
      return 0;
    }
    r = add_digest(j, day, max(sqlite3_column_int64(q, 1), begins), min(sqlite3_column_int64(q, 2), ends), digests);
    if (r < 0)
      return r;
  }
  return r;
}

/* --- calls, maintenance --- */

int journal_calls(struct journal *j, int64_t *to, size_t most, size_t *ret_n)
{
  static const char sql[] = "SELECT id FROM command WHERE id > ?1 AND kind IN (?2, ?3) ORDER BY id DESC LIMIT ?4";
  cleanup(sql_finalize) sqlite3_stmt *q = NULL;
  struct journal_epoch e;
  size_t n = 0;
  *ret_n = 0;
  int r = journal_epochs(j, &e, 1, &n);
  if (r < 0 || n == 0)
    return r;
  const int64_t acked = EVENT_ID(e.ordinal, e.acked);
  n = 0;
  r = sql_prepare_args(j->db, sql, SQL_ARGUMENTS(acked, CMD_CALL, CMD_CALL_NEXT, (int64_t)most), &q);
  if (r < 0)
    return r;
  while (n < most && (r = sql_step(q)) > 0)
    to[n++] = EVENT_SEQ(sqlite3_column_int64(q, 0));
  *ret_n = n;
  return min(r, 0);
}

int journal_maintenance_report(struct journal *j, struct buf *ret)
{
  cleanup(sql_finalize) sqlite3_stmt *q = NULL;
  int r = sql_prepare(j->db, "SELECT v FROM meta WHERE k = 'nightly' AND v IS NOT NULL", &q);
  if (r == 0)
    r = sql_step(q);
  if (r > 0)
    buf_add(ret, sqlite3_column_text(q, 0), (size_t)sqlite3_column_bytes(q, 0));
  return min(r, 0);
}

int journal_check(struct journal *j, char ret_why[static 128])
{
  return sql_check(j->db, "integrity_check", ret_why, 128);
}
