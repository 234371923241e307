/* log.c - a line is one write(2), so that lines of several threads never mix. Control characters become '?'. */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* systemd.exec(5): JOURNAL_STREAM has device and inode of the stderr that systemd opened; they differ once stderr was
 * redirected. */
static bool is_journal(void)
{
  char own[48];
  struct stat st;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): the environment is not changed any more
  const char *stream = getenv("JOURNAL_STREAM");
  if (!stream || fstat(STDERR_FILENO, &st) < 0)
    return false;
  snprintf(own, sizeof own, "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
  return strcmp(own, stream) == 0;
}

static size_t line_head(char *line, size_t room, int priority, const char *event)
{
  if (is_journal())
    return (size_t)snprintf(line, room, "<%d>%s", priority, event);
  const char *level = priority <= 3 ? "error" : priority == 4 ? "warning" : "info";
  return (size_t)snprintf(line, room, "%s: %s: %s", program_invocation_short_name, level, event);
}

void log_line(int priority, const char *event, const char *format, ...)
{
  char line[1024];
  const size_t room = sizeof line - 1; /* the newline */
  size_t n = line_head(line, room, priority, event);
  if (*format && n < room)
    line[n++] = ' ';
  if (n < room) {
    va_list args;
    va_start(args, format);
    int more = vsnprintf(line + n, room - n, format, args);
    va_end(args);
    n += more > 0 ? (size_t)more : 0;
  }
  n = min(n, room - 1);
  for (size_t i = 0; i < n; i++)
    if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
      line[i] = '?';
  line[n++] = '\n';
  if (write(STDERR_FILENO, line, n) < 0)
    return; /* there is nowhere else to report it */
}
