/* load.c - reads the whole queue, one ticket, one command's before-image or one key from the database.
 *
 * A start must not take longer as history grows: open_floor, below which no ticket is active, skips earlier days, and
 * only the latest closed tickets are read. Only the keys need a walk over all commands; they are loaded after the
 * daemon has begun to listen.
 */
#include "store/internal.h"

#include <errno.h>

#include "store/columns_json.h"

static int load_settings(struct store *s, const struct settings *defaults, struct settings *ret)
{
  autofree char *text = NULL;
  int r = store_get_meta(s, "settings", &text);
  *ret = *defaults;
  return r < 0 || !text ? r : columns_json_read_settings(text, strlen(text), ret);
}

/* The rest of a timed pause starts now; the wall clock may have stood still or jumped. */
static int load_intake(struct store *s, const struct moment *now, struct queue *q)
{
  autofree char *text = NULL;
  struct intake intake;
  int r = store_get_meta(s, "intake", &text);
  if (r < 0 || !text)
    return r;
  r = columns_json_read_intake(text, strlen(text), &intake);
  if (r < 0)
    return r;
  if (intake.resume_at) {
    int64_t left = max(intake.resume_at - now->wall_ms, 0);
    intake.resume_mono = now->mono_ms + min(left, INT64_C(1000) * LIMIT_RESUME_S);
  }
  queue_set_intake(q, &intake);
  return 0;
}

static int load_message(struct store *s, struct queue *q)
{
  autofree char *text = NULL;
  struct notice message;
  int r = store_get_meta(s, "message", &text);
  if (r < 0 || !text)
    return r;
  r = columns_json_read_message(text, strlen(text), &message);
  if (r == 0)
    queue_set_message(q, &message);
  return r;
}

static void read_ticket(const struct store *s, sqlite3_stmt *from, struct ticket *ret)
{
  columns_read_ticket(from, ret);
  ret->called_mono = ret->state == TICKET_CALLED ? s->loaded_mono : 0;
}

static int load_tickets(struct store *s, enum statement which, int64_t argument, struct queue *q)
{
  sqlite3_stmt *from = store_statement(s, which);
  struct ticket t;
  int r;
  sqlite3_bind_int64(from, 1, argument);
  while ((r = sql_step(from)) > 0) {
    read_ticket(s, from, &t);
    queue_put(q, &t);
    person_unref(t.person);
  }
  return store_result(s, r);
}

static int load_day(struct store *s, struct queue *q, struct day *ret, int64_t *ret_first_ticket)
{
  sqlite3_stmt *from = store_statement(s, SQL_LOAD_DAY);
  int r = store_result(s, sql_step(from));
  if (r <= 0)
    return r;
  sql_read_row(from, 0, day_columns, DAY_COLUMNS, ret);
  *ret_first_ticket = sqlite3_column_int64(from, DAY_COLUMNS);
  sqlite3_reset(from);
  queue_set_day(q, ret);
  return 0;
}

static int load_counts(struct store *s, const struct settings *settings, const struct day *day, int64_t first_ticket,
                       struct queue *q)
{
  uint32_t counts[LIMIT_LINES] = {0};
  sqlite3_stmt *last = store_statement(s, SQL_LAST_TICKET), *count = store_statement(s, SQL_COUNT);
  int r = store_result(s, sql_step(last));
  if (r < 0)
    return r;
  int64_t last_id = sqlite3_column_int64(last, 0);
  sqlite3_reset(last);
  sqlite3_bind_int64(count, 1, day->id);
  sqlite3_bind_int64(count, 2, first_ticket);
  for (size_t i = 0; i < settings->n_lines; i++) {
    sql_bind_text(count, 3, settings->lines[i].id);
    r = store_result(s, sql_step(count));
    if (r < 0)
      return r;
    counts[i] = (uint32_t)sqlite3_column_int64(count, 0);
    sqlite3_reset(count);
  }
  queue_set_counts(q, last_id, counts);
  return 0;
}

static int load_floor(struct store *s)
{
  autofree char *text = NULL;
  int r = store_get_meta(s, "open_floor", &text);
  s->open_floor = 0;
  if (r < 0 || !text)
    return r;
  return util_parse_i64(text, 0, INT64_MAX, &s->open_floor) < 0 ? -EUCLEAN : 0;
}

static void free_queue(struct queue **q)
{
  queue_free(*q);
}

int store_load(struct store *s, const struct settings *defaults, const struct moment *now, struct queue **ret)
{
  struct settings settings;
  struct day day = {0};
  int64_t first_ticket = 0;
  s->loaded_mono = now->mono_ms;
  int r = load_settings(s, defaults, &settings);
  if (r < 0)
    return r;
  cleanup(free_queue) struct queue *q = queue_new(&settings);
  r = load_day(s, q, &day, &first_ticket);
  if (r < 0)
    return r;
  r = load_intake(s, now, q);
  if (r < 0)
    return r;
  r = load_message(s, q);
  if (r < 0)
    return r;
  r = load_floor(s);
  if (r < 0)
    return r;
  r = load_tickets(s, SQL_ACTIVE, s->open_floor, q);
  if (r < 0)
    return r;
  r = load_tickets(s, SQL_CLOSED, LIMIT_CLOSED, q);
  if (r < 0)
    return r;
  if (!day.id) /* the first day skips numbers that a lost database may have issued */
    day.id = 1;
  r = load_counts(s, &settings, &day, first_ticket, q);
  if (r == 0)
    *ret = take(q);
  return r;
}

int store_load_ticket(struct store *s, int64_t id, struct ticket *ret)
{
  sqlite3_stmt *from = store_statement(s, SQL_LOAD_TICKET);
  sqlite3_bind_int64(from, 1, id);
  int r = store_result(s, sql_step(from));
  if (r <= 0)
    return r < 0 ? r : REFUSE_NOT_FOUND;
  read_ticket(s, from, ret);
  sqlite3_reset(from);
  return 0;
}

/* From a row of UNDO_SELECT. */
static int read_undo(const struct store *s, sqlite3_stmt *from, struct undo_record *ret)
{
  struct undo_record u = {0};
  sql_read_row(from, 0, undo_columns, UNDO_COLUMNS, &u);
  u.this_boot = sqlite3_column_int64(from, UNDO_COLUMNS) == s->boot;
  const char *text = (const char *)sqlite3_column_text(from, UNDO_COLUMNS + 1);
  int r = columns_json_read_before(text, text ? strlen(text) : 0, &u.before);
  if (r < 0)
    return r;
  *ret = u;
  return 0;
}

int store_load_undo(struct store *s, int64_t event, struct undo_record *ret)
{
  sqlite3_stmt *from = store_statement(s, SQL_LOAD_UNDO);
  sqlite3_bind_int64(from, 1, event);
  int r = store_result(s, sql_step(from));
  if (r <= 0)
    return r < 0 ? r : REFUSE_NOTHING_TO_UNDO;
  r = read_undo(s, from, ret);
  sqlite3_reset(from);
  return r;
}

int store_find_undo(struct store *s, int32_t actor, bool (*fits)(const struct undo_record *, void *), void *arg,
                    struct undo_record *ret)
{
  sqlite3_stmt *from = store_statement(s, SQL_RECENT_UNDO);
  struct undo_record u;
  int r;
  sqlite3_bind_int64(from, 1, LIMIT_UNDO_SCAN);
  while ((r = sql_step(from)) > 0) {
    bool theirs = sqlite3_column_int64(from, 1) == actor && sqlite3_column_type(from, 6) != SQLITE_NULL;
    if (!theirs)
      continue;
    r = read_undo(s, from, &u);
    if (r < 0)
      break;
    if (fits(&u, arg)) {
      *ret = u;
      sqlite3_reset(from);
      return 0;
    }
    person_unref(u.before.person);
  }
  sqlite3_reset(from);
  return r < 0 ? store_result(s, r) : REFUSE_NOTHING_TO_UNDO;
}

int store_load_keys(struct store *s)
{
  sqlite3_stmt *from = store_statement(s, SQL_LOAD_KEYS);
  int r;
  idempotency_done(&s->keys);
  while ((r = sql_step(from)) > 0)
    if (sqlite3_column_bytes(from, 1) == 16)
      idempotency_add(&s->keys, sqlite3_column_blob(from, 1), sqlite3_column_int64(from, 0));
  return store_result(s, r);
}

static bool is_blob(sqlite3_stmt *from, int column, const void *bytes, size_t n)
{
  return (size_t)sqlite3_column_bytes(from, column) == n && memcmp(sqlite3_column_blob(from, column), bytes, n) == 0;
}

/* Compares with a candidate's whole key: 0 and *ret_ticket, REFUSE_KEY_REUSED; REFUSE_NOT_FOUND = another key. */
static int compare_key(struct store *s, int64_t id, const struct idempotency_key *key, int64_t *ret_ticket)
{
  sqlite3_stmt *from = store_statement(s, SQL_FIND_KEY);
  sqlite3_bind_int64(from, 1, id);
  int r = store_result(s, sql_step(from));
  if (r <= 0)
    return r < 0 ? r : REFUSE_NOT_FOUND;
  if (!is_blob(from, 0, key->hash, sizeof key->hash))
    r = REFUSE_NOT_FOUND;
  else
    r = is_blob(from, 1, key->fingerprint, sizeof key->fingerprint) ? 0 : REFUSE_KEY_REUSED;
  *ret_ticket = sqlite3_column_int64(from, 2);
  sqlite3_reset(from);
  return r;
}

int store_find_key(struct store *s, const struct idempotency_key *key, int64_t *ret_event, int64_t *ret_ticket)
{
  size_t cursor = 0;
  for (int64_t id; (id = idempotency_find(&s->keys, key->hash, &cursor));) {
    int64_t ticket;
    int r = compare_key(s, id, key, &ticket);
    if (r < 0)
      return r;
    if (r != REFUSE_NOT_FOUND) {
      *ret_event = id;
      *ret_ticket = ticket;
      return r;
    }
  }
  return REFUSE_NOT_FOUND;
}
