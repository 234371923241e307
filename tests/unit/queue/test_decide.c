/* Random evenings against the naive model. SEED=n repeats one of them; EVENINGS and COMMANDS make it longer. */
#include "queue_model.h"

#include <stdio.h>
#include <time.h>

static uint64_t setting(const char *name, uint64_t otherwise)
{
  const char *s = getenv(name);
  return s ? strtoull(s, NULL, 10) : otherwise;
}

static char seed_text[64]; /* repeats the failed evening */

static void test_evenings(void **state)
{
  uint64_t evenings = getenv("SEED") ? 1 : setting("EVENINGS", 300);
  size_t shifted = getenv("SEED") ? 1 : 0; /* one evening may have none */
  uint64_t seed = setting("SEED", (uint64_t)time(NULL) * 1000);
  for (uint64_t i = 0; i < evenings; i++) {
    snprintf(seed_text, sizeof seed_text, "SEED=%llu", (unsigned long long)(seed + i));
    struct model m = {.random = (seed + i) * UINT64_C(0x9e3779b97f4a7c15) | 1};
    shifted += evening(m, seed + i, (int)setting("COMMANDS", 1000));
  }
  assert_true(shifted > 0);
  *seed_text = '\0';
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_evenings)};
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  if (failed)
    fprintf(stderr, "%s\n", seed_text);
  return failed;
}
