/* ticket.h - tickets and the people behind them. Plain values, no I/O.
 *
 * Instants are milliseconds: wall_ms since 1970 UTC, mono_ms since boot (CLOCK_BOOTTIME). Dates are yyyymmdd.
 * An event's id is its epoch's ordinal << 32 | seq: ids rise for the life of the database, seqs within an epoch.
 */
#ifndef QUEUE_TICKET_H
#define QUEUE_TICKET_H

#include "queue/settings.h"

#define EVENT_SEQ(id) ((int64_t)((id) & 0xffffffff))

enum ticket_state { TICKET_WAITING, TICKET_CALLED, TICKET_SEATED, TICKET_NO_SHOW, TICKET_CANCELLED, TICKET_STATES };
enum source { SOURCE_STAFF, SOURCE_HUB, SOURCE_API };
enum delivery { DELIVERY_NONE, DELIVERY_PENDING, DELIVERY_DELIVERED, DELIVERY_FAILED, DELIVERY_PHONED };
static inline bool state_active(int state)
{
  return state == TICKET_WAITING || state == TICKET_CALLED;
}
extern const char *const ticket_state_names[], *const source_names[], *const delivery_names[];

/* Who gave a command: a device's id, or one of these. Text: "device:7", "button", "timer", "hub", "cli". */
enum { ACTOR_NONE = 0, ACTOR_BUTTON = -1, ACTOR_TIMER = -2, ACTOR_HUB = -3, ACTOR_CLI = -4 };

/* Personal data: immutable, shared by threads, reference-counted. */
struct person {
  _Atomic int refs;
  const char *name; /* NULL = none, as the next two */
  const char *phone;
  const char *note;
};
struct person *person_new(const char *name, const char *phone, const char *note); /* NULL if all are NULL */
struct person *person_ref(struct person *p);                                      /* NULL allowed */
void person_unref(struct person *p);                                              /* NULL allowed */

/* A command of one class does not keep an earlier one of another class from being undone, but a transition does. */
enum undo_class { UNDO_TRANSITION, UNDO_PHONED, UNDO_EDIT, UNDO_CLASSES, UNDO_NEVER = UNDO_CLASSES };

struct ticket {
  int64_t id; /* 0 = no ticket */
  uint32_t number;
  uint32_t version;
  int32_t day;   /* day id */
  int32_t date;  /* of the day */
  int32_t actor; /* of the last command */
  uint16_t party_size;
  uint16_t calls;
  uint8_t state;
  uint8_t source;
  uint8_t delivery;
  char line[LIMIT_LINE_ID + 1];
  char label[LIMIT_LABEL]; /* the number as on the paper: "12", "A-12"; fixed at issue */
  int64_t issued_at;       /* wall_ms; 0 = never, as the next two */
  int64_t called_at;
  int64_t closed_at;
  int64_t called_mono;        /* in this boot; a restart starts its timer anew */
  int64_t rank;               /* order in the line */
  int64_t held_at;            /* event of its last requeue with "keep"; held while newer than the line's last call */
  int64_t call_event;         /* event of its latest call */
  int64_t undo[UNDO_CLASSES]; /* event of its latest command per class that is not undone; 0 = none */
  uint8_t token[16];
  struct person *person; /* one reference, of the ticket's owner */
};

#endif
