/* ctl.c - errors, durations and paths. */
#include "boothctl/ctl.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static void print_error(const char *format, va_list args)
{
  fflush(stdout);
  fputs("boothctl: ", stderr);
  vfprintf(stderr, format, args);
  fputc('\n', stderr);
}

void ctl_print_error(const char *format, ...)
{
  va_list args;
  va_start(args, format);
  print_error(format, args);
  va_end(args);
}

int ctl_usage_error(const char *format, ...)
{
  va_list args;
  va_start(args, format);
  print_error(format, args);
  va_end(args);
  return CTL_USAGE;
}

int ctl_parse_duration(const char *text, int64_t *ret_ms)
{
  static const struct {
    const char *unit;
    int64_t ms;
  } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
  char digits[12] = "";
  int64_t n;
  size_t length = strspn(text, "0123456789");
  if (length >= sizeof digits)
    return -EINVAL;
  memcpy(digits, text, length);
  for (size_t i = 0; i < array_len(units); i++)
    if (strcmp(text + length, units[i].unit) == 0) {
      if (util_parse_i64(digits, 1, 86400000 / units[i].ms, &n) < 0)
        return -EINVAL;
      *ret_ms = n * units[i].ms;
      return 0;
    }
  return -EINVAL;
}

char *ctl_path(const struct ctl *c, const char *path)
{
  struct buf b = {0};
  buf_fmt(&b, "%s%s", c->options[OPT_ROOT] ? c->options[OPT_ROOT] : "", path);
  return buf_take(&b);
}

bool ctl_systemd_runs(const struct ctl *c)
{
  return !c->options[OPT_ROOT] && access("/run/systemd/system", F_OK) == 0;
}
