/* decide.h - what decide.c and decide_booth.c share; nobody else includes it. */
#ifndef QUEUE_DECIDE_H
#define QUEUE_DECIDE_H

#include "queue/internal.h"
#include "queue/timers.h"

struct deed {
  const struct queue *q;
  const struct command *c;
  const struct undo_record *undo;
  const struct moment *now;
  struct decision *ret;
};

/* The next event of the decision; t NULL = it is of no ticket. */
struct change *decide_emit(const struct deed *d, enum event_type type, const struct ticket *t);

/* decide_booth.c: 0 or a code. */
int decide_intake(const struct deed *d);
int decide_day(const struct deed *d);
int decide_clock(const struct deed *d);
int decide_settings(const struct deed *d);
int decide_boot(const struct deed *d);
int decide_epoch(const struct deed *d);
int decide_delivery(const struct deed *d);
int decide_refused(const struct deed *d);
int decide_erased(const struct deed *d);
int decide_message(const struct deed *d);

#endif
