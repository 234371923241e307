/* Keyed hashes, random words, comparison in constant time. */
#include "unit.h"

#include "base/hash.h"
#include "base/random.h"

#include <ctype.h>

static void test_hashes(void **state)
{
  uint8_t key[HASH_KEY] = {1}, other[HASH_KEY] = {2}, a[16], b[16];
  char digits[13], one[44], two[44];
  assert_int_equal(random_start(), 0);
  hash_keyed(a, 16, key, "abc", 3);
  hash_keyed(b, 16, key, "abc", 3);
  assert_true(hash_equal(a, b, 16));
  hash_keyed(b, 16, other, "abc", 3);
  assert_false(hash_equal(a, b, 16));
  hash_keyed(b, 16, key, "abd", 3);
  assert_false(hash_equal(a, b, 16));

  assert_true(hash_equal_text("", "") && hash_equal_text("1234", "1234"));
  static const char *const differ[] = {"", "1", "123", "12345", "12341234", "1235", "2234"};
  for (size_t i = 0; i < array_len(differ); i++)
    assert_false(hash_equal_text("1234", differ[i]) || hash_equal_text(differ[i], "1234"));

  random_digits(digits, 12);
  assert_int_equal(strlen(digits), 12);
  assert_int_equal(strspn(digits, "0123456789"), 12);
  random_token(one);
  random_token(two);
  assert_int_equal(strlen(one), 43);
  assert_string_not_equal(one, two);
  for (const char *p = one; *p; p++)
    assert_true(isalnum((unsigned char)*p) || *p == '-' || *p == '_');
  for (int i = 0; i < 1000; i++)
    assert_true(random_below(7) < 7);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_hashes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
