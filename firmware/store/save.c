/* save.c - writes one command's decision: its events, its ticket, and its undo record. */
#include "store/internal.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "queue/event_json.h"
#include "store/columns_json.h"

static int save_event(struct store *s, const struct change *c)
{
  autobuf struct buf text = {0};
  sqlite3_stmt *to = store_statement(s, SQL_EVENT);
  change_json(&text, c, clock_boot_id());
  sqlite3_bind_int64(to, 1, c->id);
  sqlite3_bind_text(to, 2, text.data, (int)text.len, SQLITE_STATIC);
  return store_run(s, SQL_EVENT);
}

static int save_floor(struct store *s, int64_t floor)
{
  char text[24];
  snprintf(text, sizeof text, "%" PRId64, floor);
  int r = store_set_meta(s, "open_floor", text);
  if (r == 0)
    s->open_floor = floor;
  return r;
}

static int save_person(struct store *s, const struct ticket *t)
{
  const struct person *p = t->person;
  enum statement which = p ? SQL_PERSON : SQL_PERSON_CLEAR;
  sqlite3_stmt *to = store_statement(s, which);
  sqlite3_bind_int64(to, 1, t->id);
  sqlite3_bind_int64(to, 2, t->version);
  if (p) {
    sql_bind_text(to, 3, p->name);
    sql_bind_text(to, 4, p->phone);
    sql_bind_text(to, 5, p->note);
  }
  return store_run(s, which);
}

/* last: the latest command in this ticket's history; 0 = unchanged. */
static int save_ticket(struct store *s, const struct change *c, int64_t last)
{
  const struct ticket *t = &c->ticket;
  sqlite3_stmt *to = store_statement(s, SQL_TICKET);
  sql_bind_row(to, 1, ticket_columns, TICKET_COLUMNS, t);
  if (last)
    sqlite3_bind_int64(to, TICKET_COLUMNS + 1, last);
  int r = store_run(s, SQL_TICKET);
  bool active = t->state == TICKET_WAITING || t->state == TICKET_CALLED;
  if (r == 0 && active && t->id < s->open_floor) /* a ticket of an earlier day is active again */
    r = save_floor(s, t->id);
  bool person_may_differ = c->type == EVENT_ISSUED || c->type == EVENT_EDITED || c->type == EVENT_RESTORED;
  return r == 0 && person_may_differ ? save_person(s, t) : r;
}

/* After a new day, a start can skip tickets of earlier days up to the oldest active one. */
static int save_day(struct store *s, const struct change *c)
{
  sqlite3_stmt *to = store_statement(s, SQL_DAY), *floor = store_statement(s, SQL_OPEN_FLOOR);
  sql_bind_row(to, 1, day_columns, DAY_COLUMNS, &c->day);
  sqlite3_bind_int64(to, DAY_COLUMNS + 1, c->id);
  int r = store_run(s, SQL_DAY);
  if (r < 0)
    return r;
  sqlite3_bind_int64(floor, 1, s->open_floor);
  r = store_result(s, sql_step(floor));
  if (r < 0)
    return r;
  int64_t first = sqlite3_column_int64(floor, 0);
  sqlite3_reset(floor);
  return save_floor(s, first);
}

static int save_intake(struct store *s, const struct change *c)
{
  autobuf struct buf text = {0};
  columns_json_write_intake(&text, &c->intake);
  return store_set_meta(s, "intake", text.data);
}

static int save_settings(struct store *s, const struct change *c)
{
  autobuf struct buf text = {0};
  settings_json(&text, NULL, c->settings);
  return store_set_meta(s, "settings", text.data);
}

static int save_message(struct store *s, const struct change *c)
{
  autobuf struct buf text = {0};
  columns_json_write_message(&text, c->message);
  return store_set_meta(s, "message", text.data);
}

static int save_change(struct store *s, const struct change *c, const struct change *main)
{
  static int (*const extra[EVENT_TYPES])(struct store *, const struct change *) = {
      [EVENT_DAY] = save_day,
      [EVENT_INTAKE] = save_intake,
      [EVENT_SETTINGS] = save_settings,
      [EVENT_MESSAGE] = save_message,
  };
  bool in_history = c->ticket.id == main->ticket.id && c->type != EVENT_DELIVERY; /* history is what people did */
  int r = save_event(s, c);
  if (r == 0 && c->ticket.id)
    r = save_ticket(s, c, in_history ? main->id : 0);
  return r == 0 && extra[c->type] ? extra[c->type](s, c) : r;
}

struct bound_int {
  int at;
  int64_t value;
};

static void bind_ints(sqlite3_stmt *to, const struct bound_int *b, size_t n)
{
  for (size_t i = 0; i < n; i++)
    sqlite3_bind_int64(to, b[i].at, b[i].value);
}

static int save_command(struct store *s, enum command_kind kind, const struct idempotency_key *key,
                        const struct decision *d)
{
  const struct change *main = &d->changes[d->main];
  const struct undo_record *u = &d->undo;
  autobuf struct buf before = {0};
  sqlite3_stmt *to = store_statement(s, SQL_COMMAND);
  const struct bound_int always[] = {{1, main->id}, {4, main->actor}, {5, kind}, {6, main->wall_ms}};
  bind_ints(to, always, array_len(always));
  if (key) {
    sqlite3_bind_blob(to, 2, key->hash, sizeof key->hash, SQLITE_STATIC);
    sqlite3_bind_blob(to, 3, key->fingerprint, sizeof key->fingerprint, SQLITE_STATIC);
  }
  if (main->ticket.id)
    sqlite3_bind_int64(to, 7, main->ticket.id);
  if (main->undoes)
    sqlite3_bind_int64(to, 8, main->undoes);
  if (u->class != UNDO_NEVER) {
    const struct bound_int undo[] = {{9, u->class},    {10, u->prev}, {11, u->day},
                                     {12, u->mono_ms}, {13, s->boot}, {14, u->fields}};
    bind_ints(to, undo, array_len(undo));
    columns_json_write_before(&before, &u->before, u->fields);
    if (before.len)
      sql_bind_text(to, 15, before.data);
  }
  int r = store_run(s, SQL_COMMAND);
  if (r == 0 && key)
    idempotency_add(&s->keys, key->hash, main->id);
  return r;
}

int store_save(struct store *s, enum command_kind kind, const struct idempotency_key *key, const struct decision *d)
{
  const struct change *main = &d->changes[d->main];
  int r = main->ticket.id || key ? save_command(s, kind, key, d) : 0;
  for (size_t i = 0; r == 0 && i < d->n; i++)
    r = save_change(s, &d->changes[i], main);
  if (r == 0)
    s->identity.last_event = d->changes[d->n - 1].id;
  return r;
}
