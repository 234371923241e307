/* exchange_request.h - the members of a booth's bundle, checked. Pure. */
#ifndef HUB_INGEST_EXCHANGE_REQUEST_H
#define HUB_INGEST_EXCHANGE_REQUEST_H

#include "base/json.h"

struct exchange_request {
  uint8_t epoch[16], parent[16];
  bool has_parent;
  char boot[64], version[LIMIT_DEVICE * 4 + 1];
  int64_t sent_mono_ms, first_seq, head_seq, cursor, oldest_seq, inbox_ack, generation, parent_seq;
  int64_t heard_offset; /* our time of its arrival less sent_mono_ms; 0 = a carrier had it. Set by who received it */
  int64_t last_seq;     /* of its events; first_seq - 1 if there are none */
  size_t n_events;
  const struct json *events, *people, *digests; /* lists, borrowed; elements are checked by who reads them */
};

/* NULL, or which member is not what it must be. Unknown members are ignored. */
const char *exchange_request_read(const struct json *body, struct exchange_request *ret) must_check;

#endif
