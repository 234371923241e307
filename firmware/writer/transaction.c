/* transaction.c - one request: what the queue decides about it is saved, and then is so in memory.
 *
 * Order of the checks: the idempotency key first, then version and state, which may have moved on since the same
 * request came for the first time. A refusal writes nothing. Closed tickets of long ago are fetched before they are
 * commanded, so that core never has to ask.
 */
#include "writer/parts.h"

#include <errno.h>

#include "base/clock.h"
#include "base/log.h"

#define CLOCK_JUMP_MS   2000
#define CLOCK_UNTOLD_MS 15000 /* longer than anybody takes to tell */
#define TIMERS_A_BATCH  64
#define TIMERS_AGAIN_MS 1000 /* after one that was refused */

static void believe_clock(struct writer *w)
{
  w->clock_distance_ms = w->now.wall_ms - w->now.mono_ms;
  w->clock_jumped_at = 0;
  w->clock_was_trusted = w->now.trusted = clock_trusted();
  w->now.date = clock_business_date(w->now.wall_ms, queue_settings(w->queue)->cutover_min);
}

/* A clock that has jumped begins no day before CMD_CLOCK has told what the jump means for the one that is open. */
void writer_read_clocks(struct writer *w)
{
  w->now = (struct moment){.wall_ms = clock_wall_ms(), .mono_ms = clock_mono_ms()};
  const int64_t moved = w->now.wall_ms - w->now.mono_ms - w->clock_distance_ms;
  const struct day *day = queue_day(w->queue);
  const bool waited = w->clock_jumped_at && w->now.mono_ms - w->clock_jumped_at >= CLOCK_UNTOLD_MS;
  if (!day->id || waited || (moved < CLOCK_JUMP_MS && moved > -CLOCK_JUMP_MS)) {
    believe_clock(w);
    return;
  }
  w->clock_jumped_at = w->clock_jumped_at ? w->clock_jumped_at : w->now.mono_ms;
  w->now.trusted = w->clock_was_trusted;
  w->now.date = day->date;
}

static void copy_ticket(struct ticket *to, const struct ticket *from)
{
  *to = *from;
  person_ref(to->person);
}

static void undo_done(struct undo_record *u)
{
  person_unref(u->before.person);
}

/* Into the queue, if it is not there. 0, REFUSE_NOT_FOUND. */
static int fetch(struct writer *w, int64_t id)
{
  struct ticket t;
  if (queue_find(w->queue, id))
    return 0;
  int r = store_load_ticket(w->store, id, &t);
  if (r)
    return r;
  queue_put(w->queue, &t);
  person_unref(t.person);
  return 0;
}

struct candidate {
  struct writer *w;
  int error;
};

static bool can_undo(const struct undo_record *u, void *arg)
{
  struct candidate *c = arg;
  int r = fetch(c->w, u->ticket);
  c->error = min(r, 0);
  return r < 0 || (r == 0 && queue_can_undo(c->w->queue, u, &c->w->now));
}

/* 0, REFUSE_NOTHING_TO_UNDO. */
static int find_undo(struct writer *w, const struct command *c, struct undo_record *ret)
{
  struct candidate candidate = {.w = w};
  int r = c->undo ? store_load_undo(w->store, c->undo, ret)
                  : store_find_undo(w->store, c->actor, can_undo, &candidate, ret);
  if (candidate.error)
    return candidate.error;
  return r == 0 ? min(fetch(w, ret->ticket), 0) : r;
}

/* Saved: now memory follows, and the change waits in the batch for the commit. */
static void accept(struct writer *w, struct decision *d)
{
  struct batch *b = w->batch;
  b->changes = xrealloc(b->changes, (b->n_changes + d->n) * sizeof *b->changes);
  for (size_t i = 0; i < d->n; i++) {
    queue_apply(w->queue, &d->changes[i]);
    b->changes[b->n_changes++] = d->changes[i];
  }
  d->n = 0;
  w->wrote = true;
}

/* One that cannot be saved leaves the others of its batch alone, if sqlite lets it. */
static int save(struct writer *w, const struct request *r, const struct decision *d)
{
  int e = store_savepoint(w->store);
  if (e < 0)
    return e;
  if ((e = store_save(w->store, r, d)) == 0 && (e = writer_save_extra(w, r)) == 0)
    return store_release(w->store);
  log_err("save_failed", "command=%s error=\"%s\"", command_specs[r->command.kind].name, store_error(w->store));
  if (!store_alive(w->store) || store_rollback_to(w->store) < 0)
    return e;
  return REFUSE_STORAGE;
}

static int decide_and_save(struct writer *w, struct request *r, const struct undo_record *undo, struct decision *d)
{
  w->now.event = store_identity(w->store)->last_event + 1;
  int code = queue_decide(w->queue, &r->command, undo, &w->now, d);
  if (code) {
    if (d->current.id)
      copy_ticket(&r->ticket, &d->current);
    return code;
  }
  code = save(w, r, d);
  if (code)
    return code;
  r->event = d->changes[d->main].id;
  copy_ticket(&r->ticket, &d->changes[d->main].ticket);
  accept(w, d);
  return 0;
}

int writer_decide(struct writer *w, struct request *r)
{
  const struct command *c = &r->command;
  cleanup(undo_done) struct undo_record undo = {0};
  cleanup(decision_done) struct decision d;
  d.n = 0;
  d.undo = (struct undo_record){.class = UNDO_NEVER};
  int found = c->kind == CMD_UNDO ? find_undo(w, c, &undo) : c->ticket ? fetch(w, c->ticket) : 0;
  if (found < 0)
    return found;
  return decide_and_save(w, r, c->kind == CMD_UNDO && found == 0 ? &undo : NULL, &d);
}

int writer_find_key(struct writer *w, struct request *r)
{
  int64_t ticket = 0;
  int code = store_find_key(w->store, r->key, r->print, &r->event, &ticket);
  if (code)
    return code;
  r->replayed = true;
  if (ticket && (code = fetch(w, ticket)) == 0)
    copy_ticket(&r->ticket, queue_find(w->queue, ticket));
  return min(code, 0);
}

static int serve_command(struct writer *w, struct request *r)
{
  if (r->command.kind == CMD_CLOCK)
    believe_clock(w);
  int code = r->has_key ? writer_find_key(w, r) : REFUSE_NOT_FOUND;
  if (code == REFUSE_NOT_FOUND && (code = writer_decide(w, r)) == 0)
    w->numbers.commands[r->command.kind]++;
  w->numbers.refused += code > 0;
  w->numbers.replayed += r->replayed;
  return code;
}

static int wrote(struct writer *w, int r)
{
  w->wrote |= r == 0;
  return r;
}

static int serve_device_add(struct writer *w, struct request *r)
{
  return wrote(w, store_device_add(w->store, &r->device));
}

static int serve_device_remove(struct writer *w, struct request *r)
{
  return wrote(w, store_device_remove(w->store, r->device.id));
}

static int serve_probe(struct writer *w, struct request *r)
{
  (void)r;
  return wrote(w, store_probe(w->store));
}

static int serve_key(struct writer *w, struct request *r)
{
  int code = writer_find_key(w, r);
  w->numbers.replayed += r->replayed;
  return code;
}

/* It was done before this transaction began. */
static int serve_restore(struct writer *w, struct request *r)
{
  (void)w;
  return r->refusal;
}

int writer_serve(struct writer *w, struct request *r)
{
  static int (*const serve[])(struct writer *, struct request *) = {
      [REQUEST_COMMAND] = serve_command,
      [REQUEST_DEVICE_ADD] = serve_device_add,
      [REQUEST_DEVICE_REMOVE] = serve_device_remove,
      [REQUEST_PROBE] = serve_probe,
      [REQUEST_KEY] = serve_key,
      [REQUEST_RESTORE] = serve_restore,
      [REQUEST_CURSOR] = writer_cursor,
      [REQUEST_INBOX] = writer_inbox,
      [REQUEST_SYNC_RESET] = writer_sync_reset,
      [REQUEST_EPOCH] = writer_epoch,
      [REQUEST_ERASE] = writer_erase,
      [REQUEST_COMPACT] = writer_compact,
      [REQUEST_MAINTENANCE_REPORT] = writer_maintenance_report,
  };
  int code = serve[r->kind](w, r);
  if (code < 0)
    return code;
  r->refusal = code;
  return 0;
}

int writer_system_command(struct writer *w, const struct command *c)
{
  struct request r = {.kind = REQUEST_COMMAND, .command = *c};
  int code = writer_serve(w, &r);
  person_unref(r.ticket.person);
  return code < 0 ? code : r.refusal;
}

bool writer_timer_due(const struct writer *w)
{
  struct command c;
  return w->timers_at <= w->now.mono_ms && queue_due(w->queue, &w->now, &c);
}

int writer_timers(struct writer *w)
{
  struct command c;
  for (int i = 0; i < TIMERS_A_BATCH && w->timers_at <= w->now.mono_ms && queue_due(w->queue, &w->now, &c); i++) {
    int r = writer_system_command(w, &c);
    if (r < 0)
      return r;
    if (r > 0) {
      w->timers_at = w->now.mono_ms + TIMERS_AGAIN_MS;
      log_warn("timer_refused", "command=%s code=%d", command_specs[c.kind].name, r);
    }
  }
  return 0;
}
