/* ranges.h - which events of an epoch are here: an unbroken run from 1, and islands beyond it. Pure arithmetic. */
#ifndef HUB_INGEST_RANGES_H
#define HUB_INGEST_RANGES_H

#include "base/util.h"

struct span {
  int64_t first, last; /* both are in it */
};

struct spans { /* in order, none touching the next; zeroed = none */
  struct span *at;
  size_t n, room;
};

void spans_done(struct spans *s);
void spans_add(struct spans *s, int64_t first, int64_t last); /* what touches becomes one */
bool spans_touch(const struct spans *s, int64_t first, int64_t last);

/* How far the unbroken run reaches, now that islands are there and the booth has nothing below oldest. What is missing
 * below oldest will never come: it is passed over and added to holes. Islands that the run reached are taken out. */
int64_t cursor_advance(int64_t acked, int64_t oldest, struct spans *islands, struct spans *holes);

#endif
