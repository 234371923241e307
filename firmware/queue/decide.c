/* decide.c - what a command does, or why not.
 *
 * A decision only looks. It answers with whole tickets as they will be, under the ids that their events will bear,
 * and with what it takes to go back: the fields that the command changes, as they were. One commit later the same
 * changes are applied here and in every view.
 */
#include <stdio.h>

#include "queue/decide.h"
#include "queue/rank.h"

/* --- what every decision writes ------------------------------------------------------------------------------ */

static int64_t next_event(const struct deed *d)
{
  return d->now->event + (int64_t)d->ret->n;
}

struct change *decide_emit(const struct deed *d, enum event_type type, const struct ticket *t)
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

static struct change *emit_main(const struct deed *d, enum event_type type, struct ticket *t)
{
  d->ret->main = d->ret->n;
  t->version++;
  t->actor = d->c->actor;
  return decide_emit(d, type, t);
}

static uint32_t fields(const struct command *c)
{
  static const uint32_t by_kind[CMD_KINDS] = {
      [CMD_ISSUE] = FIELD_STATE | FIELD_CLOSED,
      [CMD_CALL] = FIELD_STATE | FIELD_CALLS | FIELD_DELIVERY | FIELD_CALLED | FIELD_CLOSED | FIELD_PLACE,
      [CMD_CALL_NEXT] = FIELD_STATE | FIELD_CALLS | FIELD_DELIVERY | FIELD_CALLED | FIELD_CLOSED | FIELD_PLACE,
      [CMD_SEAT] = FIELD_STATE | FIELD_CLOSED,
      [CMD_NO_SHOW] = FIELD_STATE | FIELD_CLOSED,
      [CMD_CANCEL] = FIELD_STATE | FIELD_CLOSED,
      [CMD_REQUEUE] = FIELD_STATE | FIELD_CLOSED | FIELD_DELIVERY | FIELD_PLACE,
      [CMD_PHONED] = FIELD_DELIVERY,
  };
  if (c->kind != CMD_EDIT)
    return by_kind[c->kind];
  return (c->edits & EDIT_PARTY ? FIELD_PARTY : 0) | (c->edits & ~EDIT_PARTY ? FIELD_PERSON : 0);
}

/* The ticket as it was and as it will be, and the way back. */
static int commit(const struct deed *d, const struct ticket *before, struct ticket *t)
{
  const struct command_spec *spec = &command_specs[d->c->kind];
  int64_t id = next_event(d);
  t->undo[spec->undo] = id;
  emit_main(d, spec->event, t);
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
      .fields = fields(d->c),
      .before = *before,
  };
  person_ref(before->person);
  return CODE_OK;
}

/* --- what every ticket command asks -------------------------------------------------------------------------- */

static int refuse(const struct deed *d, enum code code, const struct ticket *current)
{
  d->ret->current = *current;
  return (int)code;
}

static int check_version(const struct deed *d, const struct ticket *t)
{
  return d->c->if_match && d->c->if_match != t->version ? refuse(d, CODE_STALE, t) : CODE_OK;
}

/* A ticket that comes back needs its line, its number and room. */
static int check_return(const struct deed *d, const struct ticket *before, int state)
{
  if (state_active(before->state) || !state_active(state))
    return CODE_OK;
  if (queue_line(d->q, before->line) < 0)
    return refuse(d, CODE_WRONG_STATE, before);
  if (d->q->active >= LIMIT_ACTIVE)
    return CODE_QUEUE_FULL;
  return queue_bearer(d->q, before->label) ? CODE_NUMBER_TAKEN : CODE_OK;
}

static int subject(const struct deed *d, const struct node *n)
{
  if (!n)
    return CODE_NOT_FOUND;
  const struct command_spec *spec = &command_specs[d->c->kind];
  int r = check_version(d, &n->ticket);
  if (r)
    return r;
  if (spec->from && !(spec->from & 1u << n->ticket.state))
    return refuse(d, CODE_WRONG_STATE, &n->ticket);
  return check_return(d, &n->ticket, spec->to);
}

/* --- commands of a ticket ------------------------------------------------------------------------------------ */

static void enter(const struct deed *d, struct ticket *t)
{
  t->state = command_specs[d->c->kind].to;
  t->closed_at = state_active(t->state) ? 0 : d->now->wall_ms;
}

static bool party_valid(const struct command *c)
{
  return c->party_size >= 1 && c->party_size <= LIMIT_PARTY;
}

static int decide_issue(const struct deed *d)
{
  const struct queue *q = d->q;
  const struct command *c = d->c;
  int line = *c->line ? queue_line(q, c->line) : 0;
  if (line < 0 || !party_valid(c))
    return CODE_INVALID;
  if (q->intake.state != INTAKE_OPEN)
    return CODE_INTAKE_CLOSED;
  if (q->active >= LIMIT_ACTIVE)
    return CODE_QUEUE_FULL;

  const struct line *of = &q->settings.lines[line];
  const struct lane *lane = &q->lanes[line];
  struct ticket t = {
      .id = q->last_id + 1,
      .number = lane->count,
      .day = q->day.id,
      .date = q->day.date,
      .party_size = c->party_size,
      .source = c->source,
      .issued_at = d->now->wall_ms,
      .rank = place_back(lane),
      .person = c->person,
  };
  do {
    t.number++;
    snprintf(t.label, sizeof t.label, "%s%s%u", of->prefix, *of->prefix ? "-" : "", t.number);
  } while (queue_bearer(q, t.label));
  memcpy(t.line, of->id, sizeof t.line);
  memcpy(t.token, c->token, sizeof t.token);
  enter(d, &t);
  return commit(d, &(struct ticket){.id = t.id}, &t);
}

static int call(const struct deed *d, const struct node *n)
{
  int r = subject(d, n);
  if (r)
    return r;
  struct ticket t = n->ticket;
  enter(d, &t);
  t.calls = (uint16_t)min(t.calls + 1, UINT16_MAX);
  t.called_at = d->now->wall_ms;
  t.called_mono = d->now->mono_ms;
  t.call_event = next_event(d);
  t.delivery = t.source == SOURCE_HUB ? DELIVERY_PENDING : DELIVERY_NONE; /* the hub will tell */
  return commit(d, &n->ticket, &t);
}

static int decide_call(const struct deed *d)
{
  return call(d, queue_node(d->q, d->c->ticket));
}

/* A button has no eyes: it cannot have seen the call that was made a moment ago. */
static bool too_soon(const struct deed *d, int line)
{
  bool soon = false;
  for (int i = 0; i < d->q->settings.n_lines; i++)
    soon |= (line < 0 || line == i) && d->now->mono_ms - d->q->lanes[i].last_call_mono < LIMIT_PRESS_GUARD_MS;
  return soon && d->c->actor == ACTOR_BUTTON;
}

static int decide_call_next(const struct deed *d)
{
  const struct command *c = d->c;
  int line = queue_line(d->q, c->line);
  if (*c->line && line < 0)
    return CODE_INVALID;
  if (too_soon(d, line))
    return CODE_TOO_SOON;
  const struct node *first = queue_first_node(d->q, line);
  if (!first)
    return CODE_NOTHING_WAITING;
  if (c->expect && c->expect != first->ticket.id)
    return refuse(d, CODE_STALE, &first->ticket);
  return call(d, first);
}

static int close_ticket(const struct deed *d, const struct node *n)
{
  int r = subject(d, n);
  if (r)
    return r;
  struct ticket t = n->ticket;
  enter(d, &t);
  return commit(d, &n->ticket, &t);
}

static int decide_close(const struct deed *d)
{
  return close_ticket(d, queue_node(d->q, d->c->ticket));
}

static int decide_seat(const struct deed *d)
{
  if (d->c->ticket)
    return decide_close(d);
  const struct node *last = node_of(roll_last(&d->q->called));
  return last ? close_ticket(d, last) : CODE_NOTHING_WAITING;
}

/* Staff name a place. A guest lets so many go first, from where he stands: nobody defers to the front. */
static void put_off(const struct deed *d, const struct lane *lane, const struct node *n, struct ticket *t)
{
  struct push pushes[LIMIT_EVENTS];
  bool stands = d->c->actor == ACTOR_HUB && n->ticket.state == TICKET_WAITING;
  size_t ahead = stands ? roll_index(&lane->waiting, &n->roll) : 0;
  size_t pushed = place_after(lane, n, ahead + d->c->after, &t->rank, pushes);
  while (pushed--) { /* from the back, so that nobody is ever seen in a wrong order */
    struct ticket aside = *pushes[pushed].ticket;
    aside.rank = pushes[pushed].rank;
    decide_emit(d, EVENT_REQUEUED, &aside);
  }
}

static int decide_requeue(const struct deed *d)
{
  const struct node *n = queue_node(d->q, d->c->ticket);
  int r = subject(d, n);
  if (r)
    return r;
  if (d->c->actor == ACTOR_HUB && !state_active(n->ticket.state))
    return refuse(d, CODE_WRONG_STATE, &n->ticket); /* a guest defers; to come back is for staff to grant */
  const struct lane *lane = &d->q->lanes[n->lane];
  struct ticket t = n->ticket;
  enter(d, &t);
  t.delivery = DELIVERY_NONE;
  t.held_at = 0;
  switch (d->c->position) {
  case POSITION_KEEP:
    t.held_at = next_event(d);
    break;
  case POSITION_FRONT:
    t.rank = place_front(lane);
    break;
  case POSITION_BACK:
    t.rank = place_back(lane);
    break;
  case POSITION_AFTER:
    put_off(d, lane, n, &t);
    break;
  }
  return commit(d, &n->ticket, &t);
}

static int decide_phoned(const struct deed *d)
{
  const struct node *n = queue_node(d->q, d->c->ticket);
  int r = subject(d, n);
  if (r)
    return r;
  struct ticket t = n->ticket;
  t.delivery = DELIVERY_PHONED;
  return commit(d, &n->ticket, &t);
}

static struct person *merged(const struct command *c, const struct person *was)
{
  static const struct person nobody;
  const struct person *is = c->person ? c->person : &nobody;
  was = was ? was : &nobody;
  return person_new((c->edits & EDIT_NAME ? is : was)->name, (c->edits & EDIT_PHONE ? is : was)->phone,
                    (c->edits & EDIT_NOTE ? is : was)->note);
}

static int decide_edit(const struct deed *d)
{
  const struct command *c = d->c;
  const struct node *n = queue_node(d->q, c->ticket);
  int r = subject(d, n);
  if (r)
    return r;
  if (c->edits & EDIT_PARTY && !party_valid(c))
    return CODE_INVALID;
  struct ticket t = n->ticket;
  if (c->edits & EDIT_PARTY)
    t.party_size = c->party_size;
  t.person = merged(c, t.person);
  r = commit(d, &n->ticket, &t);
  person_unref(t.person);
  return r;
}

/* --- undo ---------------------------------------------------------------------------------------------------- */

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

static void restore(const struct deed *d, struct ticket *t)
{
#define MEMBER(field, name) {field, offsetof(struct ticket, name), sizeof t->name}
  static const struct {
    uint32_t field;
    size_t at, size;
  } members[] = {
      MEMBER(FIELD_STATE, state),      MEMBER(FIELD_CALLS, calls),       MEMBER(FIELD_DELIVERY, delivery),
      MEMBER(FIELD_CALLED, called_at), MEMBER(FIELD_CALLED, call_event), MEMBER(FIELD_CLOSED, closed_at),
      MEMBER(FIELD_PLACE, rank),       MEMBER(FIELD_PLACE, held_at),     MEMBER(FIELD_PARTY, party_size),
      MEMBER(FIELD_PERSON, person),
  };
#undef MEMBER
  const struct undo_record *undo = d->undo;
  for (size_t i = 0; i < array_len(members); i++)
    if (undo->fields & members[i].field)
      memcpy((char *)t + members[i].at, (const char *)&undo->before + members[i].at, members[i].size);
  if (t->state == TICKET_CALLED)
    t->called_mono = d->now->mono_ms; /* or the no-show that was taken back would strike again at once */
  if (undo->fields & FIELD_DELIVERY && t->undo[UNDO_PHONED] > undo->id)
    t->undo[UNDO_PHONED] = undo->before.undo[UNDO_PHONED]; /* it was of the call that is taken back */
}

static int decide_undo(const struct deed *d)
{
  const struct undo_record *undo = d->undo;
  if (!undo)
    return CODE_NOTHING_TO_UNDO;
  const struct ticket *now = queue_find(d->q, undo->ticket);
  if (!now)
    return CODE_NOT_FOUND;
  int r = check_version(d, now);
  if (r)
    return r;
  if (!queue_can_undo(d->q, undo, d->now))
    return CODE_NOTHING_TO_UNDO;

  struct ticket t = *now;
  bool issued = undo->kind == CMD_ISSUE;
  if (issued) {
    t.state = TICKET_CANCELLED;
    t.closed_at = d->now->wall_ms;
  } else {
    restore(d, &t);
  }
  r = check_return(d, now, t.state);
  if (r)
    return r;
  t.undo[undo->class] = undo->prev;
  emit_main(d, issued ? EVENT_CANCELLED : EVENT_RESTORED, &t)->undoes = undo->id;
  return CODE_OK;
}

/* --- all of them --------------------------------------------------------------------------------------------- */

static struct remote *remote_copy(const struct remote *from)
{
  struct remote *copy = xnew(struct remote);
  *copy = *from;
  return copy;
}

int queue_decide(const struct queue *q, const struct command *c, const struct undo_record *undo,
                 const struct moment *now, struct decision *ret)
{
  static int (*const decide[CMD_KINDS])(const struct deed *) = {
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
  int code = decide[c->kind](&(struct deed){q, c, undo, now, ret});
  if (code == CODE_OK && c->remote)
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
