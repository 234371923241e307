/* transaction.c - one request: the queue decides, the decision is saved, then applied in memory.
 *
 * The idempotency key is checked first, since version and state may have changed since the request first came. A
 * refusal writes nothing. An old closed ticket is loaded before a command on it is decided, so the queue never has to
 * request one.
 */
#include "writer/internal.h"

#include <errno.h>

#include "base/clock.h"
#include "base/log.h"

#define CLOCK_JUMP_MS   2000
#define CLOCK_SILENT_MS 15000 /* longer than CMD_CLOCK takes to arrive */
#define TIMERS_A_BATCH  64
#define TIMERS_AGAIN_MS 1000 /* after a refused timer */

static void accept_clock(struct writer *w)
{
  w->wall_offset_ms = w->now.wall_ms - w->now.mono_ms;
  w->clock_jumped_at = 0;
  w->clock_was_trusted = w->now.trusted = clock_trusted();
  w->now.date = clock_business_date(w->now.wall_ms, queue_settings(w->queue)->cutover_min);
}

/* After a jump of the clock no day begins until CMD_CLOCK has decided what the jump means for the open day. */
void writer_read_clocks(struct writer *w)
{
  w->now = (struct moment){.wall_ms = clock_wall_ms(), .mono_ms = clock_mono_ms()};
  const int64_t moved = w->now.wall_ms - w->now.mono_ms - w->wall_offset_ms;
  const struct day *day = queue_day(w->queue);
  const bool waited = w->clock_jumped_at && w->now.mono_ms - w->clock_jumped_at >= CLOCK_SILENT_MS;
  if (!day->id || waited || (moved < CLOCK_JUMP_MS && moved > -CLOCK_JUMP_MS)) {
    accept_clock(w);
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

/* Loads a ticket into the queue unless it is there. 0, REFUSE_NOT_FOUND. */
static int load_ticket(struct writer *w, int64_t id)
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
  int r = load_ticket(c->w, u->ticket);
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
  return r == 0 ? min(load_ticket(w, ret->ticket), 0) : r;
}

/* Applies a saved decision in memory; its changes wait in the batch for the commit. */
static void apply_decision(struct writer *w, struct decision *d)
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

/* A failure to save one decision leaves the others of the batch intact, unless sqlite rolled back everything. */
static int save_decision(struct writer *w, const struct writer_request *q, const struct decision *d)
{
  int r = store_savepoint(w->store);
  if (r < 0)
    return r;
  r = store_save(w->store, q->command.kind, q->has_key ? &q->key : NULL, d);
  if (r == 0)
    r = writer_save_extra(w, q);
  if (r == 0)
    return store_release(w->store);
  log_err("save_failed", "command=%s error=\"%s\"", command_specs[q->command.kind].name, store_error(w->store));
  if (!store_alive(w->store) || store_rollback_to(w->store) < 0)
    return r;
  return REFUSE_STORAGE;
}

static int decide_and_save(struct writer *w, struct writer_request *q, const struct undo_record *undo,
                           struct decision *d)
{
  w->now.event = store_identity(w->store)->last_event + 1;
  int r = queue_decide(w->queue, &q->command, undo, &w->now, d);
  if (r) {
    if (d->current.id)
      copy_ticket(&q->ticket, &d->current);
    return r;
  }
  r = save_decision(w, q, d);
  if (r)
    return r;
  q->event = d->changes[d->main].id;
  copy_ticket(&q->ticket, &d->changes[d->main].ticket);
  apply_decision(w, d);
  return 0;
}

int writer_decide(struct writer *w, struct writer_request *q)
{
  const struct command *c = &q->command;
  cleanup(undo_done) struct undo_record undo = {0};
  cleanup(decision_done) struct decision d;
  d.n = 0;
  d.undo = (struct undo_record){.class = UNDO_NEVER};
  int r = 0;
  if (c->kind == CMD_UNDO)
    r = find_undo(w, c, &undo);
  else if (c->ticket)
    r = load_ticket(w, c->ticket);
  if (r < 0)
    return r;
  return decide_and_save(w, q, c->kind == CMD_UNDO && r == 0 ? &undo : NULL, &d);
}

int writer_find_key(struct writer *w, struct writer_request *q)
{
  int64_t ticket = 0;
  int r = store_find_key(w->store, &q->key, &q->event, &ticket);
  if (r)
    return r;
  q->replayed = true;
  if (!ticket)
    return 0;
  r = load_ticket(w, ticket);
  if (r == 0)
    copy_ticket(&q->ticket, queue_find(w->queue, ticket));
  return min(r, 0);
}

static int serve_command(struct writer *w, struct writer_request *q)
{
  if (q->command.kind == CMD_CLOCK)
    accept_clock(w);
  int r = q->has_key ? writer_find_key(w, q) : REFUSE_NOT_FOUND;
  if (r == REFUSE_NOT_FOUND) {
    r = writer_decide(w, q);
    w->stats.commands[q->command.kind] += r == 0;
  }
  w->stats.refused += r > 0;
  w->stats.replayed += q->replayed;
  return r;
}

static int mark_wrote(struct writer *w, int r)
{
  w->wrote |= r == 0;
  return r;
}

static int serve_device_add(struct writer *w, struct writer_request *q)
{
  return mark_wrote(w, store_device_add(w->store, &q->device));
}

static int serve_device_remove(struct writer *w, struct writer_request *q)
{
  return mark_wrote(w, store_device_remove(w->store, q->device.id));
}

static int serve_probe(struct writer *w, struct writer_request *q)
{
  return mark_wrote(w, store_probe(w->store));
}

static int serve_key(struct writer *w, struct writer_request *q)
{
  int r = writer_find_key(w, q);
  w->stats.replayed += q->replayed;
  return r;
}

/* writer_restore() did it before this transaction. */
static int serve_restore(struct writer *w, struct writer_request *q)
{
  return q->refusal;
}

int writer_serve(struct writer *w, struct writer_request *q)
{
  static int (*const serve[])(struct writer *, struct writer_request *) = {
      [WRITER_COMMAND] = serve_command,
      [WRITER_DEVICE_ADD] = serve_device_add,
      [WRITER_DEVICE_REMOVE] = serve_device_remove,
      [WRITER_PROBE] = serve_probe,
      [WRITER_KEY] = serve_key,
      [WRITER_RESTORE] = serve_restore,
      [WRITER_CURSOR] = writer_cursor,
      [WRITER_INBOX] = writer_inbox,
      [WRITER_SYNC_RESET] = writer_sync_reset,
      [WRITER_EPOCH] = writer_epoch,
      [WRITER_ERASE] = writer_erase,
      [WRITER_COMPACT] = writer_compact,
      [WRITER_MAINTENANCE_REPORT] = writer_maintenance_report,
  };
  int r = serve[q->kind](w, q);
  if (r < 0)
    return r;
  q->refusal = r;
  return 0;
}

int writer_system_command(struct writer *w, const struct command *c)
{
  struct writer_request q = {.kind = WRITER_COMMAND, .command = *c};
  int r = writer_serve(w, &q);
  person_unref(q.ticket.person);
  return r < 0 ? r : (int)q.refusal;
}

bool writer_timer_due(const struct writer *w)
{
  struct command c;
  return w->timers_at <= w->now.mono_ms && queue_due_command(w->queue, &w->now, &c);
}

int writer_timers(struct writer *w)
{
  struct command c;
  for (int i = 0; i < TIMERS_A_BATCH && w->timers_at <= w->now.mono_ms && queue_due_command(w->queue, &w->now, &c);
       i++) {
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
