/* batch_size.c - learns from each bundle how many bytes pass in BATCH_SIZE_TARGET_MS, and how well text packs. */
#include "sync/batch_size.h"

#define FIRST_BYTES        (64 * 1024)
#define MIN_BYTES          (4 * 1024)
#define MAX_TEXT_BYTES     (3 * 1024 * 1024) /* bounds the memory of an exchange, not its time */
#define FIRST_RATIO        300
#define FIRST_EVENT_BYTES  500
#define MAX_GROWTH         4   /* from one batch to the next */
#define MIN_MEASURED_BYTES 512 /* smaller bundles do not show the ratio */

struct batch_size batch_size_start(void)
{
  return (struct batch_size){.packed = FIRST_BYTES, .ratio = FIRST_RATIO, .event = FIRST_EVENT_BYTES};
}

size_t batch_size_text(const struct batch_size *b)
{
  int64_t text = b->packed * 1000 / b->ratio;
  return (size_t)min(text, MAX_TEXT_BYTES);
}

int64_t batch_size_events(const struct batch_size *b)
{
  return max((int64_t)batch_size_text(b) / b->event, 1);
}

void batch_size_sent(struct batch_size *b, int64_t events, size_t text, size_t packed, int64_t moved, int64_t took_ms)
{
  if (packed >= MIN_MEASURED_BYTES && text > 0)
    b->ratio = min(max((int64_t)packed * 1000 / (int64_t)text, 50), 1000);
  if (events > 0)
    b->event = max((int64_t)text / events, 1);
  int64_t fits = moved * BATCH_SIZE_TARGET_MS / max(took_ms, 1);
  int64_t known = max((int64_t)packed, b->packed);
  if ((int64_t)packed * 2 < b->packed && fits > b->packed)
    return; /* a fast small bundle says nothing about a large one */
  b->packed = min(max(min(fits, known * MAX_GROWTH), MIN_BYTES), LIMIT_BUNDLE / 2);
}

void batch_size_failed(struct batch_size *b)
{
  b->packed = max(b->packed / 2, MIN_BYTES);
}
