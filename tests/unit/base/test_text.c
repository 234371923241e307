/* Instants, dates and UTF-8, written and parsed. */
#include "unit.h"

#include "base/json_write.h"
#include "base/text.h"

#include <errno.h>

static void test_times(void **state)
{
  static const struct {
    int64_t ms;
    const char *text;
  } cases[] = {{1, "1970-01-01T00:00:00.001Z"},
               {1789034587250, "2026-09-10T10:03:07.250Z"},
               {951782400000, "2000-02-29T00:00:00.000Z"},
               {253402300799999, "9999-12-31T23:59:59.999Z"}};
  char text[25];
  int64_t ms;
  for (size_t i = 0; i < array_len(cases); i++) {
    text_time(text, cases[i].ms);
    assert_string_equal(text, cases[i].text);
    assert_int_equal(text_parse_time(text, &ms), 0);
    assert_true(ms == cases[i].ms);
  }
  text_time(text, -1);
  assert_string_equal(text, "1970-01-01T00:00:00.000Z");
  text_time(text, INT64_MAX);
  assert_string_equal(text, "9999-12-31T23:59:59.999Z");
  for (ms = 1; ms < 4102444800000; ms += 86399999 * 13) {
    int64_t back = 0;
    text_time(text, ms);
    assert_int_equal(text_parse_time(text, &back), 0);
    assert_true(back == ms);
  }
  autobuf struct buf b = {0};
  json_time(&b, "a", 0);
  json_time(&b, "b", 1);
  json_date(&b, "c", 0);
  json_date(&b, "d", 20260911);
  assert_string_equal(b.data, "\"a\":null,\"b\":\"1970-01-01T00:00:00.001Z\",\"c\":null,\"d\":\"2026-09-11\"");
}

static void test_times_refused(void **state)
{
  static const char *const bad[] = {"",
                                    "2026-09-11",
                                    "2026-09-11T10:03:07Z",
                                    "2026-09-11T10:03:07.25Z",
                                    "2026-09-11T10:03:07.2500Z",
                                    "2026-09-11 10:03:07.250Z",
                                    "2026-09-11T10:03:07.250",
                                    "2026-09-11T10:03:07.250z",
                                    "2026-09-11T10:03:07.250Z ",
                                    " 2026-09-11T10:03:07.250Z",
                                    "2026-02-29T10:03:07.250Z",
                                    "2026-13-01T10:03:07.250Z",
                                    "2026-00-01T10:03:07.250Z",
                                    "2026-01-00T10:03:07.250Z",
                                    "2026-01-01T24:00:00.000Z",
                                    "2026-01-01T10:60:00.000Z",
                                    "2026-12-31T23:59:60.000Z",
                                    "1969-12-31T23:59:59.999Z",
                                    "+026-09-11T10:03:07.250Z",
                                    "2026-09-11T10:03:07.250+",
                                    "2026-09-11T1O:03:07.250Z"};
  static const char *const bad_dates[] = {"",           "2026-9-11",  "2026-02-30", "20260911", "2026-09-11T",
                                          "1969-01-01", "2026/09/11", "2026-09-1 "};
  int64_t ms = 7;
  int32_t date = 7;
  for (size_t i = 0; i < array_len(bad); i++)
    if (text_parse_time(bad[i], &ms) != -EINVAL || ms != 7)
      fail_msg("taken: %s", bad[i]);
  for (size_t i = 0; i < array_len(bad_dates); i++)
    if (text_parse_date(bad_dates[i], &date) != -EINVAL || date != 7)
      fail_msg("taken: %s", bad_dates[i]);
  assert_int_equal(text_parse_date("2028-02-29", &date), 0);
  assert_int_equal(date, 20280229);
}

static void test_utf8(void **state)
{
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

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_utf8),
      cmocka_unit_test(test_times),
      cmocka_unit_test(test_times_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
