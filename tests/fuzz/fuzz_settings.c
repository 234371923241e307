/* Bytes become the settings as the database has them. What is taken is written, read and written again the same. */
#include "base/buf.h"
#include "queue/event_json.h"
#include "store/columns_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static const struct settings defaults = {.n_lines = 1, .lines = {{"a", "a", ""}}, .languages = {"ko"}};

static void check_settings(const char *text, size_t n)
{
  struct settings one = defaults, two = defaults;
  autobuf struct buf first = {0}, second = {0};
  if (columns_json_read_settings(text, n, &one) < 0)
    return;
  if (one.n_lines < 1 || one.n_lines > LIMIT_LINES)
    abort();
  settings_json(&first, NULL, &one);
  if (columns_json_read_settings(first.data, first.len, &two) < 0)
    abort();
  settings_json(&second, NULL, &two);
  if (strcmp(first.data, second.data) != 0)
    abort();
}

static void check_others(const char *text, size_t n)
{
  struct intake intake;
  struct ticket before = {0};
  if (columns_json_read_intake(text, n, &intake) == 0 && intake.state > INTAKE_CLOSED)
    abort();
  if (columns_json_read_before(text, n, &before) == 0)
    person_unref(before.person);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
  char *text = xcalloc(1, n + 1);
  if (n)
    memcpy(text, bytes, n);
  check_settings(text, n);
  check_others(text, n);
  free(text);
  return 0;
}
