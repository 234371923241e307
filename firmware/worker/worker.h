/* worker.h - the worker thread: one item at a time from a queue of LIMIT_WORK_ITEMS, on connections of its own.
 *
 * An item goes in by worker_post() and comes back through the loop's mailbox with its text. Readers are short: long
 * ones would starve the checkpoint. Sizes are bounded by the LIMIT_DAY_* limits.
 */
#ifndef WORKER_WORKER_H
#define WORKER_WORKER_H

#include "base/buf.h"
#include "base/mailbox.h"
#include "queue/event.h"
#include "queue/ticket.h"

enum work_kind {
  WORK_TICKET,   /* ticket in: the ticket itself (found) and its history; JSON array "[...]" of history items */
  WORK_DAYS,     /* JSON of GET /api/v1/days */
  WORK_DAY,      /* date in: JSON of GET /api/v1/days/{date} */
  WORK_CSV,      /* date in: the same day for a spreadsheet */
  WORK_BACKUP,   /* a verified snapshot; its path out; the receiver unlinks it */
  WORK_SNAPSHOT, /* the 15-minute snapshot, with rotation; nothing to do if no event came since the last */
  WORK_FILE,     /* path and text in: written whole, 0600, durable */
  WORK_VERIFY,   /* path in: is that file a database of ours, whole, not newer? */
};

struct work_item {
  struct mail mail; /* first */
  enum work_kind kind;
  void *context; /* the sender's, untouched */
  int64_t ticket;
  int32_t date;
  char *path; /* owned */
  /* filled by the worker */
  enum refusal refusal; /* REFUSE_NOT_FOUND, REFUSE_INVALID (WORK_VERIFY: detail says why), REFUSE_STORAGE */
  struct buf text;
  struct ticket found;
  char detail[128];
};
struct work_item *work_item_new(enum work_kind kind, void *context);
void work_item_free(struct work_item *i); /* NULL allowed */

struct worker;
/* done: items come back here. */
int worker_start(const char *state_dir, struct mailbox *done, struct worker **ret) must_check;
int worker_post(struct worker *w, struct work_item *i) must_check; /* 0, -EAGAIN when LIMIT_WORK_ITEMS wait */
void worker_stop(struct worker *w);                                /* finishes what waits; NULL allowed */

#endif
