/* idempotency.h - index from an Idempotency-Key to its command: 64 bits of the key's hash to the command's id, 16 bytes
 * an entry.
 *
 * It finds candidates only: the caller compares the whole key in the command's row. An entry whose row never became
 * durable does no harm. Not thread-safe; the store's.
 */
#ifndef STORE_IDEMPOTENCY_H
#define STORE_IDEMPOTENCY_H

#include "base/util.h"

struct idempotency_entry {
  uint64_t hash;
  int64_t id; /* 0 = free */
};
struct idempotency {
  struct idempotency_entry *entries;
  size_t n;
  size_t size; /* 0 or a power of two */
};

void idempotency_done(struct idempotency *x);
void idempotency_add(struct idempotency *x, const uint8_t key[static 16], int64_t id);
/* Iterates over the ids that may have this key: *cursor starts at 0; returns 0 at the end. */
int64_t idempotency_find(const struct idempotency *x, const uint8_t key[static 16], size_t *cursor);

#endif
