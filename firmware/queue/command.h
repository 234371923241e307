/* command.h - the commands that the queue accepts: a table of their static properties, and one command's arguments.
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
  enum event_type event; /* the event that it writes */
  uint8_t from;          /* accepted states, a mask of 1 << enum ticket_state; 0 = takes no ticket */
  uint8_t to;            /* the ticket's new state; TICKET_STATES = unchanged */
  enum undo_class undo;
};
extern const struct command_spec command_specs[CMD_KINDS];

enum position { POSITION_KEEP, POSITION_FRONT, POSITION_BACK, POSITION_AFTER };
enum { EDIT_PARTY = 1, EDIT_NAME = 2, EDIT_PHONE = 4, EDIT_NOTE = 8 };

/* One command: kind, actor and arguments. Owns all that it points to. */
struct command {
  enum command_kind kind;
  int32_t actor;
  int64_t ticket;               /* id; 0 with CMD_SEAT from the button = the ticket called last */
  uint32_t if_match;            /* the version that the caller knows; 0 = any */
  int64_t expect;               /* CMD_CALL_NEXT: the first ticket on the caller's screen; 0 = any */
  char line[LIMIT_LINE_ID + 1]; /* "" = the first line (issue), any line (call-next) */
  uint8_t source;
  uint16_t party_size;
  uint8_t edits;         /* EDIT_ mask: which members of party_size and person to set */
  struct person *person; /* one reference */
  enum position position;
  uint32_t after; /* POSITION_AFTER: how many tickets go first */
  uint8_t intake;
  int32_t resume_after_s;    /* 0 = none */
  int64_t undo;              /* CMD_UNDO: event id; 0 = the actor's last */
  int64_t old_wall_ms;       /* CMD_CLOCK: before the step; 0 = no step, the clock became trusted */
  struct settings *settings; /* CMD_SETTINGS */
  int64_t token[2];          /* CMD_ISSUE: random */
  char parent[LIMIT_HEX_ID]; /* CMD_EPOCH: the previous epoch; "" = none */
  int64_t parent_event;      /* CMD_EPOCH: the last event of the previous epoch */
  struct remote *remote;     /* the inbox item that this command came from; NULL = none */
  int64_t call;              /* CMD_DELIVERY: event of the call that was delivered or not */
  uint8_t delivery;
  struct erased_days *erased; /* CMD_ERASED */
  struct notice *message;     /* CMD_MESSAGE */
};
void command_done(struct command *c);

#endif
