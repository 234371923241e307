/* What boothctl lets through to a terminal. */
#include "unit.h"

#include "boothctl/term.h"

static void test_harmless(void **state)
{
  static const struct {
    const char *s, *shown;
  } cases[] = {
      {"민아😀", "민아😀"},
      {"\x1b[2J\x07", "?[2J?"},
      {"a\nb\tc\r", "a?b?c?"},
      {"\xc2\x9b"
       "2J",
       "?2J"},
      {"a\u202e"
       "b\u2066",
       "a?b?"},
      {"\xff\xc3", "??"},
      {"Cafe\u0301", "Cafe\u0301"},
      {"\x7f", "?"},
  };
  for (size_t i = 0; i < array_len(cases); i++) {
    autobuf struct buf b = {0};
    term_text(&b, cases[i].s);
    assert_string_equal(b.data, cases[i].shown);
  }
  autobuf struct buf b = {0};
  term_text_cut(&b, "a민아", 4); /* half a character does not fit */
  assert_string_equal(b.data, "a민");
}

static void test_duration(void **state)
{
  char span[24];
  term_duration(span, -5);
  assert_string_equal(span, "0:00");
  term_duration(span, 3723999);
  assert_string_equal(span, "1:02:03");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_harmless),
      cmocka_unit_test(test_duration),
  };
  term_init();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
