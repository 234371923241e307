/* backoff.h - when to contact the hub. Pure; times are mono_ms.
 *
 * After a failure the pause doubles from 2..4 s to 2.5..5 min (equal jitter). A new route, a tap or a call to deliver
 * begins that anew, a call at most every BACKOFF_CALL_MS. What the hub itself asked for (Retry-After, or an hour when
 * it does not accept this booth) only a tap cuts short.
 */
#ifndef SYNC_BACKOFF_H
#define SYNC_BACKOFF_H

#include "sync/result.h"

#define BACKOFF_GATHER_MS  1000 /* plain events wait so long for company; a call does not wait */
#define BACKOFF_CALL_MS    15000
#define BACKOFF_MIN_MS     4000             /* longest first pause */
#define BACKOFF_MAX_MS     (5 * 60 * 1000)  /* longest of all */
#define BACKOFF_REFUSED_MS (3600 * 1000)    /* the hub does not accept this booth */
#define BACKOFF_TAP_MS     1000             /* from one attempt to the next, however often somebody taps */
#define BACKOFF_POLL_MS    25000            /* with nothing to send, while something happened within */
#define BACKOFF_ACTIVE_MS  (15 * 60 * 1000) /* so long; */
#define BACKOFF_IDLE_MS    (5 * 60 * 1000)  /* later on */

enum sync_wake_reason {
  SYNC_WAKE_CHANGED, /* there are events to send */
  SYNC_WAKE_CALL,    /* a guest is called */
  SYNC_WAKE_MANUAL,  /* somebody tapped */
  SYNC_WAKE_ROUTE,   /* there is a new route */
};

struct backoff {
  int64_t due;       /* something is to be sent or fetched from then on */
  int64_t retry_at;  /* the pause after failures ends */
  int64_t hold;      /* the hub asked not to be contacted before */
  int64_t tried_at;  /* last attempt */
  int64_t called_at; /* last pause cut short for a call */
  int64_t active_at; /* last event or item */
  unsigned failures; /* in a row */
};
struct backoff backoff_start(int64_t now);
void backoff_wake(struct backoff *b, enum sync_wake_reason why, int64_t now);
int64_t backoff_next(const struct backoff *b); /* when to try */
void backoff_try(struct backoff *b, int64_t now);
/* more: there is more to send at once. retry_after_ms: 0 = not said. random: any number. */
void backoff_done(struct backoff *b, enum sync_result result, bool more, int64_t retry_after_ms, uint32_t random,
                  int64_t now);

#endif
