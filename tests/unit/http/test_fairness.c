/* One client must not crowd out the others; alone it is not limited. */
#include "unit.h"

#include "http/fairness.h"

#define MANY (3 * LIMIT_FAIR_REQUESTS)

static struct fairness_entry entries[MANY];

/* How many of n requests of a client are handled at that time. The others wait. */
static size_t admit(struct fairness *f, struct fairness_entry *e, size_t n, uint64_t client, int64_t at_ms)
{
  size_t admitted = 0;
  for (size_t i = 0; i < n; i++) {
    e[i] = (struct fairness_entry){.client = client};
    admitted += fairness_admit(f, &e[i], at_ms);
  }
  return admitted;
}

static size_t release(struct fairness *f, int64_t at_ms)
{
  size_t n = 0;
  for (struct fairness_entry *e = fairness_release(f, at_ms), *next; e; e = next) {
    next = e->next;
    assert_true(fairness_admit(f, e, at_ms)); /* a request that has waited does not wait again */
    n++;
  }
  return n;
}

static void test_alone(void **state)
{
  struct fairness f = {0};
  assert_true(admit(&f, entries, 1, 7, 5000)); /* the first request counts as a change of client */
  assert_int_equal(admit(&f, entries, MANY, 7, 6000), MANY);
  assert_null(f.head);
}

static void test_two_clients(void **state)
{
  struct fairness f = {0};
  struct fairness_entry other;
  assert_int_equal(admit(&f, &other, 1, 8, 5000), 1);
  assert_int_equal(admit(&f, entries, MANY, 7, 5000), LIMIT_FAIR_REQUESTS);
  assert_int_equal(admit(&f, &other, 1, 8, 5000), 1); /* the first client does not delay it */
  assert_int_equal(release(&f, 5000), 0);
  assert_int_equal(release(&f, 5001), LIMIT_FAIR_REQUESTS);
  assert_int_equal(release(&f, 5002), LIMIT_FAIR_REQUESTS);
  assert_null(f.head);
}

static void test_order(void **state)
{
  struct fairness f = {0};
  struct fairness_entry other;
  struct fairness_entry late;
  assert_int_equal(admit(&f, &other, 1, 8, 5000), 1);
  assert_int_equal(admit(&f, entries, MANY, 7, 5000), LIMIT_FAIR_REQUESTS);
  assert_int_equal(admit(&f, &late, 1, 7, 5001), 0); /* behind those that wait */
  struct fairness_entry *e = fairness_release(&f, 5001);
  for (size_t i = LIMIT_FAIR_REQUESTS; i < 2 * LIMIT_FAIR_REQUESTS; i++, e = e->next)
    assert_ptr_equal(e, &entries[i]);
  assert_null(e);
  assert_ptr_equal(f.tail, &late);
}

static void test_alone_again(void **state)
{
  struct fairness f = {0};
  struct fairness_entry other;
  assert_int_equal(admit(&f, &other, 1, 8, 5000), 1);
  assert_int_equal(admit(&f, entries, MANY, 7, 5000), LIMIT_FAIR_REQUESTS);
  assert_int_equal(release(&f, 6000), MANY - LIMIT_FAIR_REQUESTS); /* a second without the other client */
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_alone),
      cmocka_unit_test(test_two_clients),
      cmocka_unit_test(test_order),
      cmocka_unit_test(test_alone_again),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
