/* lockout.h - limits guesses of a PIN: a delay per client that doubles, and a budget for all. Pure.
 *
 * A client waits 1 s after its third failure, doubling to 5 min. All clients together have 10 failures, refilled by one
 * every 6 s, not by a success. Existing sessions and the button are not affected.
 */
#ifndef API_LOCKOUT_H
#define API_LOCKOUT_H

#include "queue/ticket.h"

struct lockout {
  struct lockout_client {
    uint64_t client; /* hash of its address; 0 = free */
    uint32_t failures;
    int64_t until; /* mono_ms until which it has to wait */
    int64_t seen;  /* mono_ms of its last failure */
  } clients[LIMIT_LOCKOUT_CLIENTS];
  int64_t budget_at; /* mono_ms at which the budget is whole again */
};

/* 0 = go ahead; else seconds to wait. */
int lockout_check(const struct lockout *l, uint64_t client, int64_t mono_ms);
void lockout_failed(struct lockout *l, uint64_t client, int64_t mono_ms);
void lockout_passed(struct lockout *l, uint64_t client);

#endif
