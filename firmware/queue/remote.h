/* remote.h - what events carry because there is a hub: its wishes, its message, what it has to know of an epoch and of
 * an erasure. Plain values; each is one block of memory, freed by free().
 */
#ifndef QUEUE_REMOTE_H
#define QUEUE_REMOTE_H

#include "queue/ticket.h"

#define LIMIT_HEX_ID 33 /* 16 bytes in hex, and a NUL */

/* One item of the hub's inbox, as its event names it. */
struct remote {
  char id[LIMIT_HEX_ID];
  char item[LIMIT_ITEM_TYPE + 1]; /* CMD_REFUSED: its type, "remote.join" */
  char code[LIMIT_ITEM_TYPE + 1]; /* and why not: a refusal_names, "expired", "unknown_type", "bad_item" */
};

/* What the hub's operator tells the booth: shown, kept until the next one, in no event's text. */
struct notice {
  int64_t at; /* wall_ms of its coming */
  char text[LIMIT_MESSAGE * 4 + 1];
};

/* Days of whose closed tickets no personal data is left. */
struct erased {
  size_t n;
  struct erased_day {
    int32_t id;
    int32_t date;
  } days[LIMIT_ERASED_DAYS];
};

/* What an epoch takes over: active tickets, without their persons. */
struct heritage {
  char parent[LIMIT_HEX_ID]; /* "" = it is the first */
  int64_t parent_seq;
  size_t n;
  struct ticket active[];
};

#endif
