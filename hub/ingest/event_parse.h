/* event_parse.h - what the hub understands of an event's text. Pure; any thread. The text itself is kept as it came,
 * whether or not it was understood. */
#ifndef HUB_INGEST_EVENT_PARSE_H
#define HUB_INGEST_EVENT_PARSE_H

#include "base/json.h"

#define PARSED_WORD 32

struct parsed_ticket {
  int64_t id; /* 0 = the event has none */
  int64_t version, day, party_size, calls, issued_at, called_at, closed_at, rank, held_at, call_event;
  char number[LIMIT_LABEL * 4], line[LIMIT_LINE_ID * 4 + 1];
  char state[PARSED_WORD], source[PARSED_WORD], delivery[PARSED_WORD]; /* delivery "" = null */
  uint8_t token[16];
  bool has_token;
};

/* Events that say more than their ticket. */
enum event_kind {
  KIND_OTHER,
  KIND_ISSUED,
  KIND_CALLED,
  KIND_INTAKE,
  KIND_DAY,
  KIND_EPOCH,
  KIND_SETTINGS,
  KIND_REFUSED,
  KIND_ERASED,
  EVENT_KINDS
};

struct parsed_event {
  enum event_kind kind;
  char type[PARSED_WORD], boot[64];
  int64_t mono_ms, wall_ms;
  bool trusted;
  struct parsed_ticket ticket;
  struct json *json; /* owned: of the kinds from KIND_INTAKE on; NULL for the others */
  uint8_t remote[16];
  bool has_remote; /* the inbox item that it answers */
};

/* NULL, or in a few words why it was not understood; *ret is then as zeroed. */
const char *event_parse(const char *text, size_t n, int64_t seq, struct parsed_event *ret) must_check;
void parsed_event_done(struct parsed_event *d);
/* A ticket in the journal's form. False if it is none. */
bool parsed_ticket(const struct json *j, struct parsed_ticket *ret) must_check;

#endif
