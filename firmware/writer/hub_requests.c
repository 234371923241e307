/* hub_requests.c - requests of the sync and maintenance threads.
 *
 * An item of the inbox is a command whose idempotency key is derived from the item's id. So a repeat has no effect, and
 * a join's ticket is found by the join's id, by the same code as for HTTP. The inbox's position is saved in the
 * command's savepoint: an item is done exactly when it is passed. A refusal is an event, too.
 */
#include <errno.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/random.h"
#include "writer/internal.h"

#define HOUR_MS (INT64_C(60) * 60 * 1000)

static int mark_wrote(struct writer *w, int r)
{
  w->wrote |= r == 0;
  return r;
}

/* --- cursor, inbox --- */

/* 0, or REFUSE_NOT_FOUND: another epoch has this ordinal. */
static int check_epoch(struct writer *w, int64_t ordinal, const char *epoch)
{
  uint8_t id[16];
  int64_t found;
  if (!*epoch)
    return 0;
  int r = util_unhex(id, sizeof id, epoch) < 0 ? REFUSE_NOT_FOUND : store_find_epoch(w->store, id, &found);
  if (r)
    return r;
  return found == ordinal ? 0 : REFUSE_NOT_FOUND;
}

int writer_cursor(struct writer *w, struct writer_request *q)
{
  bool changed = false;
  int r = check_epoch(w, q->cursor.ordinal, q->cursor.epoch);
  if (r == 0)
    r = store_set_cursor(w->store, &q->cursor, &changed);
  w->wrote |= r == 0 && changed;
  return r;
}

int writer_sync_reset(struct writer *w, struct writer_request *q)
{
  return mark_wrote(w, store_sync_reset(w->store));
}

/* writer_fork_epoch() came before: the new epoch has begun, or begins in this transaction. One that was left earlier
 * can still be closed. */
int writer_epoch(struct writer *w, struct writer_request *q)
{
  const struct epoch_fork *f = &q->fork;
  if (q->refusal != REFUSE_NONE || !q->replayed || !f->closed_seq)
    return (int)q->refusal;
  int r = check_epoch(w, f->ordinal, f->epoch);
  return r ? r : mark_wrote(w, store_close_epoch(w->store, f->ordinal, f->closed_seq));
}

/* Keys of HTTP clients are printable, so none is equal to this. */
static struct idempotency_key item_key(const struct writer *w, const uint8_t id[16])
{
  char text[40] = "hub\n";
  struct idempotency_key key = {0};
  util_hex(text + 4, id, 16);
  hash_keyed(key.hash, sizeof key.hash, w->key, text, strlen(text));
  return key;
}

static int pass_item(struct writer *w, const struct writer_request *q)
{
  return mark_wrote(w, store_set_inbox(w->store, q->item.generation, q->item.n));
}

/* Restores the command afterwards, in case the transaction is repeated. */
static int refuse_item(struct writer *w, struct writer_request *q, const char *why)
{
  struct command *c = &q->command;
  const enum command_kind kind = c->kind;
  const int64_t ticket = c->ticket;
  person_unref(q->ticket.person);
  q->ticket = (struct ticket){0};
  c->kind = CMD_REFUSED;
  c->ticket = 0;
  util_copy(c->remote->item, sizeof c->remote->item, q->item.type);
  util_copy(c->remote->code, sizeof c->remote->code, why);
  int r = writer_decide(w, q);
  c->kind = kind;
  c->ticket = ticket;
  return r;
}

/* The ticket that a join issued; 0 = none. */
static int find_join_ticket(struct writer *w, const struct inbox_item *i, int64_t *ret_ticket)
{
  const struct idempotency_key key = item_key(w, i->join);
  int64_t event;
  *ret_ticket = 0;
  int r = store_find_key(w->store, &key, &event, ret_ticket);
  return min(r, 0);
}

/* The event of the call that a delivery report names; 0 = none, for example if the epoch is not ours. */
static int find_call(struct writer *w, const struct inbox_item *i, int64_t *ret_call)
{
  int64_t ordinal = 0;
  int r = store_find_epoch(w->store, i->call_epoch, &ordinal);
  *ret_call = r ? 0 : ordinal << 32 | EVENT_SEQ(i->call_seq);
  return min(r, 0);
}

static int prepare_command(struct writer *w, struct writer_request *q)
{
  struct command *c = &q->command;
  if (c->kind == CMD_ISSUE) {
    c->source = SOURCE_HUB;
    random_bytes(c->token, sizeof c->token);
  }
  int r = q->item.has_join ? find_join_ticket(w, &q->item, &c->ticket) : 0;
  if (r == 0 && c->kind == CMD_DELIVERY)
    r = find_call(w, &q->item, &c->call);
  return r;
}

static bool is_expired(const struct writer *w, const struct inbox_item *i)
{
  return i->valid_until && w->now.trusted && i->valid_until < w->now.wall_ms;
}

static bool is_inbox_command(enum command_kind kind)
{
  return kind == CMD_ISSUE || kind == CMD_CANCEL || kind == CMD_REQUEUE || kind == CMD_DELIVERY || kind == CMD_MESSAGE;
}

static int run_item(struct writer *w, struct writer_request *q)
{
  const enum command_kind kind = q->command.kind;
  if (*q->item.refused)
    return refuse_item(w, q, q->item.refused);
  if (kind == CMD_KINDS)
    return pass_item(w, q);
  if (!is_inbox_command(kind) || (kind == CMD_MESSAGE && !q->command.message))
    return refuse_item(w, q, "bad_item");
  if (is_expired(w, &q->item))
    return refuse_item(w, q, "expired");
  int r = prepare_command(w, q);
  if (r < 0)
    return r;
  bool needs_ticket = kind != CMD_ISSUE && kind != CMD_MESSAGE;
  r = needs_ticket && !q->command.ticket ? REFUSE_NOT_FOUND : writer_decide(w, q);
  w->stats.commands[kind] += r == 0;
  if (r <= 0 || r == REFUSE_STORAGE)
    return r;
  return kind == CMD_DELIVERY ? pass_item(w, q) : refuse_item(w, q, refusal_names[r]);
}

int writer_inbox(struct writer *w, struct writer_request *q)
{
  const struct inbox_item *i = &q->item;
  struct inbox_position at;
  int r = store_inbox(w->store, &at);
  if (r < 0)
    return r;
  const bool newer = i->generation > at.generation;
  if (i->generation < max(at.generation, 1) || i->n > (newer ? 0 : at.n) + 1 || i->n < 1)
    return REFUSE_STALE;
  q->replayed = !newer && i->n <= at.n;
  if (q->replayed)
    return REFUSE_NONE;
  q->command.actor = ACTOR_HUB;
  q->command.remote = q->command.remote ? q->command.remote : xnew(struct remote);
  util_hex(q->command.remote->id, i->id, sizeof i->id);
  q->has_key = true;
  q->key = item_key(w, i->id);
  r = writer_find_key(w, q);
  if (r == REFUSE_NONE)
    return pass_item(w, q);
  return r == REFUSE_NOT_FOUND ? run_item(w, q) : r;
}

/* --- maintenance --- */

/* The last day (id) that ended at least ago_ms ago; REFUSE_WRONG_STATE: the clock is not trusted. */
static int last_day_before(struct writer *w, int64_t ago_ms, int32_t *ret_day)
{
  if (!w->now.trusted)
    return REFUSE_WRONG_STATE;
  int32_t date = clock_business_date(w->now.wall_ms - ago_ms, queue_settings(w->queue)->cutover_min);
  return store_days_before(w->store, date, ret_day);
}

int writer_erase(struct writer *w, struct writer_request *q)
{
  struct erasure *e = &q->erasure;
  int r = e->through_day ? 0 : last_day_before(w, e->keep_h * HOUR_MS, &e->through_day);
  if (r == 0)
    r = store_find_erasure_batch(w->store, e->through_day, &w->erasure_batch);
  if (r)
    return r;
  w->wal_truncate |= !w->erasure_batch.more; /* the last step truncates for all, also those before a crash */
  if (w->erasure_batch.n == 0)
    return REFUSE_NONE;
  command_done(&q->command);
  q->command = (struct command){.kind = CMD_ERASED, .actor = ACTOR_TIMER, .erased = xnew(struct erased_days)};
  *q->command.erased = w->erasure_batch.days;
  r = writer_decide(w, q);
  q->more = r == 0 && w->erasure_batch.more;
  return r;
}

int writer_compact(struct writer *w, struct writer_request *q)
{
  int32_t day = 0;
  bool changed = false;
  int r = last_day_before(w, LIMIT_JOURNAL_DAYS * 24 * HOUR_MS, &day);
  if (r == 0 && day)
    r = store_compact(w->store, day, q->compaction.no_hub, &changed, &q->more);
  w->wrote |= changed;
  return r;
}

int writer_maintenance_report(struct writer *w, struct writer_request *q)
{
  return mark_wrote(w, store_set_maintenance_report(w->store, q->report));
}

int writer_save_extra(struct writer *w, const struct writer_request *q)
{
  if (q->kind == WRITER_INBOX)
    return store_set_inbox(w->store, q->item.generation, q->item.n);
  return q->kind == WRITER_ERASE ? store_erase(w->store, &w->erasure_batch) : 0;
}
