/* remote.h - parts of events that exist for the hub: its inbox items and message, epochs and erasures.
 * Plain values; each is one block of memory, freed by free().
 */
#ifndef QUEUE_REMOTE_H
#define QUEUE_REMOTE_H

#include "queue/ticket.h"

#define LIMIT_HEX_ID 33 /* 16 bytes in hex, and a NUL */

/* The item of the hub's inbox that caused an event. */
struct remote {
  char id[LIMIT_HEX_ID];
  char item[LIMIT_ITEM_TYPE + 1]; /* CMD_REFUSED: its type, "remote.join" */
  char code[LIMIT_ITEM_TYPE + 1]; /* CMD_REFUSED: why; a refusal_names, "expired", "unknown_type", "bad_item" */
};

/* A message of the hub's operator: shown until the next one, in no event's text. */
struct notice {
  int64_t at; /* wall_ms of its arrival */
  char text[LIMIT_MESSAGE * 4 + 1];
};

/* Days whose closed tickets have lost their personal data. */
struct erased_days {
  size_t n;
  struct erased_day {
    int32_t id;
    int32_t date;
  } days[LIMIT_ERASED_DAYS];
};

/* The active tickets at the start of an epoch, without personal data. */
struct epoch_snapshot {
  char parent[LIMIT_HEX_ID]; /* "" = this is the first epoch */
  int64_t parent_seq;
  size_t n;
  struct ticket active[];
};

#endif
