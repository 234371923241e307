/* tr.c - there are two languages, so both texts stand where they are used. */
#include "boothctl/tr.h"

#include "base/util.h"

const char *tr(const char *english, const char *korean)
{
  static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
  const char *locale = NULL;
  for (size_t i = 0; i < array_len(names) && (!locale || !*locale); i++)
    locale = getenv(names[i]); // NOLINT(concurrency-mt-unsafe): one thread
  return locale && strncmp(locale, "ko", 2) == 0 ? korean : english;
}
