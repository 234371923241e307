/* sync.h - the thread that speaks with the hub: what the journal has goes out, what the hub wishes comes in.
 *
 * Nothing of the queue ever waits for it. It reads the journal on connections of its own and changes nothing but
 * through the writer. What it has to say goes to the loop as struct sync_event.
 */
#ifndef SYNC_SYNC_H
#define SYNC_SYNC_H

#include "protocol/enrol.h"
#include "sync/backoff.h"
#include "sync/events.h"

struct config;
struct sync;
struct writer;

struct sync_options {
  const char *state_dir;
  const struct config *config; /* hub, hub_ca; read at start */
  struct writer *writer;       /* must outlive it */
  struct mailbox *to_loop;
};
/* A damaged enrolment is logged, and the booth stands alone. */
int sync_start(const struct sync_options *o, struct sync **ret) must_check;
/* Any thread, never blocks. */
void sync_wake(struct sync *s, enum sync_wake_reason why);
void sync_cancel(struct sync *s); /* what is under way is given up, who waits is answered */
/* The end of the thread, within a second; the writer must still run. NULL allowed. */
void sync_stop(struct sync *s);

/* Asks a hub to take this booth. 0 and the answer comes as mail; -EBUSY while another is under way; -ESHUTDOWN. */
int sync_enrol(struct sync *s, const char *hub, const struct enrol_code *code, const char *name,
               void *context) must_check;
void sync_status(struct sync *s, struct sync_status *ret); /* as it is now; later ones come as mail */
bool sync_enrolled(struct sync *s);

/* For the nightly round. They block: 0, -ENOENT not enrolled, -EHOSTUNREACH the hub is not reached, -ETIME, -ESHUTDOWN.
 * sync_drain: until everything is acknowledged. sync_compare: each closed day's digest; days that differ are sent again
 * by the next drain. */
int sync_drain(struct sync *s, int64_t within_ms) must_check;
int sync_compare(struct sync *s, int64_t within_ms, int *ret_differ) must_check;

#endif
