/* table.h - text for a terminal: wide characters counted, control characters made harmless, columns aligned. */
#ifndef BOOTHCTL_TABLE_H
#define BOOTHCTL_TABLE_H

#include "base/buf.h"

void term_init(void); /* once: UTF-8 whatever the locale */
/* The one of the two that the user reads: Korean if LC_ALL, LC_MESSAGES or LANG says ko. */
const char *tr(const char *english, const char *korean) __attribute__((format_arg(1), format_arg(2)));
void term_text(struct buf *b, const char *s);                /* adds s, harmless */
void term_text_cut(struct buf *b, const char *s, int width); /* adds at most so many columns of harmless text */

/* Rows of cells. A zeroed struct with columns set is empty; the owner calls table_done(). */
struct table {
  int columns;      /* at most 16 */
  unsigned right;   /* a bit per column that is aligned right */
  struct buf cells; /* each ends in NUL */
  int n, widths[16];
};

void table_add(struct table *t, const char *cell); /* NULL = empty */
void table_fmt(struct table *t, const char *format, ...) printf_like(2, 3);
/* The row at *at (0 = the first) without a newline, cut to width columns (0 = uncut), and *at is the next row's.
 * false after the last. */
bool table_line(const struct table *t, size_t *at, int width, struct buf *to);
void table_print(const struct table *t); /* all, to stdout */
void table_done(struct table *t);
#define autotable cleanup(table_done)

/* "0:05", "12:40", "1:02:03". */
void term_duration(char to[static 24], int64_t ms);

#endif
