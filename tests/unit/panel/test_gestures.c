/* Gestures, patterns, lock-out, pace and the roll: small machines, each against time. */
#include "unit.h"

#include "api/lockout.h"
#include "panel/gestures.h"
#include "queue/estimate.h"
#include "queue/treap.h"

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
      gestures_found(&g, e->what == FOUND_DOWN, e->at);
    else
      is = e->what == TIME ? gestures_time(&g, e->at) : gestures_edge(&g, e->what == PRESS, e->at, double_press);
    if (is != e->is)
      fail_msg("edge %zu: %s, not %s", i, gesture_names[is], gesture_names[e->is]);
  }
}
#define PLAY(twice, ...)                                                                                               \
  play((struct edge[]){__VA_ARGS__}, sizeof((struct edge[]){__VA_ARGS__}) / sizeof(struct edge), twice)

static void test_gestures(void **state)
{
  (void)state;
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
       {TIME, 2200, GESTURE_LONG}); /* too late for a second, and nobody had asked */
  PLAY(true, {PRESS, 1000, GESTURE_NONE}, {TIME, 1800, GESTURE_LONG}, {RELEASE, 1900, GESTURE_NONE},
       {TIME, 9000, GESTURE_NONE});
}

/* What no edge told: a chip that came back, a release that was lost, a finger that was there first. */
static void test_gestures_found(void **state)
{
  (void)state;
  for (int twice = 0; twice < 2; twice++) {
    PLAY(twice, {FOUND_DOWN, 1000, GESTURE_NONE}, {TIME, 1800, GESTURE_NONE}, {RELEASE, 9000, GESTURE_NONE},
         {TIME, 9900, GESTURE_NONE});
    PLAY(twice, {PRESS, 1000, GESTURE_NONE}, {FOUND_UP, 1500, GESTURE_NONE}, {TIME, 1800, GESTURE_NONE},
         {RELEASE, 1900, GESTURE_NONE}, {TIME, 2900, GESTURE_NONE});
  }
  PLAY(false, {PRESS, 1000, GESTURE_NONE}, {FOUND_DOWN, 1500, GESTURE_NONE}, {RELEASE, 1600, GESTURE_SHORT});
  PLAY(true, {PRESS, 1000, GESTURE_NONE}, {RELEASE, 1100, GESTURE_NONE}, {FOUND_UP, 1200, GESTURE_NONE},
       {TIME, 1400, GESTURE_SHORT}); /* as it was known to be: nothing changes */

  struct gestures g = {0};
  assert_int_equal(gestures_stuck(&g), INT64_MAX);
  gestures_found(&g, true, 1000);
  assert_int_equal(gestures_stuck(&g), 1000 + PANEL_STUCK_MS);
  gestures_edge(&g, false, 2000, false);
  assert_int_equal(gestures_stuck(&g), INT64_MAX);
  gestures_edge(&g, true, 3000, false);
  assert_int_equal(gestures_stuck(&g), 3000 + PANEL_STUCK_MS);
}

static void test_edges_lost(void **state)
{
  (void)state;
  uint32_t last = 0;
  assert_false(panel_edges_lost(&last, 1));
  assert_false(panel_edges_lost(&last, 2));
  assert_true(panel_edges_lost(&last, 4));
  assert_false(panel_edges_lost(&last, 5));
  last = 0;
  assert_true(panel_edges_lost(&last, 2)); /* the first of all */
  last = UINT32_MAX;
  assert_false(panel_edges_lost(&last, 0));
}

static void test_gestures_due(void **state)
{
  (void)state;
  struct gestures g = {0};
  assert_int_equal(gestures_due(&g), INT64_MAX);
  gestures_edge(&g, true, 1000, true);
  assert_int_equal(gestures_due(&g), 1000 + PANEL_LONG_MS);
  gestures_edge(&g, false, 1100, true);
  assert_int_equal(gestures_due(&g), 1100 + PANEL_DOUBLE_MS);
  gestures_time(&g, 1400);
  assert_int_equal(gestures_due(&g), INT64_MAX);
  gestures_edge(&g, true, 2000, true);
  gestures_time(&g, 2800);
  assert_int_equal(gestures_due(&g), INT64_MAX);
}

static void test_panel_commands(void **state)
{
  (void)state;
  struct command c;
  assert_false(panel_command(GESTURE_NONE, &c));
  assert_true(panel_command(GESTURE_SHORT, &c));
  assert_int_equal(c.kind, CMD_CALL_NEXT);
  assert_int_equal(c.actor, ACTOR_BUTTON);
  assert_true(panel_command(GESTURE_LONG, &c));
  assert_int_equal(c.kind, CMD_SEAT);
  assert_int_equal(c.ticket, 0);
  assert_true(panel_command(GESTURE_DOUBLE, &c));
  assert_int_equal(c.kind, CMD_UNDO);
  assert_int_equal(panel_led(true, true, false), LED_STEADY);
  assert_int_equal(panel_led(false, true, false), LED_OFF);
  assert_int_equal(panel_led(true, false, false), LED_SLOW);
  assert_int_equal(panel_led(false, false, true), LED_FAST);
}

struct watched {
  int rises;
  int64_t on, longest, silent_at;
};

/* Follows a pattern from change to change, as a panel does, and asks each millisecond in between. */
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
  (void)state;
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
  (void)state;
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

static void test_lockout_client(void **state)
{
  (void)state;
  struct lockout l = {0};
  int64_t t = 1000000;
  static const int waits[] = {0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300};
  for (size_t i = 0; i < array_len(waits); i++) {
    lockout_failed(&l, 42, t);
    assert_int_equal(lockout_check(&l, 42, t), waits[i]);
    assert_int_equal(lockout_check(&l, 43, t), 0);
    assert_int_equal(lockout_check(&l, 42, t + waits[i] * 1000), 0);
    t += 400000;
  }
  lockout_passed(&l, 42);
  lockout_failed(&l, 42, t);
  assert_int_equal(lockout_check(&l, 42, t), 0);
  lockout_failed(&l, 0, t); /* a hash may be anything */
  lockout_failed(&l, 0, t);
  lockout_failed(&l, 0, t);
  assert_int_equal(lockout_check(&l, 0, t), 1);
}

static void test_lockout_budget(void **state)
{
  (void)state;
  struct lockout l = {0};
  for (uint64_t client = 1; client <= 10; client++) {
    assert_int_equal(lockout_check(&l, 1000 + client, 5000), 0);
    lockout_failed(&l, client, 5000);
  }
  assert_int_equal(lockout_check(&l, 99, 5000), 6);
  lockout_passed(&l, 99); /* a success refills nothing */
  assert_int_equal(lockout_check(&l, 99, 5001), 6);
  assert_int_equal(lockout_check(&l, 99, 10999), 1);
  assert_int_equal(lockout_check(&l, 99, 11000), 0);
  lockout_failed(&l, 99, 11000);
  assert_int_equal(lockout_check(&l, 100, 11000), 6);
  assert_int_equal(lockout_check(&l, 100, 65000), 0);
}

static void test_lockout_many(void **state)
{
  (void)state;
  struct lockout l = {0};
  int64_t t = 0;
  for (int i = 0; i < 3; i++)
    lockout_failed(&l, 7, t += 10000);
  for (uint64_t client = 100; client < 100 + LIMIT_GUESSERS - 1; client++)
    lockout_failed(&l, client, t += 10000);
  lockout_failed(&l, 7, t += 10000);
  assert_int_equal(lockout_check(&l, 7, t), 2); /* still remembered: its fourth */
  lockout_failed(&l, 1000, t += 10000);         /* the quietest, 100, makes room */
  lockout_failed(&l, 7, t += 10000);
  assert_int_equal(lockout_check(&l, 7, t), 4);
  size_t known = 0;
  for (size_t i = 0; i < LIMIT_GUESSERS; i++) {
    assert_int_not_equal(l.clients[i].client, 100);
    known += l.clients[i].client == 1000;
  }
  assert_int_equal(known, 1);
}

static void test_pace(void **state)
{
  (void)state;
  struct service_rate p = {0};
  static const int64_t at[] = {0, 60000, 70000, 400000, 460000}; /* gaps 60, 10, 330, 60 */
  assert_int_equal(service_rate_gap_ms(&p), -1);
  for (size_t i = 0; i < array_len(at); i++)
    service_rate_enter(&p, 1000000 + at[i], 600000);
  assert_int_equal(service_rate_gap_ms(&p), 60000);
  struct estimate e = service_rate_estimate(&p, 10, 10); /* (600 + 600) / 2: 540 .. 810 */
  assert_int_equal(e.low_s, 540);
  assert_int_equal(e.high_s, 840);
  e = service_rate_estimate(&p, 5, 10); /* (300 + 300) / 2: 270 .. 435 */
  assert_int_equal(e.low_s, 240);
  assert_int_equal(e.high_s, 480);
  e = service_rate_estimate(&p, 0, 0);
  assert_int_equal(e.low_s, 0);
  assert_int_equal(e.high_s, 60);
  for (int i = 0; i < 20; i++)
    service_rate_enter(&p, 2000000 + i * 30000, 0);
  assert_int_equal(service_rate_gap_ms(&p), 30000); /* the last ten only */
}

static void test_pace_pause(void **state)
{
  (void)state;
  struct service_rate p = {0};
  service_rate_enter(&p, 100000, 0);
  service_rate_pause(&p, 110000, true);
  service_rate_pause(&p, 120000, true); /* again: it stands still since the first */
  service_rate_enter(&p, 150000, 0);    /* somebody called while paused: 10 s after the first, by the open clock */
  service_rate_pause(&p, 210000, false);
  service_rate_pause(&p, 220000, false);
  service_rate_enter(&p, 220000, -5); /* 10 s after that */
  assert_int_equal(service_rate_gap_ms(&p), 10000);
  assert_int_equal(p.last_wait_ms, 0);
}

static void test_roll(void **state)
{
  (void)state;
  enum { N = 500 };
  static struct treap_node nodes[N];
  struct treap r = {0};
  for (int i = 0; i < N; i++) { /* keys in pairs, in no order */
    nodes[i] = (struct treap_node){.key = i * 7 % N / 2, .id = i + 1, .mark = i % 3 ? 9 : i};
    treap_insert(&r, &nodes[i]);
  }
  for (int removed = 0; removed < N; removed++) {
    assert_int_equal(treap_count(&r), N - removed);
    const struct treap_node *was = NULL, *marked = NULL;
    size_t i = 0;
    for (const struct treap_node *n = NULL; removed % 50 == 0 && (n = treap_next(&r, n)); was = n, i++) {
      assert_true(!was || was->key < n->key || (was->key == n->key && was->id < n->id));
      assert_int_equal(treap_index(&r, n), i);
      assert_ptr_equal(treap_at(&r, i), n);
      marked = !marked && n->mark <= 8 ? n : marked;
    }
    if (removed % 50 == 0) {
      assert_int_equal(i, N - removed);
      assert_ptr_equal(treap_last(&r), was);
      assert_ptr_equal(treap_first_marked(&r, 8), marked);
    }
    treap_remove(&r, &nodes[removed * 3 % N]);
  }
  assert_null(treap_at(&r, 0));
  assert_null(treap_last(&r));
  assert_null(treap_next(&r, NULL));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_gestures),     cmocka_unit_test(test_gestures_found), cmocka_unit_test(test_edges_lost),
      cmocka_unit_test(test_gestures_due), cmocka_unit_test(test_panel_commands), cmocka_unit_test(test_buzzer),
      cmocka_unit_test(test_led),          cmocka_unit_test(test_lockout_client), cmocka_unit_test(test_lockout_budget),
      cmocka_unit_test(test_lockout_many), cmocka_unit_test(test_pace),           cmocka_unit_test(test_pace_pause),
      cmocka_unit_test(test_roll),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
