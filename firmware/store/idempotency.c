/* idempotency.c - an index in the database would cost each command a page; this costs a scan of the commands at start.
 * The keys are keyed hashes, so that their first bytes are as good as any hash of them. Open addressing, linear
 * probing.
 */
#include "store/idempotency.h"

static uint64_t hash_of(const uint8_t key[static 16])
{
  uint64_t hash;
  memcpy(&hash, key, sizeof hash);
  return hash;
}

void idempotency_done(struct idempotency *k)
{
  free(k->entries);
  *k = (struct idempotency){0};
}

static void insert(struct idempotency *k, struct idempotency_entry entry)
{
  size_t at = entry.hash & (k->size - 1);
  while (k->entries[at].id)
    at = (at + 1) & (k->size - 1);
  k->entries[at] = entry;
  k->n++;
}

void idempotency_add(struct idempotency *k, const uint8_t key[static 16], int64_t id)
{
  if (k->n >= k->size - k->size / 8) {
    struct idempotency old = *k;
    size_t size = max(old.size * 2, (size_t)64);
    *k = (struct idempotency){.entries = xcalloc(size, sizeof *k->entries), .size = size};
    for (size_t i = 0; i < old.size; i++)
      if (old.entries[i].id)
        insert(k, old.entries[i]);
    idempotency_done(&old);
  }
  insert(k, (struct idempotency_entry){hash_of(key), id});
}

int64_t idempotency_find(const struct idempotency *k, const uint8_t key[static 16], size_t *cursor)
{
  const uint64_t hash = hash_of(key);
  while (k->size) {
    const struct idempotency_entry *e = &k->entries[(hash + (*cursor)++) & (k->size - 1)];
    if (!e->id || e->hash == hash)
      return e->id;
  }
  return 0;
}
