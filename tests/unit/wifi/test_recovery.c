/* The ladder, second by second: what is done when, and what is never done. */
#include "unit.h"

#include <stdio.h>

#include "wifi/recovery.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

struct world {
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

static void begin(struct world *w, int64_t now, bool may_reboot)
{
  *w = (struct world){.now = now};
  recovery_begin(&w->r, may_reboot, now);
}

static void go(struct world *w, enum radio_state state, int64_t for_ms)
{
  for (int64_t end = w->now + for_ms; w->now < end; w->now += SECOND) {
    enum recovery_step s = recovery_decide(&w->r, state, w->busy, w->now);
    if (s == RECOVERY_NONE)
      continue;
    assert_true(w->n < array_len(w->steps));
    w->steps[w->n].step = s;
    w->steps[w->n++].at = w->now;
    w->counts[s]++;
  }
}

static void is_step(const struct world *w, size_t i, enum recovery_step step, int64_t at)
{
  assert_true(i < w->n);
  if (w->steps[i].step != step || w->steps[i].at != at)
    fail_msg("step %zu: %s at %lld, not %s at %lld", i, recovery_names[w->steps[i].step],
             (long long)(w->steps[i].at / 1000), recovery_names[step], (long long)(at / 1000));
}

/* Up for hours, on a machine that has run for as long, then what is told. */
static void settled(struct world *w)
{
  begin(w, 1 * MINUTE, false);
  go(w, RADIO_UP, 2 * HOUR);
  assert_int_equal(w->n, 0);
  assert_true(w->r.may_reboot);
}

static void test_order(void **state)
{
  struct world w;
  (void)state;
  settled(&w);
  int64_t t = w.now;
  go(&w, RADIO_DOWN, 5 * MINUTE);
  is_step(&w, 0, RECOVERY_AP, t + 15 * SECOND);
  is_step(&w, 1, RECOVERY_AP, t + 45 * SECOND);
  is_step(&w, 2, RECOVERY_DRIVER, t + 75 * SECOND);
  is_step(&w, 3, RECOVERY_DEVICE, t + 120 * SECOND);
  is_step(&w, 4, RECOVERY_REBOOT, t + 165 * SECOND);
  assert_int_equal(w.n, 5);
  assert_false(w.r.may_reboot);
  assert_int_equal(w.r.tries, 5);
  assert_int_equal(w.r.last, RECOVERY_REBOOT);
}

static void test_patience(void **state)
{
  struct world w;
  (void)state;
  settled(&w);
  for (int i = 0; i < 10; i++) { /* hostapd that comes back by itself */
    go(&w, RADIO_DOWN, RECOVERY_HOLD_MS - SECOND);
    go(&w, RADIO_UP, 2 * MINUTE);
  }
  assert_int_equal(w.n, 0);
  begin(&w, 20 * SECOND, true); /* a start */
  go(&w, RADIO_ABSENT, 10 * SECOND);
  go(&w, RADIO_DOWN, 45 * SECOND);
  assert_int_equal(w.n, 0);
  go(&w, RADIO_DOWN, 10 * SECOND);
  is_step(&w, 0, RECOVERY_AP, 20 * SECOND + RECOVERY_GRACE_MS);
}

static void test_what_helps_whom(void **state)
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
  struct world w;
  (void)state;
  assert_int_equal(array_len(rows), RADIO_STATES);
  for (size_t i = 0; i < array_len(rows); i++) {
    unsigned seen = 0;
    settled(&w);
    go(&w, rows[i].state, 6 * HOUR);
    for (int s = 0; s < RECOVERY_STEPS; s++)
      seen |= w.counts[s] ? 1U << s : 0;
    if (seen != rows[i].steps)
      fail_msg("%s: %#x, not %#x", radio_state_names[rows[i].state], seen, rows[i].steps);
    if (rows[i].state == RADIO_SILENT)
      assert_in_range(w.counts[RECOVERY_AP], 5, 6); /* phones that went home are no reason to do it again and again */
  }
}

static int between(const struct world *w, int64_t from, int64_t to)
{
  int n = 0;
  for (size_t i = 0; i < w->n; i++)
    n += w->steps[i].at >= from && w->steps[i].at < to;
  return n;
}

/* Pauses between rounds double up to half an hour; it never gives up; and begins anew after it was up. */
static void test_backs_off(void **state)
{
  struct world w;
  (void)state;
  settled(&w);
  int64_t t = w.now;
  go(&w, RADIO_BLOCKED, 10 * MINUTE); /* each round is of two restarts, 30 s apart, and 30 s to see */
  is_step(&w, 0, RECOVERY_AP, t + 15 * SECOND);
  is_step(&w, 2, RECOVERY_AP, t + (15 + 60 + 60) * SECOND);
  is_step(&w, 4, RECOVERY_AP, t + (15 + 60 + 60 + 60 + 120) * SECOND);
  go(&w, RADIO_UP, 2 * HOUR);
  size_t n = w.n;
  t = w.now;
  go(&w, RADIO_BLOCKED, 3 * MINUTE);
  is_step(&w, n + 2, RECOVERY_AP, t + (15 + 60 + 60) * SECOND);

  settled(&w);
  t = w.now;
  go(&w, RADIO_DOWN, 24 * HOUR);
  assert_in_range(between(&w, t, t + HOUR), 12, 20);
  for (int h = 6; h < 24; h++)
    assert_in_range(between(&w, t + h * HOUR, t + (h + 1) * HOUR), 4, 8);
  assert_int_equal(w.counts[RECOVERY_REBOOT], 1);
}

static void test_reboot(void **state)
{
  struct world w;
  (void)state;
  begin(&w, MINUTE, false); /* a radio that was never up */
  go(&w, RADIO_ABSENT, 24 * HOUR);
  assert_int_equal(w.counts[RECOVERY_REBOOT], 0);
  assert_true(w.n > 10);

  begin(&w, MINUTE, true); /* the machine has just booted */
  go(&w, RADIO_DOWN, 24 * HOUR);
  assert_int_equal(w.counts[RECOVERY_REBOOT], 1);
  for (size_t i = 0; i < w.n; i++)
    assert_true(w.steps[i].step != RECOVERY_REBOOT || w.steps[i].at >= RECOVERY_BOOTED_MS);

  bool may = w.r.may_reboot; /* and again after it, with what was kept */
  begin(&w, MINUTE, may);
  go(&w, RADIO_DOWN, 6 * HOUR);
  go(&w, RADIO_UP, RECOVERY_CALM_MS - SECOND);
  go(&w, RADIO_DOWN, 6 * HOUR);
  assert_int_equal(w.counts[RECOVERY_REBOOT], 0);
  go(&w, RADIO_UP, RECOVERY_CALM_MS + SECOND);
  assert_true(w.r.may_reboot);
  go(&w, RADIO_DOWN, 6 * HOUR);
  assert_int_equal(w.counts[RECOVERY_REBOOT], 1);

  settled(&w); /* guests wait */
  int64_t t = w.now;
  w.busy = true;
  go(&w, RADIO_DOWN, RECOVERY_ALONE_MS);
  assert_int_equal(w.counts[RECOVERY_REBOOT], 0);
  go(&w, RADIO_DOWN, HOUR);
  assert_int_equal(w.counts[RECOVERY_REBOOT], 1);
  for (size_t i = 0; i < w.n; i++)
    assert_true(w.steps[i].step != RECOVERY_REBOOT || w.steps[i].at >= t + RECOVERY_ALONE_MS);
}

static void test_up_again(void **state)
{
  struct world w;
  (void)state;
  settled(&w);
  go(&w, RADIO_DOWN, 50 * SECOND); /* two steps */
  assert_int_equal(w.n, 2);
  go(&w, RADIO_UP, 20 * SECOND);
  go(&w, RADIO_DOWN, 40 * SECOND); /* too brief: the ladder goes on */
  is_step(&w, 2, RECOVERY_DRIVER, w.steps[2].at);
  go(&w, RADIO_UP, 2 * MINUTE);
  assert_int_equal(w.r.tries, 0);
  assert_int_equal(w.r.last, RECOVERY_DRIVER);
  int64_t t = w.now;
  go(&w, RADIO_DOWN, 20 * SECOND); /* from the start */
  is_step(&w, 3, RECOVERY_AP, t + RECOVERY_HOLD_MS);
}

static void test_back_from_absence(void **state)
{
  struct world w;
  (void)state;
  settled(&w);
  w.busy = true;
  go(&w, RADIO_ABSENT, 100 * SECOND);
  assert_int_equal(w.n, 2);
  is_step(&w, 1, RECOVERY_DEVICE, w.steps[1].at);
  int64_t t = w.now;
  go(&w, RADIO_DOWN, 10 * SECOND); /* plugged in again, and hostapd may come by itself */
  assert_int_equal(w.n, 2);
  go(&w, RADIO_DOWN, 30 * SECOND);
  is_step(&w, 2, RECOVERY_AP, t + RECOVERY_HOLD_MS);
  go(&w, RADIO_DOWN, 90 * SECOND); /* it did not */
  is_step(&w, 3, RECOVERY_AP, t + RECOVERY_HOLD_MS + 30 * SECOND);
  is_step(&w, 4, RECOVERY_DRIVER, t + RECOVERY_HOLD_MS + 60 * SECOND);
}

static int within(const struct world *w, size_t last, enum recovery_step s, int64_t ms)
{
  int n = 0;
  for (size_t i = 0; i <= last; i++)
    n += w->steps[i].step == s && w->steps[last].at - w->steps[i].at < ms;
  return n;
}

/* Whatever a radio does, for days. */
static void test_limits(void **state)
{
  static const int hourly[RECOVERY_STEPS] = {0, 8, 4, 4, 1};
  static struct world w;
  unsigned random = 7;
  (void)state;
  for (int run = 0; run < 40; run++) {
    begin(&w, MINUTE, run & 1);
    while (w.now < 48 * HOUR) {
      random = random * 1664525U + 1013904223U;
      w.busy = random >> 30 & 1;
      enum radio_state s = (enum radio_state)(random >> 24) % RADIO_STATES;
      size_t before = w.n;
      int64_t up_to = (random >> 8 & 15) ? 3 * MINUTE : 3 * HOUR;
      go(&w, s, SECOND * (1 + (random >> 10) % (up_to / SECOND)));
      assert_true(w.n == before || (s != RADIO_UP && s != RADIO_UNKNOWN));
    }
    for (size_t i = 0; i < w.n; i++) {
      assert_true(within(&w, i, w.steps[i].step, HOUR) <= hourly[w.steps[i].step]);
      assert_true(i == 0 || w.steps[i].at - w.steps[i - 1].at >= 30 * SECOND);
    }
    assert_true(w.n > 20);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_order),
      cmocka_unit_test(test_patience),
      cmocka_unit_test(test_what_helps_whom),
      cmocka_unit_test(test_backs_off),
      cmocka_unit_test(test_reboot),
      cmocka_unit_test(test_up_again),
      cmocka_unit_test(test_back_from_absence),
      cmocka_unit_test(test_limits),
  };
  return cmocka_run_group_tests_name("core_recovery", tests, NULL, NULL);
}
