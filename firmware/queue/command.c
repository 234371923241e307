/* command.c - product.md's table of commands, as a table. */
#include "queue/command.h"

const char *const event_names[EVENT_TYPES] = {
    [EVENT_ISSUED] = "ticket.issued",
    [EVENT_CALLED] = "ticket.called",
    [EVENT_SEATED] = "ticket.seated",
    [EVENT_NO_SHOW] = "ticket.no_show",
    [EVENT_CANCELLED] = "ticket.cancelled",
    [EVENT_REQUEUED] = "ticket.requeued",
    [EVENT_EDITED] = "ticket.edited",
    [EVENT_PHONED] = "ticket.phoned",
    [EVENT_RESTORED] = "ticket.restored",
    [EVENT_INTAKE] = "intake.changed",
    [EVENT_DAY] = "day.started",
    [EVENT_BOOTED] = "booth.started",
    [EVENT_EPOCH] = "epoch.started",
    [EVENT_CLOCK] = "clock.stepped",
    [EVENT_SETTINGS] = "settings.changed",
    [EVENT_DELIVERY] = "delivery.updated",
    [EVENT_REFUSED] = "remote.refused",
    [EVENT_ERASED] = "people.erased",
    [EVENT_MESSAGE] = "message.received",
};

const char *const code_names[CODES] = {
    [CODE_OK] = "ok",
    [CODE_INVALID] = "invalid",
    [CODE_NOT_FOUND] = "not_found",
    [CODE_WRONG_STATE] = "wrong_state",
    [CODE_STALE] = "stale",
    [CODE_NOTHING_WAITING] = "nothing_waiting",
    [CODE_NOTHING_TO_UNDO] = "nothing_to_undo",
    [CODE_INTAKE_CLOSED] = "intake_closed",
    [CODE_QUEUE_FULL] = "queue_full",
    [CODE_NUMBER_TAKEN] = "number_taken",
    [CODE_TOO_SOON] = "too_soon",
    [CODE_KEY_REUSED] = "key_reused",
    [CODE_STORAGE] = "storage_unavailable",
};

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
