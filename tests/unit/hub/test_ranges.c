/* The stored events of an epoch: pending ranges, gaps, and the end of the unbroken run. */
#include "unit.h"

#include "hub/ingest/ranges.h"

static void check_ranges(const struct ranges *s, const struct range *expected, size_t n)
{
  assert_int_equal(s->n, n);
  for (size_t i = 0; i < n; i++) {
    assert_int_equal(s->at[i].first, expected[i].first);
    assert_int_equal(s->at[i].last, expected[i].last);
  }
}
#define ASSERT_RANGES(s, ...) check_ranges(s, (struct range[]){__VA_ARGS__}, array_len(((struct range[]){__VA_ARGS__})))

static void test_ranges(void **state)
{
  struct ranges s = {0};
  ranges_add(&s, 10, 12);
  ranges_add(&s, 20, 20);
  ranges_add(&s, 1, 3);
  ASSERT_RANGES(&s, {1, 3}, {10, 12}, {20, 20});
  ranges_add(&s, 4, 4); /* touches the first */
  ranges_add(&s, 19, 19);
  ASSERT_RANGES(&s, {1, 4}, {10, 12}, {19, 20});
  ranges_add(&s, 11, 11); /* is in one already */
  ASSERT_RANGES(&s, {1, 4}, {10, 12}, {19, 20});
  assert_true(ranges_touch(&s, 5, 5));
  assert_true(ranges_touch(&s, 9, 9));
  assert_true(ranges_touch(&s, 13, 18));
  assert_false(ranges_touch(&s, 6, 8));
  assert_false(ranges_touch(&s, 22, 99));
  ranges_add(&s, 5, 18); /* closes all gaps */
  ASSERT_RANGES(&s, {1, 20});
  ranges_done(&s);
}

/* The union does not depend on the order: compared with a plain set. */
static void test_ranges_any_order(void **state)
{
  for (unsigned seed = 1; seed <= 200; seed++) {
    struct ranges s = {0};
    bool set[66] = {0};
    unsigned random = seed * 2654435761u;
    for (int i = 0; i < 12; i++) {
      random = random * 1664525u + 1013904223u;
      int64_t first = 1 + (random >> 20) % 60, last = first + (random >> 8) % 5;
      ranges_add(&s, first, last);
      for (int64_t k = first; k <= last; k++)
        set[k] = true;
    }
    size_t n = 0;
    for (int k = 1; k < 65; k++)
      if (set[k] && !set[k - 1]) {
        assert_true(n < s.n);
        assert_int_equal(s.at[n].first, k);
        while (set[k + 1])
          k++;
        assert_int_equal(s.at[n].last, k);
        n++;
      }
    assert_int_equal(s.n, n);
    ranges_done(&s);
  }
}

static void test_advance(void **state)
{
  struct ranges pending = {0}, gaps = {0};
  ranges_add(&pending, 1, 5);
  ranges_add(&pending, 8, 9);
  assert_int_equal(ranges_advance(0, 1, &pending, &gaps), 5); /* up to the gap */
  ASSERT_RANGES(&pending, {8, 9});
  assert_int_equal(gaps.n, 0);
  ranges_add(&pending, 6, 6);
  assert_int_equal(ranges_advance(5, 1, &pending, &gaps), 6);
  ranges_add(&pending, 7, 7); /* the gap is filled: on over the pending range */
  assert_int_equal(ranges_advance(6, 1, &pending, &gaps), 9);
  assert_int_equal(pending.n, 0);
  ranges_add(&pending, 3, 9); /* stored already */
  assert_int_equal(ranges_advance(9, 1, &pending, &gaps), 9);
  assert_int_equal(pending.n, 0);
  ranges_done(&pending);
}

static void test_gaps(void **state)
{
  struct ranges pending = {0}, gaps = {0};
  assert_int_equal(ranges_advance(0, 1, &pending, &gaps), 0);
  assert_int_equal(ranges_advance(4, 3, &pending, &gaps), 4); /* compacted, and here */
  assert_int_equal(gaps.n, 0);
  ranges_add(&pending, 8, 9);
  ranges_add(&pending, 20, 21);
  assert_int_equal(ranges_advance(4, 15, &pending, &gaps), 14); /* gap, range, gap; what follows may yet come */
  ASSERT_RANGES(&gaps, {5, 7}, {10, 14});
  ASSERT_RANGES(&pending, {20, 21});
  assert_int_equal(ranges_advance(14, 20, &pending, &gaps), 21);
  ASSERT_RANGES(&gaps, {5, 7}, {10, 19});
  assert_int_equal(pending.n, 0);
  assert_int_equal(ranges_advance(21, 30, &pending, &gaps), 29); /* all was compacted before any came */
  ranges_done(&gaps);
  ranges_done(&pending);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_ranges),
      cmocka_unit_test(test_ranges_any_order),
      cmocka_unit_test(test_advance),
      cmocka_unit_test(test_gaps),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
