/* event_parse.h - what the hub understands of an event's text. Pure; any thread. The text itself is kept as it came,
 * whether or not it was understood. */
#ifndef HUB_INGEST_EVENT_PARSE_H
#define HUB_INGEST_EVENT_PARSE_H

#include "base/json.h"

#define DIGEST_WORD 32

struct digest_ticket {
  int64_t id; /* 0 = the event has none */
  int64_t version, day, party_size, calls, issued_at, called_at, closed_at, rank, held_at, call_event;
  char number[LIMIT_LABEL * 4], line[LIMIT_LINE_ID * 4 + 1];
  char state[DIGEST_WORD], source[DIGEST_WORD], delivery[DIGEST_WORD]; /* delivery "" = null */
  uint8_t token[16];
  bool has_token;
};

/* Events that say more than their ticket. */
enum digest_kind {
  DIGEST_PLAIN,
  DIGEST_ISSUED,
  DIGEST_CALLED,
  DIGEST_INTAKE,
  DIGEST_DAY,
  DIGEST_EPOCH,
  DIGEST_SETTINGS,
  DIGEST_REFUSED,
  DIGEST_ERASED,
  DIGEST_KINDS
};

struct digest {
  enum digest_kind kind;
  char type[DIGEST_WORD], boot[64];
  int64_t mono_ms, wall_ms;
  bool trusted;
  struct digest_ticket ticket;
  struct json *json; /* owned: of the kinds from DIGEST_INTAKE on; NULL for the others */
  uint8_t remote[16];
  bool has_remote; /* the inbox item that it answers */
};

/* NULL, or in a few words why it was not understood; *ret is then as zeroed. */
const char *digest_event(const char *text, size_t n, int64_t seq, struct digest *ret) must_check;
void digest_done(struct digest *d);
/* A ticket in the journal's form. False if it is none. */
bool digest_ticket(const struct json *j, struct digest_ticket *ret) must_check;

#endif
