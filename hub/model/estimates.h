/* estimates.h - waiting times, computed from a booth's events by the booth's own rule (queue/estimate.h). A thread of
 * the pool.
 */
#ifndef HUB_MODEL_ESTIMATES_H
#define HUB_MODEL_ESTIMATES_H

#include "base/buf.h"
#include "hub/db/pg.h"
#include "queue/estimate.h"

struct estimates {
  size_t n;
  struct {
    char id[LIMIT_LINE_ID * 4 + 1];
    struct service_rate rate;
  } lines[LIMIT_LINES];
};

int estimates_read(struct pg *db, int64_t booth, struct estimates *ret) must_check;
/* Adds "estimate": {"low_s","high_s"} or null, for a guest with `ahead` parties before them in a line of `waiting`. */
void estimates_json(struct buf *b, const struct estimates *all, const char *line, int64_t ahead, int64_t waiting);

#endif
