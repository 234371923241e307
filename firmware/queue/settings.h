/* settings.h - day, intake, settings with their lines, and the caller's present moment. Plain values, no I/O. Units as
 * in ticket.h.
 */
#ifndef QUEUE_SETTINGS_H
#define QUEUE_SETTINGS_H

#include "base/util.h"

enum intake_state { INTAKE_OPEN, INTAKE_PAUSED, INTAKE_CLOSED };
extern const char *const intake_names[];

struct day {
  int32_t id;
  int32_t date;
  bool trusted; /* whether the clock was, when the day got its date */
  int64_t started_at;
};

struct intake {
  uint8_t state;
  int64_t resume_at;   /* wall_ms; 0 = not timed */
  int64_t resume_mono; /* the same instant in mono_ms */
};

struct line {
  char id[LIMIT_LINE_ID + 1];
  char name[LIMIT_LINE_NAME * 4 + 1];
  char prefix[LIMIT_PREFIX * 4 + 1];
};

struct settings {
  char name[LIMIT_BOOTH * 4 + 1];
  char welcome[LIMIT_TEXT * 4 + 1];
  char closed[LIMIT_TEXT * 4 + 1];
  struct line lines[LIMIT_LINES];
  uint8_t n_lines;
  char languages[2][3]; /* "ko", "en"; the second may be empty */
  bool double_press;
  int32_t no_show_after_s; /* 0 = never */
  int32_t cutover_min;     /* minutes after local midnight */
};

/* The present, as read by the caller: nothing in this room reads a clock. */
struct moment {
  int64_t wall_ms;
  int64_t mono_ms;
  int64_t event; /* id of the next event */
  int32_t date;  /* business date of wall_ms */
  bool trusted;
};

struct estimate {
  int32_t low_s;
  int32_t high_s; /* 0 = no estimate */
};

#endif
