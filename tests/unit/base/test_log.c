/* Lines for the journal and for a terminal; values cannot forge lines. */
#include "unit.h"

#include "base/log.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Logs two lines, with JOURNAL_STREAM naming stderr or not. */
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
  static const char *const lines[][2] = {
      {"test_log: warning: a b=1?<3>forged?[0m c=2", "test_log: info: long v=xxx"},
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
    assert_string_equal(third, "test_log: error: third d=3\n");
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_log),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
