/* Which events of an epoch are here: islands, holes, and how far the unbroken run reaches. */
#include "unit.h"

#include "hub/ingest/ranges.h"

static void check_spans(const struct spans *s, const struct span *expected, size_t n)
{
  assert_int_equal(s->n, n);
  for (size_t i = 0; i < n; i++) {
    assert_int_equal(s->at[i].first, expected[i].first);
    assert_int_equal(s->at[i].last, expected[i].last);
  }
}
#define SPANS(s, ...) check_spans(s, (struct span[]){__VA_ARGS__}, array_len(((struct span[]){__VA_ARGS__})))

static void test_spans(void **state)
{
  (void)state;
  struct spans s = {0};
  spans_add(&s, 10, 12);
  spans_add(&s, 20, 20);
  spans_add(&s, 1, 3);
  SPANS(&s, {1, 3}, {10, 12}, {20, 20});
  spans_add(&s, 4, 4); /* touches the first */
  spans_add(&s, 19, 19);
  SPANS(&s, {1, 4}, {10, 12}, {19, 20});
  spans_add(&s, 11, 11); /* is there */
  SPANS(&s, {1, 4}, {10, 12}, {19, 20});
  assert_true(spans_touch(&s, 5, 5));
  assert_true(spans_touch(&s, 9, 9));
  assert_true(spans_touch(&s, 13, 18));
  assert_false(spans_touch(&s, 6, 8));
  assert_false(spans_touch(&s, 22, 99));
  spans_add(&s, 5, 18); /* closes all gaps */
  SPANS(&s, {1, 20});
  spans_done(&s);
}

/* Whatever the order, the union is the union: against a plain set. */
static void test_spans_any_order(void **state)
{
  (void)state;
  for (unsigned seed = 1; seed <= 200; seed++) {
    struct spans s = {0};
    bool set[66] = {0};
    unsigned random = seed * 2654435761u;
    for (int i = 0; i < 12; i++) {
      random = random * 1664525u + 1013904223u;
      int64_t first = 1 + (random >> 20) % 60, last = first + (random >> 8) % 5;
      spans_add(&s, first, last);
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
    spans_done(&s);
  }
}

static void test_advance(void **state)
{
  (void)state;
  struct spans islands = {0}, holes = {0};
  spans_add(&islands, 1, 5);
  spans_add(&islands, 8, 9);
  assert_int_equal(cursor_advance(0, 1, &islands, &holes), 5); /* up to the gap */
  SPANS(&islands, {8, 9});
  assert_int_equal(holes.n, 0);
  spans_add(&islands, 6, 6);
  assert_int_equal(cursor_advance(5, 1, &islands, &holes), 6);
  spans_add(&islands, 7, 7); /* the gap is filled: over the island too */
  assert_int_equal(cursor_advance(6, 1, &islands, &holes), 9);
  assert_int_equal(islands.n, 0);
  spans_add(&islands, 3, 9); /* once more what was there */
  assert_int_equal(cursor_advance(9, 1, &islands, &holes), 9);
  assert_int_equal(islands.n, 0);
  spans_done(&islands);
}

static void test_holes(void **state)
{
  (void)state;
  struct spans islands = {0}, holes = {0};
  assert_int_equal(cursor_advance(0, 1, &islands, &holes), 0);
  assert_int_equal(cursor_advance(4, 3, &islands, &holes), 4); /* compacted, and here */
  assert_int_equal(holes.n, 0);
  spans_add(&islands, 8, 9);
  spans_add(&islands, 20, 21);
  assert_int_equal(cursor_advance(4, 15, &islands, &holes), 14); /* a hole, an island, a hole; then it may yet come */
  SPANS(&holes, {5, 7}, {10, 14});
  SPANS(&islands, {20, 21});
  assert_int_equal(cursor_advance(14, 20, &islands, &holes), 21);
  SPANS(&holes, {5, 7}, {10, 19});
  assert_int_equal(islands.n, 0);
  assert_int_equal(cursor_advance(21, 30, &islands, &holes), 29); /* all was compacted before any came */
  spans_done(&holes);
  spans_done(&islands);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_spans),
      cmocka_unit_test(test_spans_any_order),
      cmocka_unit_test(test_advance),
      cmocka_unit_test(test_holes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
