/* Columns of wide and narrow characters. */
#include "unit.h"

#include "boothctl/table.h"
#include "boothctl/term.h"

static void test_columns(void **state)
{
  autotable struct table t = {.columns = 3, .right = 1 << 1};
  static const char *const cells[] = {"민아", "1", "x", "a", "12", "", "", "", NULL};
  for (size_t i = 0; i < array_len(cells); i++)
    table_add(&t, cells[i]);
  autobuf struct buf b = {0};
  for (size_t at = 0; table_line(&t, &at, 0, &b);)
    buf_str(&b, "|");
  assert_string_equal(b.data, "민아   1  x|a     12||");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_columns),
  };
  term_init();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
