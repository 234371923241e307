/* queue_model.h - a naive model of the queue (lists in arrays, and rules looked up one by one) that lives through an
 * evening beside the real one. What happens in it is random, or as the bytes of a fuzzer say, until they are used up.
 */
#ifndef QUEUE_MODEL_H
#define QUEUE_MODEL_H

#include "queue_fixture.h"

#define LINES         3
#define MODEL_WAITING 512

struct model {
  struct fixture fx;
  uint64_t random;
  const uint8_t *bytes; /* not NULL: in place of randomness */
  size_t left;
  int64_t lists[LINES][MODEL_WAITING]; /* who waits, in order */
  size_t n[LINES];
  int64_t last_call[LINES];
  int64_t last_called[LINES]; /* mono_ms */
  uint32_t counts[LINES];
};

static uint64_t roll(struct model *m, uint64_t sides)
{
  if (m->bytes) {
    uint64_t value = 0;
    for (uint64_t above = sides - 1; above && m->left; above >>= 8, m->left--)
      value = value << 8 | *m->bytes++;
    return value % sides;
  }
  m->random ^= m->random << 13;
  m->random ^= m->random >> 7;
  m->random ^= m->random << 17;
  return (m->random >> 11) % sides;
}

static int line_of(const struct ticket *t)
{
  return t->line[0] - 'a';
}

static bool model_held(const struct model *m, const struct ticket *t)
{
  return t->held_at > m->last_call[line_of(t)];
}

/* --- the order --- */

static void list_remove(struct model *m, int line, int64_t id)
{
  size_t n = 0;
  for (size_t i = 0; i < m->n[line]; i++)
    if (m->lists[line][i] != id)
      m->lists[line][n++] = m->lists[line][i];
  m->n[line] = n;
}

static void list_insert(struct model *m, int line, int64_t id, size_t at)
{
  assert_true(m->n[line] < MODEL_WAITING);
  memmove(&m->lists[line][at + 1], &m->lists[line][at], (m->n[line] - at) * sizeof(int64_t));
  m->lists[line][at] = id;
  m->n[line]++;
}

/* Where its own rank puts it: for those that come back to a place they had. */
static size_t place_by_rank(const struct model *m, const struct ticket *t)
{
  size_t at = 0;
  for (size_t i = 0; i < m->n[line_of(t)]; i++) {
    const struct ticket *o = &m->fx.kept[m->lists[line_of(t)][i]];
    at += o->rank < t->rank || (o->rank == t->rank && o->id < t->id);
  }
  return at;
}

static size_t place_by_rule(const struct model *m, const struct command *c, const struct ticket *t)
{
  size_t n = m->n[line_of(t)];
  if (c->kind == CMD_ISSUE)
    return n;
  if (c->kind != CMD_REQUEUE || c->position == POSITION_KEEP)
    return place_by_rank(m, t);
  return c->position == POSITION_FRONT ? 0 : c->position == POSITION_BACK ? n : min(c->after, n);
}

static void model_apply(struct model *m, const struct command *c, const struct ticket *t)
{
  int line = line_of(t);
  list_remove(m, line, t->id);
  if (t->state == TICKET_WAITING)
    list_insert(m, line, t->id, place_by_rule(m, c, t));
  if (c->kind == CMD_CALL || c->kind == CMD_CALL_NEXT) {
    m->last_call[line] = fixture_event(&m->fx);
    m->last_called[line] = m->fx.now.mono_ms;
    assert_int_equal(t->call_event, fixture_event(&m->fx));
  }
}

/* --- invariants --- */

static void check_numbers(const struct model *m)
{
  for (const struct ticket *t = NULL; (t = queue_next(m->fx.queue, t));)
    for (const struct ticket *o = t; (o = queue_next(m->fx.queue, o));) {
      assert_int_not_equal(t->id, o->id); /* one state each */
      bool active = t->state <= TICKET_CALLED && o->state <= TICKET_CALLED;
      if (active || t->day == o->day)
        assert_string_not_equal(t->label, o->label);
    }
}

static void check_order(const struct model *m)
{
  size_t at[LINES] = {0}, waiting = 0, called = 0, closed = 0;
  int64_t call = 0;
  for (const struct ticket *t = NULL; (t = queue_next(m->fx.queue, t));) {
    int line = line_of(t);
    assert_ptr_equal(queue_find(m->fx.queue, t->id), t);
    assert_true(ticket_same(t, &m->fx.kept[t->id]));
    if (t->state == TICKET_WAITING) {
      assert_int_equal(t->id, m->lists[line][at[line]++]);
      assert_int_equal(queue_position(m->fx.queue, t), at[line]);
      assert_int_equal(queue_held(m->fx.queue, t), model_held(m, t));
      assert_int_equal(called + closed, 0);
      waiting++;
    } else {
      assert_int_equal(queue_position(m->fx.queue, t), 0);
      assert_true(t->state != TICKET_CALLED || t->call_event > call);
      call = t->state == TICKET_CALLED ? t->call_event : call;
      *(t->state == TICKET_CALLED ? &called : &closed) += 1;
    }
    assert_int_equal(t->closed_at != 0, t->state > TICKET_CALLED);
  }
  for (int i = 0; i < LINES; i++)
    assert_int_equal(at[i], m->n[i]);
  assert_int_equal(queue_waiting(m->fx.queue, -1), waiting);
  assert_int_equal(queue_active(m->fx.queue), waiting + called);
  assert_in_range(closed, 0, LIMIT_CLOSED + 1); /* and one that was fetched */
}

/* --- one command --- */

static const struct ticket *expected_first(const struct model *m, int line)
{
  const struct ticket *first = NULL;
  for (size_t i = 0; i < m->n[line]; i++) {
    const struct ticket *t = &m->fx.kept[m->lists[line][i]];
    if (!first || (model_held(m, first) && !model_held(m, t)))
      first = t;
  }
  return first;
}

static const struct ticket *expected_any(const struct model *m)
{
  const struct ticket *first = NULL;
  for (int i = 0; i < LINES; i++) {
    const struct ticket *t = expected_first(m, i);
    if (t && (!first || model_held(m, t) < model_held(m, first) ||
              (model_held(m, t) == model_held(m, first) && t->id < first->id)))
      first = t;
  }
  return first;
}

static void check_call_next(const struct model *m, const struct command *c, int code, const struct ticket *first)
{
  bool soon = false;
  for (int i = 0; i < LINES; i++)
    soon |= (!*c->line || c->line[0] - 'a' == i) && m->last_called[i] && m->fx.now.mono_ms - m->last_called[i] < 2000;
  int expected = soon && c->actor == ACTOR_BUTTON      ? REFUSE_TOO_SOON
                 : !first                              ? REFUSE_NOTHING_WAITING
                 : c->expect && c->expect != first->id ? REFUSE_STALE
                                                       : REFUSE_NONE;
  assert_int_equal(code, expected);
  if (code == REFUSE_NONE)
    assert_int_equal(fixture_main(&m->fx)->id, first->id);
}

static void check_issue(struct model *m, const struct ticket *t)
{
  uint32_t *count = &m->counts[line_of(t)];
  assert_true(t->number > *count);
  for (uint32_t n = *count + 1; n < t->number; n++) { /* those between are borne by others */
    bool borne = false;
    for (const struct ticket *o = NULL; (o = queue_next(m->fx.queue, o));)
      borne |= o->state <= TICKET_CALLED && o->number == n && strcmp(o->line, t->line) == 0;
    assert_true(borne);
  }
  *count = t->number;
}

static void check_undo(const struct undo_record *r, const struct ticket *was, const struct ticket *is)
{
  if (r->kind == CMD_ISSUE) {
    assert_int_equal(is->state, TICKET_CANCELLED);
    assert_int_equal(ticket_differs(was, is) & ~(uint32_t)(FIELD_STATE | FIELD_CLOSED), 0);
    return;
  }
  assert_int_equal(ticket_differs(&r->before, is) & r->fields, 0); /* what it changed is as it was */
  assert_int_equal(ticket_differs(was, is) & ~r->fields, 0);       /* and nothing else moved */
  assert_int_equal(is->undo[r->class], r->prev);
}

/* What became of a call's push: of the latest call only, and never over what staff know better. */
static void check_delivery(const struct model *m, const struct command *c, int code, const struct ticket *was)
{
  bool fits = c->ticket > 0 && c->ticket <= m->fx.last_id && c->delivery != DELIVERY_NONE &&
              c->delivery < DELIVERY_PHONED && c->call && was->call_event == c->call && was->state != TICKET_WAITING &&
              was->delivery != DELIVERY_PHONED && was->delivery != c->delivery;
  assert_int_equal(code == REFUSE_NONE, fits);
  if (code != REFUSE_NONE)
    return;
  struct ticket expected = *was;
  expected.delivery = c->delivery;
  assert_true(ticket_same(&expected, fixture_main(&m->fx)));
  assert_int_equal(m->fx.last.n, 1);
}

static void check_command(struct model *m, const struct command *c, int code, const struct ticket *was)
{
  if (c->kind == CMD_DELIVERY) {
    check_delivery(m, c, code, was);
    return;
  }
  if (code != REFUSE_NONE) {
    assert_in_range(code, REFUSE_NONE + 1, REFUSE_TOO_SOON);
    return;
  }
  const struct fixture *fx = &m->fx;
  const struct ticket *t = fixture_main(fx);
  if (!t->id)
    return;
  assert_int_equal(t->version, was->version + 1);
  assert_int_equal(t->actor, c->actor);
  if (was->id)
    assert_true(ticket_same_origin(was, t));
  for (size_t i = 0; i < fx->last.main; i++) { /* who moves aside is not touched otherwise */
    const struct ticket *aside = &fx->last.changes[i].ticket;
    assert_int_equal(aside->state, TICKET_WAITING);
    assert_int_not_equal(aside->id, t->id);
  }
  if (c->kind == CMD_ISSUE)
    check_issue(m, t);
  if (c->kind == CMD_CALL || c->kind == CMD_CALL_NEXT)
    assert_int_equal(t->delivery, t->source == SOURCE_HUB ? DELIVERY_PENDING : DELIVERY_NONE);
  if (c->kind == CMD_UNDO)
    check_undo(&fx->records[c->undo - 1], was, t);
  else
    assert_int_equal(ticket_differs(was, t) & ~fx->last.undo.fields,
                     c->kind == CMD_ISSUE ? ticket_differs(was, t) & ~fx->last.undo.fields : 0);
  model_apply(m, c, t);
}

/* Runs it; the ticket as it was is compared with the ticket as it is. */
static int run(struct model *m, struct command c)
{
  struct fixture *fx = &m->fx;
  const struct undo_record *r = c.undo ? &fx->records[c.undo - 1] : NULL;
  const struct ticket *first = NULL;
  int64_t id = c.kind == CMD_UNDO && r && r->class != UNDO_NEVER ? r->ticket : c.ticket;
  if (c.kind == CMD_CALL_NEXT) {
    first = *c.line ? expected_first(m, c.line[0] - 'a') : expected_any(m);
    id = first ? first->id : 0;
  }
  if (c.kind == CMD_SEAT && !c.ticket)
    for (const struct ticket *t = NULL; (t = queue_next(fx->queue, t));)
      id = t->state == TICKET_CALLED ? t->id : id; /* oldest call first */
  struct ticket was = fx->kept[id];
  person_ref(was.person);
  int code = fixture_do(fx, c);
  if (c.kind == CMD_CALL_NEXT)
    check_call_next(m, &c, code, first);
  check_command(m, &c, code, &was);
  person_unref(was.person);
  return code;
}

static void random_person(struct model *m, struct command *c)
{
  static const char *const texts[] = {NULL, "", "민아", "Kim", "010-1234-5678", "창가 자리"};
  c->person = person_new(texts[roll(m, 6)], texts[roll(m, 6)], texts[roll(m, 6)]);
}

static int64_t random_ticket(struct model *m)
{
  int64_t recent = min(m->fx.last_id, 40); /* mostly those about whom something is going on */
  return roll(m, 8) ? m->fx.last_id - (int64_t)roll(m, (uint64_t)recent + 1)
                    : (int64_t)roll(m, (uint64_t)m->fx.last_id + 2);
}

static struct command random_command(struct model *m)
{
  static const enum command_kind kinds[] = {
      CMD_ISSUE, CMD_ISSUE, CMD_ISSUE,   CMD_CALL,   CMD_CALL_NEXT, CMD_CALL_NEXT, CMD_CALL_NEXT, CMD_SEAT,
      CMD_SEAT,  CMD_SEAT,  CMD_NO_SHOW, CMD_CANCEL, CMD_REQUEUE,   CMD_REQUEUE,   CMD_REQUEUE,   CMD_PHONED,
      CMD_EDIT,  CMD_UNDO,  CMD_UNDO,    CMD_UNDO,   CMD_DELIVERY,  CMD_DELIVERY};
  struct command c = {
      .kind = kinds[roll(m, array_len(kinds))],
      .actor = roll(m, 4) ? (int32_t)roll(m, 3) + 1 : ACTOR_BUTTON,
      .ticket = random_ticket(m),
      .party_size = (uint16_t)(1 + roll(m, 99)),
      .edits = (uint8_t)roll(m, 16),
      .position = (enum position)roll(m, 4),
      .after = (uint32_t)(roll(m, 3) ? roll(m, 5) : roll(m, 100)),
      .token = {(int64_t)m->random, 1},
  };
  if (roll(m, 3) == 0)
    c.line[0] = (char)('a' + roll(m, LINES));
  if (c.kind == CMD_CALL_NEXT && roll(m, 5) == 0)
    c.expect = c.ticket;
  if (c.kind == CMD_CALL_NEXT || c.kind == CMD_ISSUE || (c.kind == CMD_SEAT && roll(m, 4) == 0))
    c.ticket = 0;
  if (c.ticket > 0 && c.ticket <= m->fx.last_id && roll(m, 4) == 0)
    c.if_match = m->fx.kept[c.ticket].version + (roll(m, 4) == 0);
  if (c.kind == CMD_UNDO) {
    int64_t back = 1 + (int64_t)roll(m, roll(m, 2) ? 3 : 60);
    c.undo = max(m->fx.now.event - back, 1);
    c.ticket = 0;
    c.if_match = 0;
  }
  if (c.kind == CMD_EDIT || c.kind == CMD_ISSUE)
    random_person(m, &c);
  if (c.kind == CMD_ISSUE)
    c.source = roll(m, 2) ? SOURCE_HUB : SOURCE_STAFF;
  if (c.kind == CMD_DELIVERY) {
    const struct ticket *about = &m->fx.kept[c.ticket > 0 && c.ticket <= m->fx.last_id ? c.ticket : 0];
    c = (struct command){.kind = CMD_DELIVERY, .actor = ACTOR_HUB, .ticket = c.ticket};
    c.call = about->call_event - (roll(m, 4) == 0);
    c.delivery = (uint8_t)roll(m, DELIVERY_PHONED + 1);
  }
  return c;
}

/* Time passes; now and then a night, and then it is another day. */
static void pass(struct model *m)
{
  struct fixture *fx = &m->fx;
  fixture_pass(fx, (int64_t)roll(m, roll(m, 200) ? 3000 : 12 * 3600 * 1000));
  fx->now.date = 20260911 + (int32_t)((fx->now.wall_ms - INT64_C(1789124400000)) / (86400 * 1000));
  struct command c;
  while (queue_due_command(fx->queue, &fx->now, &c)) {
    assert_int_equal(run(m, c), REFUSE_NONE);
    if (c.kind == CMD_DAY)
      memset(m->counts, 0, sizeof m->counts);
  }
}

/* What is not about one guest. */
static void booth_command(struct model *m)
{
  struct fixture *fx = &m->fx;
  struct command c = {.kind = CMD_INTAKE, .actor = 1, .intake = (uint8_t)(roll(m, 3) ? INTAKE_OPEN : roll(m, 3))};
  switch (roll(m, 7)) {
  case 0: { /* lines change their order */
    c = (struct command){.kind = CMD_SETTINGS, .actor = 1, .settings = xnew(struct settings)};
    *c.settings = *queue_settings(fx->queue);
    size_t i = roll(m, LINES);
    struct line line = c.settings->lines[i];
    c.settings->lines[i] = c.settings->lines[0];
    c.settings->lines[0] = line;
    break;
  }
  case 1: /* the clock loses trust, or has it back */
    fx->now.trusted = !fx->now.trusted;
    c = (struct command){.kind = CMD_CLOCK, .actor = ACTOR_TIMER, .old_wall_ms = fx->now.wall_ms - 1000};
    break;
  case 2:
    c = (struct command){.kind = CMD_BOOT, .actor = ACTOR_TIMER};
    break;
  case 3:
    c = (struct command){.kind = CMD_ERASED, .actor = ACTOR_TIMER, .erased = xnew(struct erased_days)};
    c.erased->days[c.erased->n++].id = queue_day(fx->queue)->id - (int32_t)roll(m, 2);
    break;
  case 4:
    c = (struct command){.kind = CMD_MESSAGE, .actor = ACTOR_HUB, .message = xnew(struct notice)};
    break;
  default:
    c.resume_after_s = c.intake == INTAKE_PAUSED && roll(m, 2) ? 30 : 0;
  }
  assert_int_equal(run(m, c), REFUSE_NONE);
  if (roll(m, 8) == 0 && run(m, (struct command){.kind = CMD_DAY, .actor = 1}) == REFUSE_NONE)
    memset(m->counts, 0, sizeof m->counts);
}

/* Ranks so close that neighbours will have to move aside. */
static void squeeze(struct model *m)
{
  for (int64_t id = 1; id <= m->fx.last_id; id++) {
    m->fx.kept[id].rank >>= 39;
    queue_put(m->fx.queue, &m->fx.kept[id]);
    queue_put(m->fx.view, &m->fx.kept[id]);
  }
}

/* How often somebody had to move aside. */
static size_t evening(struct model m, uint64_t seed, int commands)
{
  size_t moved_aside = 0;
  struct settings s = fixture_settings(LINES);
  s.no_show_after_s = seed % 2 ? 0 : 60;
  fixture_start(&m.fx, &s);
  pass(&m);
  for (uint64_t crowd = roll(&m, 80); crowd; crowd--)
    assert_int_equal(
        run(&m, (struct command){.kind = CMD_ISSUE, .party_size = 2, .line = {(char)('a' + crowd % LINES)}}),
        REFUSE_NONE);
  if (seed % 3 == 0)
    squeeze(&m);
  for (int i = 0; i < commands && (!m.bytes || m.left); i++) {
    pass(&m);
    if (roll(&m, 30) == 0)
      booth_command(&m);
    int64_t head = m.fx.now.event;
    int code = run(&m, random_command(&m));
    assert_true(code == REFUSE_NONE || m.fx.now.event == head);
    moved_aside += code == REFUSE_NONE ? m.fx.last.main : 0;
    if (code == REFUSE_NONE && m.fx.last.undo.class != UNDO_NEVER && roll(&m, 8) == 0) { /* and at once back */
      struct undo_record r = m.fx.last.undo;
      assert_int_equal(run(&m, (struct command){.kind = CMD_UNDO, .actor = 1, .undo = r.id}), REFUSE_NONE);
      if (r.kind != CMD_ISSUE)
        assert_int_equal(ticket_differs(&m.fx.records[r.id - 1].before, fixture_main(&m.fx)), 0);
    }
    if (i % 4 == 0)
      check_order(&m);
    if (i % 100 == 0) {
      check_numbers(&m);
      queue_assert_same(m.fx.queue, m.fx.view);
    }
  }
  struct queue *clone = queue_clone(m.fx.queue);
  queue_assert_same(m.fx.queue, clone);
  queue_free(clone);
  fixture_end(&m.fx);
  return moved_aside;
}

#endif
