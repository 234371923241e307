/* backoff.h - when to speak with the hub, and how much to say at once. Pure; times are mono_ms.
 *
 * After a failure the pause doubles from 2..4 s to 2.5..5 min (equal jitter). A new route, a tap or a call to deliver
 * begins that anew, a call at most every BACKOFF_CALL_MS. What the hub itself asked for (Retry-After, or an hour when
 * it does not take this booth) only a tap cuts short.
 */
#ifndef SYNC_BACKOFF_H
#define SYNC_BACKOFF_H

#include "sync/result.h"

#define BACKOFF_GATHER_MS    1000 /* plain events wait so long for company; a call does not wait */
#define BACKOFF_CALL_MS      15000
#define BACKOFF_MIN_MS       4000             /* the first pause is at most this, */
#define BACKOFF_MAX_MS       (5 * 60 * 1000)  /* and none is longer */
#define BACKOFF_REFUSED_MS   (3600 * 1000)    /* the hub does not take us */
#define BACKOFF_TAP_MS       1000             /* from one attempt to the next, however often somebody taps */
#define BACKOFF_POLL_MS      25000            /* with nothing to say, while something happened within */
#define BACKOFF_ACTIVE_MS    (15 * 60 * 1000) /* so long; */
#define BACKOFF_IDLE_MS      (5 * 60 * 1000)  /* later on */
#define BATCH_SIZE_TARGET_MS 20000            /* a batch takes about so long, so that a call never waits for long */

enum sync_wake_reason { SYNC_WAKE_CHANGED, SYNC_WAKE_CALL, SYNC_WAKE_MANUAL, SYNC_WAKE_ROUTE };

struct backoff {
  int64_t due;                            /* something is to be said or heard from then on */
  int64_t retry_at;                       /* the pause after failures ends */
  int64_t hold;                           /* the hub wants nothing of us before */
  int64_t tried_at, called_at, active_at; /* last attempt; last pause cut short for a call; last event or item */
  unsigned failures;                      /* in a row */
};
struct backoff backoff_start(int64_t now);
void backoff_wake(struct backoff *p, enum sync_wake_reason why, int64_t now);
int64_t backoff_next(const struct backoff *p); /* when to try */
void backoff_try(struct backoff *p, int64_t now);
/* more: there is more to say at once. retry_after_ms: 0 = not said. random: any number. */
void backoff_done(struct backoff *p, enum sync_result o, bool more, int64_t retry_after_ms, uint32_t random,
                  int64_t now);

/* How many bytes of events to take for the next batch, learnt from those before. */
struct batch_size {
  int64_t packed, ratio, event; /* bytes of a bundle that fit; packed per mille of text; bytes of an event's text */
};
struct batch_size batch_size_start(void);
size_t batch_size_text(const struct batch_size *l);
int64_t batch_size_events(const struct batch_size *l);
/* It went through: so many events with their texts, packed; bytes moved both ways. */
void batch_size_sent(struct batch_size *l, int64_t events, size_t text, size_t packed, int64_t moved, int64_t took_ms);
void batch_size_failed(struct batch_size *l);

#endif
