/* record.h - plain values that the database keeps beside the queue. */
#ifndef STORE_RECORD_H
#define STORE_RECORD_H

#include "queue/remote.h"

/* A signed-in phone. */
struct device {
  int32_t id;
  bool manager;
  char name[LIMIT_DEVICE * 4 + 1];
  uint8_t token_hash[32];
  int64_t created_at; /* wall_ms */
  int64_t seen_at;    /* wall_ms; written now and then */
};

/* An Idempotency-Key as it is kept. Both hashes are keyed: neither gives away what it was made of. */
struct idempotency_key {
  uint8_t hash[16];
  uint8_t fingerprint[8]; /* of method, path and body: shows that a key came with another request */
};

/* Up to where the hub acknowledged an epoch. */
struct cursor {
  int64_t ordinal;
  int64_t generation; /* one that is newer than any before resets the inbox to 0 */
  int64_t acked;
  char epoch[LIMIT_HEX_ID]; /* hex; "" = not compared. After a restore another epoch may have that ordinal */
};

#endif
