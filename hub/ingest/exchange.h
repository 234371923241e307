/* exchange.h - one bundle in, one bundle out. A thread of the pool, on its connection; harmless twice. */
#ifndef HUB_INGEST_EXCHANGE_H
#define HUB_INGEST_EXCHANGE_H

#include "hub/db/pg.h"
#include "hub/stats.h"
#include "protocol/bundle.h"

struct exchange {
  const char *bytes; /* borrowed */
  size_t n;
  bool courier;    /* it came by way of somebody: how long it took says nothing */
  int64_t arrived; /* wall_ms */

  enum outcome outcome; /* from here on: what exchange_run() found */
  uint64_t events, events_again, quarantined, bytes_out, us;
};

struct exchange_refusal {
  unsigned status;
  const char *detail;
};

/* 0 with the outcome, and *ret_answer if it is no refusal; or a code of pg.h. */
int exchange_run(struct exchange *x, struct pg *db, struct buf *ret_answer) must_check;
const struct exchange_refusal *exchange_refusal(enum outcome o); /* NULL = there is an answer */
void exchange_count(const struct exchange *x, enum outcome o, struct stats *n);

#endif
