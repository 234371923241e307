/* journal.h - a booth's events into the database, and how far its unbroken run reaches. A thread of the pool, inside a
 * transaction that holds the booth's row. */
#ifndef HUB_INGEST_JOURNAL_H
#define HUB_INGEST_JOURNAL_H

#include "hub/db/pg.h"
#include "hub/ingest/exchange_request.h"

struct epoch {
  int64_t n;
  int64_t acked, top, head, oldest;
};

/* The epoch that m speaks of; made if it is new, and its parent too. A retired key may not begin one: *ret.n is 0. */
int journal_epoch(struct pg *db, int64_t booth, const struct exchange_request *m, bool may_begin,
                  struct epoch *ret) must_check;

/* The epoch's parent, as a bundle or its first event says; the first word counts. */
int journal_link(struct pg *db, int64_t booth, int64_t epoch, const uint8_t parent[static 16], int64_t seq) must_check;

struct ingest_result {
  uint64_t stored, again, quarantined;
  int64_t conflict; /* the first seq that is here with another text, 0 = none */
};

/* Stores and projects the events of m, with the people that came along, and moves *e on. */
int journal_ingest(struct pg *db, int64_t booth, int64_t generation, const struct exchange_request *m, struct epoch *e,
                   struct ingest_result *ret) must_check;
/* Compares days; appends "differs":[…]. */
int journal_compare(struct pg *db, const struct epoch *e, const struct json *digests, struct buf *ret) must_check;

#endif
