/* queue_fixture.h - a booth without a disk: a queue, a view that sees only its changes, a clock that the test turns,
 * and what a store would keep: undo records, and closed tickets that left memory. Each command that goes through is
 * checked for what holds for all of them.
 */
#ifndef QUEUE_FIXTURE_H
#define QUEUE_FIXTURE_H

#include "unit.h"

#include "panel/gestures.h"
#include "queue/queue.h"

#define WORLD_EVENTS 20000

struct fixture {
  struct queue *queue, *view;
  struct moment now;
  struct undo_record *records; /* [event - 1]; class UNDO_NEVER: none */
  struct ticket *kept;         /* [ticket id]: as of its last change */
  int64_t last_id;
  struct decision last; /* of the last command that went through; done when the next one does */
};

static inline struct settings fixture_settings(int lines)
{
  struct settings s = {.name = "booth", .n_lines = (uint8_t)lines, .languages = {"ko", "en"}, .cutover_min = 360};
  for (int i = 0; i < lines; i++) {
    s.lines[i].id[0] = (char)('a' + i);
    s.lines[i].name[0] = (char)('a' + i);
    s.lines[i].prefix[0] = i ? (char)('A' + i) : '\0';
  }
  return s;
}

static inline void fixture_start(struct fixture *fx, const struct settings *s)
{
  *fx = (struct fixture){.queue = queue_new(s), .view = queue_new(s)};
  fx->now = (struct moment){
      .wall_ms = INT64_C(1789124400000), .mono_ms = 10000, .event = 1, .date = 20260911, .trusted = true};
  fx->records = xcalloc(WORLD_EVENTS, sizeof *fx->records);
  fx->kept = xcalloc(WORLD_EVENTS, sizeof *fx->kept);
}

static inline void fixture_end(struct fixture *fx)
{
  decision_done(&fx->last);
  for (int64_t i = 0; i < fx->now.event - 1; i++)
    person_unref(fx->records[i].before.person);
  for (int64_t i = 0; i <= fx->last_id; i++)
    person_unref(fx->kept[i].person);
  free(fx->records);
  free(fx->kept);
  queue_free(fx->queue);
  queue_free(fx->view);
}

static inline void fixture_pass(struct fixture *fx, int64_t ms)
{
  fx->now.mono_ms += ms;
  fx->now.wall_ms += ms;
}

/* A closed ticket that left memory is fetched, as the writer does. */
static inline void fixture_fetch(struct fixture *fx, int64_t id)
{
  if (id > 0 && id <= fx->last_id && !queue_find(fx->queue, id)) {
    queue_put(fx->queue, &fx->kept[id]);
    queue_put(fx->view, &fx->kept[id]);
  }
}

/* Closed tickets of those days have no names any more, and no edit that could bring them back. */
static inline void fixture_erase(struct fixture *fx, const struct erased_days *e)
{
  for (int64_t id = 1; id <= fx->last_id; id++)
    for (size_t i = 0; i < e->n; i++)
      if (fx->kept[id].day == e->days[i].id && !state_active(fx->kept[id].state))
        person_unref(take(fx->kept[id].person));
  for (int64_t i = 0; i < fx->now.event - 1; i++)
    if (fx->records[i].fields & FIELD_PERSON && !state_active(fx->kept[fx->records[i].ticket].state) &&
        fx->kept[fx->records[i].ticket].day == e->days[0].id)
      fx->records[i].class = UNDO_NEVER;
}

/* What a store does besides: a day's new date is that of all its tickets; timers start again. */
static inline void fixture_keep(struct fixture *fx, const struct change *c)
{
  if (c->type == EVENT_ERASED)
    fixture_erase(fx, c->erased);
  if (c->type != EVENT_DAY && c->type != EVENT_BOOTED)
    return;
  for (int64_t id = 1; id <= fx->last_id; id++) {
    if (c->type == EVENT_DAY && fx->kept[id].day == c->day.id)
      fx->kept[id].date = c->day.date;
    if (c->type == EVENT_BOOTED && fx->kept[id].state == TICKET_CALLED)
      fx->kept[id].called_mono = c->mono_ms;
  }
}

static inline void fixture_commit(struct fixture *fx, struct decision *d)
{
  assert_in_range(d->n, 1, LIMIT_EVENTS);
  assert_true(d->main < d->n);
  for (size_t i = 0; i < d->n; i++) {
    const struct change *c = &d->changes[i];
    assert_int_equal(c->id, fx->now.event + (int64_t)i);
    assert_int_equal(c->cmd, fx->now.event);
    queue_apply(fx->queue, c);
    queue_apply(fx->view, c);
    fx->records[c->id - 1].class = UNDO_NEVER;
    fixture_keep(fx, c);
    if (c->ticket.id) {
      person_ref(c->ticket.person);
      person_unref(fx->kept[c->ticket.id].person);
      fx->kept[c->ticket.id] = c->ticket;
      fx->last_id = max(fx->last_id, c->ticket.id);
    }
  }
  if (d->undo.class != UNDO_NEVER) {
    assert_int_equal(d->undo.id, d->changes[d->main].id);
    fx->records[d->undo.id - 1] = d->undo;
    person_ref(d->undo.before.person);
  }
  fx->now.event += (int64_t)d->n;
  assert_true(fx->now.event < WORLD_EVENTS - LIMIT_EVENTS);
}

static inline int fixture_do(struct fixture *fx, struct command c)
{
  struct undo_record *undo = c.kind == CMD_UNDO && c.undo ? &fx->records[c.undo - 1] : NULL;
  undo = undo && undo->class != UNDO_NEVER ? undo : NULL;
  fixture_fetch(fx, undo ? undo->ticket : c.ticket);
  struct decision d;
  int r = queue_decide(fx->queue, &c, undo, &fx->now, &d);
  if (r == REFUSE_NONE) {
    fixture_commit(fx, &d);
    decision_done(&fx->last);
    fx->last = d;
  } else {
    assert_int_equal(d.n, 0);
    if (r == REFUSE_STALE || r == REFUSE_WRONG_STATE) {
      fx->last.current = d.current;
      fx->last.current.person = NULL;
    }
    decision_done(&d);
  }
  command_done(&c);
  return r;
}

static inline const struct ticket *fixture_main(const struct fixture *fx)
{
  return &fx->last.changes[fx->last.main].ticket;
}
static inline int64_t fixture_event(const struct fixture *fx)
{
  return fx->last.changes[fx->last.main].id;
}
static inline int fixture_state(const struct fixture *fx, int64_t id)
{
  return fx->kept[id].state;
}

static inline int fixture_ticket(struct fixture *fx, enum command_kind kind, int64_t id)
{
  return fixture_do(fx, (struct command){.kind = kind, .actor = 1, .ticket = id});
}

static inline int64_t fixture_issue(struct fixture *fx, const char *line)
{
  struct command c = {.kind = CMD_ISSUE, .actor = 1, .party_size = 2, .token = {1, 2}};
  util_copy(c.line, sizeof c.line, line);
  assert_int_equal(fixture_do(fx, c), REFUSE_NONE);
  return fixture_main(fx)->id;
}

static inline int fixture_requeue(struct fixture *fx, int64_t id, enum position position, uint32_t after)
{
  return fixture_do(
      fx, (struct command){.kind = CMD_REQUEUE, .actor = 1, .ticket = id, .position = position, .after = after});
}

static inline int fixture_undo(struct fixture *fx, int64_t event)
{
  return fixture_do(fx, (struct command){.kind = CMD_UNDO, .actor = 1, .undo = event});
}

static inline int fixture_next(struct fixture *fx, const char *line)
{
  struct command c = {.kind = CMD_CALL_NEXT, .actor = 1};
  util_copy(c.line, sizeof c.line, line);
  return fixture_do(fx, c);
}

/* Does what time has brought about; how many commands that were. */
static inline int fixture_due(struct fixture *fx)
{
  struct command c;
  int n = 0;
  for (; queue_due_command(fx->queue, &fx->now, &c); n++) {
    assert_true(n < 10000);
    assert_int_equal(fixture_do(fx, c), REFUSE_NONE);
  }
  return n;
}

static inline bool text_same(const char *a, const char *b)
{
  return a && b ? strcmp(a, b) == 0 : a == b;
}

static inline bool person_same(const struct person *a, const struct person *b)
{
  static const struct person nobody;
  a = a ? a : &nobody;
  b = b ? b : &nobody;
  return text_same(a->name, b->name) && text_same(a->phone, b->phone) && text_same(a->note, b->note);
}

/* The FIELD_ mask in which they differ. */
static inline uint32_t ticket_differs(const struct ticket *a, const struct ticket *b)
{
  return (a->state != b->state ? FIELD_STATE : 0) | (a->calls != b->calls ? FIELD_CALLS : 0) |
         (a->delivery != b->delivery ? FIELD_DELIVERY : 0) |
         (a->called_at != b->called_at || a->call_event != b->call_event ? FIELD_CALLED : 0) |
         (a->closed_at != b->closed_at ? FIELD_CLOSED : 0) |
         (a->rank != b->rank || a->held_at != b->held_at ? FIELD_RANK : 0) |
         (a->party_size != b->party_size ? FIELD_PARTY : 0) | (person_same(a->person, b->person) ? 0 : FIELD_PERSON);
}

/* In everything that no command may change: what is given at issue. */
static inline bool ticket_same_origin(const struct ticket *a, const struct ticket *b)
{
  return a->id == b->id && a->number == b->number && a->day == b->day && a->source == b->source &&
         a->issued_at == b->issued_at && strcmp(a->line, b->line) == 0 && strcmp(a->label, b->label) == 0 &&
         memcmp(a->token, b->token, sizeof a->token) == 0;
}

static inline bool ticket_same(const struct ticket *a, const struct ticket *b)
{
  return ticket_same_origin(a, b) && !ticket_differs(a, b) && a->version == b->version && a->actor == b->actor &&
         a->date == b->date && a->called_mono == b->called_mono && memcmp(a->undo, b->undo, sizeof a->undo) == 0;
}

/* Walks two queues side by side. */
static inline void queue_assert_same_tickets(const struct queue *a, const struct queue *b)
{
  const struct ticket *x = NULL, *y = NULL;
  do {
    x = queue_next(a, x);
    y = queue_next(b, y);
    assert_int_equal(!x, !y);
    if (x) {
      assert_true(ticket_same(x, y));
      assert_int_equal(queue_position(a, x), queue_position(b, y));
      assert_int_equal(queue_held(a, x), queue_held(b, y));
    }
  } while (x);
}

static inline void queue_assert_same(const struct queue *a, const struct queue *b)
{
  queue_assert_same_tickets(a, b);
  assert_memory_equal(queue_settings(a), queue_settings(b), sizeof(struct settings));
  assert_int_equal(queue_active(a), queue_active(b));
  assert_int_equal(queue_day(a)->id, queue_day(b)->id);
  assert_int_equal(queue_day(a)->date, queue_day(b)->date);
  assert_int_equal(queue_intake(a)->state, queue_intake(b)->state);
  assert_int_equal(queue_next_due(a), queue_next_due(b));
  for (int i = 0; i < queue_settings(a)->n_lines; i++) {
    struct estimate e = queue_estimate(a, i, 3), f = queue_estimate(b, i, 3);
    assert_true(e.low_s == f.low_s && e.high_s == f.high_s);
    assert_ptr_equal(!queue_first(a, i), !queue_first(b, i));
  }
}

#endif
