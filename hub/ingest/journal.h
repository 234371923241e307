/* journal.h - stores a booth's events and advances acked. A thread of the pool, in a transaction that locks the booth's
 * row.
 */
#ifndef HUB_INGEST_JOURNAL_H
#define HUB_INGEST_JOURNAL_H

#include "hub/ingest/epoch.h"

struct ingest_result {
  uint64_t stored;
  uint64_t duplicates; /* that were stored already */
  uint64_t quarantined;
  int64_t conflict; /* the first seq that is stored with another text; 0 = none */
};

/* Stores and projects the events and people of q, and advances *e. */
int journal_ingest(struct pg *db, int64_t booth, int64_t generation, const struct exchange_request *q, struct epoch *e,
                   struct ingest_result *ret) must_check;

#endif
