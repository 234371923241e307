/* due.h - whether the day goes on. Pure; for decide.c, which has to come to the same answer as queue_due(). */
#ifndef CORE_DUE_H
#define CORE_DUE_H

#include "core/queue.h"

enum day_turn { DAY_STAYS, DAY_REDATED, DAY_STARTS };
enum day_turn day_due(const struct queue *q, const struct moment *now);

#endif
