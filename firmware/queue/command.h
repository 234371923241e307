/* command.h - everything that can be asked of the queue: one table of static facts, and one command with its arguments.
 */
#ifndef QUEUE_COMMAND_H
#define QUEUE_COMMAND_H

#include "queue/event.h"
#include "queue/remote.h"

enum command_kind {
  CMD_ISSUE,
  CMD_CALL,
  CMD_CALL_NEXT,
  CMD_SEAT,
  CMD_NO_SHOW,
  CMD_CANCEL,
  CMD_REQUEUE,
  CMD_PHONED,
  CMD_EDIT,
  CMD_UNDO,
  CMD_INTAKE,
  CMD_DAY,
  CMD_CLOCK,
  CMD_SETTINGS,
  CMD_BOOT,
  CMD_EPOCH,
  CMD_DELIVERY,
  CMD_REFUSED,
  CMD_ERASED,
  CMD_MESSAGE,
  CMD_KINDS
};

struct command_spec {
  const char *name;      /* "call-next": metrics, logs, boothctl */
  enum event_type event; /* what it writes when it is done */
  uint8_t from;          /* states that it accepts, 1 << enum ticket_state; 0 = takes no ticket */
  uint8_t to;            /* the state after it; TICKET_STATES = as it was */
  enum undo_class undo;
};
extern const struct command_spec command_specs[CMD_KINDS];

enum position { POSITION_KEEP, POSITION_FRONT, POSITION_BACK, POSITION_AFTER };
enum { EDIT_PARTY = 1, EDIT_NAME = 2, EDIT_PHONE = 4, EDIT_NOTE = 8 };

/* One command: kind, actor and arguments. Owns what it points to. */
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
  struct remote *remote;     /* the hub's item that this is, owned; NULL = none */
  int64_t call;              /* CMD_DELIVERY: event of the call that it is about */
  uint8_t delivery;
  struct erased *erased;  /* CMD_ERASED, owned */
  struct notice *message; /* CMD_MESSAGE, owned */
};
void command_done(struct command *c); /* frees what it owns */

#endif
