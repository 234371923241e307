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

const char *const refusal_names[REFUSALS] = {
    [REFUSE_NONE] = "ok",
    [REFUSE_INVALID] = "invalid",
    [REFUSE_NOT_FOUND] = "not_found",
    [REFUSE_WRONG_STATE] = "wrong_state",
    [REFUSE_STALE] = "stale",
    [REFUSE_NOTHING_WAITING] = "nothing_waiting",
    [REFUSE_NOTHING_TO_UNDO] = "nothing_to_undo",
    [REFUSE_INTAKE_CLOSED] = "intake_closed",
    [REFUSE_QUEUE_FULL] = "queue_full",
    [REFUSE_NUMBER_TAKEN] = "number_taken",
    [REFUSE_TOO_SOON] = "too_soon",
    [REFUSE_KEY_REUSED] = "key_reused",
    [REFUSE_STORAGE] = "storage_unavailable",
};
