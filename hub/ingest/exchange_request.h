/* exchange_request.h - the members of a booth's bundle (docs/sync.md, section 3), checked. Pure; any thread. */
#ifndef HUB_INGEST_EXCHANGE_REQUEST_H
#define HUB_INGEST_EXCHANGE_REQUEST_H

#include "base/json.h"

struct exchange_request {
  uint8_t epoch[16];
  bool has_parent;
  uint8_t parent[16]; /* epoch that this one began from, at parent_seq */
  int64_t parent_seq;
  char boot[64];
  char version[LIMIT_DEVICE * 4 + 1];
  int64_t sent_mono_ms;
  int64_t heard_offset; /* time of arrival less sent_mono_ms, set by the receiver; 0 = unknown, as by courier */
  int64_t first_seq;    /* of the events below */
  int64_t last_seq;     /* first_seq - 1 if there are none */
  int64_t head_seq;
  int64_t oldest_seq;
  int64_t cursor;     /* what the booth believes that the hub has */
  int64_t generation; /* of the hub, as the booth knows it */
  int64_t inbox_ack;
  size_t n_events;
  const struct json *events; /* lists, borrowed; their elements are not checked yet, but that events are texts */
  const struct json *people;
  const struct json *digests;
};

/* NULL, or the name of the member that is wrong. Unknown members are ignored: a booth may be newer than its hub. */
const char *exchange_request_read(const struct json *body, struct exchange_request *ret) must_check;

#endif
