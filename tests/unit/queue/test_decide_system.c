/* Evenings under clocks that are wrong, jump, or change their zone's offset: what lasts is measured by the clock that
 * only rises, days begin once and never again, and no ticket is lost over any of it.
 */
#include "queue_fixture.h"

#include "base/clock.h"

#define HOUR (INT64_C(3600) * 1000)
#define DAY  (24 * HOUR)

static const int64_t evening_ms = INT64_C(1789120800000); /* 2026-09-11 19:00 in Seoul */

/* The wall clock shows that from now on; what else is told of a step is told. */
static void set_wall(struct world *w, int64_t wall_ms, bool trusted)
{
  const int64_t old = w->now.wall_ms;
  w->now.wall_ms = wall_ms;
  w->now.trusted = trusted;
  w->now.date = clock_business_date(wall_ms, queue_settings(w->queue)->cutover_min);
  struct command c = {.kind = CMD_CLOCK, .actor = ACTOR_TIMER, .old_wall_ms = old == wall_ms ? 0 : old};
  assert_int_equal(world_do(w, c), REFUSE_NONE);
  world_due(w);
}

static void pass(struct world *w, int64_t ms)
{
  world_pass(w, ms);
  w->now.date = clock_business_date(w->now.wall_ms, queue_settings(w->queue)->cutover_min);
}

static void boot(struct world *w, int64_t wall_ms, bool trusted)
{
  w->now.mono_ms = 5000;
  w->now.wall_ms = wall_ms;
  w->now.trusted = trusted;
  w->now.date = clock_business_date(wall_ms, queue_settings(w->queue)->cutover_min);
  assert_int_equal(world_do(w, (struct command){.kind = CMD_BOOT, .actor = ACTOR_TIMER}), REFUSE_NONE);
  world_due(w);
}

static void start(struct world *w, const char *zone, int64_t wall_ms, bool trusted)
{
  struct settings s = world_settings(2);
  s.no_show_after_s = 300;
  assert_int_equal(clock_set_timezone(zone), 0);
  world_start(w, &s);
  boot(w, wall_ms, trusted);
}

static void finish(struct world *w)
{
  queue_assert_same(w->queue, w->view);
  world_end(w);
}

/* Off, and in 1970 again: the evening goes on; when somebody tells the time, all of it is of today. */
static void test_boots_in_1970(void **state)
{
  struct world w;
  (void)state;
  start(&w, "Asia/Seoul", 12345, false);
  int64_t a = world_issue(&w, "a"), b = world_issue(&w, "a");
  assert_int_equal(queue_day(w.queue)->date, 19700101);
  assert_int_equal(world_next(&w, "a"), REFUSE_NONE);
  pass(&w, 10000);
  boot(&w, 999, false); /* earlier than it was */
  assert_int_equal(world_state(&w, a), TICKET_CALLED);
  int64_t c = world_issue(&w, "a");
  assert_int_equal(w.kept[c].number, 3);

  set_wall(&w, evening_ms, true);
  assert_int_equal(queue_day(w.queue)->id, 1);
  assert_int_equal(queue_day(w.queue)->date, 20260911);
  for (int64_t id = a; id <= c; id++)
    assert_int_equal(queue_find(w.queue, id)->date, 20260911);
  assert_int_equal(world_state(&w, a), TICKET_CALLED); /* fifty years are no reason to give up on a guest */
  assert_int_equal(w.kept[world_issue(&w, "a")].number, 4);
  assert_ptr_equal(queue_first(w.queue, 0), queue_find(w.queue, b));
  finish(&w);
}

/* A day that was sure stays when the box wakes up in another year and is not sure; nor does a sure clock take it back.
 */
static void test_other_years(void **state)
{
  static const struct {
    int64_t years;
    bool trusted;
    int32_t day, date; /* afterwards */
  } cases[] = {{-1, false, 1, 20260911}, {10, false, 1, 20260911}, {-1, true, 1, 20260911}, {10, true, 2, 20360908}};
  (void)state;
  for (size_t i = 0; i < array_len(cases); i++) {
    struct world w;
    start(&w, "Asia/Seoul", evening_ms, true);
    int64_t a = world_issue(&w, "a"), b = world_issue(&w, "b");
    assert_int_equal(world_next(&w, "a"), REFUSE_NONE);
    boot(&w, evening_ms + cases[i].years * 365 * DAY, cases[i].trusted);
    assert_int_equal(queue_day(w.queue)->id, cases[i].day);
    assert_int_equal(queue_day(w.queue)->date, cases[i].date);
    assert_int_equal(world_state(&w, a), TICKET_CALLED);
    assert_int_equal(world_state(&w, b), TICKET_WAITING);
    assert_int_equal(world_undo(&w, queue_find(w.queue, a)->call_event), REFUSE_NONE);
    int64_t c = world_issue(&w, "a");
    assert_string_not_equal(w.kept[c].label, w.kept[a].label); /* both are active */
    set_wall(&w, evening_ms + HOUR, true);
    assert_int_equal(queue_day(w.queue)->id, cases[i].day); /* a day that began does not end by going back */
    finish(&w);
  }
}

/* Half a day back or forth in the middle of the evening: nothing that lasts is longer or shorter for it. */
static void test_steps(void **state)
{
  static const int64_t steps[] = {-12 * HOUR, 12 * HOUR, -1, 1};
  (void)state;
  for (size_t i = 0; i < array_len(steps); i++)
    for (int trusted = 0; trusted < 2; trusted++) {
      struct world w;
      start(&w, "Asia/Seoul", evening_ms, trusted);
      int64_t a = world_issue(&w, "a");
      world_issue(&w, "a");
      assert_int_equal(world_next(&w, "a"), REFUSE_NONE);
      struct command pause = {.kind = CMD_INTAKE, .actor = 1, .intake = INTAKE_PAUSED, .resume_after_s = 60};
      assert_int_equal(world_do(&w, pause), REFUSE_NONE);
      pass(&w, 30000);
      int64_t due = queue_next_due(w.queue);
      set_wall(&w, w.now.wall_ms + steps[i], trusted);
      assert_int_equal(queue_next_due(w.queue), due);
      assert_int_equal(queue_intake(w.queue)->state, INTAKE_PAUSED);
      pass(&w, 29999);
      assert_int_equal(world_due(&w), 0);
      pass(&w, 1);
      assert_int_equal(world_due(&w), 1);
      assert_int_equal(queue_intake(w.queue)->state, INTAKE_OPEN);
      assert_int_equal(world_state(&w, a), TICKET_CALLED);
      pass(&w, 239999);
      assert_int_equal(world_due(&w), 0);
      pass(&w, 1);
      assert_int_equal(world_due(&w), 1);
      assert_int_equal(world_state(&w, a), TICKET_NO_SHOW);
      int64_t gone = world_event(&w);
      set_wall(&w, w.now.wall_ms - steps[i], trusted);
      pass(&w, LIMIT_UNDO_MS - 1);
      assert_int_equal(world_undo(&w, gone), REFUSE_NONE);
      assert_int_equal(world_state(&w, a), TICKET_CALLED);
      finish(&w);
    }
}

/* At six in the morning some still wait (the last ones of a long night): they stay, ahead of today's, and keep a number
 * that nobody else has. */
static void test_day_with_open_tickets(void **state)
{
  struct world w;
  (void)state;
  start(&w, "Asia/Seoul", evening_ms, true);
  int64_t called = world_issue(&w, "a"), waiting = world_issue(&w, "a");
  assert_int_equal(world_next(&w, "a"), REFUSE_NONE);
  int64_t call = world_event(&w);
  assert_int_equal(world_do(&w, (struct command){.kind = CMD_SEAT, .actor = 1, .ticket = called}), REFUSE_NONE);
  assert_int_equal(world_undo(&w, world_event(&w)), REFUSE_NONE);
  pass(&w, 11 * HOUR - 1);
  assert_int_equal(queue_day(w.queue)->date, 20260911);
  set_wall(&w, w.now.wall_ms, true); /* timers, too: the call of last night is over */
  assert_int_equal(world_state(&w, called), TICKET_NO_SHOW);
  pass(&w, 1);
  world_due(&w);
  assert_int_equal(queue_day(w.queue)->id, 2);
  assert_int_equal(queue_day(w.queue)->date, 20260912);
  int64_t today = world_issue(&w, "a");
  assert_int_equal(w.kept[today].date, 20260912);
  assert_int_equal(w.kept[waiting].date, 20260911);
  assert_string_not_equal(w.kept[today].label, w.kept[waiting].label);
  assert_ptr_equal(queue_first(w.queue, 0), queue_find(w.queue, waiting));
  assert_int_equal(world_undo(&w, call), REFUSE_NOTHING_TO_UNDO);
  assert_int_equal(world_next(&w, "a"), REFUSE_NONE);
  assert_int_equal(world_main(&w)->id, waiting);
  finish(&w);
}

/* Trust comes after the day has changed: the tickets of a day that was only guessed are of the day that it really is.
 */
static void test_trust_late(void **state)
{
  struct world w;
  (void)state;
  start(&w, "Asia/Seoul", evening_ms - 200 * DAY, false); /* the image's build date */
  int64_t a = world_issue(&w, "a");
  pass(&w, 14 * HOUR); /* past its own cut-over, which means nothing */
  world_due(&w);
  int64_t b = world_issue(&w, "a");
  assert_int_equal(queue_day(w.queue)->id, 1);
  set_wall(&w, evening_ms + 3 * HOUR, true);
  assert_int_equal(queue_day(w.queue)->id, 1);
  assert_int_equal(queue_find(w.queue, a)->date, 20260911);
  assert_int_equal(queue_find(w.queue, b)->date, 20260911);
  set_wall(&w, w.now.wall_ms, false);
  pass(&w, DAY);
  assert_int_equal(world_due(&w), 0); /* nobody vouches for tomorrow */
  set_wall(&w, w.now.wall_ms, true);
  assert_int_equal(queue_day(w.queue)->date, 20260912);
  finish(&w);
}

/* Nights on which the clock is put forward or back, with a cut-over before, in and after that hour: each has one day.
 */
static void test_zones(void **state)
{
  static const struct {
    const char *zone;
    int64_t from_ms; /* noon UTC, two days before */
  } nights[] = {{"Europe/Berlin", 1774612800000},
                {"Europe/Berlin", 1792756800000},
                {"America/New_York", 1772798400000},
                {"America/New_York", 1793361600000},
                {"Asia/Seoul", 1793361600000}};
  static const int cutovers[] = {0, 119, 150, 180, 360};
  (void)state;
  for (size_t i = 0; i < array_len(nights); i++)
    for (size_t k = 0; k < array_len(cutovers); k++) {
      struct world w;
      struct settings s = world_settings(1);
      s.cutover_min = cutovers[k];
      assert_int_equal(clock_set_timezone(nights[i].zone), 0);
      world_start(&w, &s);
      boot(&w, nights[i].from_ms, true);
      int days = 0;
      for (int quarters = 0; quarters < 4 * 24 * 4; quarters++) {
        int32_t was = queue_day(w.queue)->date;
        pass(&w, HOUR / 4);
        world_issue(&w, "a");
        int turned = world_due(&w);
        days += turned;
        assert_in_range(turned, 0, 1);
        assert_true(turned ? queue_day(w.queue)->date > was : queue_day(w.queue)->date == was);
        assert_int_equal(queue_day(w.queue)->date, w.now.date);
      }
      assert_int_equal(days, 4);
      finish(&w);
    }
  assert_int_equal(clock_set_timezone("Asia/Seoul"), 0);
}

/* Forty days without a restart: more milliseconds than 31 or 32 bits hold. */
static void test_uptime(void **state)
{
  struct world w;
  (void)state;
  start(&w, "Asia/Seoul", evening_ms, true);
  for (int day = 1; day <= 40; day++) {
    assert_int_equal(queue_day(w.queue)->id, day);
    for (int i = 0; i < 5; i++)
      assert_int_equal(w.kept[world_issue(&w, "a")].number, i + 1);
    for (int i = 0; i < 5; i++) {
      assert_int_equal(world_next(&w, "a"), REFUSE_NONE);
      int64_t id = world_main(&w)->id;
      pass(&w, 299999);
      assert_int_equal(world_due(&w), 0);
      if (i % 2) {
        pass(&w, 1);
        assert_int_equal(world_due(&w), 1);
        assert_int_equal(world_state(&w, id), TICKET_NO_SHOW);
        assert_int_equal(world_undo(&w, world_event(&w)), REFUSE_NONE);
      }
      assert_int_equal(world_ticket(&w, CMD_SEAT, id), REFUSE_NONE);
    }
    int32_t gap_s, wait_s;
    queue_service_rate(w.queue, 0, &gap_s, &wait_s);
    assert_in_range(gap_s, 200, 400);
    pass(&w, DAY - (4 * 299999 + 299999 + 2));
    world_due(&w);
  }
  assert_true(w.now.mono_ms > 39 * DAY);
  finish(&w);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_boots_in_1970), cmocka_unit_test(test_other_years),
      cmocka_unit_test(test_steps),         cmocka_unit_test(test_day_with_open_tickets),
      cmocka_unit_test(test_trust_late),    cmocka_unit_test(test_zones),
      cmocka_unit_test(test_uptime),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
