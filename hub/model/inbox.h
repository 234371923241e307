/* inbox.h - the items that a booth is to process, numbered 1, 2, 3… within a generation. Any thread with a connection,
 * in a transaction: each call locks the booth's row until its end, so that the numbers have no gaps.
 *
 * An item stays until its generation ends, because a restored box may need it again. When the hub's generation has
 * risen, the booth's items are renumbered at its next exchange or its next item: the unacknowledged ones, and those
 * that a restored box would still need.
 */
#ifndef HUB_MODEL_INBOX_H
#define HUB_MODEL_INBOX_H

#include "hub/db/pg.h"

struct inbox {
  int64_t booth;
  int64_t generation; /* the hub's */
  int64_t head;       /* number of the last item */
  int64_t acked;      /* number of the last one that the booth acknowledged */
};

/* Locks the booth's row and renumbers its items if the generation has risen. 0, -ENOENT (no such booth), or a code of
 * pg.h. */
int inbox_lock(struct pg *db, int64_t booth, struct inbox *ret) must_check;
/* The booth has processed all items up to n. */
int inbox_ack(struct pg *db, struct inbox *i, int64_t n) must_check;
/* Appends an item, unless its id exists already. members: a JSON object; valid_until 0 = for ever. */
int inbox_append(struct pg *db, int64_t booth, const uint8_t id[static 16], const char *type, int64_t valid_until,
                 const char *members) must_check;
/* Appends "inbox":[…], the items after n, at most LIMIT_ITEMS. Acknowledged items that are not needed any more are
 * replaced by one without effect, so that no number is missing. */
int inbox_page(struct pg *db, const struct inbox *i, int64_t n, struct buf *ret) must_check;

#endif
