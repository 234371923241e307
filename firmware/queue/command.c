/* command.c - the table of commands. */
#include "queue/command.h"

enum {
  W = 1 << TICKET_WAITING,
  C = 1 << TICKET_CALLED,
  S = 1 << TICKET_SEATED,
  N = 1 << TICKET_NO_SHOW,
  X = 1 << TICKET_CANCELLED,
  ANY = W | C | S | N | X
};

/* clang-format off */
const struct command_spec command_specs[CMD_KINDS] = {
    [CMD_ISSUE]     = {"issue",     EVENT_ISSUED,    0,         TICKET_WAITING,   UNDO_TRANSITION},
    [CMD_CALL]      = {"call",      EVENT_CALLED,    W | C | N, TICKET_CALLED,    UNDO_TRANSITION},
    [CMD_CALL_NEXT] = {"call-next", EVENT_CALLED,    0,         TICKET_CALLED,    UNDO_TRANSITION},
    [CMD_SEAT]      = {"seat",      EVENT_SEATED,    W | C | N, TICKET_SEATED,    UNDO_TRANSITION},
    [CMD_NO_SHOW]   = {"no-show",   EVENT_NO_SHOW,   C,         TICKET_NO_SHOW,   UNDO_TRANSITION},
    [CMD_CANCEL]    = {"cancel",    EVENT_CANCELLED, W | C | N, TICKET_CANCELLED, UNDO_TRANSITION},
    [CMD_REQUEUE]   = {"requeue",   EVENT_REQUEUED,  ANY,       TICKET_WAITING,   UNDO_TRANSITION},
    [CMD_PHONED]    = {"phoned",    EVENT_PHONED,    C,         TICKET_STATES,    UNDO_PHONED},
    [CMD_EDIT]      = {"edit",      EVENT_EDITED,    ANY,       TICKET_STATES,    UNDO_EDIT},
    [CMD_UNDO]      = {"undo",      EVENT_RESTORED,  0,         TICKET_STATES,    UNDO_NEVER},
    [CMD_INTAKE]    = {"intake",    EVENT_INTAKE,    0,         TICKET_STATES,    UNDO_NEVER},
    [CMD_DAY]       = {"day",       EVENT_DAY,       0,         TICKET_STATES,    UNDO_NEVER},
    [CMD_CLOCK]     = {"clock",     EVENT_CLOCK,     0,         TICKET_STATES,    UNDO_NEVER},
    [CMD_SETTINGS]  = {"settings",  EVENT_SETTINGS,  0,         TICKET_STATES,    UNDO_NEVER},
    [CMD_BOOT]      = {"boot",      EVENT_BOOTED,    0,         TICKET_STATES,    UNDO_NEVER},
    [CMD_EPOCH]     = {"epoch",     EVENT_EPOCH,     0,         TICKET_STATES,    UNDO_NEVER},
    [CMD_DELIVERY]  = {"delivery",  EVENT_DELIVERY,  0,         TICKET_STATES,    UNDO_NEVER},
    [CMD_REFUSED]   = {"refused",   EVENT_REFUSED,   0,         TICKET_STATES,    UNDO_NEVER},
    [CMD_ERASED]    = {"erased",    EVENT_ERASED,    0,         TICKET_STATES,    UNDO_NEVER},
    [CMD_MESSAGE]   = {"message",   EVENT_MESSAGE,   0,         TICKET_STATES,    UNDO_NEVER},
};
/* clang-format on */

void command_done(struct command *c)
{
  person_unref(c->person);
  free(take(c->settings));
  free(take(c->remote));
  free(take(c->erased));
  free(take(c->message));
  c->person = NULL;
}
