/* The service rate: medians, pauses, and no estimate below three entries. */
#include "unit.h"

#include "queue/estimate.h"

static void test_gap(void **state)
{
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

static void test_gap_during_pause(void **state)
{
  struct service_rate p = {0};
  service_rate_enter(&p, 100000, 0);
  service_rate_pause(&p, 110000, true);
  service_rate_pause(&p, 120000, true); /* ignored: paused already */
  service_rate_enter(&p, 150000, 0);    /* a call while paused: 10 s of unpaused time after the first */
  service_rate_pause(&p, 210000, false);
  service_rate_pause(&p, 220000, false);
  service_rate_enter(&p, 220000, -5); /* 10 s after that */
  assert_int_equal(service_rate_gap_ms(&p), 10000);
  assert_int_equal(p.last_wait_ms, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_gap),
      cmocka_unit_test(test_gap_during_pause),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
