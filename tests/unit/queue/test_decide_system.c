/* Evenings under clocks that are wrong, jump, or change their zone's offset: durations are measured by the monotonic
 * clock, each day begins once, and no ticket is lost.
 */
#include "queue_fixture.h"

#include "base/clock.h"

#define HOUR (INT64_C(3600) * 1000)
#define DAY  (24 * HOUR)

static const int64_t evening_ms = INT64_C(1789120800000); /* 2026-09-11 19:00 in Seoul */

/* Steps the wall clock, as CMD_CLOCK reports it. */
static void set_wall(struct fixture *fx, int64_t wall_ms, bool trusted)
{
  const int64_t old = fx->now.wall_ms;
  fx->now.wall_ms = wall_ms;
  fx->now.trusted = trusted;
  fx->now.date = clock_business_date(wall_ms, queue_settings(fx->queue)->cutover_min);
  struct command c = {.kind = CMD_CLOCK, .actor = ACTOR_TIMER, .old_wall_ms = old == wall_ms ? 0 : old};
  assert_int_equal(fixture_do(fx, c), REFUSE_NONE);
  fixture_due(fx);
}

static void pass(struct fixture *fx, int64_t ms)
{
  fixture_pass(fx, ms);
  fx->now.date = clock_business_date(fx->now.wall_ms, queue_settings(fx->queue)->cutover_min);
}

static void boot(struct fixture *fx, int64_t wall_ms, bool trusted)
{
  fx->now.mono_ms = 5000;
  fx->now.wall_ms = wall_ms;
  fx->now.trusted = trusted;
  fx->now.date = clock_business_date(wall_ms, queue_settings(fx->queue)->cutover_min);
  assert_int_equal(fixture_do(fx, (struct command){.kind = CMD_BOOT, .actor = ACTOR_TIMER}), REFUSE_NONE);
  fixture_due(fx);
}

static void start(struct fixture *fx, const char *zone, int64_t wall_ms, bool trusted)
{
  struct settings s = fixture_settings(2);
  s.no_show_after_s = 300;
  assert_int_equal(clock_set_timezone(zone), 0);
  fixture_start(fx, &s);
  boot(fx, wall_ms, trusted);
}

static void finish(struct fixture *fx)
{
  queue_assert_same(fx->queue, fx->view);
  fixture_end(fx);
}

/* After a power cut it is 1970: the evening continues; when the clock is set, all of it belongs to today. */
static void test_boots_in_1970(void **state)
{
  struct fixture fx;
  start(&fx, "Asia/Seoul", 12345, false);
  int64_t a = fixture_issue(&fx, "a"), b = fixture_issue(&fx, "a");
  assert_int_equal(queue_day(fx.queue)->date, 19700101);
  assert_int_equal(fixture_next(&fx, "a"), REFUSE_NONE);
  pass(&fx, 10000);
  boot(&fx, 999, false); /* earlier than before */
  assert_int_equal(fixture_state(&fx, a), TICKET_CALLED);
  int64_t c = fixture_issue(&fx, "a");
  assert_int_equal(fx.kept[c].number, 3);

  set_wall(&fx, evening_ms, true);
  assert_int_equal(queue_day(fx.queue)->id, 1);
  assert_int_equal(queue_day(fx.queue)->date, 20260911);
  for (int64_t id = a; id <= c; id++)
    assert_int_equal(queue_find(fx.queue, id)->date, 20260911);
  assert_int_equal(fixture_state(&fx, a), TICKET_CALLED); /* a step of fifty years is no no-show */
  assert_int_equal(fx.kept[fixture_issue(&fx, "a")].number, 4);
  assert_ptr_equal(queue_first(fx.queue, 0), queue_find(fx.queue, b));
  finish(&fx);
}

/* A day with a trusted date stays when the box starts in another year, untrusted; nor does a trusted clock undo it.
 */
static void test_other_years(void **state)
{
  static const struct {
    int64_t years;
    bool trusted;
    int32_t day, date; /* afterwards */
  } cases[] = {{-1, false, 1, 20260911}, {10, false, 1, 20260911}, {-1, true, 1, 20260911}, {10, true, 2, 20360908}};
  for (size_t i = 0; i < array_len(cases); i++) {
    struct fixture fx;
    start(&fx, "Asia/Seoul", evening_ms, true);
    int64_t a = fixture_issue(&fx, "a"), b = fixture_issue(&fx, "b");
    assert_int_equal(fixture_next(&fx, "a"), REFUSE_NONE);
    boot(&fx, evening_ms + cases[i].years * 365 * DAY, cases[i].trusted);
    assert_int_equal(queue_day(fx.queue)->id, cases[i].day);
    assert_int_equal(queue_day(fx.queue)->date, cases[i].date);
    assert_int_equal(fixture_state(&fx, a), TICKET_CALLED);
    assert_int_equal(fixture_state(&fx, b), TICKET_WAITING);
    assert_int_equal(fixture_undo(&fx, queue_find(fx.queue, a)->call_event), REFUSE_NONE);
    int64_t c = fixture_issue(&fx, "a");
    assert_string_not_equal(fx.kept[c].label, fx.kept[a].label); /* both are active */
    set_wall(&fx, evening_ms + HOUR, true);
    assert_int_equal(queue_day(fx.queue)->id, cases[i].day); /* a day does not end when the clock steps back */
    finish(&fx);
  }
}

/* Steps of half a day back or forth in the evening: no duration gets longer or shorter. */
static void test_steps(void **state)
{
  static const int64_t steps[] = {-12 * HOUR, 12 * HOUR, -1, 1};
  for (size_t i = 0; i < array_len(steps); i++)
    for (int trusted = 0; trusted < 2; trusted++) {
      struct fixture fx;
      start(&fx, "Asia/Seoul", evening_ms, trusted);
      int64_t a = fixture_issue(&fx, "a");
      fixture_issue(&fx, "a");
      assert_int_equal(fixture_next(&fx, "a"), REFUSE_NONE);
      struct command pause = {.kind = CMD_INTAKE, .actor = 1, .intake = INTAKE_PAUSED, .resume_after_s = 60};
      assert_int_equal(fixture_do(&fx, pause), REFUSE_NONE);
      pass(&fx, 30000);
      int64_t due = queue_next_due(fx.queue);
      set_wall(&fx, fx.now.wall_ms + steps[i], trusted);
      assert_int_equal(queue_next_due(fx.queue), due);
      assert_int_equal(queue_intake(fx.queue)->state, INTAKE_PAUSED);
      pass(&fx, 29999);
      assert_int_equal(fixture_due(&fx), 0);
      pass(&fx, 1);
      assert_int_equal(fixture_due(&fx), 1);
      assert_int_equal(queue_intake(fx.queue)->state, INTAKE_OPEN);
      assert_int_equal(fixture_state(&fx, a), TICKET_CALLED);
      pass(&fx, 239999);
      assert_int_equal(fixture_due(&fx), 0);
      pass(&fx, 1);
      assert_int_equal(fixture_due(&fx), 1);
      assert_int_equal(fixture_state(&fx, a), TICKET_NO_SHOW);
      int64_t gone = fixture_event(&fx);
      set_wall(&fx, fx.now.wall_ms - steps[i], trusted);
      pass(&fx, LIMIT_UNDO_MS - 1);
      assert_int_equal(fixture_undo(&fx, gone), REFUSE_NONE);
      assert_int_equal(fixture_state(&fx, a), TICKET_CALLED);
      finish(&fx);
    }
}

/* At six in the morning some still wait (the last ones of a long night): they stay, ahead of today's, and keep a number
 * that nobody else has. */
static void test_day_with_open_tickets(void **state)
{
  struct fixture fx;
  start(&fx, "Asia/Seoul", evening_ms, true);
  int64_t called = fixture_issue(&fx, "a"), waiting = fixture_issue(&fx, "a");
  assert_int_equal(fixture_next(&fx, "a"), REFUSE_NONE);
  int64_t call = fixture_event(&fx);
  assert_int_equal(fixture_do(&fx, (struct command){.kind = CMD_SEAT, .actor = 1, .ticket = called}), REFUSE_NONE);
  assert_int_equal(fixture_undo(&fx, fixture_event(&fx)), REFUSE_NONE);
  pass(&fx, 11 * HOUR - 1);
  assert_int_equal(queue_day(fx.queue)->date, 20260911);
  set_wall(&fx, fx.now.wall_ms, true); /* runs timers, too: last night's call has expired */
  assert_int_equal(fixture_state(&fx, called), TICKET_NO_SHOW);
  pass(&fx, 1);
  fixture_due(&fx);
  assert_int_equal(queue_day(fx.queue)->id, 2);
  assert_int_equal(queue_day(fx.queue)->date, 20260912);
  int64_t today = fixture_issue(&fx, "a");
  assert_int_equal(fx.kept[today].date, 20260912);
  assert_int_equal(fx.kept[waiting].date, 20260911);
  assert_string_not_equal(fx.kept[today].label, fx.kept[waiting].label);
  assert_ptr_equal(queue_first(fx.queue, 0), queue_find(fx.queue, waiting));
  assert_int_equal(fixture_undo(&fx, call), REFUSE_NOTHING_TO_UNDO);
  assert_int_equal(fixture_next(&fx, "a"), REFUSE_NONE);
  assert_int_equal(fixture_main(&fx)->id, waiting);
  finish(&fx);
}

/* Trust comes after the day has changed: the tickets of a day with an untrusted date get the true date.
 */
static void test_trust_late(void **state)
{
  struct fixture fx;
  start(&fx, "Asia/Seoul", evening_ms - 200 * DAY, false); /* the image's build date */
  int64_t a = fixture_issue(&fx, "a");
  pass(&fx, 14 * HOUR); /* past the cut-over by an untrusted clock: no new day */
  fixture_due(&fx);
  int64_t b = fixture_issue(&fx, "a");
  assert_int_equal(queue_day(fx.queue)->id, 1);
  set_wall(&fx, evening_ms + 3 * HOUR, true);
  assert_int_equal(queue_day(fx.queue)->id, 1);
  assert_int_equal(queue_find(fx.queue, a)->date, 20260911);
  assert_int_equal(queue_find(fx.queue, b)->date, 20260911);
  set_wall(&fx, fx.now.wall_ms, false);
  pass(&fx, DAY);
  assert_int_equal(fixture_due(&fx), 0); /* the clock is not trusted */
  set_wall(&fx, fx.now.wall_ms, true);
  assert_int_equal(queue_day(fx.queue)->date, 20260912);
  finish(&fx);
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
  for (size_t i = 0; i < array_len(nights); i++)
    for (size_t k = 0; k < array_len(cutovers); k++) {
      struct fixture fx;
      struct settings s = fixture_settings(1);
      s.cutover_min = cutovers[k];
      assert_int_equal(clock_set_timezone(nights[i].zone), 0);
      fixture_start(&fx, &s);
      boot(&fx, nights[i].from_ms, true);
      int days = 0;
      for (int quarters = 0; quarters < 4 * 24 * 4; quarters++) {
        int32_t was = queue_day(fx.queue)->date;
        pass(&fx, HOUR / 4);
        fixture_issue(&fx, "a");
        int turned = fixture_due(&fx);
        days += turned;
        assert_in_range(turned, 0, 1);
        assert_true(turned ? queue_day(fx.queue)->date > was : queue_day(fx.queue)->date == was);
        assert_int_equal(queue_day(fx.queue)->date, fx.now.date);
      }
      assert_int_equal(days, 4);
      finish(&fx);
    }
  assert_int_equal(clock_set_timezone("Asia/Seoul"), 0);
}

/* Forty days without a restart: more milliseconds than 31 or 32 bits hold. */
static void test_uptime(void **state)
{
  struct fixture fx;
  start(&fx, "Asia/Seoul", evening_ms, true);
  for (int day = 1; day <= 40; day++) {
    assert_int_equal(queue_day(fx.queue)->id, day);
    for (int i = 0; i < 5; i++)
      assert_int_equal(fx.kept[fixture_issue(&fx, "a")].number, i + 1);
    for (int i = 0; i < 5; i++) {
      assert_int_equal(fixture_next(&fx, "a"), REFUSE_NONE);
      int64_t id = fixture_main(&fx)->id;
      pass(&fx, 299999);
      assert_int_equal(fixture_due(&fx), 0);
      if (i % 2) {
        pass(&fx, 1);
        assert_int_equal(fixture_due(&fx), 1);
        assert_int_equal(fixture_state(&fx, id), TICKET_NO_SHOW);
        assert_int_equal(fixture_undo(&fx, fixture_event(&fx)), REFUSE_NONE);
      }
      assert_int_equal(fixture_ticket(&fx, CMD_SEAT, id), REFUSE_NONE);
    }
    int32_t gap_s, wait_s;
    queue_service_rate(fx.queue, 0, &gap_s, &wait_s);
    assert_in_range(gap_s, 200, 400);
    pass(&fx, DAY - (4 * 299999 + 299999 + 2));
    fixture_due(&fx);
  }
  assert_true(fx.now.mono_ms > 39 * DAY);
  finish(&fx);
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
