/* table.c - names and notes are whatever a guest said. An escape sequence in one must not drive the terminal, and 민아
 * takes four columns, not two. Text in another direction keeps its letters but not the codes that turn the rest of the
 * line.
 */
#include "boothctl/table.h"

#include <locale.h>
#include <stdio.h>
#include <wchar.h>

void term_init(void)
{
  if (!setlocale(LC_CTYPE, "C.UTF-8"))
    setlocale(LC_CTYPE, "");
}

const char *tr(const char *english, const char *korean)
{
  static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
  const char *locale = NULL;
  for (size_t i = 0; i < array_len(names) && (!locale || !*locale); i++)
    locale = getenv(names[i]); // NOLINT(concurrency-mt-unsafe): one thread
  return locale && strncmp(locale, "ko", 2) == 0 ? korean : english;
}

static bool turns_text(wchar_t c)
{
  return c == 0x200e || c == 0x200f || c == 0x061c || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* The next character of *s: its columns, and its bytes in *ret_bytes; 0 bytes if it is to be shown as '?'. */
static int step(const char **s, size_t *ret_bytes)
{
  wchar_t c;
  size_t n = mbrtowc(&c, *s, strlen(*s), &(mbstate_t){0});
  bool whole = n != (size_t)-1 && n != (size_t)-2;
  int width = whole && !turns_text(c) ? wcwidth(c) : -1;
  *ret_bytes = width < 0 ? 0 : n;
  *s += whole ? n : 1;
  return width < 0 ? 1 : width;
}

/* Returns the columns added, at most `most`. */
static int add_text(struct buf *b, const char *s, int most)
{
  int columns = 0;
  while (*s) {
    const char *from = s;
    size_t bytes;
    int width = step(&s, &bytes);
    if (columns + width > most)
      break;
    buf_add(b, bytes ? from : "?", bytes ? bytes : 1);
    columns += width;
  }
  return columns;
}

void term_text(struct buf *b, const char *s)
{
  add_text(b, s, INT32_MAX);
}

void term_text_cut(struct buf *b, const char *s, int width)
{
  add_text(b, s, width);
}

static int columns_of(const char *s)
{
  int columns = 0;
  for (size_t bytes; *s;)
    columns += step(&s, &bytes);
  return columns;
}

void table_add(struct table *t, const char *cell)
{
  size_t from = t->cells.len;
  if (cell)
    term_text(&t->cells, cell);
  buf_add(&t->cells, "", 1);
  int *width = &t->widths[t->n++ % t->columns];
  *width = max(*width, columns_of(t->cells.data + from));
}

void table_fmt(struct table *t, const char *format, ...)
{
  autofree char *text = NULL;
  va_list args;
  va_start(args, format);
  if (vasprintf(&text, format, args) < 0)
    abort();
  va_end(args);
  table_add(t, text);
}

bool table_line(const struct table *t, size_t *at, int width, struct buf *to)
{
  autobuf struct buf line = {0};
  int pending = 0; /* blanks that are written only if something follows */
  if (*at >= t->cells.len)
    return false;
  for (int column = 0; column < t->columns; column++) {
    const char *cell = t->cells.data + *at;
    int gap = t->widths[column] - columns_of(cell);
    bool right = t->right >> column & 1;
    if (*cell) {
      buf_fmt(&line, "%*s%s", pending + (right ? gap : 0), "", cell);
      pending = right ? 0 : gap;
    } else {
      pending += gap;
    }
    pending += t->widths[column] ? 2 : 0;
    *at += strlen(cell) + 1;
  }
  if (line.len)
    term_text_cut(to, line.data, width ? width : INT32_MAX);
  return true;
}

void table_print(const struct table *t)
{
  autobuf struct buf line = {0};
  for (size_t at = 0; table_line(t, &at, 0, &line); buf_clear(&line))
    puts(line.len ? line.data : "");
}

void table_done(struct table *t)
{
  buf_done(&t->cells);
  *t = (struct table){.columns = t->columns, .right = t->right};
}

void term_duration(char to[static 24], int64_t ms)
{
  long long s = max(ms, 0) / 1000;
  if (s >= 3600)
    snprintf(to, 24, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
  else
    snprintf(to, 24, "%lld:%02lld", s / 60, s % 60);
}
