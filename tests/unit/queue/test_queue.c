/* The state machine, rule by rule. Random sequences are queue/test_decide.c's. */
#include "queue_fixture.h"

#include <stdio.h>

static struct world w;

static int start_with(int lines)
{
  struct settings s = world_settings(lines);
  world_start(&w, &s);
  assert_int_equal(world_due(&w), 1); /* the first day */
  return 0;
}

static int start(void **state)
{
  (void)state;
  return start_with(1);
}

static int start_two(void **state)
{
  (void)state;
  return start_with(2);
}

static int start_bare(void **state)
{
  (void)state;
  struct settings s = world_settings(1);
  world_start(&w, &s);
  return 0;
}

static int end(void **state)
{
  (void)state;
  queue_assert_same(w.queue, w.view);
  struct queue *clone = queue_clone(w.queue);
  queue_assert_same(w.queue, clone);
  queue_free(clone);
  world_end(&w);
  return 0;
}

static void assert_order(const char *line, size_t n, const int64_t ids[])
{
  int index = queue_line(w.queue, line);
  assert_int_equal(queue_waiting(w.queue, index), n);
  size_t i = 0;
  for (const struct ticket *t = NULL; (t = queue_next(w.queue, t)) && t->state == TICKET_WAITING;)
    if (strcmp(t->line, line) == 0) {
      assert_int_equal(t->id, ids[i++]);
      assert_int_equal(queue_position(w.queue, t), i);
    }
  assert_int_equal(i, n);
}
#define ORDER(...) assert_order("a", array_len(((int64_t[]){__VA_ARGS__})), (int64_t[]){__VA_ARGS__})

static void assert_first(int64_t id)
{
  const struct ticket *first = queue_first(w.queue, -1);
  assert_int_equal(first ? first->id : 0, id);
}

static int64_t issue(void)
{
  return world_issue(&w, "");
}
static void ok(int code)
{
  assert_int_equal(code, REFUSE_NONE);
}

/* A ticket in each state, freshly issued. */
static int64_t ticket_in(enum ticket_state state)
{
  static const enum command_kind way[TICKET_STATES] = {
      [TICKET_SEATED] = CMD_SEAT, [TICKET_NO_SHOW] = CMD_NO_SHOW, [TICKET_CANCELLED] = CMD_CANCEL};
  int64_t id = issue();
  if (state == TICKET_WAITING)
    return id;
  ok(world_ticket(&w, CMD_CALL, id));
  if (state != TICKET_CALLED)
    ok(world_ticket(&w, way[state], id));
  return id;
}

/* product.md's table: from each state, to which; NOT = refused. */
static void test_table(void **state)
{
  (void)state;
  enum { W = TICKET_WAITING, C = TICKET_CALLED, S = TICKET_SEATED, N = TICKET_NO_SHOW, X = TICKET_CANCELLED, NOT = -1 };
  static const struct {
    enum command_kind kind;
    int to[TICKET_STATES];
    enum event_type event;
  } rows[] = {
      {CMD_CALL, {C, C, NOT, C, NOT}, EVENT_CALLED},
      {CMD_SEAT, {S, S, NOT, S, NOT}, EVENT_SEATED},
      {CMD_NO_SHOW, {NOT, N, NOT, NOT, NOT}, EVENT_NO_SHOW},
      {CMD_CANCEL, {X, X, NOT, X, NOT}, EVENT_CANCELLED},
      {CMD_REQUEUE, {W, W, W, W, W}, EVENT_REQUEUED},
      {CMD_PHONED, {NOT, C, NOT, NOT, NOT}, EVENT_PHONED},
      {CMD_EDIT, {W, C, S, N, X}, EVENT_EDITED},
  };
  for (size_t row = 0; row < array_len(rows); row++)
    for (int from = 0; from < TICKET_STATES; from++) {
      int64_t id = ticket_in((enum ticket_state)from);
      struct ticket before = *queue_find(w.queue, id);
      world_pass(&w, 1000);
      int code = world_ticket(&w, rows[row].kind, id);
      const struct ticket *t = queue_find(w.queue, id);
      if (rows[row].to[from] == NOT) {
        assert_int_equal(code, REFUSE_WRONG_STATE);
        assert_int_equal(w.last.current.id, id);
        assert_true(ticket_same(&before, t));
        continue;
      }
      assert_int_equal(code, REFUSE_NONE);
      assert_int_equal(w.last.changes[w.last.main].type, rows[row].event);
      assert_int_equal(t->state, rows[row].to[from]);
      assert_int_equal(t->version, before.version + 1);
      assert_int_equal(t->closed_at != 0, t->state >= TICKET_SEATED);
      assert_int_equal(t->calls, before.calls + (rows[row].kind == CMD_CALL));
      /* and back */
      ok(world_undo(&w, world_event(&w)));
      t = queue_find(w.queue, id);
      assert_int_equal(ticket_differs(&before, t), 0);
      assert_int_equal(t->version, before.version + 2);
    }
}

static void test_not_found_and_stale(void **state)
{
  (void)state;
  assert_int_equal(world_ticket(&w, CMD_CALL, 99), REFUSE_NOT_FOUND);
  int64_t id = issue();
  struct command c = {.kind = CMD_NO_SHOW, .ticket = id, .if_match = 2};
  assert_int_equal(world_do(&w, c), REFUSE_STALE); /* before its state is looked at */
  assert_int_equal(w.last.current.id, id);
  c.if_match = 1;
  assert_int_equal(world_do(&w, c), REFUSE_WRONG_STATE);
  c.kind = CMD_CALL;
  ok(world_do(&w, c));
  assert_int_equal(world_do(&w, c), REFUSE_STALE);
  assert_int_equal(world_do(&w, (struct command){.kind = CMD_UNDO, .undo = world_event(&w), .if_match = 1}),
                   REFUSE_STALE);
}

static void test_issue(void **state)
{
  (void)state;
  struct person *p = person_new("민아", "010-1234-5678", NULL);
  struct command c = {.kind = CMD_ISSUE, .actor = 7, .party_size = 4, .line = "b", .source = SOURCE_API, .person = p};
  ok(world_do(&w, c));
  const struct ticket *t = world_main(&w);
  assert_string_equal(t->label, "B-1");
  assert_string_equal(t->person->name, "민아");
  assert_int_equal(t->version, 1);
  assert_int_equal(t->actor, 7);
  assert_int_equal(t->day, 1);
  assert_int_equal(t->date, 20260911);
  assert_int_equal(t->source, SOURCE_API);
  assert_string_equal(queue_find(w.queue, issue())->label, "1"); /* the first line, its own count */

  c = (struct command){.kind = CMD_ISSUE, .party_size = 1, .line = "zz"};
  assert_int_equal(world_do(&w, c), REFUSE_INVALID);
  c = (struct command){.kind = CMD_ISSUE, .party_size = 0};
  assert_int_equal(world_do(&w, c), REFUSE_INVALID);
  c.party_size = LIMIT_PARTY + 1;
  assert_int_equal(world_do(&w, c), REFUSE_INVALID);
  ok(world_do(&w, (struct command){.kind = CMD_INTAKE, .intake = INTAKE_PAUSED}));
  c.party_size = 1;
  assert_int_equal(world_do(&w, c), REFUSE_INTAKE_CLOSED);
  ok(world_next(&w, "")); /* the rest stays workable */
}

static void test_full(void **state)
{
  (void)state;
  for (int i = 0; i < LIMIT_ACTIVE; i++)
    issue();
  struct command c = {.kind = CMD_ISSUE, .party_size = 1};
  assert_int_equal(world_do(&w, c), REFUSE_QUEUE_FULL);
  ok(world_ticket(&w, CMD_CANCEL, 5));
  ok(world_do(&w, c));
}

static void test_positions(void **state)
{
  (void)state;
  for (int i = 0; i < 6; i++)
    issue();
  ok(world_requeue(&w, 3, POSITION_FRONT, 0));
  ORDER(3, 1, 2, 4, 5, 6);
  ok(world_requeue(&w, 1, POSITION_BACK, 0));
  ORDER(3, 2, 4, 5, 6, 1);
  ok(world_requeue(&w, 3, POSITION_AFTER, 2)); /* it is taken out before two are counted */
  ORDER(2, 4, 3, 5, 6, 1);
  ok(world_requeue(&w, 6, POSITION_AFTER, 0));
  ORDER(6, 2, 4, 3, 5, 1);
  ok(world_requeue(&w, 2, POSITION_AFTER, 99));
  ORDER(6, 4, 3, 5, 1, 2);
  issue();
  ORDER(6, 4, 3, 5, 1, 2, 7);
  ok(world_next(&w, "")); /* 6 */
  ok(world_requeue(&w, 6, POSITION_AFTER, 3));
  ORDER(4, 3, 5, 6, 1, 2, 7);
  ok(world_ticket(&w, CMD_CANCEL, 5));
  ok(world_requeue(&w, 5, POSITION_KEEP, 0));
  ORDER(4, 3, 5, 6, 1, 2, 7);
  ok(world_next(&w, ""));
  ok(world_requeue(&w, 4, POSITION_BACK, 0)); /* behind those called as well: their places stay theirs */
  issue();
  ORDER(3, 5, 6, 1, 2, 7, 4, 8);
}

static void test_postpone_alone(void **state)
{
  (void)state;
  issue();
  ok(world_requeue(&w, 1, POSITION_AFTER, 3));
  ok(world_next(&w, ""));
  ok(world_requeue(&w, 1, POSITION_AFTER, 3));
  issue();
  ORDER(1, 2);
}

static void test_rotation(void **state)
{
  (void)state;
  int64_t ring[4];
  for (int i = 0; i < 8; i++)
    issue();
  for (int i = 0; i < 4; i++)
    ring[i] = i + 1;
  for (int i = 0; i < 10000; i++) {
    ok(world_requeue(&w, ring[i % 4], POSITION_AFTER, 3));
    assert_int_equal(w.last.n, 1);
    assert_first(ring[(i + 1) % 4]);
    assert_int_equal(queue_position(w.queue, queue_find(w.queue, 5)), 5);
  }
  ORDER(1, 2, 3, 4, 5, 6, 7, 8);
}

/* Neighbours without a gap between them move aside, by events of their own, and stay what they are. */
static void test_pushing(void **state)
{
  (void)state;
  for (int i = 0; i < 20; i++)
    issue();
  for (int i = 1; i <= 20; i++) {
    struct ticket t = *queue_find(w.queue, i);
    t.rank = 1000 + (i < 10 ? i : i * 100);
    queue_put(w.queue, &t);
    queue_put(w.view, &t);
  }
  ok(world_requeue(&w, 20, POSITION_AFTER, 3));
  assert_in_range(w.last.n, 2, LIMIT_EVENTS - 1);
  assert_int_equal(w.last.main, w.last.n - 1);
  for (size_t i = 0; i < w.last.main; i++) {
    assert_int_equal(w.last.changes[i].type, EVENT_REQUEUED);
    assert_int_equal(w.last.changes[i].ticket.version, 1);
  }
  assert_int_equal(world_main(&w)->version, 2);
  ORDER(1, 2, 3, 20, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19);
  ok(world_undo(&w, world_event(&w)));
  ORDER(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20);
}

/* The same hole filled again and again, while its left neighbour stays. */
static void test_same_hole(void **state)
{
  (void)state;
  for (int i = 0; i < 40; i++)
    issue();
  for (int i = 0; i < 1000; i++) {
    int64_t last = 40 - i % 39;
    ok(world_requeue(&w, last, POSITION_AFTER, 1));
    assert_int_equal(queue_position(w.queue, queue_find(w.queue, last)), 2);
    assert_first(1);
  }
}

/* More tickets than ranks: behind those that are in the way, never an error. */
static void test_no_room(void **state)
{
  (void)state;
  for (int i = 0; i < 40; i++)
    issue();
  for (int i = 1; i <= 40; i++) {
    struct ticket t = *queue_find(w.queue, i);
    t.rank = 1000 + i + (i > 30 ? 1000 : 0);
    queue_put(w.queue, &t);
    queue_put(w.view, &t);
  }
  ok(world_requeue(&w, 1, POSITION_AFTER, 3));
  assert_int_equal(w.last.n, 1);
  assert_int_equal(queue_position(w.queue, queue_find(w.queue, 1)), 30);
}

static void test_call_next(void **state)
{
  (void)state;
  assert_int_equal(world_next(&w, ""), REFUSE_NOTHING_WAITING);
  assert_int_equal(world_next(&w, "zz"), REFUSE_INVALID);
  world_issue(&w, "b"); /* 1 */
  world_issue(&w, "a"); /* 2 */
  world_issue(&w, "b"); /* 3 */
  assert_first(1);
  struct command c = {.kind = CMD_CALL_NEXT, .expect = 2};
  assert_int_equal(world_do(&w, c), REFUSE_STALE);
  assert_int_equal(w.last.current.id, 1);
  util_copy(c.line, sizeof c.line, "a");
  ok(world_do(&w, c));
  assert_int_equal(world_main(&w)->id, 2);
  assert_int_equal(world_do(&w, c), REFUSE_NOTHING_WAITING);
  ok(world_next(&w, ""));
  assert_int_equal(world_main(&w)->id, 1);
  ok(world_next(&w, "b"));
  assert_int_equal(world_main(&w)->id, 3);
}

static void test_held(void **state)
{
  (void)state;
  for (int i = 0; i < 3; i++)
    issue();
  ok(world_next(&w, ""));
  ok(world_requeue(&w, 1, POSITION_KEEP, 0));
  ORDER(1, 2, 3);
  assert_true(queue_held(w.queue, queue_find(w.queue, 1)));
  assert_first(2);
  ok(world_next(&w, ""));
  assert_false(queue_held(w.queue, queue_find(w.queue, 1))); /* another of its line was called */
  assert_first(1);
  ok(world_requeue(&w, 1, POSITION_KEEP, 0)); /* "not now" from somebody who waits */
  assert_first(3);
  ok(world_ticket(&w, CMD_CALL, 2)); /* a re-call counts too */
  assert_first(1);
  ok(world_requeue(&w, 1, POSITION_KEEP, 0));
  ok(world_requeue(&w, 3, POSITION_KEEP, 0));
  assert_first(1); /* all are held: the first */
  ok(world_requeue(&w, 3, POSITION_FRONT, 0));
  assert_false(queue_held(w.queue, queue_find(w.queue, 3)));
  assert_first(3);
  ok(world_undo(&w, world_event(&w)));
  assert_true(queue_held(w.queue, queue_find(w.queue, 3)));
}

static void test_held_lines(void **state)
{
  (void)state;
  world_issue(&w, "a");
  world_issue(&w, "b");
  ok(world_next(&w, "a"));
  ok(world_requeue(&w, 1, POSITION_KEEP, 0));
  assert_first(2); /* one who is not held before one who is, whoever came first */
  ok(world_next(&w, "b"));
  assert_true(queue_held(w.queue, queue_find(w.queue, 1))); /* that was another line */
  assert_first(1);
}

static void test_button(void **state)
{
  (void)state;
  struct command press, hold;
  assert_true(gesture_command(GESTURE_SHORT, &press));
  assert_true(gesture_command(GESTURE_LONG, &hold));
  assert_int_equal(world_do(&w, hold), REFUSE_NOTHING_WAITING);
  for (int i = 0; i < 4; i++)
    issue();
  ok(world_do(&w, press));
  world_pass(&w, LIMIT_PRESS_GUARD_MS - 1);
  assert_int_equal(world_do(&w, press), REFUSE_TOO_SOON);
  world_pass(&w, 1);
  ok(world_do(&w, press));
  assert_int_equal(world_main(&w)->id, 2);
  world_pass(&w, LIMIT_PRESS_GUARD_MS);
  ok(world_next(&w, "")); /* a phone */
  assert_int_equal(world_do(&w, press), REFUSE_TOO_SOON);
  ok(world_ticket(&w, CMD_CALL, 1)); /* now the latest call */
  ok(world_do(&w, hold));
  assert_int_equal(world_main(&w)->id, 1);
  ok(world_do(&w, hold));
  assert_int_equal(world_main(&w)->id, 3);
}

static void test_recall(void **state)
{
  (void)state;
  issue();
  ok(world_next(&w, ""));
  ok(world_ticket(&w, CMD_PHONED, 1));
  assert_int_equal(queue_find(w.queue, 1)->delivery, DELIVERY_PHONED);
  world_pass(&w, 5000);
  ok(world_ticket(&w, CMD_CALL, 1));
  const struct ticket *t = queue_find(w.queue, 1);
  assert_int_equal(t->calls, 2);
  assert_int_equal(t->called_at, w.now.wall_ms);
  assert_int_equal(t->delivery, DELIVERY_NONE); /* of the latest call only */
  ok(world_undo(&w, world_event(&w)));
  t = queue_find(w.queue, 1);
  assert_int_equal(t->calls, 1);
  assert_int_equal(t->called_at, w.now.wall_ms - 5000);
  assert_int_equal(t->delivery, DELIVERY_PHONED);
  ok(world_requeue(&w, 1, POSITION_KEEP, 0)); /* and of nobody who waits */
  assert_int_equal(queue_find(w.queue, 1)->delivery, DELIVERY_NONE);
  ok(world_undo(&w, world_event(&w)));
  assert_int_equal(queue_find(w.queue, 1)->delivery, DELIVERY_PHONED);
}

static void test_undo_chain(void **state)
{
  (void)state;
  struct ticket was[6];
  int64_t events[6];
  int64_t id = issue();
  static const enum command_kind way[] = {CMD_CALL, CMD_CALL, CMD_NO_SHOW, CMD_CALL, CMD_SEAT, CMD_REQUEUE};
  for (size_t i = 0; i < array_len(way); i++) {
    was[i] = *queue_find(w.queue, id);
    world_pass(&w, 1000);
    ok(world_ticket(&w, way[i], id));
    events[i] = world_event(&w);
  }
  assert_int_equal(world_undo(&w, events[0]), REFUSE_NOTHING_TO_UNDO); /* the latest first */
  for (size_t i = array_len(way); i-- > 0;) {
    ok(world_undo(&w, events[i]));
    int64_t undo = world_event(&w);
    assert_int_equal(w.last.changes[0].type, EVENT_RESTORED);
    assert_int_equal(w.last.changes[0].undoes, events[i]);
    assert_int_equal(ticket_differs(&was[i], queue_find(w.queue, id)), 0);
    assert_int_equal(world_undo(&w, events[i]), REFUSE_NOTHING_TO_UNDO); /* once */
    assert_int_equal(world_undo(&w, undo), REFUSE_NOTHING_TO_UNDO);      /* and for ever */
  }
  ok(world_undo(&w, world_event(&w) - 12)); /* the issue itself */
  assert_int_equal(w.last.changes[0].type, EVENT_CANCELLED);
  assert_int_equal(world_state(&w, id), TICKET_CANCELLED);
  assert_int_equal(queue_find(w.queue, id)->undo[UNDO_TRANSITION], 0);
  assert_string_equal(queue_find(w.queue, issue())->label, "2"); /* its number stays used */
}

static void test_undo_classes(void **state)
{
  (void)state;
  issue();
  ok(world_next(&w, ""));
  int64_t call = world_event(&w);
  ok(world_ticket(&w, CMD_PHONED, 1));
  int64_t phoned = world_event(&w);
  ok(world_do(&w, (struct command){.kind = CMD_EDIT, .ticket = 1, .edits = EDIT_PARTY, .party_size = 9}));
  int64_t edit = world_event(&w);
  ok(world_undo(&w, phoned)); /* none stands in another's way */
  assert_int_equal(queue_find(w.queue, 1)->delivery, DELIVERY_NONE);
  ok(world_ticket(&w, CMD_CALL, 1));
  int64_t recall = world_event(&w);
  assert_int_equal(world_undo(&w, edit), REFUSE_NOTHING_TO_UNDO); /* but a transition does */
  ok(world_undo(&w, recall));
  ok(world_undo(&w, call));
  ok(world_undo(&w, edit));
  assert_int_equal(queue_find(w.queue, 1)->party_size, 2);

  /* what was said of a call goes with the call */
  ok(world_next(&w, ""));
  ok(world_ticket(&w, CMD_PHONED, 1));
  phoned = world_event(&w);
  ok(world_ticket(&w, CMD_CALL, 1));
  recall = world_event(&w);
  ok(world_ticket(&w, CMD_PHONED, 1));
  int64_t again = world_event(&w);
  ok(world_undo(&w, recall));
  assert_int_equal(world_undo(&w, again), REFUSE_NOTHING_TO_UNDO);
  assert_int_equal(queue_find(w.queue, 1)->delivery, DELIVERY_PHONED);
  ok(world_undo(&w, phoned));
  assert_int_equal(queue_find(w.queue, 1)->delivery, DELIVERY_NONE);
}

static void test_undo_window(void **state)
{
  (void)state;
  issue();
  issue();
  ok(world_next(&w, ""));
  int64_t early = world_event(&w);
  world_pass(&w, 10 * 3600 * 1000);
  assert_true(queue_can_undo(w.queue, &w.records[early - 1], &w.now)); /* all day long */
  ok(world_next(&w, ""));
  int64_t late = world_event(&w);
  ok(world_do(&w, (struct command){.kind = CMD_DAY, .actor = 1}));
  assert_false(queue_can_undo(w.queue, &w.records[early - 1], &w.now));
  assert_int_equal(world_undo(&w, early), REFUSE_NOTHING_TO_UNDO);
  world_pass(&w, LIMIT_UNDO_MS);
  assert_true(queue_can_undo(w.queue, &w.records[late - 1], &w.now)); /* at least 30 minutes */
  world_pass(&w, 1);
  assert_false(queue_can_undo(w.queue, &w.records[late - 1], &w.now));
  w.records[late - 1].this_boot = false; /* the other clock, where this one means nothing */
  w.now.wall_ms -= 1;
  assert_true(queue_can_undo(w.queue, &w.records[late - 1], &w.now));
}

static void test_edit(void **state)
{
  (void)state;
  issue();
  struct command c = {.kind = CMD_EDIT, .ticket = 1, .edits = EDIT_NAME | EDIT_NOTE};
  c.person = person_new("Mina", NULL, "window");
  ok(world_do(&w, c));
  int64_t first = world_event(&w);
  c.edits = EDIT_PHONE | EDIT_NOTE;
  c.person = person_new(NULL, "010", NULL);
  ok(world_do(&w, c));
  int64_t second = world_event(&w);
  const struct person *p = queue_find(w.queue, 1)->person;
  assert_string_equal(p->name, "Mina");
  assert_string_equal(p->phone, "010");
  assert_null(p->note);
  c.edits = EDIT_PARTY;
  c.person = NULL;
  assert_int_equal(world_do(&w, c), REFUSE_INVALID);
  ok(world_undo(&w, second));
  assert_string_equal(queue_find(w.queue, 1)->person->note, "window");
  ok(world_undo(&w, first));
  assert_null(queue_find(w.queue, 1)->person);
  c.edits = 0;
  ok(world_do(&w, c));
  assert_int_equal(queue_find(w.queue, 1)->version, 6);
}

static void test_numbers(void **state)
{
  (void)state;
  for (int i = 0; i < 3; i++)
    issue();
  ok(world_ticket(&w, CMD_CANCEL, 1));
  ok(world_do(&w, (struct command){.kind = CMD_DAY, .actor = 1}));
  assert_string_equal(queue_find(w.queue, issue())->label, "1");
  assert_string_equal(queue_find(w.queue, issue())->label, "4"); /* 2 and 3 of yesterday still wait */
  assert_int_equal(queue_find(w.queue, 2)->day, 1);
  assert_int_equal(world_requeue(&w, 1, POSITION_BACK, 0), REFUSE_NUMBER_TAKEN);
  assert_int_equal(world_ticket(&w, CMD_CANCEL, 1), REFUSE_WRONG_STATE);
  ok(world_ticket(&w, CMD_SEAT, 4)); /* today's "1" */
  ok(world_requeue(&w, 1, POSITION_BACK, 0));
  assert_int_equal(world_undo(&w, w.kept[4].undo[UNDO_TRANSITION]), REFUSE_NUMBER_TAKEN);
}

static void set_time(int64_t wall_ms, int32_t date, bool trusted)
{
  w.now.wall_ms = wall_ms;
  w.now.date = date;
  w.now.trusted = trusted;
}

static void test_day_untrusted(void **state)
{
  (void)state;
  set_time(1000, 19700101, false);
  assert_int_equal(world_due(&w), 1); /* at once, whatever the clock */
  assert_int_equal(queue_day(w.queue)->id, 1);
  issue();
  world_pass(&w, INT64_C(40) * 3600 * 1000);
  w.now.date = 19700103;
  assert_int_equal(world_due(&w), 0); /* nobody vouches for it */
  int64_t old = w.now.wall_ms;
  set_time(INT64_C(1789124400000), 20260911, true);
  ok(world_do(&w, (struct command){.kind = CMD_CLOCK, .actor = ACTOR_TIMER, .old_wall_ms = old}));
  assert_int_equal(w.last.n, 2);
  assert_int_equal(w.last.changes[0].type, EVENT_CLOCK);
  assert_int_equal(w.last.changes[0].detail, old);
  assert_int_equal(w.last.changes[1].type, EVENT_DAY);
  assert_int_equal(queue_day(w.queue)->id, 1);
  assert_int_equal(queue_day(w.queue)->date, 20260911);
  assert_true(queue_day(w.queue)->trusted);
  assert_int_equal(queue_find(w.queue, 1)->date, 20260911);
  assert_string_equal(queue_find(w.queue, issue())->label, "2"); /* numbers go on */
  assert_int_equal(world_due(&w), 0);
  world_pass(&w, 12 * 3600 * 1000);
  w.now.date = 20260912; /* the cut-over passes by itself */
  assert_int_equal(world_due(&w), 1);
  assert_int_equal(queue_day(w.queue)->id, 2);
  assert_string_equal(queue_find(w.queue, issue())->label, "3"); /* 1 and 2 are active */
  assert_int_equal(queue_find(w.queue, 1)->date, 20260911);
}

static void test_day_never_back(void **state)
{
  (void)state;
  w.now.date = 20260910;
  assert_int_equal(world_due(&w), 0);
  assert_int_equal(queue_day(w.queue)->id, 1);
  /* a clock that was trusted is corrected: the day gets another date */
  int64_t old = w.now.wall_ms;
  w.now.wall_ms -= 86400 * 1000;
  ok(world_do(&w, (struct command){.kind = CMD_CLOCK, .old_wall_ms = old}));
  assert_int_equal(w.last.n, 2);
  assert_int_equal(queue_day(w.queue)->id, 1);
  assert_int_equal(queue_day(w.queue)->date, 20260910);
  /* a touch of the clock in the minute after the cut-over is no such correction */
  w.now.date = 20260911;
  ok(world_do(&w, (struct command){.kind = CMD_CLOCK, .old_wall_ms = w.now.wall_ms - 300}));
  assert_int_equal(w.last.n, 1);
  assert_int_equal(world_due(&w), 1);
  assert_int_equal(queue_day(w.queue)->id, 2);
}

/* Off for the night, no battery for the clock: yesterday's date was sure, so yesterday stays what it was. */
static void test_day_overnight(void **state)
{
  (void)state;
  issue();
  w.now.trusted = false;
  ok(world_do(&w, (struct command){.kind = CMD_BOOT, .actor = ACTOR_TIMER}));
  assert_int_equal(world_due(&w), 0);
  int64_t old = w.now.wall_ms;
  set_time(old + 15 * 3600 * 1000, 20260912, true);
  ok(world_do(&w, (struct command){.kind = CMD_CLOCK, .actor = ACTOR_TIMER, .old_wall_ms = old}));
  assert_int_equal(w.last.n, 1);
  assert_int_equal(world_due(&w), 1);
  assert_int_equal(queue_day(w.queue)->id, 2);
  assert_int_equal(queue_find(w.queue, 1)->date, 20260911);
}

/* The same, but guests came before the clock did: no number may come twice in an evening. */
static void test_day_guessed(void **state)
{
  (void)state;
  issue();
  w.now.trusted = false;
  ok(world_do(&w, (struct command){.kind = CMD_BOOT, .actor = ACTOR_TIMER}));
  issue();
  set_time(w.now.wall_ms + 15 * 3600 * 1000, 20260912, true);
  assert_int_equal(world_due(&w), 1); /* also when nobody reports a step */
  assert_int_equal(queue_day(w.queue)->id, 1);
  assert_int_equal(queue_day(w.queue)->date, 20260912);
  assert_string_equal(queue_find(w.queue, issue())->label, "3");
}

static void test_day_by_staff(void **state)
{
  (void)state;
  struct command c = {.kind = CMD_DAY, .actor = 1};
  assert_int_equal(world_do(&w, c), REFUSE_WRONG_STATE); /* nothing was issued yet */
  issue();
  ok(world_do(&w, c));
  assert_int_equal(queue_day(w.queue)->id, 2);
  assert_int_equal(queue_day(w.queue)->date, 20260911);
  c.actor = ACTOR_TIMER;
  assert_int_equal(world_do(&w, c), REFUSE_WRONG_STATE); /* a timer that came late */
}

static void test_intake(void **state)
{
  (void)state;
  struct command c = {.kind = CMD_INTAKE, .actor = 1, .intake = INTAKE_PAUSED, .resume_after_s = 600};
  ok(world_do(&w, c));
  assert_int_equal(queue_intake(w.queue)->resume_at, w.now.wall_ms + 600000);
  assert_int_equal(queue_next_due(w.queue), w.now.mono_ms + 600000);
  world_pass(&w, 599999);
  assert_int_equal(world_due(&w), 0);
  struct command timer = {.kind = CMD_INTAKE, .actor = ACTOR_TIMER, .intake = INTAKE_OPEN};
  ok(world_do(&w, c)); /* again: from now on */
  world_pass(&w, 1);
  assert_int_equal(world_do(&w, timer), REFUSE_WRONG_STATE); /* set for the first pause */
  world_pass(&w, 599999);
  assert_int_equal(world_due(&w), 1);
  assert_int_equal(queue_intake(w.queue)->state, INTAKE_OPEN);
  assert_int_equal(w.last.changes[0].actor, ACTOR_TIMER);
  assert_int_equal(queue_next_due(w.queue), INT64_MAX);
  c.intake = INTAKE_CLOSED;
  assert_int_equal(world_do(&w, c), REFUSE_INVALID);
  c.intake = 7;
  assert_int_equal(world_do(&w, c), REFUSE_INVALID);

  /* a start in between: what was left of it */
  c.intake = INTAKE_PAUSED;
  ok(world_do(&w, c));
  w.now.wall_ms += 200000;
  w.now.mono_ms = 50;
  ok(world_do(&w, (struct command){.kind = CMD_BOOT}));
  assert_int_equal(queue_next_due(w.queue), 50 + 400000);
}

static void set_no_show(int32_t after_s)
{
  struct command c = {.kind = CMD_SETTINGS, .settings = xnew(struct settings)};
  *c.settings = *queue_settings(w.queue);
  c.settings->no_show_after_s = after_s;
  ok(world_do(&w, c));
}

static void test_auto_no_show(void **state)
{
  (void)state;
  for (int i = 0; i < 3; i++)
    issue();
  ok(world_next(&w, ""));
  world_pass(&w, 10000);
  ok(world_next(&w, ""));
  assert_int_equal(queue_next_due(w.queue), INT64_MAX);
  set_no_show(60);
  assert_int_equal(queue_next_due(w.queue), w.now.mono_ms + 50000);
  world_pass(&w, 50000);
  struct command late;
  assert_true(queue_due(w.queue, &w.now, &late));
  ok(world_ticket(&w, CMD_CALL, 1));
  assert_int_equal(world_do(&w, late), REFUSE_STALE); /* the expiry was of another version */
  world_pass(&w, 10000);
  assert_int_equal(world_due(&w), 1);
  assert_int_equal(world_state(&w, 2), TICKET_NO_SHOW);
  int64_t event = world_event(&w);
  world_pass(&w, 30000);
  ok(world_undo(&w, event));
  assert_int_equal(world_due(&w), 0); /* the timer starts again */
  world_pass(&w, 20000);
  assert_int_equal(world_due(&w), 1);
  assert_int_equal(world_state(&w, 1), TICKET_NO_SHOW);

  w.now.mono_ms = 700; /* the box starts: in full again */
  ok(world_do(&w, (struct command){.kind = CMD_BOOT}));
  assert_int_equal(queue_next_due(w.queue), 60700);
  set_no_show(3600);
  assert_int_equal(queue_next_due(w.queue), 3600700);
  set_no_show(0);
  assert_int_equal(queue_next_due(w.queue), INT64_MAX);
}

static int put_settings(const struct settings *s)
{
  struct command c = {.kind = CMD_SETTINGS, .settings = xnew(struct settings)};
  *c.settings = *s;
  return world_do(&w, c);
}

static void test_settings(void **state)
{
  (void)state;
  world_issue(&w, "a");
  world_issue(&w, "b");
  world_issue(&w, "b");
  struct settings s = world_settings(1);
  assert_int_equal(put_settings(&s), REFUSE_INVALID); /* b is in use */
  s = world_settings(2);
  util_copy(s.lines[1].prefix, sizeof s.lines[1].prefix, s.lines[0].prefix);
  assert_int_equal(put_settings(&s), REFUSE_INVALID);
  s = world_settings(2);
  util_copy(s.lines[1].id, sizeof s.lines[1].id, "a");
  assert_int_equal(put_settings(&s), REFUSE_INVALID);
  s.n_lines = 0;
  assert_int_equal(put_settings(&s), REFUSE_INVALID);

  s = world_settings(3);
  struct line swap = s.lines[0];
  s.lines[0] = s.lines[2];
  s.lines[2] = swap;
  ok(put_settings(&s));
  assert_int_equal(w.last.changes[0].type, EVENT_SETTINGS);
  assert_int_equal(queue_line(w.queue, "a"), 2);
  assert_int_equal(queue_waiting(w.queue, 2), 1);
  assert_int_equal(queue_next(w.queue, NULL)->id, 2); /* by line, in the order of the lines */
  assert_string_equal(queue_find(w.queue, world_issue(&w, "a"))->label, "2");

  /* a line that goes, and comes back the same day */
  ok(world_ticket(&w, CMD_SEAT, 2));
  ok(world_ticket(&w, CMD_SEAT, 3));
  struct settings two = s;
  two.lines[1] = two.lines[2];
  two.n_lines = 2;
  ok(put_settings(&two));
  assert_int_equal(world_requeue(&w, 3, POSITION_BACK, 0), REFUSE_WRONG_STATE); /* nowhere to go */
  ok(put_settings(&s));
  ok(world_requeue(&w, 3, POSITION_BACK, 0));
  assert_string_equal(queue_find(w.queue, world_issue(&w, "b"))->label, "B-3");
}

static void test_closed(void **state)
{
  (void)state;
  for (int i = 0; i < LIMIT_CLOSED + 5; i++) {
    int64_t id = issue();
    world_pass(&w, 1000);
    ok(world_ticket(&w, CMD_SEAT, id));
  }
  assert_null(queue_find(w.queue, 5)); /* the oldest are forgotten */
  int64_t id = LIMIT_CLOSED + 5;
  for (const struct ticket *t = NULL; (t = queue_next(w.queue, t)); id--)
    assert_int_equal(t->id, id);
  assert_int_equal(id, 5);
  ok(world_undo(&w, w.kept[2].undo[UNDO_TRANSITION])); /* fetched for it */
  assert_first(2);
  w.now.wall_ms -= 3600 * 1000;
  ok(world_ticket(&w, CMD_CANCEL, 2)); /* newest, whatever the clock says */
  assert_int_equal(queue_next(w.queue, NULL)->id, 2);
}

static void test_estimate(void **state)
{
  (void)state;
  for (int i = 0; i < 10; i++)
    issue();
  for (int i = 0; i < 3; i++) {
    assert_int_equal(queue_estimate(w.queue, 0, 5).high_s, 0);
    world_pass(&w, 120000);
    if (i == 1) { /* half an hour off is no slow evening */
      ok(world_do(&w, (struct command){.kind = CMD_INTAKE, .intake = INTAKE_PAUSED}));
      world_pass(&w, 1800000);
      ok(world_do(&w, (struct command){.kind = CMD_INTAKE, .intake = INTAKE_OPEN}));
    }
    ok(world_next(&w, ""));
  }
  int32_t gap, wait;
  queue_service_rate(w.queue, 0, &gap, &wait);
  assert_int_equal(gap, 120);
  assert_int_equal(wait, 2160);
  /* 7 wait; (7 x 120 + 2160) / 2 = 1500: 1350 .. 1935 */
  struct estimate e = queue_estimate(w.queue, 0, 7);
  assert_int_equal(e.low_s, 1320);
  assert_int_equal(e.high_s, 1980);
  e = queue_estimate(w.queue, 0, 0);
  assert_int_equal(e.low_s, 0);
  assert_int_equal(e.high_s, 60);
  ok(world_ticket(&w, CMD_CALL, 1)); /* no entry */
  ok(world_ticket(&w, CMD_SEAT, 2)); /* entered by its call */
  queue_service_rate(w.queue, 0, &gap, &wait);
  assert_int_equal(wait, 2160);
  world_pass(&w, 60000);
  ok(world_ticket(&w, CMD_SEAT, 4)); /* straight in */
  queue_service_rate(w.queue, 0, &gap, &wait);
  assert_int_equal(wait, 2220);
  ok(world_do(&w, (struct command){.kind = CMD_DAY, .actor = 1}));
  assert_int_equal(queue_estimate(w.queue, 0, 5).high_s, 0); /* today's pace only */
}

/* Loading: what was put is what was there. */
static void test_load(void **state)
{
  (void)state;
  for (int i = 0; i < 12; i++)
    world_issue(&w, i % 2 ? "b" : "a");
  for (int i = 0; i < 6; i++) {
    world_pass(&w, 1000);
    ok(world_next(&w, ""));
  }
  ok(world_requeue(&w, 1, POSITION_KEEP, 0));
  ok(world_ticket(&w, CMD_SEAT, 2));
  world_pass(&w, 1000);
  ok(world_ticket(&w, CMD_NO_SHOW, 3));
  struct queue *loaded = queue_new(queue_settings(w.queue));
  for (int64_t id = 12; id; id--)
    queue_put(loaded, &w.kept[id]);
  queue_set_counts(loaded, 12, (uint32_t[LIMIT_LINES]){6, 6});
  queue_set_day(loaded, queue_day(w.queue));
  queue_set_intake(loaded, queue_intake(w.queue));
  queue_assert_same_tickets(w.queue, loaded);
  struct decision d;
  ok(queue_decide(loaded, &(struct command){.kind = CMD_ISSUE, .party_size = 1}, NULL, &w.now, &d));
  assert_int_equal(d.changes[0].ticket.id, 13);
  assert_string_equal(d.changes[0].ticket.label, "7");
  assert_true(d.changes[0].ticket.rank > w.kept[12].rank);
  decision_done(&d);
  queue_free(loaded);
}

static void test_epoch(void **state)
{
  (void)state;
  int64_t parent = (INT64_C(3) << 32) | 57;
  for (int i = 0; i < 3; i++)
    world_issue(&w, "a");
  ok(world_next(&w, "a"));
  ok(world_ticket(&w, CMD_SEAT, 1));
  ok(world_next(&w, "a"));
  ok(world_do(&w,
              (struct command){.kind = CMD_EPOCH, .actor = ACTOR_TIMER, .parent = "0badcafe", .parent_event = parent}));
  assert_int_equal(w.last.changes[0].type, EVENT_EPOCH);
  const struct heritage *h = w.last.changes[0].heritage;
  assert_string_equal(h->parent, "0badcafe");
  assert_int_equal(h->parent_seq, 57);
  assert_int_equal(h->n, 2); /* who waits, who is called, and nobody else */
  assert_int_equal(h->active[0].id, 3);
  assert_int_equal(h->active[1].id, 2);
  assert_int_equal(h->active[1].state, TICKET_CALLED);
}

#define RULE(name, setup) cmocka_unit_test_setup_teardown(name, setup, end)

int main(void)
{
  const struct CMUnitTest tests[] = {
      RULE(test_table, start),
      RULE(test_not_found_and_stale, start),
      RULE(test_issue, start_two),
      RULE(test_full, start),
      RULE(test_positions, start),
      RULE(test_postpone_alone, start),
      RULE(test_rotation, start),
      RULE(test_pushing, start),
      RULE(test_same_hole, start),
      RULE(test_no_room, start),
      RULE(test_call_next, start_two),
      RULE(test_held, start),
      RULE(test_held_lines, start_two),
      RULE(test_button, start),
      RULE(test_recall, start),
      RULE(test_undo_chain, start),
      RULE(test_undo_classes, start),
      RULE(test_undo_window, start),
      RULE(test_edit, start),
      RULE(test_numbers, start),
      RULE(test_day_untrusted, start_bare),
      RULE(test_day_never_back, start),
      RULE(test_day_overnight, start),
      RULE(test_day_guessed, start),
      RULE(test_day_by_staff, start),
      RULE(test_intake, start),
      RULE(test_auto_no_show, start),
      RULE(test_settings, start_two),
      RULE(test_closed, start),
      RULE(test_estimate, start),
      RULE(test_load, start_two),
      RULE(test_epoch, start),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
