/* record.h - plain values that the database stores beside the queue. */
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
  int64_t seen_at;    /* wall_ms; updated now and then */
};

/* An Idempotency-Key as stored. Both hashes are keyed: neither reveals its input. */
struct idempotency_key {
  uint8_t hash[16];
  uint8_t fingerprint[8]; /* of method, path and body: detects a key that is reused for another request */
};

/* How far the hub has acknowledged an epoch. */
struct cursor {
  int64_t ordinal;
  int64_t generation; /* the hub's; one newer than any before resets the inbox's position to 0 */
  int64_t acked;
  char epoch[LIMIT_HEX_ID]; /* hex; "" = not compared. After a restore another epoch may have this ordinal */
};

#endif
