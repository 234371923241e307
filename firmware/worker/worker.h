/* worker.h - the worker thread: one item at a time from a queue of LIMIT_WORK_ITEMS, on connections of its own.
 *
 * An item goes in by worker_post() and returns to the loop's mailbox with its result. Reads are short: long ones would
 * starve the checkpoint. Sizes are bounded by the LIMIT_DAY_* limits.
 */
#ifndef WORKER_WORKER_H
#define WORKER_WORKER_H

#include "base/buf.h"
#include "base/mailbox.h"
#include "queue/event.h"
#include "queue/ticket.h"

enum work_kind {
  WORK_TICKET,   /* ticket in: the ticket (found) and its history, a JSON array */
  WORK_DAYS,     /* JSON of GET /api/v1/days */
  WORK_DAY,      /* date in: JSON of GET /api/v1/days/{date} */
  WORK_CSV,      /* date in: the day as CSV */
  WORK_BACKUP,   /* a verified snapshot, path out; the receiver unlinks it */
  WORK_SNAPSHOT, /* the 15-minute snapshot, with rotation; skipped if no event came since the last */
  WORK_FILE,     /* path and text in: writes the file atomically and durably, mode 0600 */
  WORK_VERIFY,   /* path in: whether the file is an undamaged database of ours, not newer */
};

struct work_item {
  struct mail mail; /* first */
  enum work_kind kind;
  void *context; /* the sender's, not touched */
  int64_t ticket;
  int32_t date;
  char *path; /* owned */
  /* filled by the worker */
  enum refusal refusal; /* REFUSE_NOT_FOUND, REFUSE_INVALID (WORK_VERIFY, why in detail), REFUSE_STORAGE */
  struct buf text;
  struct ticket found;
  char detail[128];
};
struct work_item *work_item_new(enum work_kind kind, void *context);
void work_item_free(struct work_item *i); /* NULL allowed */

struct worker;
/* done: the mailbox to which items return. */
int worker_start(const char *state_dir, struct mailbox *done, struct worker **ret) must_check;
int worker_post(struct worker *w, struct work_item *i) must_check; /* 0, -EAGAIN when LIMIT_WORK_ITEMS wait */
void worker_stop(struct worker *w);                                /* finishes waiting items; NULL allowed */

#endif
