/* sse.c - lines may be cut anywhere, so the incomplete last one is kept. */
#include "boothctl/sse.h"

#include <errno.h>

#define MOST_EVENT (16 * 1024 * 1024)

static void parse_line(struct sse *s, sse_each *each, void *arg)
{
  const char *line = s->line.data;
  if (s->line.len == 0) { /* an empty line ends an event */
    if (s->data.len)
      each(arg, *s->event ? s->event : "message", s->data.data);
    buf_clear(&s->data);
    s->event[0] = '\0';
  } else if (strncmp(line, "event:", 6) == 0) {
    (void)util_copy(s->event, sizeof s->event, line + 6 + (line[6] == ' '));
  } else if (strncmp(line, "data:", 5) == 0) {
    if (s->data.len)
      buf_str(&s->data, "\n");
    buf_str(&s->data, line + 5 + (line[5] == ' '));
  }
}

int sse_feed(struct sse *s, const char *bytes, size_t n, sse_each *each, void *arg)
{
  while (n) {
    const char *newline = memchr(bytes, '\n', n);
    size_t part = newline ? (size_t)(newline - bytes) : n;
    buf_add(&s->line, bytes, part);
    if (s->line.len + s->data.len > MOST_EVENT)
      return -EMSGSIZE;
    part += newline ? 1 : 0;
    bytes += part;
    n -= part;
    if (!newline)
      break;
    if (s->line.len && s->line.data[s->line.len - 1] == '\r')
      s->line.data[--s->line.len] = '\0';
    parse_line(s, each, arg);
    buf_clear(&s->line);
  }
  return 0;
}

void sse_done(struct sse *s)
{
  buf_done(&s->line);
  buf_done(&s->data);
}
