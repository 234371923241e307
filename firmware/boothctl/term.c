/* term.c - names and notes come from guests. An escape sequence in one must not control the terminal, and 민아 takes
 * four columns, not two. Right-to-left text keeps its letters, but not the codes that change the direction of the whole
 * line.
 */
#include "boothctl/term.h"

#include "base/clock.h"

#include <locale.h>
#include <stdio.h>
#include <wchar.h>

void term_init(void)
{
  if (!setlocale(LC_CTYPE, "C.UTF-8"))
    setlocale(LC_CTYPE, "");
}

static bool is_direction_code(wchar_t c)
{
  return c == 0x200e || c == 0x200f || c == 0x061c || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* Advances *s by a character. Returns its columns; *ret_bytes is its length, or 0 if it is shown as '?'. */
static int next_character(const char **s, size_t *ret_bytes)
{
  wchar_t c;
  size_t n = mbrtowc(&c, *s, strlen(*s), &(mbstate_t){0});
  bool whole = n != (size_t)-1 && n != (size_t)-2;
  int width = whole && !is_direction_code(c) ? wcwidth(c) : -1;
  *ret_bytes = width < 0 ? 0 : n;
  *s += whole ? n : 1;
  return width < 0 ? 1 : width;
}

void term_text_cut(struct buf *b, const char *s, int most)
{
  int columns = 0;
  while (*s) {
    const char *from = s;
    size_t bytes;
    int width = next_character(&s, &bytes);
    if (columns + width > most)
      break;
    buf_add(b, bytes ? from : "?", bytes ? bytes : 1);
    columns += width;
  }
}

void term_text(struct buf *b, const char *s)
{
  term_text_cut(b, s, INT32_MAX);
}

int term_columns(const char *s)
{
  int columns = 0;
  for (size_t bytes; *s;)
    columns += next_character(&s, &bytes);
  return columns;
}

void term_time(char to[static 20], int64_t wall_ms, int64_t now_ms)
{
  char text[20];
  clock_local_text(text, wall_ms);
  bool near = llabs(wall_ms - now_ms) < 12 * 3600000LL;
  strcpy(to, near && strlen(text) == 19 ? text + 11 : text);
}

void term_duration(char to[static 24], int64_t ms)
{
  long long s = max(ms, 0) / 1000;
  if (s >= 3600)
    snprintf(to, 24, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
  else
    snprintf(to, 24, "%lld:%02lld", s / 60, s % 60);
}
