/* Bytes become boothd.conf, and, line by line, what --set gives. A refusal names what is at fault. */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void check(const char *path, const char *const *sets, size_t n_sets)
{
  struct config c;
  struct config_error e = {0};
  int r = config_load(path, sets, n_sets, &c, &e);
  if (r < 0 ? !*e.detail : !*c.state_dir || !*c.listen || !clock_timezone_known(c.timezone))
    abort();
  config_done(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
  static int fd = -1;
  char path[32];
  const char *sets[8];
  size_t n_sets = 0;
  if (fd < 0)
    fd = memfd_create("boothd.conf", MFD_CLOEXEC);
  if (ftruncate(fd, 0) < 0 || pwrite(fd, bytes, n, 0) != (ssize_t)n)
    abort();
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  check(path, NULL, 0);

  char *text = xcalloc(1, n + 1), *rest = text;
  if (n)
    memcpy(text, bytes, n);
  for (char *line; n_sets < array_len(sets) && (line = strsep(&rest, "\n"));)
    sets[n_sets++] = line;
  check(NULL, sets, n_sets);
  free(text);
  return 0;
}
