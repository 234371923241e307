/* stats.h - this process's counters for /metrics. Loop thread only. */
#ifndef HUB_API_STATS_H
#define HUB_API_STATS_H

#include "hub/ingest/exchange.h"

struct stats {
  uint64_t exchanges[OUTCOMES];
  uint64_t courier; /* of these exchanges, carried by a phone */
  uint64_t exchange_us;
  uint64_t bytes_in;
  uint64_t bytes_out;
  uint64_t events;
  uint64_t duplicates; /* events that were stored already */
  uint64_t quarantined;
  uint64_t enrolled;
  uint64_t wrong_codes;
};

#endif
