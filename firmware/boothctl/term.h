/* term.h - text for a terminal: wide characters counted, control characters replaced; and how times are shown. */
#ifndef BOOTHCTL_TERM_H
#define BOOTHCTL_TERM_H

#include "base/buf.h"

/* Once, at the start: characters are UTF-8 whatever the locale. */
void term_init(void);

/* Appends s; what a terminal could take for a command becomes '?'. term_text_cut: at most so many columns of it. */
void term_text(struct buf *b, const char *s);
void term_text_cut(struct buf *b, const char *s, int most);
/* How many columns s takes. */
int term_columns(const char *s);

/* "0:05", "12:40", "1:02:03". */
void term_duration(char to[static 24], int64_t ms);
/* "2026-09-11 19:03:07" in local time; without the date if it is within half a day of now_ms. */
void term_time(char to[static 20], int64_t wall_ms, int64_t now_ms);

#endif
