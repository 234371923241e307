/* Limits of guessing a PIN: a delay per client, a budget for all. */
#include "unit.h"

#include "api/lockout.h"

static void test_lockout_client(void **state)
{
  struct lockout l = {0};
  int64_t t = 1000000;
  static const int waits[] = {0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300};
  for (size_t i = 0; i < array_len(waits); i++) {
    lockout_failed(&l, 42, t);
    assert_int_equal(lockout_check(&l, 42, t), waits[i]);
    assert_int_equal(lockout_check(&l, 43, t), 0);
    assert_int_equal(lockout_check(&l, 42, t + waits[i] * 1000), 0);
    t += 400000;
  }
  lockout_passed(&l, 42);
  lockout_failed(&l, 42, t);
  assert_int_equal(lockout_check(&l, 42, t), 0);
  lockout_failed(&l, 0, t); /* a hash may be anything */
  lockout_failed(&l, 0, t);
  lockout_failed(&l, 0, t);
  assert_int_equal(lockout_check(&l, 0, t), 1);
}

static void test_lockout_budget(void **state)
{
  struct lockout l = {0};
  for (uint64_t client = 1; client <= 10; client++) {
    assert_int_equal(lockout_check(&l, 1000 + client, 5000), 0);
    lockout_failed(&l, client, 5000);
  }
  assert_int_equal(lockout_check(&l, 99, 5000), 6);
  lockout_passed(&l, 99); /* a success refills nothing */
  assert_int_equal(lockout_check(&l, 99, 5001), 6);
  assert_int_equal(lockout_check(&l, 99, 10999), 1);
  assert_int_equal(lockout_check(&l, 99, 11000), 0);
  lockout_failed(&l, 99, 11000);
  assert_int_equal(lockout_check(&l, 100, 11000), 6);
  assert_int_equal(lockout_check(&l, 100, 65000), 0);
}

static void test_lockout_many(void **state)
{
  struct lockout l = {0};
  int64_t t = 0;
  for (int i = 0; i < 3; i++)
    lockout_failed(&l, 7, t += 10000);
  for (uint64_t client = 100; client < 100 + LIMIT_LOCKOUT_CLIENTS - 1; client++)
    lockout_failed(&l, client, t += 10000);
  lockout_failed(&l, 7, t += 10000);
  assert_int_equal(lockout_check(&l, 7, t), 2); /* not replaced: its fourth failure */
  lockout_failed(&l, 1000, t += 10000);         /* replaces 100, whose failure is the oldest */
  lockout_failed(&l, 7, t += 10000);
  assert_int_equal(lockout_check(&l, 7, t), 4);
  size_t known = 0;
  for (size_t i = 0; i < LIMIT_LOCKOUT_CLIENTS; i++) {
    assert_int_not_equal(l.clients[i].client, 100);
    known += l.clients[i].client == 1000;
  }
  assert_int_equal(known, 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_lockout_client),
      cmocka_unit_test(test_lockout_budget),
      cmocka_unit_test(test_lockout_many),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
