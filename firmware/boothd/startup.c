#include "boothd/startup.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "config/config.h"

struct settings startup_settings(const struct config *c)
{
  struct settings s = {.n_lines = 1, .languages = {"ko", "en"}, .cutover_min = 6 * 60};
  util_copy(s.name, sizeof s.name, c->booth_name);
  util_copy(s.lines[0].id, sizeof s.lines[0].id, "a");
  util_copy(s.lines[0].name, sizeof s.lines[0].name, "대기");
  return s;
}

/* New PINs are printed once, to the person who started the program, and never to the journal. */
int startup_state(const struct config *c, struct secrets *ret)
{
  bool made = false;
  if (mkdir(c->state_dir, 0700) < 0 && errno != EEXIST)
    return -errno;
  int r = file_lock_folder(c->state_dir);
  if (r < 0)
    return r;
  r = secrets_load(c, ret, &made);
  if (r < 0)
    return r;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread
  if (made && !getenv("JOURNAL_STREAM"))
    printf("boothd: staff PIN %s, manager PIN %s\n", ret->staff_pin, ret->manager_pin);
  return 0;
}
