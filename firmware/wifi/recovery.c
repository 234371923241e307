/* recovery.c - steps have one order; a table says which of them can help in which state. */
#include "wifi/recovery.h"

#define HOUR_MS (60 * 60000)

const char *const radio_state_names[] = {"unknown", "up", "down", "stuck", "silent", "blocked", "absent", NULL};
const char *const recovery_names[] = {"none", "ap-restart", "radio-reload", "radio-rebind", "reboot", NULL};

static const enum recovery_step order[] = {RECOVERY_AP, RECOVERY_AP, RECOVERY_DRIVER, RECOVERY_DEVICE, RECOVERY_REBOOT};

#define STEP(step) (1U << (step))
static const unsigned helpful[RADIO_STATES] = {
    [RADIO_DOWN] = STEP(RECOVERY_AP) | STEP(RECOVERY_DRIVER) | STEP(RECOVERY_DEVICE) | STEP(RECOVERY_REBOOT),
    [RADIO_STUCK] = STEP(RECOVERY_DRIVER) | STEP(RECOVERY_DEVICE) | STEP(RECOVERY_REBOOT),
    [RADIO_SILENT] = STEP(RECOVERY_AP), /* perhaps all phones have left */
    [RADIO_BLOCKED] = STEP(RECOVERY_AP),
    [RADIO_ABSENT] = STEP(RECOVERY_DRIVER) | STEP(RECOVERY_DEVICE) | STEP(RECOVERY_REBOOT),
};

static const struct {
  int64_t effect_ms; /* until its effect shows */
  unsigned hourly;   /* limit, at most RECOVERY_HOURLY */
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

static bool is_allowed(const struct recovery *r, enum recovery_step s, enum radio_state state, bool busy,
                       int64_t now_ms)
{
  if (!(helpful[state] & STEP(s)) || !within_limits(r, s, now_ms))
    return false;
  if (state == RADIO_SILENT)
    return r->done[s].n == 0 || now_ms - r->done[s].at[(r->done[s].n - 1) % RECOVERY_HOURLY] >= HOUR_MS;
  if (s == RECOVERY_REBOOT)
    return r->may_reboot && now_ms >= RECOVERY_BOOTED_MS && (!busy || now_ms - r->bad_since >= RECOVERY_ALONE_MS);
  return true;
}

static void record_step(struct recovery *r, enum recovery_step s, int64_t now_ms)
{
  r->done[s].at[r->done[s].n++ % RECOVERY_HOURLY] = now_ms;
  r->next_at = now_ms + steps[s].effect_ms;
  r->last = s;
  r->last_at = now_ms;
  r->tries++;
  if (s == RECOVERY_REBOOT)
    r->may_reboot = false;
}

static void record_up(struct recovery *r, int64_t now_ms)
{
  if (!r->up_since)
    r->up_since = now_ms;
  if (now_ms - r->up_since < RECOVERY_CALM_MS)
    return;
  r->may_reboot = true;
  r->bad_since = 0;
  r->next_step = r->rounds = r->tries = 0;
  r->was = RADIO_UP;
}

/* Once the interface is back, restarting the access point can help again. */
static void record_bad_state(struct recovery *r, enum radio_state state, int64_t now_ms)
{
  if (helpful[r->was] && helpful[state] & ~helpful[r->was] & STEP(RECOVERY_AP)) {
    r->next_step = 0;
    r->next_at = max(r->next_at, now_ms + RECOVERY_HOLD_MS);
  }
  r->was = state;
}

enum recovery_step recovery_decide(struct recovery *r, enum radio_state state, bool busy, int64_t now_ms)
{
  if (state == RADIO_UNKNOWN)
    return RECOVERY_NONE;
  if (state == RADIO_UP) {
    record_up(r, now_ms);
    return RECOVERY_NONE;
  }
  if (r->up_since || !r->bad_since) { /* a failure begins; if it was up too briefly, the steps continue */
    r->next_at = max(r->next_at, now_ms + RECOVERY_HOLD_MS);
    r->up_since = 0;
    if (!r->bad_since)
      r->bad_since = now_ms;
  }
  record_bad_state(r, state, now_ms);
  if (now_ms < r->next_at)
    return RECOVERY_NONE;
  while (r->next_step < (int)array_len(order)) {
    enum recovery_step s = order[r->next_step++];
    if (is_allowed(r, s, state, busy, now_ms)) {
      record_step(r, s, now_ms);
      return s;
    }
  }
  r->next_step = 0;
  r->next_at = now_ms + min(RECOVERY_PAUSE_MS << min(r->rounds, 5), RECOVERY_MOST_MS);
  r->rounds++;
  return RECOVERY_NONE;
}
