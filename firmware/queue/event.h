/* event.h - types of events, and why a command is refused: a positive code. A refused command changes nothing. */
#ifndef QUEUE_EVENT_H
#define QUEUE_EVENT_H

enum event_type {
  EVENT_ISSUED,
  EVENT_CALLED,
  EVENT_SEATED,
  EVENT_NO_SHOW,
  EVENT_CANCELLED,
  EVENT_REQUEUED,
  EVENT_EDITED,
  EVENT_PHONED,
  EVENT_RESTORED,
  EVENT_INTAKE,
  EVENT_DAY,
  EVENT_BOOTED,
  EVENT_EPOCH,
  EVENT_CLOCK,
  EVENT_SETTINGS,
  EVENT_DELIVERY, /* does not raise its ticket's version */
  EVENT_REFUSED,
  EVENT_ERASED,
  EVENT_MESSAGE,
  EVENT_TYPES
};
extern const char *const event_names[EVENT_TYPES]; /* "ticket.issued", ... */

/* Why a command is refused; 0 = it is not. The API has a status, a code and a sentence for each, in one table. */
enum refusal {
  REFUSE_NONE,
  REFUSE_INVALID,
  REFUSE_NOT_FOUND,
  REFUSE_WRONG_STATE,
  REFUSE_STALE,
  REFUSE_NOTHING_WAITING,
  REFUSE_NOTHING_TO_UNDO,
  REFUSE_INTAKE_CLOSED,
  REFUSE_QUEUE_FULL,
  REFUSE_NUMBER_TAKEN,
  REFUSE_TOO_SOON,
  REFUSE_KEY_REUSED,
  REFUSE_STORAGE,
  REFUSALS
};
extern const char *const refusal_names[REFUSALS]; /* "wrong_state", as in the journal */

#endif
