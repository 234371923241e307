/* epoch.h - the epochs of a booth, and its present one. A thread of the pool, in a transaction that locks the booth's
 * row.
 */
#ifndef HUB_INGEST_EPOCH_H
#define HUB_INGEST_EPOCH_H

#include "hub/db/pg.h"
#include "hub/ingest/exchange_request.h"

struct epoch {
  int64_t n;      /* number of its row; 0 = there is none */
  int64_t acked;  /* the end of the unbroken run of events from 1 */
  int64_t top;    /* the highest seq stored */
  int64_t head;   /* the highest seq that the booth has reported */
  int64_t oldest; /* the booth has no event below */
};

/* The epoch of the request. If it is new, it and its parent are made, but only if may_make. */
int epoch_find_or_make(struct pg *db, int64_t booth, const struct exchange_request *q, bool may_make,
                       struct epoch *ret) must_check;
/* Sets an epoch's parent, as named by a bundle or by the epoch's first event; an existing one stays. */
int epoch_link(struct pg *db, int64_t booth, int64_t epoch, const uint8_t parent[static 16], int64_t seq) must_check;

#endif
