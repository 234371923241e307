/* Recovery, second by second: which step is taken when, and which never. */
#include "unit.h"

#include <stdio.h>

#include "wifi/recovery.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

struct fixture {
  struct recovery r;
  int64_t now;
  bool busy;
  int counts[RECOVERY_STEPS];
  struct {
    enum recovery_step step;
    int64_t at;
  } steps[4096];
  size_t n;
};

static void begin(struct fixture *fx, int64_t now, bool may_reboot)
{
  *fx = (struct fixture){.now = now};
  recovery_begin(&fx->r, may_reboot, now);
}

static void go(struct fixture *fx, enum radio_state state, int64_t for_ms)
{
  for (int64_t end = fx->now + for_ms; fx->now < end; fx->now += SECOND) {
    enum recovery_step s = recovery_decide(&fx->r, state, fx->busy, fx->now);
    if (s == RECOVERY_NONE)
      continue;
    assert_true(fx->n < array_len(fx->steps));
    fx->steps[fx->n].step = s;
    fx->steps[fx->n++].at = fx->now;
    fx->counts[s]++;
  }
}

static void assert_step(const struct fixture *fx, size_t i, enum recovery_step step, int64_t at)
{
  assert_true(i < fx->n);
  if (fx->steps[i].step != step || fx->steps[i].at != at)
    fail_msg("step %zu: %s at %lld, not %s at %lld", i, recovery_names[fx->steps[i].step],
             (long long)(fx->steps[i].at / 1000), recovery_names[step], (long long)(at / 1000));
}

/* Up for hours, on a machine that has run for as long. */
static void begin_up_for_hours(struct fixture *fx)
{
  begin(fx, 1 * MINUTE, false);
  go(fx, RADIO_UP, 2 * HOUR);
  assert_int_equal(fx->n, 0);
  assert_true(fx->r.may_reboot);
}

static void test_order(void **state)
{
  struct fixture fx;
  begin_up_for_hours(&fx);
  int64_t t = fx.now;
  go(&fx, RADIO_DOWN, 5 * MINUTE);
  assert_step(&fx, 0, RECOVERY_AP, t + 15 * SECOND);
  assert_step(&fx, 1, RECOVERY_AP, t + 45 * SECOND);
  assert_step(&fx, 2, RECOVERY_DRIVER, t + 75 * SECOND);
  assert_step(&fx, 3, RECOVERY_DEVICE, t + 120 * SECOND);
  assert_step(&fx, 4, RECOVERY_REBOOT, t + 165 * SECOND);
  assert_int_equal(fx.n, 5);
  assert_false(fx.r.may_reboot);
  assert_int_equal(fx.r.tries, 5);
  assert_int_equal(fx.r.last, RECOVERY_REBOOT);
}

static void test_grace_and_hold(void **state)
{
  struct fixture fx;
  begin_up_for_hours(&fx);
  for (int i = 0; i < 10; i++) { /* hostapd that comes back by itself */
    go(&fx, RADIO_DOWN, RECOVERY_HOLD_MS - SECOND);
    go(&fx, RADIO_UP, 2 * MINUTE);
  }
  assert_int_equal(fx.n, 0);
  begin(&fx, 20 * SECOND, true); /* just started */
  go(&fx, RADIO_ABSENT, 10 * SECOND);
  go(&fx, RADIO_DOWN, 45 * SECOND);
  assert_int_equal(fx.n, 0);
  go(&fx, RADIO_DOWN, 10 * SECOND);
  assert_step(&fx, 0, RECOVERY_AP, 20 * SECOND + RECOVERY_GRACE_MS);
}

static void test_steps_by_state(void **state)
{
  static const struct {
    enum radio_state state;
    unsigned steps;
  } rows[] = {
      {RADIO_UNKNOWN, 0},
      {RADIO_UP, 0},
      {RADIO_DOWN, 1 << RECOVERY_AP | 1 << RECOVERY_DRIVER | 1 << RECOVERY_DEVICE | 1 << RECOVERY_REBOOT},
      {RADIO_STUCK, 1 << RECOVERY_DRIVER | 1 << RECOVERY_DEVICE | 1 << RECOVERY_REBOOT},
      {RADIO_SILENT, 1 << RECOVERY_AP},
      {RADIO_BLOCKED, 1 << RECOVERY_AP},
      {RADIO_ABSENT, 1 << RECOVERY_DRIVER | 1 << RECOVERY_DEVICE | 1 << RECOVERY_REBOOT},
  };
  struct fixture fx;
  assert_int_equal(array_len(rows), RADIO_STATES);
  for (size_t i = 0; i < array_len(rows); i++) {
    unsigned seen = 0;
    begin_up_for_hours(&fx);
    go(&fx, rows[i].state, 6 * HOUR);
    for (int s = 0; s < RECOVERY_STEPS; s++)
      seen |= fx.counts[s] ? 1U << s : 0;
    if (seen != rows[i].steps)
      fail_msg("%s: %#x, not %#x", radio_state_names[rows[i].state], seen, rows[i].steps);
    if (rows[i].state == RADIO_SILENT)
      assert_in_range(fx.counts[RECOVERY_AP], 5, 6); /* phones that left do not cause it again and again */
  }
}

static int between(const struct fixture *fx, int64_t from, int64_t to)
{
  int n = 0;
  for (size_t i = 0; i < fx->n; i++)
    n += fx->steps[i].at >= from && fx->steps[i].at < to;
  return n;
}

/* Pauses between rounds double up to half an hour, without end; after the radio was up they start again. */
static void test_backs_off(void **state)
{
  struct fixture fx;
  begin_up_for_hours(&fx);
  int64_t t = fx.now;
  go(&fx, RADIO_BLOCKED, 10 * MINUTE); /* each round has two restarts, each with 30 s to take effect */
  assert_step(&fx, 0, RECOVERY_AP, t + 15 * SECOND);
  assert_step(&fx, 2, RECOVERY_AP, t + (15 + 60 + 60) * SECOND);
  assert_step(&fx, 4, RECOVERY_AP, t + (15 + 60 + 60 + 60 + 120) * SECOND);
  go(&fx, RADIO_UP, 2 * HOUR);
  size_t n = fx.n;
  t = fx.now;
  go(&fx, RADIO_BLOCKED, 3 * MINUTE);
  assert_step(&fx, n + 2, RECOVERY_AP, t + (15 + 60 + 60) * SECOND);

  begin_up_for_hours(&fx);
  t = fx.now;
  go(&fx, RADIO_DOWN, 24 * HOUR);
  assert_in_range(between(&fx, t, t + HOUR), 12, 20);
  for (int h = 6; h < 24; h++)
    assert_in_range(between(&fx, t + h * HOUR, t + (h + 1) * HOUR), 4, 8);
  assert_int_equal(fx.counts[RECOVERY_REBOOT], 1);
}

static void test_reboot(void **state)
{
  struct fixture fx;
  begin(&fx, MINUTE, false); /* a radio that was never up */
  go(&fx, RADIO_ABSENT, 24 * HOUR);
  assert_int_equal(fx.counts[RECOVERY_REBOOT], 0);
  assert_true(fx.n > 10);

  begin(&fx, MINUTE, true); /* the machine has just booted */
  go(&fx, RADIO_DOWN, 24 * HOUR);
  assert_int_equal(fx.counts[RECOVERY_REBOOT], 1);
  for (size_t i = 0; i < fx.n; i++)
    assert_true(fx.steps[i].step != RECOVERY_REBOOT || fx.steps[i].at >= RECOVERY_BOOTED_MS);

  bool may = fx.r.may_reboot; /* once more after it, with the saved state */
  begin(&fx, MINUTE, may);
  go(&fx, RADIO_DOWN, 6 * HOUR);
  go(&fx, RADIO_UP, RECOVERY_CALM_MS - SECOND);
  go(&fx, RADIO_DOWN, 6 * HOUR);
  assert_int_equal(fx.counts[RECOVERY_REBOOT], 0);
  go(&fx, RADIO_UP, RECOVERY_CALM_MS + SECOND);
  assert_true(fx.r.may_reboot);
  go(&fx, RADIO_DOWN, 6 * HOUR);
  assert_int_equal(fx.counts[RECOVERY_REBOOT], 1);

  begin_up_for_hours(&fx); /* guests wait */
  int64_t t = fx.now;
  fx.busy = true;
  go(&fx, RADIO_DOWN, RECOVERY_ALONE_MS);
  assert_int_equal(fx.counts[RECOVERY_REBOOT], 0);
  go(&fx, RADIO_DOWN, HOUR);
  assert_int_equal(fx.counts[RECOVERY_REBOOT], 1);
  for (size_t i = 0; i < fx.n; i++)
    assert_true(fx.steps[i].step != RECOVERY_REBOOT || fx.steps[i].at >= t + RECOVERY_ALONE_MS);
}

static void test_up_again(void **state)
{
  struct fixture fx;
  begin_up_for_hours(&fx);
  go(&fx, RADIO_DOWN, 50 * SECOND); /* two steps */
  assert_int_equal(fx.n, 2);
  go(&fx, RADIO_UP, 20 * SECOND);
  go(&fx, RADIO_DOWN, 40 * SECOND); /* too brief: the steps continue */
  assert_step(&fx, 2, RECOVERY_DRIVER, fx.steps[2].at);
  go(&fx, RADIO_UP, 2 * MINUTE);
  assert_int_equal(fx.r.tries, 0);
  assert_int_equal(fx.r.last, RECOVERY_DRIVER);
  int64_t t = fx.now;
  go(&fx, RADIO_DOWN, 20 * SECOND); /* from the start */
  assert_step(&fx, 3, RECOVERY_AP, t + RECOVERY_HOLD_MS);
}

static void test_back_from_absence(void **state)
{
  struct fixture fx;
  begin_up_for_hours(&fx);
  fx.busy = true;
  go(&fx, RADIO_ABSENT, 100 * SECOND);
  assert_int_equal(fx.n, 2);
  assert_step(&fx, 1, RECOVERY_DEVICE, fx.steps[1].at);
  int64_t t = fx.now;
  go(&fx, RADIO_DOWN, 10 * SECOND); /* plugged in again: hostapd may start by itself */
  assert_int_equal(fx.n, 2);
  go(&fx, RADIO_DOWN, 30 * SECOND);
  assert_step(&fx, 2, RECOVERY_AP, t + RECOVERY_HOLD_MS);
  go(&fx, RADIO_DOWN, 90 * SECOND); /* it did not */
  assert_step(&fx, 3, RECOVERY_AP, t + RECOVERY_HOLD_MS + 30 * SECOND);
  assert_step(&fx, 4, RECOVERY_DRIVER, t + RECOVERY_HOLD_MS + 60 * SECOND);
}

static int within(const struct fixture *fx, size_t last, enum recovery_step s, int64_t ms)
{
  int n = 0;
  for (size_t i = 0; i <= last; i++)
    n += fx->steps[i].step == s && fx->steps[last].at - fx->steps[i].at < ms;
  return n;
}

/* Random states for days. */
static void test_limits(void **state)
{
  static const int hourly[RECOVERY_STEPS] = {0, 8, 4, 4, 1};
  static struct fixture fx;
  unsigned random = 7;
  for (int run = 0; run < 40; run++) {
    begin(&fx, MINUTE, run & 1);
    while (fx.now < 48 * HOUR) {
      random = random * 1664525U + 1013904223U;
      fx.busy = random >> 30 & 1;
      enum radio_state s = (enum radio_state)(random >> 24) % RADIO_STATES;
      size_t before = fx.n;
      int64_t up_to = (random >> 8 & 15) ? 3 * MINUTE : 3 * HOUR;
      go(&fx, s, SECOND * (1 + (random >> 10) % (up_to / SECOND)));
      assert_true(fx.n == before || (s != RADIO_UP && s != RADIO_UNKNOWN));
    }
    for (size_t i = 0; i < fx.n; i++) {
      assert_true(within(&fx, i, fx.steps[i].step, HOUR) <= hourly[fx.steps[i].step]);
      assert_true(i == 0 || fx.steps[i].at - fx.steps[i - 1].at >= 30 * SECOND);
    }
    assert_true(fx.n > 20);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_order),
      cmocka_unit_test(test_grace_and_hold),
      cmocka_unit_test(test_steps_by_state),
      cmocka_unit_test(test_backs_off),
      cmocka_unit_test(test_reboot),
      cmocka_unit_test(test_up_again),
      cmocka_unit_test(test_back_from_absence),
      cmocka_unit_test(test_limits),
  };
  return cmocka_run_group_tests_name("core_recovery", tests, NULL, NULL);
}
