/* decide.c - commands on tickets: what each changes, or why it is refused.
 *
 * A decision changes nothing. It holds the new tickets under the ids of their events, and for undo the former values of
 * the fields that the command changes. After the commit the same changes are applied to the writer's queue and to every
 * view.
 *
 * A ticket's version rises by exactly one per command, so that an offline phone can chain commands with If-Match.
 *
 * Undo is a compensating event, never a deletion. The store keeps one record per command: the former values of the
 * fields that it changed, and a link to the record before it. A ticket has, per class, the id of its latest command
 * that is not undone. Undo restores exactly those fields and moves that id to the record before.
 */
#include <stdio.h>

#include "queue/internal.h"

/* --- emitting events --- */

static int64_t next_event(const struct decide_ctx *d)
{
  return d->now->event + (int64_t)d->ret->n;
}

struct change *decide_emit(const struct decide_ctx *d, enum event_type type, const struct ticket *t)
{
  struct change *change = &d->ret->changes[d->ret->n];
  *change = (struct change){
      .id = next_event(d),
      .cmd = d->now->event,
      .type = type,
      .actor = d->c->actor,
      .wall_ms = d->now->wall_ms,
      .mono_ms = d->now->mono_ms,
      .trusted = d->now->trusted,
  };
  if (t) {
    change->ticket = *t;
    person_ref(t->person);
  }
  d->ret->n++;
  return change;
}

static struct change *emit_main_event(const struct decide_ctx *d, enum event_type type, struct ticket *t)
{
  d->ret->main = d->ret->n;
  t->version++;
  t->actor = d->c->actor;
  return decide_emit(d, type, t);
}

static uint32_t changed_fields(const struct command *c)
{
  static const uint32_t by_kind[CMD_KINDS] = {
      [CMD_ISSUE] = FIELD_STATE | FIELD_CLOSED,
      [CMD_CALL] = FIELD_STATE | FIELD_CALLS | FIELD_DELIVERY | FIELD_CALLED | FIELD_CLOSED | FIELD_RANK,
      [CMD_CALL_NEXT] = FIELD_STATE | FIELD_CALLS | FIELD_DELIVERY | FIELD_CALLED | FIELD_CLOSED | FIELD_RANK,
      [CMD_SEAT] = FIELD_STATE | FIELD_CLOSED,
      [CMD_NO_SHOW] = FIELD_STATE | FIELD_CLOSED,
      [CMD_CANCEL] = FIELD_STATE | FIELD_CLOSED,
      [CMD_REQUEUE] = FIELD_STATE | FIELD_CLOSED | FIELD_DELIVERY | FIELD_RANK,
      [CMD_PHONED] = FIELD_DELIVERY,
  };
  if (c->kind != CMD_EDIT)
    return by_kind[c->kind];
  return (c->edits & EDIT_PARTY ? FIELD_PARTY : 0) | (c->edits & ~EDIT_PARTY ? FIELD_PERSON : 0);
}

/* Emits the ticket's new state and fills the undo record with the old one. */
static int change_ticket(const struct decide_ctx *d, const struct ticket *before, struct ticket *t)
{
  const struct command_spec *spec = &command_specs[d->c->kind];
  int64_t id = next_event(d);
  t->undo[spec->undo] = id;
  emit_main_event(d, spec->event, t);
  d->ret->undo = (struct undo_record){
      .id = id,
      .ticket = t->id,
      .prev = before->undo[spec->undo],
      .class = spec->undo,
      .kind = d->c->kind,
      .actor = d->c->actor,
      .day = d->q->day.id,
      .wall_ms = d->now->wall_ms,
      .mono_ms = d->now->mono_ms,
      .this_boot = true,
      .fields = changed_fields(d->c),
      .before = *before,
  };
  person_ref(before->person);
  return REFUSE_NONE;
}

/* --- checks that all commands on tickets share --- */

static int refuse_with(const struct decide_ctx *d, enum refusal code, const struct ticket *current)
{
  d->ret->current = *current;
  return (int)code;
}

static int check_version(const struct decide_ctx *d, const struct ticket *t)
{
  return d->c->if_match && d->c->if_match != t->version ? refuse_with(d, REFUSE_STALE, t) : REFUSE_NONE;
}

/* A closed ticket can become active again if its line exists, its number is free and the queue has room. */
static int check_reopen(const struct decide_ctx *d, const struct ticket *before, int state)
{
  if (state_active(before->state) || !state_active(state))
    return REFUSE_NONE;
  if (queue_line(d->q, before->line) < 0)
    return refuse_with(d, REFUSE_WRONG_STATE, before);
  if (d->q->active >= LIMIT_ACTIVE)
    return REFUSE_QUEUE_FULL;
  return queue_label_owner(d->q, before->label) ? REFUSE_NUMBER_TAKEN : REFUSE_NONE;
}

static int check_ticket(const struct decide_ctx *d, const struct ticket_node *n)
{
  if (!n)
    return REFUSE_NOT_FOUND;
  const struct command_spec *spec = &command_specs[d->c->kind];
  int r = check_version(d, &n->ticket);
  if (r)
    return r;
  if (spec->from && !(spec->from & 1u << n->ticket.state))
    return refuse_with(d, REFUSE_WRONG_STATE, &n->ticket);
  return check_reopen(d, &n->ticket, spec->to);
}

/* --- commands on tickets --- */

static void set_state(const struct decide_ctx *d, struct ticket *t)
{
  t->state = command_specs[d->c->kind].to;
  t->closed_at = state_active(t->state) ? 0 : d->now->wall_ms;
}

static bool party_valid(const struct command *c)
{
  return c->party_size >= 1 && c->party_size <= LIMIT_PARTY;
}

static int decide_issue(const struct decide_ctx *d)
{
  const struct queue *q = d->q;
  const struct command *c = d->c;
  int index = *c->line ? queue_line(q, c->line) : 0;
  if (index < 0 || !party_valid(c))
    return REFUSE_INVALID;
  if (q->intake.state != INTAKE_OPEN)
    return REFUSE_INTAKE_CLOSED;
  if (q->active >= LIMIT_ACTIVE)
    return REFUSE_QUEUE_FULL;

  const struct line *line = &q->settings.lines[index];
  const struct line_state *state = &q->lines[index];
  struct ticket t = {
      .id = q->last_id + 1,
      .number = state->count,
      .day = q->day.id,
      .date = q->day.date,
      .party_size = c->party_size,
      .source = c->source,
      .issued_at = d->now->wall_ms,
      .rank = rank_back(state),
      .person = c->person,
  };
  do {
    t.number++;
    snprintf(t.label, sizeof t.label, "%s%s%u", line->prefix, *line->prefix ? "-" : "", t.number);
  } while (queue_label_owner(q, t.label));
  memcpy(t.line, line->id, sizeof t.line);
  memcpy(t.token, c->token, sizeof t.token);
  set_state(d, &t);
  return change_ticket(d, &(struct ticket){.id = t.id}, &t);
}

static int call_ticket(const struct decide_ctx *d, const struct ticket_node *n)
{
  int r = check_ticket(d, n);
  if (r)
    return r;
  struct ticket t = n->ticket;
  set_state(d, &t);
  t.calls = (uint16_t)min(t.calls + 1, UINT16_MAX);
  t.called_at = d->now->wall_ms;
  t.called_mono = d->now->mono_ms;
  t.call_event = next_event(d);
  t.delivery = t.source == SOURCE_HUB ? DELIVERY_PENDING : DELIVERY_NONE; /* until the hub reports */
  return change_ticket(d, &n->ticket, &t);
}

static int decide_call(const struct decide_ctx *d)
{
  return call_ticket(d, queue_node(d->q, d->c->ticket));
}

/* A press just after a call was meant for the ticket that was just called. */
static bool pressed_too_soon(const struct decide_ctx *d, int line)
{
  bool soon = false;
  for (int i = 0; i < d->q->settings.n_lines; i++)
    soon |= (line < 0 || line == i) && d->now->mono_ms - d->q->lines[i].last_call_mono < LIMIT_PRESS_GUARD_MS;
  return soon && d->c->actor == ACTOR_BUTTON;
}

static int decide_call_next(const struct decide_ctx *d)
{
  const struct command *c = d->c;
  int line = queue_line(d->q, c->line);
  if (*c->line && line < 0)
    return REFUSE_INVALID;
  if (pressed_too_soon(d, line))
    return REFUSE_TOO_SOON;
  const struct ticket_node *first = queue_first_node(d->q, line);
  if (!first)
    return REFUSE_NOTHING_WAITING;
  if (c->expect && c->expect != first->ticket.id)
    return refuse_with(d, REFUSE_STALE, &first->ticket);
  return call_ticket(d, first);
}

static int close_ticket(const struct decide_ctx *d, const struct ticket_node *n)
{
  int r = check_ticket(d, n);
  if (r)
    return r;
  struct ticket t = n->ticket;
  set_state(d, &t);
  return change_ticket(d, &n->ticket, &t);
}

static int decide_close(const struct decide_ctx *d)
{
  return close_ticket(d, queue_node(d->q, d->c->ticket));
}

static int decide_seat(const struct decide_ctx *d)
{
  if (d->c->ticket)
    return decide_close(d);
  const struct ticket_node *last = ticket_node_of(treap_last(&d->q->called));
  return last ? close_ticket(d, last) : REFUSE_NOTHING_WAITING;
}

/* Staff count from the head of the line, a guest from their own position: nobody can defer to the front. */
static void requeue_after(const struct decide_ctx *d, const struct line_state *line, const struct ticket_node *n,
                          struct ticket *t)
{
  struct rank_shift shifts[LIMIT_EVENTS];
  bool defers = d->c->actor == ACTOR_HUB && n->ticket.state == TICKET_WAITING;
  size_t ahead = defers ? treap_index(&line->waiting, &n->in_treap) : 0;
  size_t shifted = rank_after(line, n, ahead + d->c->after, &t->rank, shifts);
  while (shifted--) { /* from the back: no view ever shows a wrong order */
    struct ticket moved = *shifts[shifted].ticket;
    moved.rank = shifts[shifted].rank;
    decide_emit(d, EVENT_REQUEUED, &moved);
  }
}

static int decide_requeue(const struct decide_ctx *d)
{
  const struct ticket_node *n = queue_node(d->q, d->c->ticket);
  int r = check_ticket(d, n);
  if (r)
    return r;
  if (d->c->actor == ACTOR_HUB && !state_active(n->ticket.state))
    return refuse_with(d, REFUSE_WRONG_STATE, &n->ticket); /* a guest may defer; only staff reopen a ticket */
  const struct line_state *line = &d->q->lines[n->line];
  struct ticket t = n->ticket;
  set_state(d, &t);
  t.delivery = DELIVERY_NONE;
  t.held_at = 0;
  switch (d->c->position) {
  case POSITION_KEEP:
    t.held_at = next_event(d);
    break;
  case POSITION_FRONT:
    t.rank = rank_front(line);
    break;
  case POSITION_BACK:
    t.rank = rank_back(line);
    break;
  case POSITION_AFTER:
    requeue_after(d, line, n, &t);
    break;
  }
  return change_ticket(d, &n->ticket, &t);
}

static int decide_phoned(const struct decide_ctx *d)
{
  const struct ticket_node *n = queue_node(d->q, d->c->ticket);
  int r = check_ticket(d, n);
  if (r)
    return r;
  struct ticket t = n->ticket;
  t.delivery = DELIVERY_PHONED;
  return change_ticket(d, &n->ticket, &t);
}

static struct person *edit_person(const struct command *c, const struct person *old)
{
  static const struct person nobody;
  const struct person *new = c->person ? c->person : &nobody;
  old = old ? old : &nobody;
  return person_new((c->edits & EDIT_NAME ? new : old)->name, (c->edits & EDIT_PHONE ? new : old)->phone,
                    (c->edits & EDIT_NOTE ? new : old)->note);
}

static int decide_edit(const struct decide_ctx *d)
{
  const struct command *c = d->c;
  const struct ticket_node *n = queue_node(d->q, c->ticket);
  int r = check_ticket(d, n);
  if (r)
    return r;
  if (c->edits & EDIT_PARTY && !party_valid(c))
    return REFUSE_INVALID;
  struct ticket t = n->ticket;
  if (c->edits & EDIT_PARTY)
    t.party_size = c->party_size;
  t.person = edit_person(c, t.person);
  r = change_ticket(d, &n->ticket, &t);
  person_unref(t.person);
  return r;
}

/* --- undo --- */

bool queue_can_undo(const struct queue *q, const struct undo_record *undo, const struct moment *now)
{
  const struct ticket *t = queue_find(q, undo->ticket);
  if (!t || undo->class >= UNDO_NEVER || t->undo[undo->class] != undo->id)
    return false;
  if (undo->class != UNDO_TRANSITION && t->undo[UNDO_TRANSITION] > undo->id)
    return false;
  int64_t age = undo->this_boot ? now->mono_ms - undo->mono_ms : now->wall_ms - undo->wall_ms;
  return undo->day == q->day.id || age <= LIMIT_UNDO_MS;
}

static void restore_fields(const struct decide_ctx *d, struct ticket *t)
{
#define MEMBER(field, name) {field, offsetof(struct ticket, name), sizeof t->name}
  static const struct {
    uint32_t field;
    size_t offset;
    size_t size;
  } members[] = {
      MEMBER(FIELD_STATE, state),      MEMBER(FIELD_CALLS, calls),       MEMBER(FIELD_DELIVERY, delivery),
      MEMBER(FIELD_CALLED, called_at), MEMBER(FIELD_CALLED, call_event), MEMBER(FIELD_CLOSED, closed_at),
      MEMBER(FIELD_RANK, rank),        MEMBER(FIELD_RANK, held_at),      MEMBER(FIELD_PARTY, party_size),
      MEMBER(FIELD_PERSON, person),
  };
#undef MEMBER
  const struct undo_record *undo = d->undo;
  for (size_t i = 0; i < array_len(members); i++)
    if (undo->fields & members[i].field)
      memcpy((char *)t + members[i].offset, (const char *)&undo->before + members[i].offset, members[i].size);
  if (t->state == TICKET_CALLED)
    t->called_mono = d->now->mono_ms; /* else an undone no-show would recur at once */
  if (undo->fields & FIELD_DELIVERY && t->undo[UNDO_PHONED] > undo->id)
    t->undo[UNDO_PHONED] = undo->before.undo[UNDO_PHONED]; /* it belonged to the undone call */
}

static int decide_undo(const struct decide_ctx *d)
{
  const struct undo_record *undo = d->undo;
  if (!undo)
    return REFUSE_NOTHING_TO_UNDO;
  const struct ticket *now = queue_find(d->q, undo->ticket);
  if (!now)
    return REFUSE_NOT_FOUND;
  int r = check_version(d, now);
  if (r)
    return r;
  if (!queue_can_undo(d->q, undo, d->now))
    return REFUSE_NOTHING_TO_UNDO;

  struct ticket t = *now;
  bool issued = undo->kind == CMD_ISSUE;
  if (issued) {
    t.state = TICKET_CANCELLED;
    t.closed_at = d->now->wall_ms;
  } else {
    restore_fields(d, &t);
  }
  r = check_reopen(d, now, t.state);
  if (r)
    return r;
  t.undo[undo->class] = undo->prev;
  emit_main_event(d, issued ? EVENT_CANCELLED : EVENT_RESTORED, &t)->undoes = undo->id;
  return REFUSE_NONE;
}

/* --- dispatch --- */

static struct remote *remote_copy(const struct remote *from)
{
  struct remote *copy = xnew(struct remote);
  *copy = *from;
  return copy;
}

int queue_decide(const struct queue *q, const struct command *c, const struct undo_record *undo,
                 const struct moment *now, struct decision *ret)
{
  static int (*const decide[CMD_KINDS])(const struct decide_ctx *) = {
      [CMD_ISSUE] = decide_issue,     [CMD_CALL] = decide_call,         [CMD_CALL_NEXT] = decide_call_next,
      [CMD_SEAT] = decide_seat,       [CMD_NO_SHOW] = decide_close,     [CMD_CANCEL] = decide_close,
      [CMD_REQUEUE] = decide_requeue, [CMD_PHONED] = decide_phoned,     [CMD_EDIT] = decide_edit,
      [CMD_UNDO] = decide_undo,       [CMD_INTAKE] = decide_intake,     [CMD_DAY] = decide_day,
      [CMD_CLOCK] = decide_clock,     [CMD_SETTINGS] = decide_settings, [CMD_BOOT] = decide_boot,
      [CMD_EPOCH] = decide_epoch,     [CMD_DELIVERY] = decide_delivery, [CMD_REFUSED] = decide_refused,
      [CMD_ERASED] = decide_erased,   [CMD_MESSAGE] = decide_message,
  };
  ret->n = ret->main = 0;
  ret->undo = (struct undo_record){.class = UNDO_NEVER};
  ret->current = (struct ticket){0};
  int code = decide[c->kind](&(struct decide_ctx){q, c, undo, now, ret});
  if (code == REFUSE_NONE && c->remote)
    ret->changes[ret->main].remote = remote_copy(c->remote);
  return code;
}

void decision_done(struct decision *d)
{
  for (size_t i = 0; i < d->n; i++)
    change_done(&d->changes[i]);
  d->n = 0;
  person_unref(d->undo.before.person);
  d->undo = (struct undo_record){.class = UNDO_NEVER};
}
