/* epoch.h - the epochs of a booth, and which of them is its present one. A thread of the pool, in a transaction that
 * holds the booth's row.
 */
#ifndef HUB_INGEST_EPOCH_H
#define HUB_INGEST_EPOCH_H

#include "hub/db/pg.h"
#include "hub/ingest/exchange_request.h"

struct epoch {
  int64_t n;      /* of its row; 0 = there is none */
  int64_t acked;  /* the end of the unbroken run of events from 1 */
  int64_t top;    /* the highest seq stored */
  int64_t head;   /* the highest seq that the booth spoke of */
  int64_t oldest; /* the booth has no event below */
};

/* The epoch of the request; made if it is new, and its parent too. If may_begin is false a new one is not made. */
int epoch_find(struct pg *db, int64_t booth, const struct exchange_request *q, bool may_begin,
               struct epoch *ret) must_check;
/* Sets an epoch's parent, as a bundle or the epoch's first event names it; the first of these counts. */
int epoch_link(struct pg *db, int64_t booth, int64_t epoch, const uint8_t parent[static 16], int64_t seq) must_check;

#endif
