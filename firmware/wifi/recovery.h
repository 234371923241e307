/* recovery.h - decides which step to take when the radio fails, from the cheapest to the most expensive. Pure; times
 * are mono milliseconds (CLOCK_BOOTTIME: since the machine's boot).
 *
 * Each step gets time to show its effect. When none of a round helped, the next round comes after a pause that doubles.
 * Steps are limited per hour. The machine is rebooted at most once until the radio has been up again, even across that
 * reboot, so a radio that was never up causes none. It is rebooted only when nobody waits in the queue, or when the
 * queue has been unreachable for so long that the 20 s do not matter.
 */
#ifndef WIFI_RECOVERY_H
#define WIFI_RECOVERY_H

#include "base/util.h"

#define RECOVERY_GRACE_MS  60000 /* after our start, while the radio is starting, too */
#define RECOVERY_HOLD_MS   15000 /* before the first step: it may come back by itself */
#define RECOVERY_CALM_MS   60000 /* recovered, once up for so long */
#define RECOVERY_PAUSE_MS  60000 /* after the first round that did not help */
#define RECOVERY_MOST_MS   (30 * 60000)
#define RECOVERY_BOOTED_MS (30 * 60000) /* no reboot sooner after a boot */
#define RECOVERY_ALONE_MS  (15 * 60000) /* after so long without a radio, a reboot although guests wait */

enum radio_state {
  RADIO_UNKNOWN, /* the kernel cannot be queried: no step */
  RADIO_UP,
  RADIO_DOWN,    /* there, but no access point, or one that is not started */
  RADIO_STUCK,   /* its driver does not answer the kernel */
  RADIO_SILENT,  /* up according to the kernel, but no station is heard */
  RADIO_BLOCKED, /* rfkill */
  RADIO_ABSENT,  /* no such interface */
  RADIO_STATES
};
extern const char *const radio_state_names[];

enum recovery_step { RECOVERY_NONE, RECOVERY_AP, RECOVERY_DRIVER, RECOVERY_DEVICE, RECOVERY_REBOOT, RECOVERY_STEPS };
extern const char *const recovery_names[];

#define RECOVERY_HOURLY 8 /* most of any step in an hour */
struct recovery {
  int64_t up_since;        /* 0 = it is not up */
  int64_t bad_since;       /* 0 = it is not bad */
  int64_t next_at;         /* the earliest time of the next step */
  enum radio_state was;    /* the last bad state */
  int next_step;           /* of this round */
  int rounds;              /* that had no effect */
  int tries;               /* steps since it was up */
  enum recovery_step last; /* RECOVERY_NONE = none yet */
  int64_t last_at;
  bool may_reboot; /* to be saved for the next boot whenever it changes, and before a reboot */
  struct {
    int64_t at[RECOVERY_HOURLY];
    unsigned n;
  } done[RECOVERY_STEPS];
};

void recovery_begin(struct recovery *r, bool may_reboot, int64_t now_ms);
/* To be called every few seconds. busy: guests wait or are called. Returns each step once, when it is due. */
enum recovery_step recovery_decide(struct recovery *r, enum radio_state state, bool busy, int64_t now_ms);

#endif
