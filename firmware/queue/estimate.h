/* estimate.h - a waiting time as a slightly pessimistic range. Pure.
 *
 * The mean of two estimators: parties ahead times the median gap between the last entries, and the delay of the last
 * entry (Ibrahim & Whitt, "Real-Time Delay Estimation Based on Delay History", M&SOM 2009, doi
 * 10.1287/msom.1080.0223). An entry is a ticket's first call or direct seating. Time in which intake is paused does not
 * count. Fewer than 3 entries give no estimate.
 */
#ifndef QUEUE_ESTIMATE_H
#define QUEUE_ESTIMATE_H

#include "queue/ticket.h"

#define SERVICE_RATE_ENTRIES 11

struct service_rate {
  int64_t entries[SERVICE_RATE_ENTRIES]; /* a ring; in ms of unpaused time */
  uint32_t n;                            /* entries so far */
  int64_t last_wait_ms;
  int64_t paused_since; /* 0 = open */
  int64_t paused_ms;
};

void service_rate_enter(struct service_rate *s, int64_t at_ms, int64_t waited_ms);
void service_rate_pause(struct service_rate *s, int64_t at_ms, bool paused);
int64_t service_rate_gap_ms(const struct service_rate *s); /* median, -1 = unknown */
/* For a party with `ahead` parties before it, in a line where `waiting` wait; whole minutes. */
struct estimate service_rate_estimate(const struct service_rate *s, int ahead, int waiting);

#endif
