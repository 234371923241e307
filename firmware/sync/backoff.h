/* backoff.h - when to contact the hub. Pure; times are mono_ms.
 *
 * After each failure the pause doubles, from 2..4 s to 2.5..5 min (equal jitter). A new route, a tap or a call to
 * deliver restarts it, a call at most every BACKOFF_CALL_MS. Only a tap shortens a pause that the hub asked for
 * (Retry-After, or an hour when it does not accept this booth).
 */
#ifndef SYNC_BACKOFF_H
#define SYNC_BACKOFF_H

#include "sync/result.h"

#define BACKOFF_DELAY_MS   1000 /* delay of events, to send several at once; a call is not delayed */
#define BACKOFF_CALL_MS    15000
#define BACKOFF_MIN_MS     4000             /* longest first pause */
#define BACKOFF_MAX_MS     (5 * 60 * 1000)  /* longest of all */
#define BACKOFF_REFUSED_MS (3600 * 1000)    /* the hub does not accept this booth */
#define BACKOFF_TAP_MS     1000             /* shortest time between attempts by tap */
#define BACKOFF_POLL_MS    25000            /* polls with nothing to send, while active */
#define BACKOFF_ACTIVE_MS  (15 * 60 * 1000) /* active = something happened within this time */
#define BACKOFF_IDLE_MS    (5 * 60 * 1000)  /* polls while not active */

enum sync_wake_reason {
  SYNC_WAKE_CHANGED, /* there are events to send */
  SYNC_WAKE_CALL,    /* a guest is called */
  SYNC_WAKE_MANUAL,  /* somebody tapped */
  SYNC_WAKE_ROUTE,   /* there is a new route */
};

struct backoff {
  int64_t due;       /* when there is something to send or fetch */
  int64_t retry_at;  /* end of the pause after failures */
  int64_t hold;      /* no contact before, at the hub's request */
  int64_t tried_at;  /* last attempt */
  int64_t called_at; /* last pause shortened for a call */
  int64_t active_at; /* last event or item */
  unsigned failures; /* in a row */
};
struct backoff backoff_start(int64_t now);
void backoff_wake(struct backoff *b, enum sync_wake_reason why, int64_t now);
int64_t backoff_next(const struct backoff *b); /* time of the next attempt */
void backoff_try(struct backoff *b, int64_t now);
/* more: there is more to send at once. retry_after_ms: 0 = none. random: any number. */
void backoff_done(struct backoff *b, enum sync_result result, bool more, int64_t retry_after_ms, uint32_t random,
                  int64_t now);

#endif
