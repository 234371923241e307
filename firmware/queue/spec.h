/* spec.h - everything that can be asked of the queue: one table of static facts.
 * What decides is decide.c; what a command carries, command.h.
 */
#ifndef QUEUE_SPEC_H
#define QUEUE_SPEC_H

#include "queue/event.h"
#include "queue/ticket.h"

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

#endif
