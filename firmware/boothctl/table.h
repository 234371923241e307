/* table.h - rows of cells with aligned columns, for a terminal. */
#ifndef BOOTHCTL_TABLE_H
#define BOOTHCTL_TABLE_H

#include "base/buf.h"

/* With all but columns and right zeroed it is empty. The owner calls table_done(). */
struct table {
  int columns;      /* at most 16 */
  unsigned right;   /* a bit for each right-aligned column */
  struct buf cells; /* each ends in NUL */
  int n;
  int widths[16];
};

void table_add(struct table *t, const char *cell); /* NULL = empty */
void table_fmt(struct table *t, const char *format, ...) printf_like(2, 3);
/* Appends the row at *at (0 = the first) without a newline, cut to width columns (0 = uncut), and advances *at. False
 * after the last row. */
bool table_line(const struct table *t, size_t *at, int width, struct buf *to);
void table_print(const struct table *t); /* all rows, to stdout */
void table_done(struct table *t);
#define autotable cleanup(table_done)

#endif
