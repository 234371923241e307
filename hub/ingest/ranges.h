/* ranges.h - sets of seqs as ranges, and how far the events of an epoch reach without a gap. Pure; any thread. */
#ifndef HUB_INGEST_RANGES_H
#define HUB_INGEST_RANGES_H

#include "base/util.h"

struct range {
  int64_t first;
  int64_t last; /* included */
};

/* In order; adjacent ranges are joined. Zeroed = empty. */
struct ranges {
  struct range *at;
  size_t n;
  size_t room;
};

void ranges_done(struct ranges *s);
#define autoranges cleanup(ranges_done)
void ranges_add(struct ranges *s, int64_t first, int64_t last);
bool ranges_touch(const struct ranges *s, int64_t first, int64_t last); /* it overlaps one of them, or is adjacent */

/* The end of the unbroken run, which was `acked`, now that the ranges `pending` are stored and the booth has no event
 * below `oldest`. What is missing below `oldest` never comes: it is skipped and added to `gaps`. Ranges that the run
 * has reached are removed from `pending`. */
int64_t ranges_advance(int64_t acked, int64_t oldest, struct ranges *pending, struct ranges *gaps);

#endif
