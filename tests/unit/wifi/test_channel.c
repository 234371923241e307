/* The choice among 1, 6 and 11: by hand, and against another computation over random scans. */
#include "unit.h"

#include <math.h>
#include <stdio.h>

#include "wifi/channel.h"

static uint32_t random_state = 1;
static int random_of(int n)
{
  random_state = random_state * 1664525U + 1013904223U;
  return (int)((random_state >> 8) % (uint32_t)n);
}

static void test_numbers(void **state)
{
  for (int c = 1; c <= 13; c++)
    assert_int_equal(channel_of_freq(channel_freq_mhz(c)), c);
  static const int known[][2] = {{2412, 1}, {2472, 13}, {2484, 14}, {5180, 36}, {5825, 165},
                                 {0, 0},    {2407, 0},  {2413, 0},  {-5, 0}};
  for (size_t i = 0; i < array_len(known); i++)
    assert_int_equal(channel_of_freq(known[i][0]), known[i][1]);
}

#define CHOOSE(seed, ...)                                                                                              \
  channel_choose((struct channel_bss[]){__VA_ARGS__},                                                                  \
                 sizeof((struct channel_bss[]){__VA_ARGS__}) / sizeof(struct channel_bss), NULL, 0, seed)

static void test_by_hand(void **state)
{
  for (uint32_t seed = 0; seed < 60; seed++) {
    assert_int_equal(channel_choose(NULL, 0, NULL, 0, seed), channel_seeded(seed));
    assert_int_equal(CHOOSE(seed, {2412, -50}, {2437, -50}), 11);
    assert_int_equal(CHOOSE(seed, {2412, -50}, {2437, -80}, {2462, -50}), 6);
    assert_int_equal(CHOOSE(seed, {2412, -60}, {2412, -60}, {2437, -60}, {2462, -60}, {2462, -60}), 6); /* fewer */
    assert_int_equal(CHOOSE(seed, {2422, -50}, {2462, -50}), 6);               /* 3 overlaps 1 more than 6, but both */
    assert_int_equal(CHOOSE(seed, {2427, -50}, {2457, -50}), 1);               /* 4 and 10 overlap 1 least */
    assert_int_equal(CHOOSE(seed, {5180, -20}, {2437, -90}, {2412, -90}), 11); /* 5 GHz does not count */
    assert_int_equal(CHOOSE(seed, {2437, -95}, {2437, -120}, {2437, -300}), channel_seeded(seed)); /* too weak */
  }
}

static void test_survey(void **state)
{
  const struct channel_survey busy_1_6[] = {{2412, 100, 60}, {2437, 100, 40}, {2462, 100, 5}};
  const struct channel_survey unheard[] = {{2412, 0, 0}, {2412, 0, 5}, {5180, 100, 100}};
  const struct channel_survey beyond[] = {{2412, 10, 90}, {2437, 10, 10}}; /* a driver with wrong counts */
  const struct channel_bss one[] = {{2412, -40}};
  for (uint32_t seed = 0; seed < 60; seed++) {
    assert_int_equal(channel_choose(NULL, 0, busy_1_6, 3, seed), 11);
    assert_int_equal(channel_choose(NULL, 0, unheard, 3, seed), channel_seeded(seed));
    assert_int_equal(channel_choose(NULL, 0, beyond, 2, seed), 11);
    assert_int_equal(channel_choose(one, 1, &busy_1_6[1], 1, seed), 11);
  }
}

static double load(int channel, const struct channel_bss *heard, size_t n)
{
  double sum = 0;
  for (size_t i = 0; i < n; i++) {
    double share = fmax(0, 1 - abs(heard[i].freq_mhz - (2407 + 5 * channel)) / 20.0);
    sum += share * fmin(60, fmax(0, heard[i].signal_dbm + 95));
  }
  return sum;
}

static size_t random_scan(struct channel_bss *heard, size_t most)
{
  size_t n = (size_t)random_of((int)most + 1);
  for (size_t i = 0; i < n; i++)
    heard[i] = (struct channel_bss){2407 + 5 * (1 + random_of(13)), -100 + random_of(80)};
  return n;
}

static void test_least_of_three(void **state)
{
  struct channel_bss heard[24];
  for (int round = 0; round < 20000; round++) {
    size_t n = random_scan(heard, array_len(heard) - 1);
    uint32_t seed = (uint32_t)random_of(1 << 20);
    int is = channel_choose(heard, n, NULL, 0, seed);
    assert_true(is == 1 || is == 6 || is == 11);
    double least = fmin(load(1, heard, n), fmin(load(6, heard, n), load(11, heard, n)));
    assert_true(load(is, heard, n) <= least + 1e-6);
    for (size_t i = n; i > 1; i--) { /* the order of a scan does not matter */
      size_t k = (size_t)random_of((int)i);
      struct channel_bss t = heard[k];
      heard[k] = heard[i - 1];
      heard[i - 1] = t;
    }
    assert_int_equal(channel_choose(heard, n, NULL, 0, seed), is);
    heard[n] = (struct channel_bss){channel_freq_mhz(is == 1 ? 6 : 1),
                                    -30}; /* one more on another channel: the choice stays */
    assert_int_equal(channel_choose(heard, n + 1, NULL, 0, seed), is);
  }
}

static void test_seeds_spread(void **state)
{
  int channels[12] = {0}, quarters[4] = {0};
  for (int i = 0; i < 3000; i++) {
    char id[17];
    snprintf(id, sizeof id, "%08x%08x", (unsigned)random_of(1 << 24), (unsigned)i);
    uint32_t seed = channel_seed(id);
    int stagger_ms = channel_stagger_ms(seed);
    assert_in_range(stagger_ms, 0, CHANNEL_STAGGER_MS);
    channels[channel_seeded(seed)]++;
    quarters[min(stagger_ms * 4 / CHANNEL_STAGGER_MS, 3)]++;
    assert_int_equal(channel_seed(id), seed);
  }
  for (int c = 1; c <= 11; c += 5)
    assert_in_range(channels[c], 900, 1100);
  for (int q = 0; q < 4; q++)
    assert_in_range(quarters[q], 650, 850);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_numbers),        cmocka_unit_test(test_by_hand),      cmocka_unit_test(test_survey),
      cmocka_unit_test(test_least_of_three), cmocka_unit_test(test_seeds_spread),
  };
  return cmocka_run_group_tests_name("core_channel", tests, NULL, NULL);
}
