/* Writing JSON: commas, escapes, numbers. */
#include "unit.h"

#include "base/json_write.h"

#include <locale.h>
#include <math.h>

static void test_commas(void **state)
{
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
  autobuf struct buf b = {0};
  json_str(&b, "k", "\"\\\n\t\r\b\f\x01\x1f\x7f/민😀");
  json_strn(&b, NULL, "a\0b", 3);
  json_str(&b, NULL, "");
  assert_string_equal(b.data, "\"k\":\"\\\"\\\\\\n\\t\\r\\b\\f\\u0001\\u001f\x7f/민😀\",\"a\\u0000b\",\"\"");
}

static void test_numbers(void **state)
{
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
  setlocale(LC_ALL, "de_DE.UTF-8"); /* where it exists: JSON has no decimal comma */
  for (size_t i = 0; i < array_len(cases); i++) {
    autobuf struct buf b = {0};
    json_num(&b, NULL, cases[i].v);
    assert_string_equal(b.data, cases[i].text);
  }
  setlocale(LC_ALL, "C");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_commas),
      cmocka_unit_test(test_escapes),
      cmocka_unit_test(test_numbers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
