/* inbox.h - what a booth is to do, in order: items that bear 1, 2, 3… within a generation. Any thread with a
 * connection, inside a transaction. Each call locks the booth's row until the transaction ends, so that stats have no
 * gaps.
 *
 * An item stays until its generation ends, because a restored box begins again before it. When the generation of the
 * hub has risen, the booth's items are numbered anew at its next exchange, or with its next item: those it has not
 * acknowledged, and of the others those that would matter to a box that forgot them.
 */
#ifndef HUB_MODEL_INBOX_H
#define HUB_MODEL_INBOX_H

#include "hub/db/pg.h"

struct inbox {
  int64_t booth, generation; /* booth.n; the hub's */
  int64_t head, acked;
};

/* Locks and brings up to date. 0, -ENOENT (no such booth), or a code of pg.h. */
int inbox_settle(struct pg *db, int64_t booth, struct inbox *ret) must_check;
/* The booth has done all up to n. */
int inbox_ack(struct pg *db, struct inbox *i, int64_t n) must_check;
/* Appends an item. members: a JSON object; valid_until 0 = for ever. An id that is there is left as it is. */
int inbox_append(struct pg *db, int64_t booth, const uint8_t id[static 16], const char *type, int64_t valid_until,
                 const char *members) must_check;
/* The items after n as a JSON array, at most LIMIT_ITEMS; those that were done already and would not matter to a
 * box that forgot them stand there as something that has no effect, so that none is missing. */
int inbox_page(struct pg *db, const struct inbox *i, int64_t n, struct buf *ret) must_check;

#endif
