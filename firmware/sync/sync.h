/* sync.h - the thread that talks to the hub: events of the journal go out, items of the hub's inbox come in.
 *
 * The queue never waits for it. It reads the journal on its own connections, writes only through the writer, and
 * reports to the loop by struct sync_event.
 */
#ifndef SYNC_SYNC_H
#define SYNC_SYNC_H

#include "protocol/enrol.h"
#include "sync/backoff.h"
#include "sync/events.h"

struct config;
struct sync;
struct writer;

/* --- start and stop --- */

struct sync_options {
  const char *state_dir;
  const struct config *config; /* hub, hub_ca; read at start */
  struct writer *writer;       /* must outlive it */
  struct mailbox *to_loop;
};
/* A damaged enrolment is logged, and the booth works without a hub. */
int sync_start(const struct sync_options *o, struct sync **ret) must_check;
void sync_cancel(struct sync *s); /* ends the running request, answers an enrolment; any thread, never blocks */
/* Ends the thread, within a second; the writer must still run. NULL allowed. */
void sync_stop(struct sync *s);

/* --- any thread, never blocks --- */

void sync_wake(struct sync *s, enum sync_wake_reason why);
/* Asks a hub to accept this booth. 0: the result comes as an event; -EBUSY: another is running; -ESHUTDOWN. */
int sync_enrol(struct sync *s, const char *hub, const struct enrol_code *code, const char *name,
               void *context) must_check;
void sync_status(struct sync *s, struct sync_status *ret); /* the present one; changes come as events */
bool sync_enrolled(struct sync *s);

/* --- maintenance --- */

/* Both block: 0, -ENOENT (not enrolled), -EHOSTUNREACH (the hub is not reached), -ETIME, -ESHUTDOWN.
 * sync_drain waits until everything is acknowledged. sync_compare compares each closed day's digest; the next drain
 * sends the days that differ again. */
int sync_drain(struct sync *s, int64_t within_ms) must_check;
int sync_compare(struct sync *s, int64_t within_ms, int *ret_differing) must_check;

#endif
