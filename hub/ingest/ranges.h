/* ranges.h - which events of an epoch are here: an unbroken run from 1, and pending beyond it. Pure arithmetic. */
#ifndef HUB_INGEST_RANGES_H
#define HUB_INGEST_RANGES_H

#include "base/util.h"

struct range {
  int64_t first, last; /* both are in it */
};

struct ranges { /* in order, none touching the next; zeroed = none */
  struct range *at;
  size_t n, room;
};

void ranges_done(struct ranges *s);
void ranges_add(struct ranges *s, int64_t first, int64_t last); /* what touches becomes one */
bool ranges_touch(const struct ranges *s, int64_t first, int64_t last);

/* How far the unbroken run reaches, now that pending are there and the booth has nothing below oldest. What is missing
 * below oldest will never come: it is passed over and added to gaps. Islands that the run reached are taken out. */
int64_t ranges_advance(int64_t acked, int64_t oldest, struct ranges *pending, struct ranges *gaps);

#endif
