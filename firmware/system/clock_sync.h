/* clock_sync.h - whether the time can be trusted, and what to do when it steps. Loop thread only.
 *
 * Trust: the kernel's synchronisation state (adjtimex), or as the key trust_clock says; else the hub's time, else a
 * battery-backed clock (RTC) that set the kernel's clock and is not behind the time that was saved last. Without any of
 * these a signed-in phone may offer its time: forward only, at most CLOCK_OFFER_MS in total since the last trusted
 * time. Steps (CLOCK_REALTIME against CLOCK_BOOTTIME, > 2 s) and gained trust are reported, so that they become events.
 */
#ifndef SYSTEM_CLOCK_SYNC_H
#define SYSTEM_CLOCK_SYNC_H

#include "base/buf.h"

#define CLOCK_OFFER_MS (12LL * 3600 * 1000)

struct sd_event;
struct clock_sync;

/* Before any thread: initialises base/clock.h. A clock that is not trusted (TRUST_AUTO, _YES, _NO) starts at the saved
 * time or later: a boot never goes back. root: "" = this machine; tests have a folder with sys/class/rtc in it. */
void clock_sync_init(int trust_key, const char *root, const char *state_dir);
/* state_dir/clock, for the next start: its path and text, to be written after the time was set, regularly, and at the
 * end. */
void clock_sync_state(const char *state_dir, struct buf *path, struct buf *text);

/* on_step: called after a change; old_wall_ms is the time without it (equal to the new one = only trust was gained). */
int clock_sync_start(struct sd_event *event, int trust_key, void (*on_step)(void *context, int64_t old_wall_ms),
                     void *context, struct clock_sync **ret) must_check;
void clock_sync_free(struct clock_sync *c);
/* 0; 1 = refused: the clock is trusted, the offer is behind, or too far ahead. */
int clock_sync_offer(struct clock_sync *c, int64_t wall_ms) must_check;
/* The hub's time by a live answer: at mono_ms it was wall_ms, plus or minus error_ms. It makes the clock trusted,
 * forward or back, unless the system's own is. Reports a step like any other, and asks boothd-root to set the kernel's
 * clock. 0; 1 = nothing changed. */
int clock_sync_anchor(struct clock_sync *c, int64_t wall_ms, int64_t mono_ms, int64_t error_ms);
void clock_sync_json(struct buf *b, const char *key, const struct clock_sync *c); /* of GET /system */

#endif
