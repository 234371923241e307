/* Whose time it is: the hub's by a live answer, against the kernel's and a phone's. */
#include "unit.h"

#include <systemd/sd-event.h>

#include "base/clock.h"
#include "base/config.h"
#include "edge/clock.h"

#define HOUR INT64_C(3600000)
#define NEAR 1000

struct world {
  sd_event *event;
  struct clockwork *clock;
  int steps;
  int64_t old_wall_ms;
};

static void stepped(void *context, int64_t old_wall_ms)
{
  struct world *w = context;
  w->steps++;
  w->old_wall_ms = old_wall_ms;
}

static struct world *begin(int trust)
{
  struct world *w = xnew(struct world);
  clock_set(0, trust == TRUST_YES);
  assert_true(sd_event_new(&w->event) >= 0);
  assert_int_equal(clockwork_start(w->event, trust, stepped, w, &w->clock), 0);
  return w;
}

static void end(struct world *w)
{
  clockwork_free(w->clock);
  sd_event_unref(w->event);
  free(w);
}

/* An answer of 2 s ago said that it was so much later than the kernel thinks. */
static int anchor(struct world *w, int64_t ahead_ms)
{
  int64_t kernel_ms = clock_wall_ms() - clock_offset_ms();
  return clockwork_anchor(w->clock, kernel_ms + ahead_ms - 2000, clock_mono_ms() - 2000, 100);
}

static void assert_near(int64_t a, int64_t b)
{
  assert_in_range(a - b + NEAR, 0, 2 * NEAR);
}

static void test_the_hub_makes_a_clock_right_and_trusted(void **state)
{
  (void)state;
  struct world *w = begin(TRUST_NO);
  int64_t before = clock_wall_ms();
  assert_int_equal(anchor(w, 5 * HOUR), 0);
  assert_true(clock_trusted());
  assert_near(clock_offset_ms(), 5 * HOUR);
  assert_int_equal(w->steps, 1);
  assert_near(w->old_wall_ms, before);
  assert_int_equal(anchor(w, 5 * HOUR + 50), 1); /* the next answer says the same */
  assert_int_equal(anchor(w, 5 * HOUR - 1500), 1);
  assert_int_equal(w->steps, 1);
  assert_int_equal(clockwork_offer(w->clock, clock_wall_ms() + HOUR), 1); /* no phone knows better */
  assert_int_equal(anchor(w, -30 * HOUR), 0);                             /* back, too */
  assert_near(clock_offset_ms(), -30 * HOUR);
  assert_int_equal(w->steps, 2);
  end(w);
}

static void test_a_clock_that_is_right_gains_trust_alone(void **state)
{
  (void)state;
  struct world *w = begin(TRUST_NO);
  assert_int_equal(anchor(w, 800), 0);
  assert_true(clock_trusted());
  assert_int_equal(clock_offset_ms(), 0);
  assert_int_equal(w->steps, 1);
  assert_near(w->old_wall_ms, clock_wall_ms());
  end(w);
}

static void test_a_phones_time_gives_way(void **state)
{
  (void)state;
  struct world *w = begin(TRUST_NO);
  assert_int_equal(clockwork_offer(w->clock, clock_wall_ms() + 7 * HOUR), 0);
  assert_int_equal(anchor(w, 2 * HOUR), 0);
  assert_near(clock_offset_ms(), 2 * HOUR);
  end(w);
}

static void test_the_systems_own_trust_comes_first(void **state)
{
  (void)state;
  struct world *w = begin(TRUST_YES);
  assert_int_equal(anchor(w, 5 * HOUR), 1);
  assert_int_equal(clock_offset_ms(), 0);
  assert_int_equal(w->steps, 0);
  end(w);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_the_hub_makes_a_clock_right_and_trusted),
      cmocka_unit_test(test_a_clock_that_is_right_gains_trust_alone),
      cmocka_unit_test(test_a_phones_time_gives_way),
      cmocka_unit_test(test_the_systems_own_trust_comes_first),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
