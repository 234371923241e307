/* util, clock, crypto and log: the edges of each. */
#include "unit.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/random.h"
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void test_utf8(void **state)
{
  (void)state;
  static const struct {
    const char *s;
    int length;
  } cases[] = {{"", 0},
               {"abc", 3},
               {"민아", 2},
               {"😀", 1},
               {"\xc2\x80", 1},
               {"\xef\xbf\xbf", 1},
               {"\xf4\x8f\xbf\xbf", 1},
               {"\xed\x9f\xbf", 1},
               {"\xee\x80\x80", 1},
               {"\x80", -1},
               {"\xc1\xbf", -1},
               {"\xc2", -1},
               {"\xc2\x41", -1},
               {"\xe0\x9f\xbf", -1},
               {"\xed\xa0\x80", -1},
               {"\xef\xbf", -1},
               {"\xf0\x8f\xbf\xbf", -1},
               {"\xf4\x90\x80\x80", -1},
               {"\xf5\x80\x80\x80", -1},
               {"\xf0\x9f\x98", -1},
               {"\xff", -1},
               {"\xe2\x82\x41", -1}};
  for (size_t i = 0; i < array_len(cases); i++)
    if (utf8_length(cases[i].s, strlen(cases[i].s)) != cases[i].length)
      fail_msg("case %zu", i);
  assert_int_equal(utf8_length("a\0b", 3), 3);
}

static void test_copy_and_numbers(void **state)
{
  (void)state;
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
  (void)state;
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

static void test_timezone(void **state)
{
  (void)state;
  static const char *const bad[] = {"",
                                    "Nowhere/Town",
                                    "/usr/share/zoneinfo/Asia/Seoul",
                                    "../zoneinfo/Asia/Seoul",
                                    "Asia",
                                    "Asia/Seoul ",
                                    "zone.tab",
                                    "Asia/../Asia/Seoul",
                                    "KST-9",
                                    ":Asia/Seoul"};
  for (size_t i = 0; i < array_len(bad); i++)
    if (clock_set_timezone(bad[i]) != -EINVAL)
      fail_msg("taken: %s", bad[i]);
  assert_int_equal(clock_set_timezone("Asia/Seoul"), 0);
}

static void test_business_date(void **state)
{
  (void)state;
  const int six = 6 * 60;
  const int64_t hour = 3600000, before = 1789073999999; /* 2026-09-11 05:59:59.999 in Seoul */
  char text[20];
  assert_int_equal(clock_set_timezone("Asia/Seoul"), 0);
  assert_int_equal(clock_business_date(before, six), 20260910);
  assert_int_equal(clock_business_date(before + 1, six), 20260911);
  assert_int_equal(clock_business_date(before, 0), 20260911);
  assert_int_equal(clock_local_hour(before), 5);
  clock_local_text(text, before);
  assert_string_equal(text, "2026-09-11 05:59:59");
  assert_int_equal(clock_business_date(1798750800000 - 1, six),
                   20261231); /* up to 2027-01-01 06:00 it is the old year */
  assert_int_equal(clock_business_date(1798750800000, six), 20270101);
  assert_int_equal(clock_business_date(-1, 0), 19700101);

  /* Spring forward in Berlin, 2026-03-29 02:00 -> 03:00: the day turns 6 real hours after local midnight. */
  const int64_t midnight = 1774738800000;
  assert_int_equal(clock_set_timezone("Europe/Berlin"), 0);
  assert_int_equal(clock_business_date(midnight + 6 * hour - 1, six), 20260328);
  assert_int_equal(clock_business_date(midnight + 6 * hour, six), 20260329);
  assert_int_equal(clock_local_hour(midnight + 6 * hour), 7);
  /* Autumn, 2026-10-25 03:00 -> 02:00: dates never go back. */
  int32_t last = 0;
  for (int64_t t = 1792792800000; t < 1792792800000 + 60 * hour; t += hour / 4) {
    assert_true(clock_business_date(t, six) >= last);
    last = clock_business_date(t, six);
  }
  assert_int_equal(clock_set_timezone("Asia/Seoul"), 0);
}

static void test_clock(void **state)
{
  (void)state;
  int64_t a = clock_mono_us(), wall = clock_wall_ms();
  assert_true(clock_mono_us() >= a && clock_mono_ms() >= a / 1000);
  assert_false(clock_trusted());
  clock_set(3600000, true);
  assert_true(clock_trusted() && clock_offset_ms() == 3600000);
  assert_true(clock_wall_ms() >= wall + 3600000);
  clock_set(0, false);
  assert_int_equal(strlen(clock_boot_id()), 36);
  assert_ptr_equal(clock_boot_id(), clock_boot_id());
}

static void test_clock_stamps(void **state)
{
  (void)state;
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  uint64_t ns = (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
  int64_t before = clock_mono_ms(), now = clock_of_monotonic_ms(ns);
  assert_true(now <= clock_mono_ms() && now >= before - 1000);
  assert_in_range(now - clock_of_monotonic_ms(ns - 500000000), 499, 501);
  before = clock_mono_ms();
  now = clock_of_monotonic_ms(ns + 60000000000); /* an edge of the future is one of now */
  assert_true(now >= before && now <= clock_mono_ms());
}

static void test_crypto(void **state)
{
  (void)state;
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

/* Two lines of the log, and how stderr stands in the environment: as the journal, or as anything else. */
static void log_two(bool journal, char got[4096])
{
  int pipes[2], saved = dup(STDERR_FILENO);
  char long_value[2000], stream[64];
  struct stat st;
  memset(long_value, 'x', sizeof long_value - 1);
  long_value[sizeof long_value - 1] = '\0';
  assert_int_equal(pipe(pipes), 0);
  dup2(pipes[1], STDERR_FILENO);
  assert_int_equal(fstat(STDERR_FILENO, &st), 0);
  snprintf(stream, sizeof stream, "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino + !journal);
  setenv("JOURNAL_STREAM", stream, 1);
  log_warn("a", "b=%s c=%d", "1\n<3>forged\x1b[0m", 2);
  log_info("long", "v=%s", long_value);
  unsetenv("JOURNAL_STREAM");
  log_err("third", "d=%d", 3);
  dup2(saved, STDERR_FILENO);
  close(saved);
  close(pipes[1]);
  ssize_t n = read(pipes[0], got, 4095);
  close(pipes[0]);
  assert_true(n > 0);
  got[n] = '\0';
}

static void test_log(void **state)
{
  (void)state;
  static const char *const lines[][2] = {
      {"test_misc: warning: a b=1?<3>forged?[0m c=2", "test_misc: info: long v=xxx"},
      {"<4>a b=1?<3>forged?[0m c=2", "<6>long v=xxx"},
  };
  for (int journal = 0; journal < 2; journal++) {
    char got[4096];
    log_two(journal, got);
    char *second = strchr(got, '\n'), *third;
    *second++ = '\0';
    third = strchr(second, '\n');
    *third++ = '\0';
    assert_string_equal(got, lines[journal][0]);
    assert_int_equal(strncmp(second, lines[journal][1], strlen(lines[journal][1])), 0);
    assert_true(strlen(second) < 1024);
    assert_string_equal(third, "test_misc: error: third d=3\n");
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_utf8),         cmocka_unit_test(test_copy_and_numbers), cmocka_unit_test(test_hex),
      cmocka_unit_test(test_timezone),     cmocka_unit_test(test_business_date),    cmocka_unit_test(test_clock),
      cmocka_unit_test(test_clock_stamps), cmocka_unit_test(test_crypto),           cmocka_unit_test(test_log),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
