/* idempotency.c - open addressing, linear probing. An index in the database would cost each command a page; this one
 * costs a scan of the commands at start. A key is a keyed hash already: its first bytes serve as the hash.
 */
#include "store/idempotency.h"

static uint64_t hash_of(const uint8_t key[static 16])
{
  uint64_t hash;
  memcpy(&hash, key, sizeof hash);
  return hash;
}

void idempotency_done(struct idempotency *x)
{
  free(x->entries);
  *x = (struct idempotency){0};
}

static void insert_entry(struct idempotency *x, struct idempotency_entry entry)
{
  size_t at = entry.hash & (x->size - 1);
  while (x->entries[at].id)
    at = (at + 1) & (x->size - 1);
  x->entries[at] = entry;
  x->n++;
}

void idempotency_add(struct idempotency *x, const uint8_t key[static 16], int64_t id)
{
  if (x->n >= x->size - x->size / 8) {
    struct idempotency old = *x;
    size_t size = max(old.size * 2, (size_t)64);
    *x = (struct idempotency){.entries = xcalloc(size, sizeof *x->entries), .size = size};
    for (size_t i = 0; i < old.size; i++)
      if (old.entries[i].id)
        insert_entry(x, old.entries[i]);
    idempotency_done(&old);
  }
  insert_entry(x, (struct idempotency_entry){hash_of(key), id});
}

int64_t idempotency_find(const struct idempotency *x, const uint8_t key[static 16], size_t *cursor)
{
  const uint64_t hash = hash_of(key);
  while (x->size) {
    const struct idempotency_entry *e = &x->entries[(hash + (*cursor)++) & (x->size - 1)];
    if (!e->id || e->hash == hash)
      return e->id;
  }
  return 0;
}
