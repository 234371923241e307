/* remote.c - what the sync thread and the nightly round ask for.
 *
 * An item of the inbox is a command like any other, whose key is made of the item's id: that a repeat has no effect and
 * that a join's ticket is found by the join's id are then the same as for everybody. The inbox's position goes into the
 * command's savepoint, so that an item is done exactly when it is passed. What cannot be done is an event, too.
 */
#include <errno.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/random.h"
#include "writer/parts.h"

#define HOUR_MS (INT64_C(60) * 60 * 1000)

static int wrote(struct writer *w, int r)
{
  w->wrote |= r == 0;
  return r;
}

/* ---- cursor, inbox ---- */

/* Is it still the epoch that was meant? REFUSE_NOT_FOUND. */
static int check_epoch(struct writer *w, int64_t ordinal, const char *epoch)
{
  uint8_t id[16];
  int64_t found;
  if (!*epoch)
    return 0;
  int code = util_unhex(id, sizeof id, epoch) < 0 ? REFUSE_NOT_FOUND : store_find_epoch(w->store, id, &found);
  return code ? code : found == ordinal ? 0 : REFUSE_NOT_FOUND;
}

int writer_cursor(struct writer *w, struct request *r)
{
  bool changed = false;
  int code = check_epoch(w, r->cursor.ordinal, r->cursor.epoch);
  if (code == 0)
    code = store_set_cursor(w->store, &r->cursor, &changed);
  w->wrote |= code == 0 && changed;
  return code;
}

int writer_sync_reset(struct writer *w, struct request *r)
{
  (void)r;
  return wrote(w, store_sync_reset(w->store));
}

/* The epoch has begun before this transaction, or begins with it: writer_fork_epoch(). One that was left long ago can
 * still be closed. */
int writer_epoch(struct writer *w, struct request *r)
{
  const struct epoch_fork *b = &r->branch;
  bool closes = r->refusal == REFUSE_NONE && r->replayed && b->closed_seq;
  int code = closes ? check_epoch(w, b->ordinal, b->epoch) : 0;
  if (code)
    return code;
  return closes ? wrote(w, store_close_epoch(w->store, b->ordinal, b->closed_seq)) : r->refusal;
}

/* The keys of HTTP's clients are printable: none of them has this one. */
static void key_of(const struct writer *w, const uint8_t id[16], uint8_t ret[16])
{
  char text[40] = "hub\n";
  util_hex(text + 4, id, 16);
  hash_keyed(ret, 16, w->key, text, strlen(text));
}

static int pass(struct writer *w, const struct request *r)
{
  return wrote(w, store_set_inbox(w->store, r->item.generation, r->item.n));
}

/* The wish stays what it was, should it have to be made again. */
static int refuse(struct writer *w, struct request *r, const char *why)
{
  struct command *c = &r->command;
  const enum command_kind kind = c->kind;
  const int64_t ticket = c->ticket;
  person_unref(r->ticket.person);
  r->ticket = (struct ticket){0};
  c->kind = CMD_REFUSED;
  c->ticket = 0;
  util_copy(c->remote->item, sizeof c->remote->item, r->item.type);
  util_copy(c->remote->code, sizeof c->remote->code, why);
  int code = writer_decide(w, r);
  c->kind = kind;
  c->ticket = ticket;
  return code;
}

/* The ticket that a join led to; 0 = there is none. */
static int find_join(struct writer *w, const struct inbox_item *i, int64_t *ret_ticket)
{
  static const uint8_t print[8];
  uint8_t key[16];
  int64_t event;
  *ret_ticket = 0;
  key_of(w, i->join, key);
  int code = store_find_key(w->store, key, print, &event, ret_ticket);
  return min(code, 0);
}

/* Which call a delivery is about. An epoch that is not ours has none. */
static int find_call(struct writer *w, const struct inbox_item *i, int64_t *ret_call)
{
  int64_t ordinal = 0;
  int code = store_find_epoch(w->store, i->call_epoch, &ordinal);
  *ret_call = code ? 0 : ordinal << 32 | EVENT_SEQ(i->call_seq);
  return min(code, 0);
}

static int prepare(struct writer *w, struct request *r)
{
  struct command *c = &r->command;
  if (c->kind == CMD_ISSUE) {
    c->source = SOURCE_HUB;
    random_bytes(c->token, sizeof c->token);
  }
  int e = r->item.has_join ? find_join(w, &r->item, &c->ticket) : 0;
  return e == 0 && c->kind == CMD_DELIVERY ? find_call(w, &r->item, &c->call) : e;
}

static bool expired(const struct writer *w, const struct inbox_item *i)
{
  return i->valid_until && w->now.trusted && i->valid_until < w->now.wall_ms;
}

static bool is_wish(enum command_kind kind)
{
  return kind == CMD_ISSUE || kind == CMD_CANCEL || kind == CMD_REQUEUE || kind == CMD_DELIVERY || kind == CMD_MESSAGE;
}

static int run_item(struct writer *w, struct request *r)
{
  const enum command_kind kind = r->command.kind;
  if (*r->item.refused)
    return refuse(w, r, r->item.refused);
  if (kind == CMD_KINDS)
    return pass(w, r);
  if (!is_wish(kind) || (kind == CMD_MESSAGE && !r->command.message))
    return refuse(w, r, "bad_item");
  if (expired(w, &r->item))
    return refuse(w, r, "expired");
  int code = prepare(w, r);
  if (code < 0)
    return code;
  code = kind != CMD_ISSUE && kind != CMD_MESSAGE && !r->command.ticket ? REFUSE_NOT_FOUND : writer_decide(w, r);
  if (code == 0)
    w->numbers.commands[kind]++;
  if (code <= 0 || code == REFUSE_STORAGE)
    return code;
  return kind == CMD_DELIVERY ? pass(w, r) : refuse(w, r, refusal_names[code]);
}

int writer_inbox(struct writer *w, struct request *r)
{
  const struct inbox_item *i = &r->item;
  struct inbox_position at;
  int code = store_inbox(w->store, &at);
  if (code < 0)
    return code;
  const bool newer = i->generation > at.generation;
  if (i->generation < max(at.generation, 1) || i->n > (newer ? 0 : at.n) + 1 || i->n < 1)
    return REFUSE_STALE;
  r->replayed = !newer && i->n <= at.n;
  if (r->replayed)
    return REFUSE_NONE;
  r->command.actor = ACTOR_HUB;
  r->command.remote = r->command.remote ? r->command.remote : xnew(struct remote);
  util_hex(r->command.remote->id, i->id, sizeof i->id);
  r->has_key = true;
  key_of(w, i->id, r->key);
  memset(r->print, 0, sizeof r->print);
  code = writer_find_key(w, r);
  if (code == REFUSE_NONE)
    return pass(w, r);
  return code == REFUSE_NOT_FOUND ? run_item(w, r) : code;
}

/* ---- at night ---- */

/* By the booth's clock, if it is one to go by. */
static int days_before(struct writer *w, int64_t ago_ms, int32_t *ret_day)
{
  if (!w->now.trusted)
    return REFUSE_WRONG_STATE;
  int32_t date = clock_business_date(w->now.wall_ms - ago_ms, queue_settings(w->queue)->cutover_min);
  return store_days_before(w->store, date, ret_day);
}

int writer_erase(struct writer *w, struct request *r)
{
  struct erasure *e = &r->erasure;
  int code = e->through_day ? 0 : days_before(w, e->keep_h * HOUR_MS, &e->through_day);
  if (code == 0)
    code = store_find_erasure_batch(w->store, e->through_day, &w->erasure_batch);
  if (code)
    return code;
  w->forget |= !w->erasure_batch.more; /* the last step does it for all, also for those before a crash */
  if (w->erasure_batch.n == 0)
    return REFUSE_NONE;
  command_done(&r->command);
  r->command = (struct command){.kind = CMD_ERASED, .actor = ACTOR_TIMER, .erased = xnew(struct erased)};
  *r->command.erased = w->erasure_batch.days;
  code = writer_decide(w, r);
  r->more = code == 0 && w->erasure_batch.more;
  return code;
}

int writer_compact(struct writer *w, struct request *r)
{
  int32_t day = 0;
  bool changed = false;
  int code = days_before(w, LIMIT_KEEP_DAYS * 24 * HOUR_MS, &day);
  if (code == 0 && day)
    code = store_compact(w->store, day, r->compaction.no_hub, &changed, &r->more);
  w->wrote |= changed;
  return code;
}

int writer_maintenance_report(struct writer *w, struct request *r)
{
  return wrote(w, store_set_maintenance_report(w->store, r->note));
}

int writer_save_extra(struct writer *w, const struct request *r)
{
  if (r->kind == REQUEST_INBOX)
    return store_set_inbox(w->store, r->item.generation, r->item.n);
  return r->kind == REQUEST_ERASE ? store_erase(w->store, &w->erasure_batch) : 0;
}
