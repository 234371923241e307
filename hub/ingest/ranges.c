#include "hub/ingest/ranges.h"

void ranges_done(struct ranges *s)
{
  free(s->at);
  *s = (struct ranges){0};
}

/* The first range that a range from seq on could touch: it ends at or behind seq - 1. */
static size_t find_range(const struct ranges *s, int64_t seq)
{
  size_t low = 0, high = s->n;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (s->at[middle].last < seq - 1)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static void remove_ranges(struct ranges *s, size_t from, size_t n)
{
  if (n)
    memmove(s->at + from, s->at + from + n, (s->n - from - n) * sizeof *s->at);
  s->n -= n;
}

void ranges_add(struct ranges *s, int64_t first, int64_t last)
{
  size_t i = find_range(s, first), end = i;
  for (; end < s->n && s->at[end].first <= last + 1; end++) {
    first = min(first, s->at[end].first);
    last = max(last, s->at[end].last);
  }
  if (end == i) {
    if (s->n == s->capacity) {
      s->capacity = s->capacity ? 2 * s->capacity : 8;
      s->at = xrealloc(s->at, s->capacity * sizeof *s->at);
    }
    memmove(s->at + i + 1, s->at + i, (s->n - i) * sizeof *s->at);
    s->n++;
  } else {
    remove_ranges(s, i + 1, end - i - 1);
  }
  s->at[i] = (struct range){first, last};
}

bool ranges_touch(const struct ranges *s, int64_t first, int64_t last)
{
  size_t i = find_range(s, first);
  return i < s->n && s->at[i].first <= last + 1;
}

int64_t ranges_advance(int64_t acked, int64_t oldest, struct ranges *pending, struct ranges *gaps)
{
  size_t reached = 0;
  for (;;) {
    const struct range *next = reached < pending->n ? &pending->at[reached] : NULL;
    if (next && next->first <= acked + 1) {
      acked = max(acked, next->last);
      reached++;
      continue;
    }
    int64_t gap_end = next ? min(next->first, oldest) - 1 : oldest - 1;
    if (gap_end <= acked)
      break;
    ranges_add(gaps, acked + 1, gap_end);
    acked = gap_end;
  }
  remove_ranges(pending, 0, reached);
  return acked;
}
