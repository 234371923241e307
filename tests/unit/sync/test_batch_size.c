/* How much is sent at once: arithmetic. */
#include "unit.h"

#include "sync/batch_size.h"

/* A link of so many bytes per second and a hub that needs 50 ms. */
static int64_t send_batch(struct batch_size *l, int64_t rate, size_t backlog)
{
  size_t text = min(batch_size_text(l), backlog), packed = text * 2 / 10 + 300;
  int64_t took_ms = (int64_t)packed * 1000 / rate + 50;
  batch_size_sent(l, (int64_t)text / 400, text, packed, (int64_t)packed + 600, took_ms);
  return took_ms;
}

static void test_batches_grow_to_20_s_of_the_link(void **state)
{
  static const int64_t rates[] = {500, 3000, 25000, 1000000};
  for (size_t i = 0; i < array_len(rates); i++) {
    struct batch_size l = batch_size_start();
    int64_t took_ms = 0;
    for (int k = 0; k < 8; k++)
      took_ms = send_batch(&l, rates[i], SIZE_MAX);
    assert_true(took_ms < BATCH_SIZE_TARGET_MS * 5 / 4);
    assert_true(took_ms > BATCH_SIZE_TARGET_MS * 3 / 4 || batch_size_text(&l) >= 3 * 1024 * 1024);
    assert_true(batch_size_text(&l) <= 3 * 1024 * 1024);
  }
}

static void test_small_batches_hardly_count_and_failures_halve(void **state)
{
  struct batch_size l = batch_size_start();
  size_t first = batch_size_text(&l);
  for (int i = 0; i < 5; i++)
    send_batch(&l, 1000000, 0);
  assert_int_equal(batch_size_text(&l), first);
  batch_size_failed(&l);
  assert_in_range(batch_size_text(&l), first / 2 - 8, first / 2 + 8);
  for (int i = 0; i < 20; i++)
    batch_size_failed(&l);
  assert_true(batch_size_text(&l) >= 4096); /* a few events go through any link */
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_batches_grow_to_20_s_of_the_link),
      cmocka_unit_test(test_small_batches_hardly_count_and_failures_halve),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
