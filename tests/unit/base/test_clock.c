/* Time zones, business dates, monotonic clocks. */
#include "unit.h"

#include "base/clock.h"

#include <errno.h>
#include <time.h>

static void test_timezone(void **state)
{
  static const char *const bad[] = {"",
                                    "Nowhere/Town",
                                    "/usr/share/zoneinfo/Asia/Seoul",
                                    "../zoneinfo/Asia/Seoul",
                                    "Asia",
                                    "Asia/Seoul ",
                                    "zone.tab",
                                    "Asia/../Asia/Seoul",
                                    "KST-9",
                                    ":Asia/Seoul"};
  for (size_t i = 0; i < array_len(bad); i++)
    if (clock_set_timezone(bad[i]) != -EINVAL)
      fail_msg("taken: %s", bad[i]);
  assert_int_equal(clock_set_timezone("Asia/Seoul"), 0);
}

static void test_business_date(void **state)
{
  const int six = 6 * 60;
  const int64_t hour = 3600000, before = 1789073999999; /* 2026-09-11 05:59:59.999 in Seoul */
  char text[20];
  assert_int_equal(clock_set_timezone("Asia/Seoul"), 0);
  assert_int_equal(clock_business_date(before, six), 20260910);
  assert_int_equal(clock_business_date(before + 1, six), 20260911);
  assert_int_equal(clock_business_date(before, 0), 20260911);
  assert_int_equal(clock_local_hour(before), 5);
  clock_local_text(text, before);
  assert_string_equal(text, "2026-09-11 05:59:59");
  assert_int_equal(clock_business_date(1798750800000 - 1, six),
                   20261231); /* up to 2027-01-01 06:00 it is the old year */
  assert_int_equal(clock_business_date(1798750800000, six), 20270101);
  assert_int_equal(clock_business_date(-1, 0), 19700101);

  /* Spring forward in Berlin, 2026-03-29 02:00 -> 03:00: the day turns 6 real hours after local midnight. */
  const int64_t midnight = 1774738800000;
  assert_int_equal(clock_set_timezone("Europe/Berlin"), 0);
  assert_int_equal(clock_business_date(midnight + 6 * hour - 1, six), 20260328);
  assert_int_equal(clock_business_date(midnight + 6 * hour, six), 20260329);
  assert_int_equal(clock_local_hour(midnight + 6 * hour), 7);
  /* Autumn, 2026-10-25 03:00 -> 02:00: dates never go back. */
  int32_t last = 0;
  for (int64_t t = 1792792800000; t < 1792792800000 + 60 * hour; t += hour / 4) {
    assert_true(clock_business_date(t, six) >= last);
    last = clock_business_date(t, six);
  }
  assert_int_equal(clock_set_timezone("Asia/Seoul"), 0);
}

static void test_clock(void **state)
{
  int64_t a = clock_mono_us(), wall = clock_wall_ms();
  assert_true(clock_mono_us() >= a && clock_mono_ms() >= a / 1000);
  assert_false(clock_trusted());
  clock_set(3600000, true);
  assert_true(clock_trusted() && clock_offset_ms() == 3600000);
  assert_true(clock_wall_ms() >= wall + 3600000);
  clock_set(0, false);
  assert_int_equal(strlen(clock_boot_id()), 36);
  assert_ptr_equal(clock_boot_id(), clock_boot_id());
}

static void test_clock_stamps(void **state)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  uint64_t ns = (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
  int64_t before = clock_mono_ms(), now = clock_of_monotonic_ms(ns);
  assert_true(now <= clock_mono_ms() && now >= before - 1000);
  assert_in_range(now - clock_of_monotonic_ms(ns - 500000000), 499, 501);
  before = clock_mono_ms();
  now = clock_of_monotonic_ms(ns + 60000000000); /* a stamp in the future counts as now */
  assert_true(now >= before && now <= clock_mono_ms());
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_timezone),
      cmocka_unit_test(test_business_date),
      cmocka_unit_test(test_clock),
      cmocka_unit_test(test_clock_stamps),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
