/* stats.h - what this process counted since it began, for /metrics. Any thread. */
#ifndef HUB_STATS_H
#define HUB_STATS_H

#include <stdatomic.h>

#include "base/util.h"

/* How an exchange ended; names on the wire of /metrics. */
enum outcome {
  OUTCOME_OK,
  OUTCOME_CONFLICT, /* ok, but an event was there with another text */
  OUTCOME_BAD_BUNDLE,
  OUTCOME_UNKNOWN_KEY,
  OUTCOME_REVOKED,
  OUTCOME_RETIRED,
  OUTCOME_UNAVAILABLE,
  OUTCOMES
};
extern const char *const outcome_names[OUTCOMES];

struct stats {
  _Atomic uint64_t exchanges[OUTCOMES], courier, enrolled, not_enrolled;
  _Atomic uint64_t events, events_again, quarantined, bytes_in, bytes_out, exchange_us;
};

#endif
