/* command.h - one wish: which command (spec.h), whose, and with what. A plain value that owns what it points to.
 * What a command writes and why it may be refused: event.h.
 */
#ifndef QUEUE_COMMAND_H
#define QUEUE_COMMAND_H

#include "queue/remote.h"
#include "queue/spec.h"

enum position { POSITION_KEEP, POSITION_FRONT, POSITION_BACK, POSITION_AFTER };
enum { EDIT_PARTY = 1, EDIT_NAME = 2, EDIT_PHONE = 4, EDIT_NOTE = 8 };

struct command {
  enum command_kind kind;
  int32_t actor;
  int64_t ticket;               /* id; 0 with CMD_SEAT from the button: the last called */
  uint32_t if_match;            /* version; 0 = any */
  int64_t expect;               /* CMD_CALL_NEXT: the ticket that the caller sees as first; 0 = any */
  char line[LIMIT_LINE_ID + 1]; /* "" = the first line (issue), any line (call-next) */
  uint8_t source;
  uint16_t party_size;
  uint8_t edits;         /* EDIT_ mask: which of party_size and person count */
  struct person *person; /* owned by the command */
  enum position position;
  uint32_t after;
  uint8_t intake;
  int32_t resume_after_s;    /* 0 = none */
  int64_t undo;              /* CMD_UNDO: event id; 0 = the actor's last */
  int64_t old_wall_ms;       /* CMD_CLOCK: before the step; 0 = only trust was gained */
  struct settings *settings; /* CMD_SETTINGS, owned */
  int64_t token[2];          /* CMD_ISSUE: random */
  char parent[LIMIT_HEX_ID]; /* CMD_EPOCH: the epoch before it; "" = none */
  int64_t parent_event;      /* and its last event */
  struct remote *remote;     /* which of the hub's wishes this is, owned; NULL = none of them */
  int64_t call;              /* CMD_DELIVERY: event of the call that it is about */
  uint8_t delivery;
  struct erased *erased;  /* CMD_ERASED, owned */
  struct notice *message; /* CMD_MESSAGE, owned */
};
void command_done(struct command *c); /* frees what it owns */

#endif
