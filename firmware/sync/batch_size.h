/* batch_size.h - how many events to put into the next bundle, learnt from earlier ones. Pure.
 *
 * A batch takes about BATCH_SIZE_TARGET_MS on the link, so that a call never waits for long behind a backlog.
 */
#ifndef SYNC_BATCH_SIZE_H
#define SYNC_BATCH_SIZE_H

#include "base/util.h"

#define BATCH_SIZE_TARGET_MS 20000

struct batch_size {
  int64_t packed; /* bytes of a bundle that take about the target time */
  int64_t ratio;  /* packed bytes per 1000 of text */
  int64_t event;  /* bytes of an event's text */
};
struct batch_size batch_size_start(void);
size_t batch_size_text(const struct batch_size *b); /* bytes of events' text for the next batch */
int64_t batch_size_events(const struct batch_size *b);
/* A bundle was sent. text and packed: bytes before and after packing; moved: bytes in both directions. */
void batch_size_sent(struct batch_size *b, int64_t events, size_t text, size_t packed, int64_t moved, int64_t took_ms);
void batch_size_failed(struct batch_size *b);

#endif
