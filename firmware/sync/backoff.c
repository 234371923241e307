/* backoff.c - arithmetic on times, so that a test need not wait for any of them. */
#include "sync/backoff.h"

#define FIRST_BYTES        (64 * 1024)
#define MIN_BYTES          (4 * 1024)
#define MAX_TEXT_BYTES     (3 * 1024 * 1024) /* bounds the memory of an exchange, not its time */
#define FIRST_RATIO        300
#define FIRST_EVENT_BYTES  500
#define MAX_GROWTH         4   /* at most so much more than the batch before */
#define MIN_MEASURED_BYTES 512 /* bytes of a bundle that tell something of the ratio */

struct backoff backoff_start(int64_t now)
{
  return (struct backoff){
      .due = now, .active_at = now, .called_at = now - BACKOFF_CALL_MS, .tried_at = now - BACKOFF_TAP_MS};
}

static void begin_anew(struct backoff *p, int64_t at)
{
  p->failures = 0;
  p->retry_at = min(p->retry_at, at);
}

void backoff_wake(struct backoff *p, enum sync_wake_reason why, int64_t now)
{
  p->active_at = now;
  p->due = min(p->due, now + (why == SYNC_WAKE_CHANGED ? BACKOFF_GATHER_MS : 0));
  if (why == SYNC_WAKE_CALL && p->retry_at > now) {
    if (p->called_at <= now) /* else one is promised already */
      p->called_at = max(p->called_at + BACKOFF_CALL_MS, now);
    begin_anew(p, p->called_at);
  } else if (why == SYNC_WAKE_ROUTE) {
    begin_anew(p, now);
  } else if (why == SYNC_WAKE_MANUAL) {
    begin_anew(p, now);
    p->hold = min(p->hold, p->tried_at + BACKOFF_TAP_MS);
    p->due = max(p->due, p->tried_at + BACKOFF_TAP_MS);
  }
}

int64_t backoff_next(const struct backoff *p)
{
  int64_t pause = max(p->retry_at, p->hold);
  return max(p->due, pause);
}

void backoff_try(struct backoff *p, int64_t now)
{
  p->tried_at = now;
}

/* Half of it is certain, so that no two attempts come close together; the other half keeps booths apart. */
static int64_t pause_ms(unsigned failures, uint32_t random)
{
  int64_t whole = BACKOFF_MIN_MS;
  for (unsigned i = 1; i < failures && whole < BACKOFF_MAX_MS; i++)
    whole *= 2;
  whole = min(whole, BACKOFF_MAX_MS);
  return whole / 2 + random % (whole / 2 + 1);
}

void backoff_done(struct backoff *p, enum sync_result o, bool more, int64_t retry_after_ms, uint32_t random,
                  int64_t now)
{
  if (o == SYNC_OK) {
    p->failures = 0;
    p->retry_at = p->hold = 0;
    p->due = more ? now : now + (now - p->active_at < BACKOFF_ACTIVE_MS ? BACKOFF_POLL_MS : BACKOFF_IDLE_MS);
    return;
  }
  p->failures++;
  p->due = now;
  p->retry_at = now + pause_ms(p->failures, random);
  if (o == SYNC_CREDENTIALS)
    p->hold = now + BACKOFF_REFUSED_MS;
  else if (o == SYNC_BUSY && retry_after_ms > 0)
    p->hold = now + retry_after_ms + random % BACKOFF_GATHER_MS;
}

/* ---- how much ---- */

struct batch_size batch_size_start(void)
{
  return (struct batch_size){FIRST_BYTES, FIRST_RATIO, FIRST_EVENT_BYTES};
}

size_t batch_size_text(const struct batch_size *l)
{
  int64_t text = l->packed * 1000 / l->ratio;
  return (size_t)min(text, MAX_TEXT_BYTES);
}

int64_t batch_size_events(const struct batch_size *l)
{
  return max((int64_t)batch_size_text(l) / l->event, 1);
}

void batch_size_sent(struct batch_size *l, int64_t events, size_t text, size_t packed, int64_t moved, int64_t took_ms)
{
  if (packed >= MIN_MEASURED_BYTES && text > 0)
    l->ratio = min(max((int64_t)packed * 1000 / (int64_t)text, 50), 1000);
  if (events > 0)
    l->event = max((int64_t)text / events, 1);
  int64_t fits = moved * BATCH_SIZE_TARGET_MS / max(took_ms, 1), known = max((int64_t)packed, l->packed);
  if ((int64_t)packed * 2 < l->packed && fits > l->packed)
    return; /* a small one went quickly: that says nothing of a large one */
  l->packed = min(max(min(fits, known * MAX_GROWTH), MIN_BYTES), LIMIT_BUNDLE / 2);
}

void batch_size_failed(struct batch_size *l)
{
  l->packed = max(l->packed / 2, MIN_BYTES);
}
