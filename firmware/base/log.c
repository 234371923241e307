/* log.c - a line is one write(2), so that lines of several threads never mix, and it is one line whatever its values
 * hold. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

void log_line(int priority, const char *event, const char *format, ...)
{
  char line[1024];
  const size_t room = sizeof line - 1; /* the newline */
  size_t n = (size_t)snprintf(line, room, "<%d>%s%s", priority, event, *format ? " " : "");
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
    return; /* nobody is left to tell */
}
