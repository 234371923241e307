/* estimate.c - service rate and waiting times.
 *
 * Entries are kept in unpaused time, so that a break of half an hour does not look like a slow evening. The median
 * ignores the one group that came in with three tickets at once.
 */
#include "queue/estimate.h"

static int64_t open_time(const struct service_rate *s, int64_t at_ms)
{
  return (s->paused_since ? s->paused_since : at_ms) - s->paused_ms;
}

void service_rate_enter(struct service_rate *s, int64_t at_ms, int64_t waited_ms)
{
  s->entries[s->n++ % SERVICE_RATE_ENTRIES] = open_time(s, at_ms);
  s->last_wait_ms = max(waited_ms, 0);
}

void service_rate_pause(struct service_rate *s, int64_t at_ms, bool paused)
{
  if (paused && !s->paused_since)
    s->paused_since = at_ms;
  if (!paused && s->paused_since) {
    s->paused_ms += max(at_ms - s->paused_since, 0);
    s->paused_since = 0;
  }
}

static int compare_gaps(const void *a, const void *b)
{
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

int64_t service_rate_gap_ms(const struct service_rate *s)
{
  if (s->n < 3)
    return -1;
  int64_t gaps[SERVICE_RATE_ENTRIES - 1];
  uint32_t n = min(s->n, (uint32_t)SERVICE_RATE_ENTRIES) - 1;
  for (uint32_t i = 0; i < n; i++) {
    int64_t gap = s->entries[(s->n - 1 - i) % SERVICE_RATE_ENTRIES] - s->entries[(s->n - 2 - i) % SERVICE_RATE_ENTRIES];
    gaps[i] = max(gap, 0);
  }
  qsort(gaps, n, sizeof *gaps, compare_gaps);
  return (gaps[(n - 1) / 2] + gaps[n / 2]) / 2;
}

struct estimate service_rate_estimate(const struct service_rate *s, int ahead, int waiting)
{
  int64_t gap = service_rate_gap_ms(s);
  if (gap < 0)
    return (struct estimate){0};
  int64_t delay = waiting > 0 ? s->last_wait_ms * ahead / waiting : 0;
  int64_t likely_s = (ahead * gap + delay) / 2 / 1000;
  int64_t low = likely_s * 9 / 10 / 60;
  int64_t high = (likely_s * 5 / 4 + 60 + 59) / 60;
  return (struct estimate){.low_s = (int32_t)(low * 60), .high_s = (int32_t)(high * 60)};
}
