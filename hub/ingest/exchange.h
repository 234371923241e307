/* exchange.h - one bundle in, one bundle out. A thread of the pool, on its connection; idempotent. */
#ifndef HUB_INGEST_EXCHANGE_H
#define HUB_INGEST_EXCHANGE_H

#include "hub/db/pg.h"
#include "protocol/bundle.h"

/* How an exchange ended; the label `outcome` in /metrics. */
enum outcome {
  OUTCOME_OK,
  OUTCOME_CONFLICT, /* answered, but an event is stored with another text */
  OUTCOME_BAD_BUNDLE,
  OUTCOME_UNKNOWN_KEY,
  OUTCOME_REVOKED,
  OUTCOME_RETIRED,
  OUTCOME_UNAVAILABLE, /* the database failed */
  OUTCOMES
};
extern const char *const outcome_names[OUTCOMES];

struct exchange {
  /* set by the caller */
  const char *bytes; /* borrowed */
  size_t n;
  bool courier;    /* delivered by a courier: its transit time is meaningless */
  int64_t arrived; /* wall_ms */

  /* set by exchange_run() */
  enum outcome outcome;
  uint64_t events; /* stored */
  uint64_t duplicates;
  uint64_t quarantined;
  uint64_t bytes_out;
  uint64_t us; /* duration */
};

/* 0 with x->outcome, and *ret_answer after OUTCOME_OK or OUTCOME_CONFLICT; or a code of pg.h. */
int exchange_run(struct exchange *x, struct pg *db, struct buf *ret_answer) must_check;

#endif
