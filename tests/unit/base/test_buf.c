/* Growable text. */
#include "unit.h"

#include "base/buf.h"

static void test_empty(void **state)
{
  struct buf b = {0};
  buf_clear(&b);
  buf_add(&b, NULL, 0);
  assert_string_equal(b.data, "");
  buf_done(&b);
  buf_done(&b);
  autofree char *s = buf_take(&b);
  assert_string_equal(s, "");
}

static void test_growth(void **state)
{
  autobuf struct buf b = {0};
  for (int i = 0; i < 1000; i++)
    buf_fmt(&b, "%d,%s;", i,
            i % 100 ? "" : "a text that is certainly longer than the room which is left in the buffer by now");
  assert_int_equal(b.len, strlen(b.data));
  assert_true(b.cap > b.len);
  autobuf struct buf exact = {0};
  buf_reserve(&exact, 63);
  assert_int_equal(exact.cap, 64);
  buf_fmt(&exact, "%063d", 7); /* fits exactly */
  assert_int_equal(exact.cap, 64);
  assert_int_equal(exact.len, 63);
  buf_fmt(&exact, "%s", "x");
  assert_int_equal(exact.len, 64);
  autofree char *taken = buf_take(&exact);
  assert_int_equal(strlen(taken), 64);
  assert_null(exact.data);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_empty),
      cmocka_unit_test(test_growth),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
