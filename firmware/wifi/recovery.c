/* recovery.c - one ladder for all; each state says which of its rungs can help. */
#include "wifi/recovery.h"

#define HOUR_MS (60 * 60000)

const char *const radio_state_names[] = {"unknown", "up", "down", "stuck", "silent", "blocked", "absent", NULL};
const char *const recovery_names[] = {"none", "ap-restart", "radio-reload", "radio-rebind", "reboot", NULL};

static const enum recovery_step ladder[] = {RECOVERY_AP, RECOVERY_AP, RECOVERY_DRIVER, RECOVERY_DEVICE,
                                            RECOVERY_REBOOT};

#define CAN(step) (1U << (step))
static const unsigned helps[RADIO_STATES] = {
    [RADIO_DOWN] = CAN(RECOVERY_AP) | CAN(RECOVERY_DRIVER) | CAN(RECOVERY_DEVICE) | CAN(RECOVERY_REBOOT),
    [RADIO_STUCK] = CAN(RECOVERY_DRIVER) | CAN(RECOVERY_DEVICE) | CAN(RECOVERY_REBOOT),
    [RADIO_SILENT] = CAN(RECOVERY_AP), /* it may be that all phones went away */
    [RADIO_BLOCKED] = CAN(RECOVERY_AP),
    [RADIO_ABSENT] = CAN(RECOVERY_DRIVER) | CAN(RECOVERY_DEVICE) | CAN(RECOVERY_REBOOT),
};

static const struct {
  int64_t effect_ms; /* until it shows */
  unsigned hourly;   /* at most RECOVERY_HOURLY */
} steps[RECOVERY_STEPS] = {
    [RECOVERY_AP] = {30000, 8},
    [RECOVERY_DRIVER] = {45000, 4},
    [RECOVERY_DEVICE] = {45000, 4},
    [RECOVERY_REBOOT] = {5 * 60000, 1},
};

void recovery_begin(struct recovery *r, bool may_reboot, int64_t now_ms)
{
  *r = (struct recovery){.may_reboot = may_reboot, .next_at = now_ms + RECOVERY_GRACE_MS};
}

static bool within_limits(const struct recovery *r, enum recovery_step s, int64_t now_ms)
{
  unsigned n = r->done[s].n, most = steps[s].hourly;
  return n < most || now_ms - r->done[s].at[(n - most) % RECOVERY_HOURLY] >= HOUR_MS;
}

static bool may(const struct recovery *r, enum recovery_step s, enum radio_state state, bool busy, int64_t now_ms)
{
  if (!(helps[state] & CAN(s)) || !within_limits(r, s, now_ms))
    return false;
  if (state == RADIO_SILENT)
    return r->done[s].n == 0 || now_ms - r->done[s].at[(r->done[s].n - 1) % RECOVERY_HOURLY] >= HOUR_MS;
  if (s == RECOVERY_REBOOT)
    return r->may_reboot && now_ms >= RECOVERY_BOOTED_MS && (!busy || now_ms - r->bad_since >= RECOVERY_ALONE_MS);
  return true;
}

static void note(struct recovery *r, enum recovery_step s, int64_t now_ms)
{
  r->done[s].at[r->done[s].n++ % RECOVERY_HOURLY] = now_ms;
  r->next_at = now_ms + steps[s].effect_ms;
  r->last = s;
  r->last_at = now_ms;
  r->tries++;
  if (s == RECOVERY_REBOOT)
    r->may_reboot = false;
}

static void see_up(struct recovery *r, int64_t now_ms)
{
  if (!r->up_since)
    r->up_since = now_ms;
  if (now_ms - r->up_since < RECOVERY_CALM_MS)
    return;
  r->may_reboot = true;
  r->bad_since = 0;
  r->rung = r->rounds = r->tries = 0;
  r->was = RADIO_UP;
}

/* An interface that is back is something for hostapd again. */
static void see_change(struct recovery *r, enum radio_state state, int64_t now_ms)
{
  if (helps[r->was] && helps[state] & ~helps[r->was] & CAN(RECOVERY_AP)) {
    r->rung = 0;
    r->next_at = max(r->next_at, now_ms + RECOVERY_HOLD_MS);
  }
  r->was = state;
}

enum recovery_step recovery_decide(struct recovery *r, enum radio_state state, bool busy, int64_t now_ms)
{
  if (state == RADIO_UNKNOWN)
    return RECOVERY_NONE;
  if (state == RADIO_UP) {
    see_up(r, now_ms);
    return RECOVERY_NONE;
  }
  if (r->up_since || !r->bad_since) { /* the way down starts here; what was up too briefly goes on where it was */
    r->next_at = max(r->next_at, now_ms + RECOVERY_HOLD_MS);
    r->up_since = 0;
    if (!r->bad_since)
      r->bad_since = now_ms;
  }
  see_change(r, state, now_ms);
  if (now_ms < r->next_at)
    return RECOVERY_NONE;
  while (r->rung < (int)array_len(ladder)) {
    enum recovery_step s = ladder[r->rung++];
    if (may(r, s, state, busy, now_ms)) {
      note(r, s, now_ms);
      return s;
    }
  }
  r->rung = 0;
  r->next_at = now_ms + min(RECOVERY_PAUSE_MS << min(r->rounds, 5), RECOVERY_MOST_MS);
  r->rounds++;
  return RECOVERY_NONE;
}
