/* event_parse.h - parses an event's text. Pure; any thread. The text is stored verbatim, even if it is not understood.
 */
#ifndef HUB_INGEST_EVENT_PARSE_H
#define HUB_INGEST_EVENT_PARSE_H

#include "base/json.h"

#define PARSED_WORD 32 /* bytes of a type, a state and the like */

struct parsed_ticket {
  int64_t id; /* 0 = the event has none */
  int64_t version;
  int64_t day;
  int64_t party_size;
  int64_t calls;
  int64_t issued_at; /* wall_ms, as the next two; 0 = null */
  int64_t called_at;
  int64_t closed_at;
  int64_t rank;
  int64_t held_at;
  int64_t call_event; /* ordinal of the epoch << 32 | seq of the latest call */
  char number[LIMIT_LABEL * 4];
  char line[LIMIT_LINE_ID * 4 + 1];
  char state[PARSED_WORD];
  char source[PARSED_WORD];
  char delivery[PARSED_WORD]; /* "" = null */
  bool has_token;
  uint8_t token[16];
};

/* Types of events whose effect goes beyond their ticket. */
enum event_kind {
  KIND_OTHER,
  KIND_ISSUED,
  KIND_CALLED,
  KIND_INTAKE, /* from here on, parsed_event.json is set */
  KIND_DAY,
  KIND_EPOCH,
  KIND_SETTINGS,
  KIND_REFUSED,
  KIND_ERASED,
  EVENT_KINDS
};

struct parsed_event {
  enum event_kind kind;
  char type[PARSED_WORD];
  char boot[64];
  int64_t mono_ms;
  int64_t wall_ms; /* 0 = null */
  bool trusted;
  struct parsed_ticket ticket;
  bool has_remote;
  uint8_t remote[16]; /* id of the inbox item that caused it */
  struct json *json;  /* owned; of the kinds from KIND_INTAKE on, else NULL */
};

/* NULL; or why it was not understood, in a few words, and *ret is zeroed. */
const char *event_parse(const char *text, size_t n, int64_t seq, struct parsed_event *ret) must_check;
void parsed_event_done(struct parsed_event *e);
/* A ticket in an event; false: a member is missing or wrong. */
bool event_parse_ticket(const struct json *j, struct parsed_ticket *ret) must_check;

#endif
