/* backoff.c - pure arithmetic: times are arguments, so that no test waits. */
#include "sync/backoff.h"

struct backoff backoff_start(int64_t now)
{
  return (struct backoff){
      .due = now, .active_at = now, .called_at = now - BACKOFF_CALL_MS, .tried_at = now - BACKOFF_TAP_MS};
}

static void backoff_restart(struct backoff *b, int64_t at)
{
  b->failures = 0;
  b->retry_at = min(b->retry_at, at);
}

void backoff_wake(struct backoff *b, enum sync_wake_reason why, int64_t now)
{
  b->active_at = now;
  b->due = min(b->due, now + (why == SYNC_WAKE_CHANGED ? BACKOFF_DELAY_MS : 0));
  if (why == SYNC_WAKE_CALL && b->retry_at > now) {
    if (b->called_at <= now) /* else an attempt is planned already */
      b->called_at = max(b->called_at + BACKOFF_CALL_MS, now);
    backoff_restart(b, b->called_at);
  } else if (why == SYNC_WAKE_ROUTE) {
    backoff_restart(b, now);
  } else if (why == SYNC_WAKE_MANUAL) {
    backoff_restart(b, now);
    b->hold = min(b->hold, b->tried_at + BACKOFF_TAP_MS);
    b->due = max(b->due, b->tried_at + BACKOFF_TAP_MS);
  }
}

int64_t backoff_next(const struct backoff *b)
{
  int64_t pause = max(b->retry_at, b->hold);
  return max(b->due, pause);
}

void backoff_try(struct backoff *b, int64_t now)
{
  b->tried_at = now;
}

/* Half is fixed, so that attempts are never close together; the other half is random and keeps booths apart. */
static int64_t pause_ms(unsigned failures, uint32_t random)
{
  int64_t whole = BACKOFF_MIN_MS;
  for (unsigned i = 1; i < failures && whole < BACKOFF_MAX_MS; i++)
    whole *= 2;
  whole = min(whole, BACKOFF_MAX_MS);
  return whole / 2 + random % (whole / 2 + 1);
}

void backoff_done(struct backoff *b, enum sync_result result, bool more, int64_t retry_after_ms, uint32_t random,
                  int64_t now)
{
  if (result == SYNC_OK) {
    b->failures = 0;
    b->retry_at = b->hold = 0;
    b->due = more ? now : now + (now - b->active_at < BACKOFF_ACTIVE_MS ? BACKOFF_POLL_MS : BACKOFF_IDLE_MS);
    return;
  }
  b->failures++;
  b->due = now;
  b->retry_at = now + pause_ms(b->failures, random);
  if (result == SYNC_CREDENTIALS)
    b->hold = now + BACKOFF_REFUSED_MS;
  else if (result == SYNC_BUSY && retry_after_ms > 0)
    b->hold = now + retry_after_ms + random % BACKOFF_DELAY_MS;
}
