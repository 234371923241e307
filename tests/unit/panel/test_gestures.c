/* Gestures of the button, and the patterns of LED and buzzer, over time. */
#include "unit.h"

#include "panel/gestures.h"

enum { PRESS, RELEASE, TIME, FOUND_DOWN, FOUND_UP };
struct edge {
  int what;
  int64_t at;
  enum gesture is;
};

static void play(const struct edge *edges, size_t n, bool double_press)
{
  struct gestures g = {0};
  for (size_t i = 0; i < n; i++) {
    const struct edge *e = &edges[i];
    enum gesture is = GESTURE_NONE;
    if (e->what >= FOUND_DOWN)
      gestures_set_button(&g, e->what == FOUND_DOWN, e->at);
    else
      is = e->what == TIME ? gestures_advance(&g, e->at) : gestures_edge(&g, e->what == PRESS, e->at, double_press);
    if (is != e->is)
      fail_msg("edge %zu: %s, not %s", i, gesture_names[is], gesture_names[e->is]);
  }
}
#define PLAY(twice, ...)                                                                                               \
  play((struct edge[]){__VA_ARGS__}, sizeof((struct edge[]){__VA_ARGS__}) / sizeof(struct edge), twice)

static void test_gestures(void **state)
{
  PLAY(false, {PRESS, 1000, GESTURE_NONE}, {TIME, 1799, GESTURE_NONE}, {RELEASE, 1799, GESTURE_SHORT},
       {TIME, 9000, GESTURE_NONE});
  PLAY(false, {PRESS, 1000, GESTURE_NONE}, {TIME, 1800, GESTURE_LONG}, {TIME, 1900, GESTURE_NONE},
       {RELEASE, 5000, GESTURE_NONE});
  PLAY(false, {PRESS, 1000, GESTURE_NONE}, {RELEASE, 1800, GESTURE_LONG}, {TIME, 9000, GESTURE_NONE}); /* no timer */
  PLAY(false, {RELEASE, 1000, GESTURE_NONE}, {PRESS, 1100, GESTURE_NONE}, {PRESS, 1200, GESTURE_NONE},
       {RELEASE, 1300, GESTURE_SHORT}, {RELEASE, 1400, GESTURE_NONE}); /* edges that were lost */
  PLAY(false, {PRESS, 1000, GESTURE_NONE}, {RELEASE, 1050, GESTURE_SHORT}, {PRESS, 1100, GESTURE_NONE},
       {RELEASE, 1150, GESTURE_SHORT});
  PLAY(true, {PRESS, 1000, GESTURE_NONE}, {RELEASE, 1100, GESTURE_NONE}, {TIME, 1399, GESTURE_NONE},
       {TIME, 1400, GESTURE_SHORT}, {TIME, 1401, GESTURE_NONE});
  PLAY(true, {PRESS, 1000, GESTURE_NONE}, {RELEASE, 1100, GESTURE_NONE}, {PRESS, 1399, GESTURE_DOUBLE},
       {TIME, 5000, GESTURE_NONE}, {RELEASE, 5000, GESTURE_NONE}, {TIME, 9000, GESTURE_NONE});
  PLAY(true, {PRESS, 1000, GESTURE_NONE}, {RELEASE, 1100, GESTURE_NONE}, {PRESS, 1400, GESTURE_SHORT},
       {TIME, 2200, GESTURE_LONG}); /* too late for a double press, and gestures_advance() was not called between */
  PLAY(true, {PRESS, 1000, GESTURE_NONE}, {TIME, 1800, GESTURE_LONG}, {RELEASE, 1900, GESTURE_NONE},
       {TIME, 9000, GESTURE_NONE});
}

/* Levels without an edge: a chip is back, a release was lost, the button was pressed before the start. */
static void test_levels_without_edge(void **state)
{
  for (int twice = 0; twice < 2; twice++) {
    PLAY(twice, {FOUND_DOWN, 1000, GESTURE_NONE}, {TIME, 1800, GESTURE_NONE}, {RELEASE, 9000, GESTURE_NONE},
         {TIME, 9900, GESTURE_NONE});
    PLAY(twice, {PRESS, 1000, GESTURE_NONE}, {FOUND_UP, 1500, GESTURE_NONE}, {TIME, 1800, GESTURE_NONE},
         {RELEASE, 1900, GESTURE_NONE}, {TIME, 2900, GESTURE_NONE});
  }
  PLAY(false, {PRESS, 1000, GESTURE_NONE}, {FOUND_DOWN, 1500, GESTURE_NONE}, {RELEASE, 1600, GESTURE_SHORT});
  PLAY(true, {PRESS, 1000, GESTURE_NONE}, {RELEASE, 1100, GESTURE_NONE}, {FOUND_UP, 1200, GESTURE_NONE},
       {TIME, 1400, GESTURE_SHORT}); /* the known level: nothing changes */

  struct gestures g = {0};
  assert_int_equal(gestures_stuck_at(&g), INT64_MAX);
  gestures_set_button(&g, true, 1000);
  assert_int_equal(gestures_stuck_at(&g), 1000 + PANEL_STUCK_MS);
  gestures_edge(&g, false, 2000, false);
  assert_int_equal(gestures_stuck_at(&g), INT64_MAX);
  gestures_edge(&g, true, 3000, false);
  assert_int_equal(gestures_stuck_at(&g), 3000 + PANEL_STUCK_MS);
}

static void test_edges_lost(void **state)
{
  uint32_t last = 0;
  assert_false(gestures_edges_lost(&last, 1));
  assert_false(gestures_edges_lost(&last, 2));
  assert_true(gestures_edges_lost(&last, 4));
  assert_false(gestures_edges_lost(&last, 5));
  last = 0;
  assert_true(gestures_edges_lost(&last, 2)); /* the very first edge was lost */
  last = UINT32_MAX;
  assert_false(gestures_edges_lost(&last, 0));
}

static void test_gestures_next_at(void **state)
{
  struct gestures g = {0};
  assert_int_equal(gestures_next_at(&g), INT64_MAX);
  gestures_edge(&g, true, 1000, true);
  assert_int_equal(gestures_next_at(&g), 1000 + PANEL_LONG_MS);
  gestures_edge(&g, false, 1100, true);
  assert_int_equal(gestures_next_at(&g), 1100 + PANEL_DOUBLE_MS);
  gestures_advance(&g, 1400);
  assert_int_equal(gestures_next_at(&g), INT64_MAX);
  gestures_edge(&g, true, 2000, true);
  gestures_advance(&g, 2800);
  assert_int_equal(gestures_next_at(&g), INT64_MAX);
}

static void test_panel_commands(void **state)
{
  struct command c;
  assert_false(gesture_command(GESTURE_NONE, &c));
  assert_true(gesture_command(GESTURE_SHORT, &c));
  assert_int_equal(c.kind, CMD_CALL_NEXT);
  assert_int_equal(c.actor, ACTOR_BUTTON);
  assert_true(gesture_command(GESTURE_LONG, &c));
  assert_int_equal(c.kind, CMD_SEAT);
  assert_int_equal(c.ticket, 0);
  assert_true(gesture_command(GESTURE_DOUBLE, &c));
  assert_int_equal(c.kind, CMD_UNDO);
  assert_int_equal(led_for_state(true, true, false), LED_STEADY);
  assert_int_equal(led_for_state(false, true, false), LED_OFF);
  assert_int_equal(led_for_state(true, false, false), LED_SLOW);
  assert_int_equal(led_for_state(false, false, true), LED_FAST);
}

struct watched {
  int rises;
  int64_t on, longest, silent_at;
};

/* Follows a pattern from change to change, as the panel does, and checks each millisecond in between. */
static struct watched watch(bool (*level)(int, int64_t, int64_t *), int pattern, int64_t for_ms)
{
  struct watched r = {0};
  int64_t next = 0, start = 0;
  bool was = false;
  for (int64_t t = 0; t < for_ms; t++) {
    int64_t then;
    bool is = level(pattern, t, &then);
    assert_true(then > t);
    assert_true(is == was || t == next);
    r.rises += is && !was;
    start = is && !was ? t : start;
    r.on += is;
    r.longest = is ? max(r.longest, t - start + 1) : r.longest;
    r.silent_at = is ? t + 1 : r.silent_at;
    if (t == next)
      next = then;
    assert_int_equal(next, then);
    was = is;
  }
  return r;
}

static bool buzzer(int pattern, int64_t at, int64_t *ret_next)
{
  return buzzer_level((enum buzzer)pattern, at, ret_next);
}

static bool led(int pattern, int64_t at, int64_t *ret_next)
{
  return led_level((enum led)pattern, at, ret_next);
}

static void test_buzzer(void **state)
{
  static const int beeps[BUZZER_PATTERNS] = {0, 3, 2, 1};
  for (int p = 0; p < BUZZER_PATTERNS; p++) {
    assert_non_null(buzzer_names[p]);
    struct watched r = watch(buzzer, p, 10000);
    assert_int_equal(r.rises, beeps[p]);
    assert_true(r.longest <= PANEL_BUZZER_MAX_MS && r.on <= PANEL_BUZZER_MAX_MS && r.silent_at <= 1000);
  }
  assert_true(watch(buzzer, BUZZER_RECALL, 2000).longest > watch(buzzer, BUZZER_CALL, 2000).longest);
  assert_int_equal(watch(buzzer, BUZZER_ERROR, 2000).on, 600);
}

static void test_led(void **state)
{
  static const struct {
    int rises, on;
  } in_10_s[LED_PATTERNS] = {[LED_OFF] = {0, 0},
                             [LED_STEADY] = {1, 10000},
                             [LED_SLOW] = {5, 5000},
                             [LED_FAST] = {40, 5000},
                             [LED_BLINK] = {3, 240}};
  for (int p = 0; p < LED_PATTERNS; p++) {
    struct watched r = watch(led, p, 10000);
    assert_non_null(led_names[p]);
    assert_int_equal(r.rises, in_10_s[p].rises);
    assert_int_equal(r.on, in_10_s[p].on);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_gestures),
      cmocka_unit_test(test_levels_without_edge),
      cmocka_unit_test(test_edges_lost),
      cmocka_unit_test(test_gestures_next_at),
      cmocka_unit_test(test_panel_commands),
      cmocka_unit_test(test_buzzer),
      cmocka_unit_test(test_led),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
