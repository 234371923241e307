/* timers.h - whether the day goes on. Pure; for decide.c, which has to come to the same answer as queue_due(). */
#ifndef QUEUE_TIMERS_H
#define QUEUE_TIMERS_H

#include "queue/queue.h"

enum day_turn { DAY_STAYS, DAY_REDATED, DAY_STARTS };
enum day_turn day_due(const struct queue *q, const struct moment *now);

#endif
