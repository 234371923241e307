/* exchange_request.h - the members of a booth's bundle (docs/sync.md, section 3), checked. Pure; any thread. */
#ifndef HUB_INGEST_EXCHANGE_REQUEST_H
#define HUB_INGEST_EXCHANGE_REQUEST_H

#include "base/json.h"

struct exchange_request {
  uint8_t epoch[16];
  bool has_parent;
  uint8_t parent[16]; /* the epoch that this one continues from parent_seq on */
  int64_t parent_seq;
  char boot[64];
  char version[LIMIT_DEVICE * 4 + 1];
  int64_t sent_mono_ms;
  int64_t heard_offset; /* arrival minus sent_mono_ms, set by the receiver; 0 = unknown, as by courier */
  int64_t first_seq;    /* of the events below */
  int64_t last_seq;     /* first_seq - 1 if there are none */
  int64_t head_seq;
  int64_t oldest_seq;
  int64_t cursor;     /* the hub's acked seq, as the booth knows it */
  int64_t generation; /* the hub's, as the booth knows it */
  int64_t inbox_ack;
  size_t n_events;
  const struct json *events; /* borrowed lists; of their elements only the type of events was checked */
  const struct json *people;
  const struct json *digests;
};

/* NULL, or the name of a wrong member. Unknown members are ignored: a booth may be newer than its hub. */
const char *exchange_request_read(const struct json *body, struct exchange_request *ret) must_check;

#endif
