/* decision.h - the result of a command before it is written: its changes and an undo record. Plain values.
 * Made by queue_decide(), stored by the writer, applied by every queue.
 */
#ifndef QUEUE_DECISION_H
#define QUEUE_DECISION_H

#include "queue/command.h"

/* One event. Owns all that it points to, and a reference to ticket.person. */
struct change {
  int64_t id;  /* event id */
  int64_t cmd; /* id of its command's first event */
  enum event_type type;
  int32_t actor;
  int64_t wall_ms;
  int64_t mono_ms;
  bool trusted;
  struct ticket ticket;                  /* after the event; id 0 = the event concerns no ticket */
  struct intake intake;                  /* EVENT_INTAKE */
  struct day day;                        /* EVENT_DAY */
  struct settings *settings;             /* EVENT_SETTINGS */
  int64_t undoes;                        /* EVENT_RESTORED and an undone issue: the event that is undone */
  int64_t detail;                        /* EVENT_CLOCK: old wall_ms */
  struct remote *remote;                 /* the inbox item that caused it; NULL = none */
  struct epoch_snapshot *epoch_snapshot; /* EVENT_EPOCH */
  struct erased_days *erased;            /* EVENT_ERASED */
  struct notice *message;                /* EVENT_MESSAGE */
};
void change_done(struct change *c);

/* What a command changed, for undo: kept by the store under the id of its ticket's event. */
enum {
  FIELD_STATE = 1,
  FIELD_CALLS = 2,
  FIELD_DELIVERY = 4,
  FIELD_CALLED = 8,
  FIELD_CLOSED = 16,
  FIELD_RANK = 32,
  FIELD_PARTY = 64,
  FIELD_PERSON = 128
};
struct undo_record {
  int64_t id; /* event */
  int64_t ticket;
  int64_t prev; /* the ticket's undo[class] before the command */
  enum undo_class class;
  enum command_kind kind;
  int32_t actor;
  int32_t day;
  int64_t wall_ms;
  int64_t mono_ms;
  bool this_boot;       /* mono_ms is of the present boot */
  uint32_t fields;      /* FIELD_ mask: what the command changed */
  struct ticket before; /* owns its person */
};

struct decision {
  struct change changes[LIMIT_EVENTS];
  size_t n;
  size_t main;             /* index of the change that the answer reports */
  struct undo_record undo; /* class UNDO_NEVER = none to keep */
  struct ticket current;   /* REFUSE_STALE, REFUSE_WRONG_STATE: the unchanged ticket (borrows its person) */
};
void decision_done(struct decision *d);

#endif
