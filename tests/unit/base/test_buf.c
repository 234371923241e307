/* Text that grows, the JSON that goes out, and times there and back. */
#include "unit.h"

#include "base/buf.h"
#include "base/json_write.h"
#include "base/text.h"

#include <errno.h>
#include <locale.h>
#include <math.h>

static void test_empty(void **state)
{
  (void)state;
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
  (void)state;
  autobuf struct buf b = {0};
  for (int i = 0; i < 1000; i++)
    buf_fmt(&b, "%d,%s;", i,
            i % 100 ? "" : "a text that is certainly longer than the room which is left in the buffer by now");
  assert_int_equal(b.len, strlen(b.data));
  assert_true(b.cap > b.len);
  autobuf struct buf exact = {0};
  buf_reserve(&exact, 63);
  assert_int_equal(exact.cap, 64);
  buf_fmt(&exact, "%063d", 7); /* fits to the byte */
  assert_int_equal(exact.cap, 64);
  assert_int_equal(exact.len, 63);
  buf_fmt(&exact, "%s", "x");
  assert_int_equal(exact.len, 64);
  autofree char *taken = buf_take(&exact);
  assert_int_equal(strlen(taken), 64);
  assert_null(exact.data);
}

static void test_commas(void **state)
{
  (void)state;
  autobuf struct buf b = {0};
  buf_str(&b, "data: ");
  json_open(&b, NULL, '{');
  json_open(&b, "empty", '{');
  json_close(&b, '}');
  json_open(&b, "list", '[');
  json_int(&b, NULL, -1);
  json_str(&b, NULL, NULL);
  json_bool(&b, NULL, false);
  json_str(&b, NULL, "{");
  json_num(&b, NULL, 1.5);
  json_open(&b, NULL, '[');
  json_close(&b, ']');
  json_raw(&b, NULL, "{\"a\":1}");
  json_close(&b, ']');
  json_bool(&b, "t", true);
  json_int(&b, "min", INT64_MIN);
  json_close(&b, '}');
  buf_str(&b, "\n\n");
  json_open(&b, NULL, '[');
  json_close(&b, ']');
  assert_string_equal(b.data, "data: {\"empty\":{},\"list\":[-1,null,false,\"{\",1.5,[],{\"a\":1}],\"t\":true,"
                              "\"min\":-9223372036854775808}\n\n[]");
}

static void test_escapes(void **state)
{
  (void)state;
  autobuf struct buf b = {0};
  json_str(&b, "k", "\"\\\n\t\r\b\f\x01\x1f\x7f/민😀");
  json_strn(&b, NULL, "a\0b", 3);
  json_str(&b, NULL, "");
  assert_string_equal(b.data, "\"k\":\"\\\"\\\\\\n\\t\\r\\b\\f\\u0001\\u001f\x7f/민😀\",\"a\\u0000b\",\"\"");
}

static void test_numbers(void **state)
{
  (void)state;
  static const struct {
    double v;
    const char *text;
  } cases[] = {{0, "0"},
               {-0.0, "0"},
               {0.1, "0.1"},
               {-0.25, "-0.25"},
               {1.00004, "1"},
               {-0.00001, "0"},
               {1.99996, "2"},
               {12345.6789, "12345.6789"},
               {1e13, "10000000000000"},
               {NAN, "null"},
               {INFINITY, "null"},
               {1e300, "null"}};
  setlocale(LC_ALL, "de_DE.UTF-8"); /* where it exists: a comma is no JSON */
  for (size_t i = 0; i < array_len(cases); i++) {
    autobuf struct buf b = {0};
    json_num(&b, NULL, cases[i].v);
    assert_string_equal(b.data, cases[i].text);
  }
  setlocale(LC_ALL, "C");
}

static void test_times(void **state)
{
  (void)state;
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
  (void)state;
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

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_empty),         cmocka_unit_test(test_growth),  cmocka_unit_test(test_commas),
      cmocka_unit_test(test_escapes),       cmocka_unit_test(test_numbers), cmocka_unit_test(test_times),
      cmocka_unit_test(test_times_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
