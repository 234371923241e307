/* Bounded copies, numbers, hexadecimal both ways. */
#include "unit.h"

#include "base/clock.h"

#include <errno.h>

static void test_copy_and_numbers(void **state)
{
  char to[4] = "x";
  int64_t v = 7;
  assert_true(util_copy(to, sizeof to, "abc"));
  assert_string_equal(to, "abc");
  assert_false(util_copy(to, sizeof to, "abcd"));
  assert_string_equal(to, "");
  static const char *const bad[] = {
      "", "-", "+1", " 1", "1 ", "1a", "0x1", "9223372036854775808", "-9223372036854775809", "99999999999999999999"};
  for (size_t i = 0; i < array_len(bad); i++)
    assert_int_equal(util_parse_i64(bad[i], INT64_MIN, INT64_MAX, &v), -EINVAL);
  assert_int_equal(util_parse_i64("10", 1, 9, &v), -EINVAL);
  assert_true(v == 7);
  assert_int_equal(util_parse_i64("9223372036854775807", INT64_MIN, INT64_MAX, &v), 0);
  assert_true(v == INT64_MAX);
  assert_int_equal(util_parse_i64("-9223372036854775808", INT64_MIN, INT64_MAX, &v), 0);
  assert_true(v == INT64_MIN);
}

static void test_hex(void **state)
{
  char text[9];
  unsigned char bytes[4] = {0};
  util_hex(text, "\x00\x7f\x80\xff", 4);
  assert_string_equal(text, "007f80ff");
  assert_int_equal(util_unhex(bytes, 4, text), 0);
  assert_memory_equal(bytes, "\x00\x7f\x80\xff", 4);
  static const char *const bad[] = {"", "007f80f", "007f80fff", "007F80FF", "007f80fg", "007f80f "};
  for (size_t i = 0; i < array_len(bad); i++)
    assert_int_equal(util_unhex(bytes, 4, bad[i]), -EINVAL);
  assert_memory_equal(bytes, "\x00\x7f\x80\xff", 4);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_copy_and_numbers),
      cmocka_unit_test(test_hex),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
