/* decision.h - what a command leads to: the changes to be written, and the way back. Plain values.
 * Made by queue_decide(), stored by the writer, applied by every queue.
 */
#ifndef QUEUE_DECISION_H
#define QUEUE_DECISION_H

#include "queue/command.h"

/* One event. Owns a reference to ticket.person and what it points to. */
struct change {
  int64_t id;  /* event id */
  int64_t cmd; /* id of its command's first event */
  enum event_type type;
  int32_t actor;
  int64_t wall_ms;
  int64_t mono_ms;
  bool trusted;
  struct ticket ticket;      /* as it is now; id 0 = the event is of no ticket */
  struct intake intake;      /* EVENT_INTAKE */
  struct day day;            /* EVENT_DAY */
  struct settings *settings; /* EVENT_SETTINGS */
  int64_t undoes;            /* EVENT_RESTORED and an undone issue: the event taken back */
  int64_t detail;            /* EVENT_CLOCK: old wall_ms */
  struct remote *remote;     /* the hub's item that it answers; NULL = none */
  struct heritage *heritage; /* EVENT_EPOCH */
  struct erased *erased;     /* EVENT_ERASED */
  struct notice *message;    /* EVENT_MESSAGE */
};
void change_done(struct change *c);

/* What a command changed, so that it can be taken back: kept by the store under the id of its ticket's event. */
enum {
  FIELD_STATE = 1,
  FIELD_CALLS = 2,
  FIELD_DELIVERY = 4,
  FIELD_CALLED = 8,
  FIELD_CLOSED = 16,
  FIELD_PLACE = 32,
  FIELD_PARTY = 64,
  FIELD_PERSON = 128
};
struct undo_record {
  int64_t id; /* event */
  int64_t ticket;
  int64_t prev; /* that ticket's undo[class] before */
  enum undo_class class;
  enum command_kind kind;
  int32_t actor;
  int32_t day;
  int64_t wall_ms;
  int64_t mono_ms;
  bool this_boot;       /* mono_ms is comparable with now */
  uint32_t fields;      /* FIELD_ mask: what it changed */
  struct ticket before; /* owns its person */
};

struct decision {
  struct change changes[LIMIT_EVENTS];
  size_t n;
  size_t main;             /* changes[main] is the one that is answered */
  struct undo_record undo; /* to be kept; class UNDO_NEVER = nothing to keep */
  struct ticket current;   /* REFUSE_STALE, REFUSE_WRONG_STATE: the ticket as it is (borrows its person) */
};
void decision_done(struct decision *d);

#endif
