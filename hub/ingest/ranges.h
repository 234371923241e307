/* ranges.h - sets of seqs as ranges, and advancing the end of an epoch's unbroken run. Pure; any thread. */
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
  size_t capacity;
};

void ranges_done(struct ranges *s);
#define autoranges cleanup(ranges_done)
void ranges_add(struct ranges *s, int64_t first, int64_t last);
bool ranges_touch(const struct ranges *s, int64_t first, int64_t last); /* overlaps or is adjacent to one of them */

/* Returns the new end of the unbroken run. acked: the old one; pending: stored ranges, of which those that the run has
 * reached are removed; oldest: the booth has no event below, so missing ones are skipped and added to `gaps`. */
int64_t ranges_advance(int64_t acked, int64_t oldest, struct ranges *pending, struct ranges *gaps);

#endif
