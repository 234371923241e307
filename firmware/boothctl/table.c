/* table.c - the width of a column is that of its widest cell. */
#include "boothctl/table.h"

#include "boothctl/term.h"

#include <stdio.h>

void table_add(struct table *t, const char *cell)
{
  size_t from = t->cells.len;
  if (cell)
    term_text(&t->cells, cell);
  buf_add(&t->cells, "", 1);
  int *width = &t->widths[t->n++ % t->columns];
  *width = max(*width, term_columns(t->cells.data + from));
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
  int pending = 0; /* spaces that are written only if a cell follows */
  if (*at >= t->cells.len)
    return false;
  for (int column = 0; column < t->columns; column++) {
    const char *cell = t->cells.data + *at;
    int gap = t->widths[column] - term_columns(cell);
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
