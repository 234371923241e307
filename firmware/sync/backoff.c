/* backoff.c - arithmetic on times, so that a test need not wait for any of them. */
#include "sync/backoff.h"

#define LOAD_FIRST     (64 * 1024)
#define LOAD_LEAST     (4 * 1024)
#define LOAD_TEXT_MOST (3 * 1024 * 1024) /* bounds the memory of an exchange, not its time */
#define LOAD_RATIO     300
#define LOAD_EVENT     500
#define LOAD_GROWTH    4   /* at most so much more than the batch before */
#define LOAD_TOLD      512 /* bytes of a bundle that tell something of the ratio */

struct pace pace_start(int64_t now)
{
  return (struct pace){.due = now, .active_at = now, .called_at = now - PACE_CALL_MS, .tried_at = now - PACE_TAP_MS};
}

static void begin_anew(struct pace *p, int64_t at)
{
  p->failures = 0;
  p->retry_at = min(p->retry_at, at);
}

void pace_wake(struct pace *p, enum sync_why why, int64_t now)
{
  p->active_at = now;
  p->due = min(p->due, now + (why == SYNC_CHANGED ? PACE_GATHER_MS : 0));
  if (why == SYNC_CALL && p->retry_at > now) {
    if (p->called_at <= now) /* else one is promised already */
      p->called_at = max(p->called_at + PACE_CALL_MS, now);
    begin_anew(p, p->called_at);
  } else if (why == SYNC_LINK) {
    begin_anew(p, now);
  } else if (why == SYNC_ASKED) {
    begin_anew(p, now);
    p->hold = min(p->hold, p->tried_at + PACE_TAP_MS);
    p->due = max(p->due, p->tried_at + PACE_TAP_MS);
  }
}

int64_t pace_next(const struct pace *p)
{
  int64_t pause = max(p->retry_at, p->hold);
  return max(p->due, pause);
}

void pace_try(struct pace *p, int64_t now)
{
  p->tried_at = now;
}

/* Half of it is certain, so that no two attempts come close together; the other half keeps booths apart. */
static int64_t pause_ms(unsigned failures, uint32_t random)
{
  int64_t whole = PACE_LOW_MS;
  for (unsigned i = 1; i < failures && whole < PACE_HIGH_MS; i++)
    whole *= 2;
  whole = min(whole, PACE_HIGH_MS);
  return whole / 2 + random % (whole / 2 + 1);
}

void pace_done(struct pace *p, enum outcome o, bool more, int64_t retry_after_ms, uint32_t random, int64_t now)
{
  if (o == OUTCOME_OK) {
    p->failures = 0;
    p->retry_at = p->hold = 0;
    p->due = more ? now : now + (now - p->active_at < PACE_ACTIVE_MS ? PACE_POLL_MS : PACE_REST_MS);
    return;
  }
  p->failures++;
  p->due = now;
  p->retry_at = now + pause_ms(p->failures, random);
  if (o == OUTCOME_CREDENTIALS)
    p->hold = now + PACE_REFUSED_MS;
  else if (o == OUTCOME_BUSY && retry_after_ms > 0)
    p->hold = now + retry_after_ms + random % PACE_GATHER_MS;
}

/* ---- how much ---- */

struct load load_start(void)
{
  return (struct load){LOAD_FIRST, LOAD_RATIO, LOAD_EVENT};
}

size_t load_text(const struct load *l)
{
  int64_t text = l->packed * 1000 / l->ratio;
  return (size_t)min(text, LOAD_TEXT_MOST);
}

int64_t load_events(const struct load *l)
{
  return max((int64_t)load_text(l) / l->event, 1);
}

void load_done(struct load *l, int64_t events, size_t text, size_t packed, int64_t moved, int64_t took_ms)
{
  if (packed >= LOAD_TOLD && text > 0)
    l->ratio = min(max((int64_t)packed * 1000 / (int64_t)text, 50), 1000);
  if (events > 0)
    l->event = max((int64_t)text / events, 1);
  int64_t fits = moved * PACE_BATCH_MS / max(took_ms, 1), known = max((int64_t)packed, l->packed);
  if ((int64_t)packed * 2 < l->packed && fits > l->packed)
    return; /* a small one went quickly: that says nothing of a large one */
  l->packed = min(max(min(fits, known * LOAD_GROWTH), LOAD_LEAST), LIMIT_BUNDLE / 2);
}

void load_failed(struct load *l)
{
  l->packed = max(l->packed / 2, LOAD_LEAST);
}
