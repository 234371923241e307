/* decide_system.c - commands that concern no single guest: intake, day, clock, settings, start, and those for the hub.
 */
#include "queue/internal.h"

/* A smaller correction of a trusted clock does not change the date of the day: the cut-over simply passed. */
#define CLOCK_STEP_MS 60000

int decide_intake(const struct decide_ctx *d)
{
  const struct command *c = d->c;
  bool timed = c->resume_after_s != 0;
  if (c->intake > INTAKE_CLOSED || c->resume_after_s < 0 || c->resume_after_s > LIMIT_RESUME_S ||
      (timed && c->intake != INTAKE_PAUSED))
    return REFUSE_INVALID;
  const struct intake *old = &d->q->intake;
  bool due = old->state == INTAKE_PAUSED && old->resume_mono && old->resume_mono <= d->now->mono_ms;
  if (c->actor == ACTOR_TIMER && !due)
    return REFUSE_WRONG_STATE; /* a person changed it first */
  int64_t pause_ms = INT64_C(1000) * c->resume_after_s;
  decide_emit(d, EVENT_INTAKE, NULL)->intake = (struct intake){
      .state = c->intake,
      .resume_at = timed ? d->now->wall_ms + pause_ms : 0,
      .resume_mono = timed ? d->now->mono_ms + pause_ms : 0,
  };
  return REFUSE_NONE;
}

static void emit_day(const struct decide_ctx *d, enum day_change change)
{
  const struct day *old = &d->q->day;
  bool starts = change == DAY_STARTS;
  decide_emit(d, EVENT_DAY, NULL)->day = (struct day){
      .id = old->id + starts,
      .date = d->now->date,
      .trusted = d->now->trusted,
      .started_at = starts ? d->now->wall_ms : old->started_at,
  };
}

static bool day_used(const struct queue *q)
{
  bool used = !q->day.id;
  for (size_t i = 0; i < q->n_lines; i++)
    used |= q->lines[i].count > 0;
  return used;
}

int decide_day(const struct decide_ctx *d)
{
  enum day_change manual = day_used(d->q) ? DAY_STARTS : DAY_UNCHANGED;
  enum day_change change = d->c->actor == ACTOR_TIMER ? day_change_due(d->q, d->now) : manual;
  if (change == DAY_UNCHANGED)
    return REFUSE_WRONG_STATE;
  emit_day(d, change);
  return REFUSE_NONE;
}

int decide_clock(const struct decide_ctx *d)
{
  const struct queue *q = d->q;
  int64_t step = d->c->old_wall_ms ? d->now->wall_ms - d->c->old_wall_ms : 0;
  bool corrected = q->trusted && d->now->trusted && (step >= CLOCK_STEP_MS || step <= -CLOCK_STEP_MS);
  bool redates = corrected ? q->day.id && q->day.date != d->now->date : day_change_due(q, d->now) == DAY_REDATED;
  decide_emit(d, EVENT_CLOCK, NULL)->detail = d->c->old_wall_ms;
  if (redates)
    emit_day(d, DAY_REDATED);
  return REFUSE_NONE;
}

static bool settings_has_line(const struct settings *s, const char *id)
{
  bool has = false;
  for (size_t i = 0; i < s->n_lines; i++)
    has |= strcmp(s->lines[i].id, id) == 0;
  return has;
}

static bool settings_valid(const struct queue *q, const struct settings *s)
{
  if (!s || s->n_lines < 1 || s->n_lines > LIMIT_LINES || s->no_show_after_s < 0 ||
      s->no_show_after_s > LIMIT_NO_SHOW_S)
    return false;
  for (size_t i = 0; i < s->n_lines; i++) {
    if (!*s->lines[i].id)
      return false;
    for (size_t j = 0; j < i; j++)
      if (strcmp(s->lines[i].id, s->lines[j].id) == 0 || strcmp(s->lines[i].prefix, s->lines[j].prefix) == 0)
        return false;
  }
  for (size_t i = 0; i < q->settings.n_lines; i++)
    if ((treap_count(&q->lines[i].waiting) || q->lines[i].called) && !settings_has_line(s, q->lines[i].id))
      return false;
  return true;
}

int decide_settings(const struct decide_ctx *d)
{
  if (!settings_valid(d->q, d->c->settings))
    return REFUSE_INVALID;
  struct change *change = decide_emit(d, EVENT_SETTINGS, NULL);
  change->settings = xnew(struct settings);
  *change->settings = *d->c->settings;
  return REFUSE_NONE;
}

int decide_boot(const struct decide_ctx *d)
{
  decide_emit(d, EVENT_BOOTED, NULL);
  return REFUSE_NONE;
}

/* --- for the hub --- */

/* A new epoch begins with all active tickets: the events of the one before may never reach the hub. */
int decide_epoch(const struct decide_ctx *d)
{
  const size_t size = sizeof(struct epoch_snapshot) + d->q->active * sizeof(struct ticket);
  struct epoch_snapshot *h = xcalloc(1, size);
  memcpy(h->parent, d->c->parent, sizeof h->parent);
  h->parent_seq = EVENT_SEQ(d->c->parent_event);
  for (const struct ticket *t = NULL; (t = queue_next(d->q, t)) && state_active(t->state);) {
    h->active[h->n] = *t;
    h->active[h->n++].person = NULL;
  }
  decide_emit(d, EVENT_EPOCH, NULL)->epoch_snapshot = h;
  return REFUSE_NONE;
}

/* A delivery report belongs to one call: it is stale once the ticket is called again or put back. A guest whom staff
 * reached by telephone stays reached, whatever became of the push. */
int decide_delivery(const struct decide_ctx *d)
{
  const struct ticket *now = queue_find(d->q, d->c->ticket);
  if (d->c->delivery == DELIVERY_NONE || d->c->delivery >= DELIVERY_PHONED)
    return REFUSE_INVALID;
  if (!now)
    return REFUSE_NOT_FOUND;
  if (!d->c->call || now->call_event != d->c->call || now->state == TICKET_WAITING ||
      now->delivery == DELIVERY_PHONED || now->delivery == d->c->delivery)
    return REFUSE_WRONG_STATE;
  struct ticket t = *now;
  t.delivery = d->c->delivery;
  decide_emit(d, EVENT_DELIVERY, &t);
  return REFUSE_NONE;
}

int decide_refused(const struct decide_ctx *d)
{
  decide_emit(d, EVENT_REFUSED, NULL);
  return REFUSE_NONE;
}

int decide_erased(const struct decide_ctx *d)
{
  struct change *change = decide_emit(d, EVENT_ERASED, NULL);
  change->erased = xnew(struct erased_days);
  *change->erased = *d->c->erased;
  return REFUSE_NONE;
}

int decide_message(const struct decide_ctx *d)
{
  struct change *change = decide_emit(d, EVENT_MESSAGE, NULL);
  change->message = xnew(struct notice);
  *change->message = *d->c->message;
  change->message->at = d->now->wall_ms;
  return REFUSE_NONE;
}
