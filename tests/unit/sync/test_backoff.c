/* The schedule of contacts with the hub: arithmetic, without waiting. */
#include "unit.h"

#include "sync/backoff.h"

#define NOW INT64_C(1000000000)

static void fail_at(struct backoff *p, int64_t now, uint32_t random)
{
  backoff_try(p, now);
  backoff_done(p, SYNC_NO_ANSWER, true, 0, random, now);
}

static void test_pauses_double_within_their_bounds(void **state)
{
  struct backoff p = backoff_start(NOW);
  int64_t now = NOW, low = BACKOFF_MIN_MS / 2, high = BACKOFF_MIN_MS;
  assert_int_equal(backoff_next(&p), NOW);
  for (int i = 0; i < 12; i++) {
    struct backoff least = p, most = p;
    fail_at(&least, now, 0);
    assert_int_equal(backoff_next(&least) - now, low);
    fail_at(&most, now, (uint32_t)(high / 2));
    assert_int_equal(backoff_next(&most) - now, high);
    fail_at(&p, now, (uint32_t)i * 2654435761U);
    assert_in_range(backoff_next(&p) - now, low, high);
    now = backoff_next(&p);
    high = min(high * 2, BACKOFF_MAX_MS);
    low = high / 2;
  }
  assert_int_equal(high, BACKOFF_MAX_MS);
  backoff_done(&p, SYNC_OK, false, 0, 0, now);
  fail_at(&p, now, 0);
  assert_int_equal(backoff_next(&p) - now, BACKOFF_MIN_MS / 2); /* a success forgets them */
}

static struct backoff after_many_failures(int64_t now)
{
  struct backoff p = backoff_start(now);
  for (int i = 0; i < 10; i++)
    fail_at(&p, now, UINT32_MAX);
  assert_true(backoff_next(&p) > now + BACKOFF_MAX_MS / 3);
  return p;
}

static void test_events_are_delayed_and_wait_for_the_pause(void **state)
{
  struct backoff p = backoff_start(NOW);
  backoff_try(&p, NOW);
  backoff_done(&p, SYNC_OK, false, 0, 0, NOW);
  backoff_wake(&p, SYNC_WAKE_CHANGED, NOW);
  backoff_wake(&p, SYNC_WAKE_CHANGED, NOW + 900); /* more events do not extend the delay */
  assert_int_equal(backoff_next(&p), NOW + BACKOFF_DELAY_MS);
  backoff_wake(&p, SYNC_WAKE_CALL, NOW + 950);
  assert_int_equal(backoff_next(&p), NOW + 950);

  p = after_many_failures(NOW);
  int64_t due = backoff_next(&p);
  backoff_wake(&p, SYNC_WAKE_CHANGED, NOW + 1);
  assert_int_equal(backoff_next(&p), due);
}

static void test_a_call_shortens_the_pause_every_15_s(void **state)
{
  struct backoff p = after_many_failures(NOW);
  backoff_wake(&p, SYNC_WAKE_CALL, NOW + 1);
  assert_int_equal(backoff_next(&p), NOW + 1);
  fail_at(&p, NOW + 1, UINT32_MAX);
  assert_in_range(backoff_next(&p), NOW + 1 + BACKOFF_MIN_MS / 2, NOW + 1 + BACKOFF_MIN_MS);
  for (int i = 0; i < 8; i++)
    fail_at(&p, NOW + 1, UINT32_MAX);
  for (int i = 0; i < 5; i++)
    backoff_wake(&p, SYNC_WAKE_CALL, NOW + 100 + i);
  assert_int_equal(backoff_next(&p), NOW + 1 + BACKOFF_CALL_MS);
  for (int i = 0; i < 10; i++)
    fail_at(&p, NOW + 1 + BACKOFF_CALL_MS, UINT32_MAX);
  backoff_wake(&p, SYNC_WAKE_CALL, NOW + 2 + BACKOFF_CALL_MS);
  assert_int_equal(backoff_next(&p), NOW + 1 + 2 * BACKOFF_CALL_MS);
}

static void test_a_route_and_a_tap_restart_the_pause(void **state)
{
  for (enum sync_wake_reason why = SYNC_WAKE_MANUAL; why <= SYNC_WAKE_ROUTE; why++) {
    struct backoff p = after_many_failures(NOW);
    backoff_wake(&p, why, NOW + 5000);
    assert_int_equal(backoff_next(&p), NOW + 5000);
    fail_at(&p, NOW + 5000, 0);
    assert_int_equal(backoff_next(&p), NOW + 5000 + BACKOFF_MIN_MS / 2);
  }
  struct backoff p = backoff_start(NOW);
  fail_at(&p, NOW, 0);
  for (int i = 0; i < 20; i++)
    backoff_wake(&p, SYNC_WAKE_MANUAL, NOW + i);
  assert_int_equal(backoff_next(&p), NOW + BACKOFF_TAP_MS); /* many taps are limited */
}

static void test_only_a_tap_shortens_what_the_hub_asked_for(void **state)
{
  static const struct {
    enum sync_result result;
    int64_t retry_after_ms, least;
  } cases[] = {{SYNC_BUSY, 600000, 600000}, {SYNC_CREDENTIALS, 0, BACKOFF_REFUSED_MS}};
  for (size_t i = 0; i < array_len(cases); i++) {
    struct backoff p = backoff_start(NOW);
    backoff_try(&p, NOW);
    backoff_done(&p, cases[i].result, true, cases[i].retry_after_ms, 0, NOW);
    assert_int_equal(backoff_next(&p), NOW + cases[i].least);
    backoff_wake(&p, SYNC_WAKE_CALL, NOW + 20000);
    backoff_wake(&p, SYNC_WAKE_ROUTE, NOW + 20000);
    assert_int_equal(backoff_next(&p), NOW + cases[i].least);
    backoff_wake(&p, SYNC_WAKE_MANUAL, NOW + 30000);
    assert_true(backoff_next(&p) <= NOW + 30000);
  }
  struct backoff p = backoff_start(NOW);
  backoff_done(&p, SYNC_BUSY, true, 0, 0, NOW);
  assert_int_equal(backoff_next(&p), NOW + BACKOFF_MIN_MS / 2); /* busy, without Retry-After */
}

static void test_asks_the_hub_often_while_something_happens(void **state)
{
  struct backoff p = backoff_start(NOW);
  backoff_done(&p, SYNC_OK, true, 0, 0, NOW + 10);
  assert_int_equal(backoff_next(&p), NOW + 10); /* a backlog continues at once */
  backoff_done(&p, SYNC_OK, false, 0, 0, NOW + BACKOFF_ACTIVE_MS - 1);
  assert_int_equal(backoff_next(&p), NOW + BACKOFF_ACTIVE_MS - 1 + BACKOFF_POLL_MS);
  backoff_done(&p, SYNC_OK, false, 0, 0, NOW + BACKOFF_ACTIVE_MS);
  assert_int_equal(backoff_next(&p), NOW + BACKOFF_ACTIVE_MS + BACKOFF_IDLE_MS);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_pauses_double_within_their_bounds),
      cmocka_unit_test(test_events_are_delayed_and_wait_for_the_pause),
      cmocka_unit_test(test_a_call_shortens_the_pause_every_15_s),
      cmocka_unit_test(test_a_route_and_a_tap_restart_the_pause),
      cmocka_unit_test(test_only_a_tap_shortens_what_the_hub_asked_for),
      cmocka_unit_test(test_asks_the_hub_often_while_something_happens),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
