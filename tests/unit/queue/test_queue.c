/* The state machine, rule by rule. Random sequences are in queue/test_decide.c. */
#include "queue_fixture.h"

#include <stdio.h>

static struct fixture fx;

static int start_with(int lines)
{
  struct settings s = fixture_settings(lines);
  fixture_start(&fx, &s);
  assert_int_equal(fixture_due(&fx), 1); /* the first day */
  return 0;
}

static int start(void **state)
{
  return start_with(1);
}

static int start_two(void **state)
{
  return start_with(2);
}

static int start_bare(void **state)
{
  struct settings s = fixture_settings(1);
  fixture_start(&fx, &s);
  return 0;
}

static int end(void **state)
{
  queue_assert_same(fx.queue, fx.view);
  struct queue *clone = queue_clone(fx.queue);
  queue_assert_same(fx.queue, clone);
  queue_free(clone);
  fixture_end(&fx);
  return 0;
}

static void assert_order(const char *line, size_t n, const int64_t ids[])
{
  int index = queue_line(fx.queue, line);
  assert_int_equal(queue_waiting(fx.queue, index), n);
  size_t i = 0;
  for (const struct ticket *t = NULL; (t = queue_next(fx.queue, t)) && t->state == TICKET_WAITING;)
    if (strcmp(t->line, line) == 0) {
      assert_int_equal(t->id, ids[i++]);
      assert_int_equal(queue_position(fx.queue, t), i);
    }
  assert_int_equal(i, n);
}
#define ORDER(...) assert_order("a", array_len(((int64_t[]){__VA_ARGS__})), (int64_t[]){__VA_ARGS__})

static void assert_first(int64_t id)
{
  const struct ticket *first = queue_first(fx.queue, -1);
  assert_int_equal(first ? first->id : 0, id);
}

static int64_t issue(void)
{
  return fixture_issue(&fx, "");
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
  ok(fixture_ticket(&fx, CMD_CALL, id));
  if (state != TICKET_CALLED)
    ok(fixture_ticket(&fx, way[state], id));
  return id;
}

/* For each command and state the new state; NOT = refused. */
static void test_table(void **state)
{
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
      struct ticket before = *queue_find(fx.queue, id);
      fixture_pass(&fx, 1000);
      int code = fixture_ticket(&fx, rows[row].kind, id);
      const struct ticket *t = queue_find(fx.queue, id);
      if (rows[row].to[from] == NOT) {
        assert_int_equal(code, REFUSE_WRONG_STATE);
        assert_int_equal(fx.last.current.id, id);
        assert_true(ticket_same(&before, t));
        continue;
      }
      assert_int_equal(code, REFUSE_NONE);
      assert_int_equal(fx.last.changes[fx.last.main].type, rows[row].event);
      assert_int_equal(t->state, rows[row].to[from]);
      assert_int_equal(t->version, before.version + 1);
      assert_int_equal(t->closed_at != 0, t->state >= TICKET_SEATED);
      assert_int_equal(t->calls, before.calls + (rows[row].kind == CMD_CALL));
      /* undo */
      ok(fixture_undo(&fx, fixture_event(&fx)));
      t = queue_find(fx.queue, id);
      assert_int_equal(ticket_differs(&before, t), 0);
      assert_int_equal(t->version, before.version + 2);
    }
}

static void test_not_found_and_stale(void **state)
{
  assert_int_equal(fixture_ticket(&fx, CMD_CALL, 99), REFUSE_NOT_FOUND);
  int64_t id = issue();
  struct command c = {.kind = CMD_NO_SHOW, .ticket = id, .if_match = 2};
  assert_int_equal(fixture_do(&fx, c), REFUSE_STALE); /* the version is checked before the state */
  assert_int_equal(fx.last.current.id, id);
  c.if_match = 1;
  assert_int_equal(fixture_do(&fx, c), REFUSE_WRONG_STATE);
  c.kind = CMD_CALL;
  ok(fixture_do(&fx, c));
  assert_int_equal(fixture_do(&fx, c), REFUSE_STALE);
  assert_int_equal(fixture_do(&fx, (struct command){.kind = CMD_UNDO, .undo = fixture_event(&fx), .if_match = 1}),
                   REFUSE_STALE);
}

static void test_issue(void **state)
{
  struct person *p = person_new("민아", "010-1234-5678", NULL);
  struct command c = {.kind = CMD_ISSUE, .actor = 7, .party_size = 4, .line = "b", .source = SOURCE_API, .person = p};
  ok(fixture_do(&fx, c));
  const struct ticket *t = fixture_main(&fx);
  assert_string_equal(t->label, "B-1");
  assert_string_equal(t->person->name, "민아");
  assert_int_equal(t->version, 1);
  assert_int_equal(t->actor, 7);
  assert_int_equal(t->day, 1);
  assert_int_equal(t->date, 20260911);
  assert_int_equal(t->source, SOURCE_API);
  assert_string_equal(queue_find(fx.queue, issue())->label, "1"); /* the first line, its own count */

  c = (struct command){.kind = CMD_ISSUE, .party_size = 1, .line = "zz"};
  assert_int_equal(fixture_do(&fx, c), REFUSE_INVALID);
  c = (struct command){.kind = CMD_ISSUE, .party_size = 0};
  assert_int_equal(fixture_do(&fx, c), REFUSE_INVALID);
  c.party_size = LIMIT_PARTY + 1;
  assert_int_equal(fixture_do(&fx, c), REFUSE_INVALID);
  ok(fixture_do(&fx, (struct command){.kind = CMD_INTAKE, .intake = INTAKE_PAUSED}));
  c.party_size = 1;
  assert_int_equal(fixture_do(&fx, c), REFUSE_INTAKE_CLOSED);
  ok(fixture_next(&fx, "")); /* other commands still work */
}

static void test_full(void **state)
{
  for (int i = 0; i < LIMIT_ACTIVE; i++)
    issue();
  struct command c = {.kind = CMD_ISSUE, .party_size = 1};
  assert_int_equal(fixture_do(&fx, c), REFUSE_QUEUE_FULL);
  ok(fixture_ticket(&fx, CMD_CANCEL, 5));
  ok(fixture_do(&fx, c));
}

static void test_positions(void **state)
{
  for (int i = 0; i < 6; i++)
    issue();
  ok(fixture_requeue(&fx, 3, POSITION_FRONT, 0));
  ORDER(3, 1, 2, 4, 5, 6);
  ok(fixture_requeue(&fx, 1, POSITION_BACK, 0));
  ORDER(3, 2, 4, 5, 6, 1);
  ok(fixture_requeue(&fx, 3, POSITION_AFTER, 2)); /* it is removed before two are counted */
  ORDER(2, 4, 3, 5, 6, 1);
  ok(fixture_requeue(&fx, 6, POSITION_AFTER, 0));
  ORDER(6, 2, 4, 3, 5, 1);
  ok(fixture_requeue(&fx, 2, POSITION_AFTER, 99));
  ORDER(6, 4, 3, 5, 1, 2);
  issue();
  ORDER(6, 4, 3, 5, 1, 2, 7);
  ok(fixture_next(&fx, "")); /* 6 */
  ok(fixture_requeue(&fx, 6, POSITION_AFTER, 3));
  ORDER(4, 3, 5, 6, 1, 2, 7);
  ok(fixture_ticket(&fx, CMD_CANCEL, 5));
  ok(fixture_requeue(&fx, 5, POSITION_KEEP, 0));
  ORDER(4, 3, 5, 6, 1, 2, 7);
  ok(fixture_next(&fx, ""));
  ok(fixture_requeue(&fx, 4, POSITION_BACK, 0)); /* behind called tickets as well: they keep their ranks */
  issue();
  ORDER(3, 5, 6, 1, 2, 7, 4, 8);
}

static void test_postpone_alone(void **state)
{
  issue();
  ok(fixture_requeue(&fx, 1, POSITION_AFTER, 3));
  ok(fixture_next(&fx, ""));
  ok(fixture_requeue(&fx, 1, POSITION_AFTER, 3));
  issue();
  ORDER(1, 2);
}

static void test_rotation(void **state)
{
  int64_t ring[4];
  for (int i = 0; i < 8; i++)
    issue();
  for (int i = 0; i < 4; i++)
    ring[i] = i + 1;
  for (int i = 0; i < 10000; i++) {
    ok(fixture_requeue(&fx, ring[i % 4], POSITION_AFTER, 3));
    assert_int_equal(fx.last.n, 1);
    assert_first(ring[(i + 1) % 4]);
    assert_int_equal(queue_position(fx.queue, queue_find(fx.queue, 5)), 5);
  }
  ORDER(1, 2, 3, 4, 5, 6, 7, 8);
}

/* Neighbours without a gap between them are shifted, by their own events, and change nothing but their rank. */
static void test_shifting(void **state)
{
  for (int i = 0; i < 20; i++)
    issue();
  for (int i = 1; i <= 20; i++) {
    struct ticket t = *queue_find(fx.queue, i);
    t.rank = 1000 + (i < 10 ? i : i * 100);
    queue_put(fx.queue, &t);
    queue_put(fx.view, &t);
  }
  ok(fixture_requeue(&fx, 20, POSITION_AFTER, 3));
  assert_in_range(fx.last.n, 2, LIMIT_EVENTS - 1);
  assert_int_equal(fx.last.main, fx.last.n - 1);
  for (size_t i = 0; i < fx.last.main; i++) {
    assert_int_equal(fx.last.changes[i].type, EVENT_REQUEUED);
    assert_int_equal(fx.last.changes[i].ticket.version, 1);
  }
  assert_int_equal(fixture_main(&fx)->version, 2);
  ORDER(1, 2, 3, 20, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19);
  ok(fixture_undo(&fx, fixture_event(&fx)));
  ORDER(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20);
}

/* The same gap is filled again and again, while its left neighbour stays. */
static void test_same_gap(void **state)
{
  for (int i = 0; i < 40; i++)
    issue();
  for (int i = 0; i < 1000; i++) {
    int64_t last = 40 - i % 39;
    ok(fixture_requeue(&fx, last, POSITION_AFTER, 1));
    assert_int_equal(queue_position(fx.queue, queue_find(fx.queue, last)), 2);
    assert_first(1);
  }
}

/* More tickets than ranks: the next free rank behind them, never an error. */
static void test_no_room(void **state)
{
  for (int i = 0; i < 40; i++)
    issue();
  for (int i = 1; i <= 40; i++) {
    struct ticket t = *queue_find(fx.queue, i);
    t.rank = 1000 + i + (i > 30 ? 1000 : 0);
    queue_put(fx.queue, &t);
    queue_put(fx.view, &t);
  }
  ok(fixture_requeue(&fx, 1, POSITION_AFTER, 3));
  assert_int_equal(fx.last.n, 1);
  assert_int_equal(queue_position(fx.queue, queue_find(fx.queue, 1)), 30);
}

static void test_call_next(void **state)
{
  assert_int_equal(fixture_next(&fx, ""), REFUSE_NOTHING_WAITING);
  assert_int_equal(fixture_next(&fx, "zz"), REFUSE_INVALID);
  fixture_issue(&fx, "b"); /* 1 */
  fixture_issue(&fx, "a"); /* 2 */
  fixture_issue(&fx, "b"); /* 3 */
  assert_first(1);
  struct command c = {.kind = CMD_CALL_NEXT, .expect = 2};
  assert_int_equal(fixture_do(&fx, c), REFUSE_STALE);
  assert_int_equal(fx.last.current.id, 1);
  util_copy(c.line, sizeof c.line, "a");
  ok(fixture_do(&fx, c));
  assert_int_equal(fixture_main(&fx)->id, 2);
  assert_int_equal(fixture_do(&fx, c), REFUSE_NOTHING_WAITING);
  ok(fixture_next(&fx, ""));
  assert_int_equal(fixture_main(&fx)->id, 1);
  ok(fixture_next(&fx, "b"));
  assert_int_equal(fixture_main(&fx)->id, 3);
}

static void test_held(void **state)
{
  for (int i = 0; i < 3; i++)
    issue();
  ok(fixture_next(&fx, ""));
  ok(fixture_requeue(&fx, 1, POSITION_KEEP, 0));
  ORDER(1, 2, 3);
  assert_true(queue_held(fx.queue, queue_find(fx.queue, 1)));
  assert_first(2);
  ok(fixture_next(&fx, ""));
  assert_false(queue_held(fx.queue, queue_find(fx.queue, 1))); /* another of its line was called */
  assert_first(1);
  ok(fixture_requeue(&fx, 1, POSITION_KEEP, 0)); /* "not now" from a waiting guest */
  assert_first(3);
  ok(fixture_ticket(&fx, CMD_CALL, 2)); /* a re-call counts too */
  assert_first(1);
  ok(fixture_requeue(&fx, 1, POSITION_KEEP, 0));
  ok(fixture_requeue(&fx, 3, POSITION_KEEP, 0));
  assert_first(1); /* all are held: the first in order */
  ok(fixture_requeue(&fx, 3, POSITION_FRONT, 0));
  assert_false(queue_held(fx.queue, queue_find(fx.queue, 3)));
  assert_first(3);
  ok(fixture_undo(&fx, fixture_event(&fx)));
  assert_true(queue_held(fx.queue, queue_find(fx.queue, 3)));
}

static void test_held_lines(void **state)
{
  fixture_issue(&fx, "a");
  fixture_issue(&fx, "b");
  ok(fixture_next(&fx, "a"));
  ok(fixture_requeue(&fx, 1, POSITION_KEEP, 0));
  assert_first(2); /* tickets that are not held come first */
  ok(fixture_next(&fx, "b"));
  assert_true(queue_held(fx.queue, queue_find(fx.queue, 1))); /* that was another line */
  assert_first(1);
}

static void test_button(void **state)
{
  struct command press, hold;
  assert_true(gesture_command(GESTURE_SHORT, &press));
  assert_true(gesture_command(GESTURE_LONG, &hold));
  assert_int_equal(fixture_do(&fx, hold), REFUSE_NOTHING_WAITING);
  for (int i = 0; i < 4; i++)
    issue();
  ok(fixture_do(&fx, press));
  fixture_pass(&fx, LIMIT_PRESS_GUARD_MS - 1);
  assert_int_equal(fixture_do(&fx, press), REFUSE_TOO_SOON);
  fixture_pass(&fx, 1);
  ok(fixture_do(&fx, press));
  assert_int_equal(fixture_main(&fx)->id, 2);
  fixture_pass(&fx, LIMIT_PRESS_GUARD_MS);
  ok(fixture_next(&fx, "")); /* a phone */
  assert_int_equal(fixture_do(&fx, press), REFUSE_TOO_SOON);
  ok(fixture_ticket(&fx, CMD_CALL, 1)); /* now the latest call */
  ok(fixture_do(&fx, hold));
  assert_int_equal(fixture_main(&fx)->id, 1);
  ok(fixture_do(&fx, hold));
  assert_int_equal(fixture_main(&fx)->id, 3);
}

static void test_recall(void **state)
{
  issue();
  ok(fixture_next(&fx, ""));
  ok(fixture_ticket(&fx, CMD_PHONED, 1));
  assert_int_equal(queue_find(fx.queue, 1)->delivery, DELIVERY_PHONED);
  fixture_pass(&fx, 5000);
  ok(fixture_ticket(&fx, CMD_CALL, 1));
  const struct ticket *t = queue_find(fx.queue, 1);
  assert_int_equal(t->calls, 2);
  assert_int_equal(t->called_at, fx.now.wall_ms);
  assert_int_equal(t->delivery, DELIVERY_NONE); /* belongs to the latest call only */
  ok(fixture_undo(&fx, fixture_event(&fx)));
  t = queue_find(fx.queue, 1);
  assert_int_equal(t->calls, 1);
  assert_int_equal(t->called_at, fx.now.wall_ms - 5000);
  assert_int_equal(t->delivery, DELIVERY_PHONED);
  ok(fixture_requeue(&fx, 1, POSITION_KEEP, 0)); /* none while waiting */
  assert_int_equal(queue_find(fx.queue, 1)->delivery, DELIVERY_NONE);
  ok(fixture_undo(&fx, fixture_event(&fx)));
  assert_int_equal(queue_find(fx.queue, 1)->delivery, DELIVERY_PHONED);
}

static void test_undo_chain(void **state)
{
  struct ticket was[6];
  int64_t events[6];
  int64_t id = issue();
  static const enum command_kind way[] = {CMD_CALL, CMD_CALL, CMD_NO_SHOW, CMD_CALL, CMD_SEAT, CMD_REQUEUE};
  for (size_t i = 0; i < array_len(way); i++) {
    was[i] = *queue_find(fx.queue, id);
    fixture_pass(&fx, 1000);
    ok(fixture_ticket(&fx, way[i], id));
    events[i] = fixture_event(&fx);
  }
  assert_int_equal(fixture_undo(&fx, events[0]), REFUSE_NOTHING_TO_UNDO); /* the latest first */
  for (size_t i = array_len(way); i-- > 0;) {
    ok(fixture_undo(&fx, events[i]));
    int64_t undo = fixture_event(&fx);
    assert_int_equal(fx.last.changes[0].type, EVENT_RESTORED);
    assert_int_equal(fx.last.changes[0].undoes, events[i]);
    assert_int_equal(ticket_differs(&was[i], queue_find(fx.queue, id)), 0);
    assert_int_equal(fixture_undo(&fx, events[i]), REFUSE_NOTHING_TO_UNDO); /* once */
    assert_int_equal(fixture_undo(&fx, undo), REFUSE_NOTHING_TO_UNDO);      /* and for ever */
  }
  ok(fixture_undo(&fx, fixture_event(&fx) - 12)); /* the issue itself */
  assert_int_equal(fx.last.changes[0].type, EVENT_CANCELLED);
  assert_int_equal(fixture_state(&fx, id), TICKET_CANCELLED);
  assert_int_equal(queue_find(fx.queue, id)->undo[UNDO_TRANSITION], 0);
  assert_string_equal(queue_find(fx.queue, issue())->label, "2"); /* its number is not given again */
}

static void test_undo_classes(void **state)
{
  issue();
  ok(fixture_next(&fx, ""));
  int64_t call = fixture_event(&fx);
  ok(fixture_ticket(&fx, CMD_PHONED, 1));
  int64_t phoned = fixture_event(&fx);
  ok(fixture_do(&fx, (struct command){.kind = CMD_EDIT, .ticket = 1, .edits = EDIT_PARTY, .party_size = 9}));
  int64_t edit = fixture_event(&fx);
  ok(fixture_undo(&fx, phoned)); /* no class blocks another */
  assert_int_equal(queue_find(fx.queue, 1)->delivery, DELIVERY_NONE);
  ok(fixture_ticket(&fx, CMD_CALL, 1));
  int64_t recall = fixture_event(&fx);
  assert_int_equal(fixture_undo(&fx, edit), REFUSE_NOTHING_TO_UNDO); /* but a transition does */
  ok(fixture_undo(&fx, recall));
  ok(fixture_undo(&fx, call));
  ok(fixture_undo(&fx, edit));
  assert_int_equal(queue_find(fx.queue, 1)->party_size, 2);

  /* undoing a call undoes its delivery and "phoned" */
  ok(fixture_next(&fx, ""));
  ok(fixture_ticket(&fx, CMD_PHONED, 1));
  phoned = fixture_event(&fx);
  ok(fixture_ticket(&fx, CMD_CALL, 1));
  recall = fixture_event(&fx);
  ok(fixture_ticket(&fx, CMD_PHONED, 1));
  int64_t again = fixture_event(&fx);
  ok(fixture_undo(&fx, recall));
  assert_int_equal(fixture_undo(&fx, again), REFUSE_NOTHING_TO_UNDO);
  assert_int_equal(queue_find(fx.queue, 1)->delivery, DELIVERY_PHONED);
  ok(fixture_undo(&fx, phoned));
  assert_int_equal(queue_find(fx.queue, 1)->delivery, DELIVERY_NONE);
}

static void test_undo_window(void **state)
{
  issue();
  issue();
  ok(fixture_next(&fx, ""));
  int64_t early = fixture_event(&fx);
  fixture_pass(&fx, 10 * 3600 * 1000);
  assert_true(queue_can_undo(fx.queue, &fx.records[early - 1], &fx.now)); /* all day long */
  ok(fixture_next(&fx, ""));
  int64_t late = fixture_event(&fx);
  ok(fixture_do(&fx, (struct command){.kind = CMD_DAY, .actor = 1}));
  assert_false(queue_can_undo(fx.queue, &fx.records[early - 1], &fx.now));
  assert_int_equal(fixture_undo(&fx, early), REFUSE_NOTHING_TO_UNDO);
  fixture_pass(&fx, LIMIT_UNDO_MS);
  assert_true(queue_can_undo(fx.queue, &fx.records[late - 1], &fx.now)); /* at least 30 minutes */
  fixture_pass(&fx, 1);
  assert_false(queue_can_undo(fx.queue, &fx.records[late - 1], &fx.now));
  fx.records[late - 1].this_boot = false; /* another boot: the wall clock counts */
  fx.now.wall_ms -= 1;
  assert_true(queue_can_undo(fx.queue, &fx.records[late - 1], &fx.now));
}

static void test_edit(void **state)
{
  issue();
  struct command c = {.kind = CMD_EDIT, .ticket = 1, .edits = EDIT_NAME | EDIT_NOTE};
  c.person = person_new("Mina", NULL, "window");
  ok(fixture_do(&fx, c));
  int64_t first = fixture_event(&fx);
  c.edits = EDIT_PHONE | EDIT_NOTE;
  c.person = person_new(NULL, "010", NULL);
  ok(fixture_do(&fx, c));
  int64_t second = fixture_event(&fx);
  const struct person *p = queue_find(fx.queue, 1)->person;
  assert_string_equal(p->name, "Mina");
  assert_string_equal(p->phone, "010");
  assert_null(p->note);
  c.edits = EDIT_PARTY;
  c.person = NULL;
  assert_int_equal(fixture_do(&fx, c), REFUSE_INVALID);
  ok(fixture_undo(&fx, second));
  assert_string_equal(queue_find(fx.queue, 1)->person->note, "window");
  ok(fixture_undo(&fx, first));
  assert_null(queue_find(fx.queue, 1)->person);
  c.edits = 0;
  ok(fixture_do(&fx, c));
  assert_int_equal(queue_find(fx.queue, 1)->version, 6);
}

static void test_numbers(void **state)
{
  for (int i = 0; i < 3; i++)
    issue();
  ok(fixture_ticket(&fx, CMD_CANCEL, 1));
  ok(fixture_do(&fx, (struct command){.kind = CMD_DAY, .actor = 1}));
  assert_string_equal(queue_find(fx.queue, issue())->label, "1");
  assert_string_equal(queue_find(fx.queue, issue())->label, "4"); /* 2 and 3 of yesterday still wait */
  assert_int_equal(queue_find(fx.queue, 2)->day, 1);
  assert_int_equal(fixture_requeue(&fx, 1, POSITION_BACK, 0), REFUSE_NUMBER_TAKEN);
  assert_int_equal(fixture_ticket(&fx, CMD_CANCEL, 1), REFUSE_WRONG_STATE);
  ok(fixture_ticket(&fx, CMD_SEAT, 4)); /* today's "1" */
  ok(fixture_requeue(&fx, 1, POSITION_BACK, 0));
  assert_int_equal(fixture_undo(&fx, fx.kept[4].undo[UNDO_TRANSITION]), REFUSE_NUMBER_TAKEN);
}

static void set_time(int64_t wall_ms, int32_t date, bool trusted)
{
  fx.now.wall_ms = wall_ms;
  fx.now.date = date;
  fx.now.trusted = trusted;
}

static void test_day_untrusted(void **state)
{
  set_time(1000, 19700101, false);
  assert_int_equal(fixture_due(&fx), 1); /* at once, whatever the clock */
  assert_int_equal(queue_day(fx.queue)->id, 1);
  issue();
  fixture_pass(&fx, INT64_C(40) * 3600 * 1000);
  fx.now.date = 19700103;
  assert_int_equal(fixture_due(&fx), 0); /* the clock is not trusted */
  int64_t old = fx.now.wall_ms;
  set_time(INT64_C(1789124400000), 20260911, true);
  ok(fixture_do(&fx, (struct command){.kind = CMD_CLOCK, .actor = ACTOR_TIMER, .old_wall_ms = old}));
  assert_int_equal(fx.last.n, 2);
  assert_int_equal(fx.last.changes[0].type, EVENT_CLOCK);
  assert_int_equal(fx.last.changes[0].detail, old);
  assert_int_equal(fx.last.changes[1].type, EVENT_DAY);
  assert_int_equal(queue_day(fx.queue)->id, 1);
  assert_int_equal(queue_day(fx.queue)->date, 20260911);
  assert_true(queue_day(fx.queue)->trusted);
  assert_int_equal(queue_find(fx.queue, 1)->date, 20260911);
  assert_string_equal(queue_find(fx.queue, issue())->label, "2"); /* numbers go on */
  assert_int_equal(fixture_due(&fx), 0);
  fixture_pass(&fx, 12 * 3600 * 1000);
  fx.now.date = 20260912; /* the cut-over passes by itself */
  assert_int_equal(fixture_due(&fx), 1);
  assert_int_equal(queue_day(fx.queue)->id, 2);
  assert_string_equal(queue_find(fx.queue, issue())->label, "3"); /* 1 and 2 are active */
  assert_int_equal(queue_find(fx.queue, 1)->date, 20260911);
}

static void test_day_never_back(void **state)
{
  fx.now.date = 20260910;
  assert_int_equal(fixture_due(&fx), 0);
  assert_int_equal(queue_day(fx.queue)->id, 1);
  /* a clock that was trusted is corrected: the day gets another date */
  int64_t old = fx.now.wall_ms;
  fx.now.wall_ms -= 86400 * 1000;
  ok(fixture_do(&fx, (struct command){.kind = CMD_CLOCK, .old_wall_ms = old}));
  assert_int_equal(fx.last.n, 2);
  assert_int_equal(queue_day(fx.queue)->id, 1);
  assert_int_equal(queue_day(fx.queue)->date, 20260910);
  /* a small correction in the minute after the cut-over is none */
  fx.now.date = 20260911;
  ok(fixture_do(&fx, (struct command){.kind = CMD_CLOCK, .old_wall_ms = fx.now.wall_ms - 300}));
  assert_int_equal(fx.last.n, 1);
  assert_int_equal(fixture_due(&fx), 1);
  assert_int_equal(queue_day(fx.queue)->id, 2);
}

/* Off overnight, no battery for the clock: yesterday's date was trusted, so it stays. */
static void test_day_overnight(void **state)
{
  issue();
  fx.now.trusted = false;
  ok(fixture_do(&fx, (struct command){.kind = CMD_BOOT, .actor = ACTOR_TIMER}));
  assert_int_equal(fixture_due(&fx), 0);
  int64_t old = fx.now.wall_ms;
  set_time(old + 15 * 3600 * 1000, 20260912, true);
  ok(fixture_do(&fx, (struct command){.kind = CMD_CLOCK, .actor = ACTOR_TIMER, .old_wall_ms = old}));
  assert_int_equal(fx.last.n, 1);
  assert_int_equal(fixture_due(&fx), 1);
  assert_int_equal(queue_day(fx.queue)->id, 2);
  assert_int_equal(queue_find(fx.queue, 1)->date, 20260911);
}

/* The same, but tickets were issued before the clock was trusted: no number is given twice in an evening. */
static void test_day_issued_untrusted(void **state)
{
  issue();
  fx.now.trusted = false;
  ok(fixture_do(&fx, (struct command){.kind = CMD_BOOT, .actor = ACTOR_TIMER}));
  issue();
  set_time(fx.now.wall_ms + 15 * 3600 * 1000, 20260912, true);
  assert_int_equal(fixture_due(&fx), 1); /* also when nobody reports a step */
  assert_int_equal(queue_day(fx.queue)->id, 1);
  assert_int_equal(queue_day(fx.queue)->date, 20260912);
  assert_string_equal(queue_find(fx.queue, issue())->label, "3");
}

static void test_day_by_staff(void **state)
{
  struct command c = {.kind = CMD_DAY, .actor = 1};
  assert_int_equal(fixture_do(&fx, c), REFUSE_WRONG_STATE); /* nothing was issued yet */
  issue();
  ok(fixture_do(&fx, c));
  assert_int_equal(queue_day(fx.queue)->id, 2);
  assert_int_equal(queue_day(fx.queue)->date, 20260911);
  c.actor = ACTOR_TIMER;
  assert_int_equal(fixture_do(&fx, c), REFUSE_WRONG_STATE); /* a timer that came late */
}

static void test_intake(void **state)
{
  struct command c = {.kind = CMD_INTAKE, .actor = 1, .intake = INTAKE_PAUSED, .resume_after_s = 600};
  ok(fixture_do(&fx, c));
  assert_int_equal(queue_intake(fx.queue)->resume_at, fx.now.wall_ms + 600000);
  assert_int_equal(queue_next_due(fx.queue), fx.now.mono_ms + 600000);
  fixture_pass(&fx, 599999);
  assert_int_equal(fixture_due(&fx), 0);
  struct command timer = {.kind = CMD_INTAKE, .actor = ACTOR_TIMER, .intake = INTAKE_OPEN};
  ok(fixture_do(&fx, c)); /* again: from now on */
  fixture_pass(&fx, 1);
  assert_int_equal(fixture_do(&fx, timer), REFUSE_WRONG_STATE); /* set for the first pause */
  fixture_pass(&fx, 599999);
  assert_int_equal(fixture_due(&fx), 1);
  assert_int_equal(queue_intake(fx.queue)->state, INTAKE_OPEN);
  assert_int_equal(fx.last.changes[0].actor, ACTOR_TIMER);
  assert_int_equal(queue_next_due(fx.queue), INT64_MAX);
  c.intake = INTAKE_CLOSED;
  assert_int_equal(fixture_do(&fx, c), REFUSE_INVALID);
  c.intake = 7;
  assert_int_equal(fixture_do(&fx, c), REFUSE_INVALID);

  /* after a restart the rest of the pause remains */
  c.intake = INTAKE_PAUSED;
  ok(fixture_do(&fx, c));
  fx.now.wall_ms += 200000;
  fx.now.mono_ms = 50;
  ok(fixture_do(&fx, (struct command){.kind = CMD_BOOT}));
  assert_int_equal(queue_next_due(fx.queue), 50 + 400000);
}

static void set_no_show(int32_t after_s)
{
  struct command c = {.kind = CMD_SETTINGS, .settings = xnew(struct settings)};
  *c.settings = *queue_settings(fx.queue);
  c.settings->no_show_after_s = after_s;
  ok(fixture_do(&fx, c));
}

static void test_auto_no_show(void **state)
{
  for (int i = 0; i < 3; i++)
    issue();
  ok(fixture_next(&fx, ""));
  fixture_pass(&fx, 10000);
  ok(fixture_next(&fx, ""));
  assert_int_equal(queue_next_due(fx.queue), INT64_MAX);
  set_no_show(60);
  assert_int_equal(queue_next_due(fx.queue), fx.now.mono_ms + 50000);
  fixture_pass(&fx, 50000);
  struct command late;
  assert_true(queue_due_command(fx.queue, &fx.now, &late));
  ok(fixture_ticket(&fx, CMD_CALL, 1));
  assert_int_equal(fixture_do(&fx, late), REFUSE_STALE); /* the timer was for another version */
  fixture_pass(&fx, 10000);
  assert_int_equal(fixture_due(&fx), 1);
  assert_int_equal(fixture_state(&fx, 2), TICKET_NO_SHOW);
  int64_t event = fixture_event(&fx);
  fixture_pass(&fx, 30000);
  ok(fixture_undo(&fx, event));
  assert_int_equal(fixture_due(&fx), 0); /* the timer starts again */
  fixture_pass(&fx, 20000);
  assert_int_equal(fixture_due(&fx), 1);
  assert_int_equal(fixture_state(&fx, 1), TICKET_NO_SHOW);

  fx.now.mono_ms = 700; /* the box starts: in full again */
  ok(fixture_do(&fx, (struct command){.kind = CMD_BOOT}));
  assert_int_equal(queue_next_due(fx.queue), 60700);
  set_no_show(3600);
  assert_int_equal(queue_next_due(fx.queue), 3600700);
  set_no_show(0);
  assert_int_equal(queue_next_due(fx.queue), INT64_MAX);
}

static int put_settings(const struct settings *s)
{
  struct command c = {.kind = CMD_SETTINGS, .settings = xnew(struct settings)};
  *c.settings = *s;
  return fixture_do(&fx, c);
}

static void test_settings(void **state)
{
  fixture_issue(&fx, "a");
  fixture_issue(&fx, "b");
  fixture_issue(&fx, "b");
  struct settings s = fixture_settings(1);
  assert_int_equal(put_settings(&s), REFUSE_INVALID); /* b is in use */
  s = fixture_settings(2);
  util_copy(s.lines[1].prefix, sizeof s.lines[1].prefix, s.lines[0].prefix);
  assert_int_equal(put_settings(&s), REFUSE_INVALID);
  s = fixture_settings(2);
  util_copy(s.lines[1].id, sizeof s.lines[1].id, "a");
  assert_int_equal(put_settings(&s), REFUSE_INVALID);
  s.n_lines = 0;
  assert_int_equal(put_settings(&s), REFUSE_INVALID);

  s = fixture_settings(3);
  struct line swap = s.lines[0];
  s.lines[0] = s.lines[2];
  s.lines[2] = swap;
  ok(put_settings(&s));
  assert_int_equal(fx.last.changes[0].type, EVENT_SETTINGS);
  assert_int_equal(queue_line(fx.queue, "a"), 2);
  assert_int_equal(queue_waiting(fx.queue, 2), 1);
  assert_int_equal(queue_next(fx.queue, NULL)->id, 2); /* by line, in the order of the lines */
  assert_string_equal(queue_find(fx.queue, fixture_issue(&fx, "a"))->label, "2");

  /* a line that goes, and comes back the same day */
  ok(fixture_ticket(&fx, CMD_SEAT, 2));
  ok(fixture_ticket(&fx, CMD_SEAT, 3));
  struct settings two = s;
  two.lines[1] = two.lines[2];
  two.n_lines = 2;
  ok(put_settings(&two));
  assert_int_equal(fixture_requeue(&fx, 3, POSITION_BACK, 0), REFUSE_WRONG_STATE); /* its line is gone */
  ok(put_settings(&s));
  ok(fixture_requeue(&fx, 3, POSITION_BACK, 0));
  assert_string_equal(queue_find(fx.queue, fixture_issue(&fx, "b"))->label, "B-3");
}

static void test_closed(void **state)
{
  for (int i = 0; i < LIMIT_CLOSED + 5; i++) {
    int64_t id = issue();
    fixture_pass(&fx, 1000);
    ok(fixture_ticket(&fx, CMD_SEAT, id));
  }
  assert_null(queue_find(fx.queue, 5)); /* the oldest are dropped */
  int64_t id = LIMIT_CLOSED + 5;
  for (const struct ticket *t = NULL; (t = queue_next(fx.queue, t)); id--)
    assert_int_equal(t->id, id);
  assert_int_equal(id, 5);
  ok(fixture_undo(&fx, fx.kept[2].undo[UNDO_TRANSITION])); /* fetched for it */
  assert_first(2);
  fx.now.wall_ms -= 3600 * 1000;
  ok(fixture_ticket(&fx, CMD_CANCEL, 2)); /* newest, whatever the clock says */
  assert_int_equal(queue_next(fx.queue, NULL)->id, 2);
}

static void test_estimate(void **state)
{
  for (int i = 0; i < 10; i++)
    issue();
  for (int i = 0; i < 3; i++) {
    assert_int_equal(queue_estimate(fx.queue, 0, 5).high_s, 0);
    fixture_pass(&fx, 120000);
    if (i == 1) { /* a pause of half an hour does not count */
      ok(fixture_do(&fx, (struct command){.kind = CMD_INTAKE, .intake = INTAKE_PAUSED}));
      fixture_pass(&fx, 1800000);
      ok(fixture_do(&fx, (struct command){.kind = CMD_INTAKE, .intake = INTAKE_OPEN}));
    }
    ok(fixture_next(&fx, ""));
  }
  int32_t gap, wait;
  queue_service_rate(fx.queue, 0, &gap, &wait);
  assert_int_equal(gap, 120);
  assert_int_equal(wait, 2160);
  /* 7 wait; (7 x 120 + 2160) / 2 = 1500: 1350 .. 1935 */
  struct estimate e = queue_estimate(fx.queue, 0, 7);
  assert_int_equal(e.low_s, 1320);
  assert_int_equal(e.high_s, 1980);
  e = queue_estimate(fx.queue, 0, 0);
  assert_int_equal(e.low_s, 0);
  assert_int_equal(e.high_s, 60);
  ok(fixture_ticket(&fx, CMD_CALL, 1)); /* no entry */
  ok(fixture_ticket(&fx, CMD_SEAT, 2)); /* its entry was the call */
  queue_service_rate(fx.queue, 0, &gap, &wait);
  assert_int_equal(wait, 2160);
  fixture_pass(&fx, 60000);
  ok(fixture_ticket(&fx, CMD_SEAT, 4)); /* direct seating is an entry */
  queue_service_rate(fx.queue, 0, &gap, &wait);
  assert_int_equal(wait, 2220);
  ok(fixture_do(&fx, (struct command){.kind = CMD_DAY, .actor = 1}));
  assert_int_equal(queue_estimate(fx.queue, 0, 5).high_s, 0); /* today's entries only */
}

/* Loading restores the same queue. */
static void test_load(void **state)
{
  for (int i = 0; i < 12; i++)
    fixture_issue(&fx, i % 2 ? "b" : "a");
  for (int i = 0; i < 6; i++) {
    fixture_pass(&fx, 1000);
    ok(fixture_next(&fx, ""));
  }
  ok(fixture_requeue(&fx, 1, POSITION_KEEP, 0));
  ok(fixture_ticket(&fx, CMD_SEAT, 2));
  fixture_pass(&fx, 1000);
  ok(fixture_ticket(&fx, CMD_NO_SHOW, 3));
  struct queue *loaded = queue_new(queue_settings(fx.queue));
  for (int64_t id = 12; id; id--)
    queue_put(loaded, &fx.kept[id]);
  queue_set_counts(loaded, 12, (uint32_t[LIMIT_LINES]){6, 6});
  queue_set_day(loaded, queue_day(fx.queue));
  queue_set_intake(loaded, queue_intake(fx.queue));
  queue_assert_same_tickets(fx.queue, loaded);
  struct decision d;
  ok(queue_decide(loaded, &(struct command){.kind = CMD_ISSUE, .party_size = 1}, NULL, &fx.now, &d));
  assert_int_equal(d.changes[0].ticket.id, 13);
  assert_string_equal(d.changes[0].ticket.label, "7");
  assert_true(d.changes[0].ticket.rank > fx.kept[12].rank);
  decision_done(&d);
  queue_free(loaded);
}

static void test_epoch(void **state)
{
  int64_t parent = (INT64_C(3) << 32) | 57;
  for (int i = 0; i < 3; i++)
    fixture_issue(&fx, "a");
  ok(fixture_next(&fx, "a"));
  ok(fixture_ticket(&fx, CMD_SEAT, 1));
  ok(fixture_next(&fx, "a"));
  ok(fixture_do(
      &fx, (struct command){.kind = CMD_EPOCH, .actor = ACTOR_TIMER, .parent = "0badcafe", .parent_event = parent}));
  assert_int_equal(fx.last.changes[0].type, EVENT_EPOCH);
  const struct epoch_snapshot *h = fx.last.changes[0].epoch_snapshot;
  assert_string_equal(h->parent, "0badcafe");
  assert_int_equal(h->parent_seq, 57);
  assert_int_equal(h->n, 2); /* the waiting and the called ticket only */
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
      RULE(test_shifting, start),
      RULE(test_same_gap, start),
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
      RULE(test_day_issued_untrusted, start),
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
