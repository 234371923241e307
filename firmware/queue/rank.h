/* rank.h - the rank of a place in a line. Pure; only for decide.c. */
#ifndef QUEUE_RANK_H
#define QUEUE_RANK_H

#include "queue/internal.h"

int64_t place_back(const struct lane *lane);  /* behind everybody */
int64_t place_front(const struct lane *lane); /* before everybody */

/* Behind the first `after` of the others that wait. ret: neighbours that have to move aside for it, nearest first;
 * returns how many, at most LIMIT_EVENTS - 2. */
struct push {
  const struct ticket *ticket;
  int64_t rank;
};
size_t place_after(const struct lane *lane, const struct node *moved, size_t after, int64_t *ret_rank,
                   struct push ret[static LIMIT_EVENTS]);

#endif
