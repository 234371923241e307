#include "queue/event.h"

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
