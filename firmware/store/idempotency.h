/* idempotency.h - index from an Idempotency-Key to the command that came with it: 64 bits of the key's hash to the
 * command's id, 16 bytes an entry.
 *
 * An index only: what it finds must be compared with the whole key in the command's row, and an entry whose row never
 * became durable does no harm. Not thread-safe; the store's.
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
/* The ids that may have this key, one after the other: *cursor starts at 0; 0 = no more. */
int64_t idempotency_find(const struct idempotency *x, const uint8_t key[static 16], size_t *cursor);

#endif
