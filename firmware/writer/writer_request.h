/* writer_request.h - messages between threads: requests to the writer, and batches of results to the loop.
 *
 * A request goes to the writer by writer_post(). Once its outcome is durable it returns to its sender, in a batch or to
 * its own mailbox. Plain values; the mailboxes carry ownership.
 */
#ifndef WRITER_WRITER_REQUEST_H
#define WRITER_WRITER_REQUEST_H

#include "base/mailbox.h"
#include "queue/queue.h"
#include "store/record.h"

/* --- a request --- */

enum writer_request_kind {
  WRITER_COMMAND,
  WRITER_DEVICE_ADD,         /* device in; its id out */
  WRITER_DEVICE_REMOVE,      /* device.id in; REFUSE_NOT_FOUND */
  WRITER_PROBE,              /* proves that a write reaches the disk */
  WRITER_KEY,                /* the result of the command with that key; REFUSE_NOT_FOUND, REFUSE_KEY_REUSED */
  WRITER_RESTORE,            /* path in: a verified database that replaces ours, in a new epoch */
  WRITER_CURSOR,             /* REFUSE_STALE, REFUSE_INVALID (above the head), REFUSE_NOT_FOUND */
  WRITER_INBOX,              /* item and command in; REFUSE_STALE = out of order. A refusal is an event, too */
  WRITER_SYNC_RESET,         /* for another hub: resets cursors and the inbox's position */
  WRITER_EPOCH,              /* fork in: a new epoch */
  WRITER_ERASE,              /* one step; more out */
  WRITER_COMPACT,            /* one step; more out */
  WRITER_MAINTENANCE_REPORT, /* report in, of the last round; see journal_maintenance_report() */
};

/* One item of the hub's inbox. The request's command has the item's kind and arguments; the writer fills in actor,
 * token and remote. An item without a command (hub.keys) has kind CMD_KINDS and is passed without an event. */
struct inbox_item {
  int64_t generation;
  int64_t n; /* its number in the inbox, from 1 */
  uint8_t id[16];
  char type[LIMIT_ITEM_TYPE + 1];    /* "remote.join" */
  char refused[LIMIT_ITEM_TYPE + 1]; /* why it is not a valid command; "" = it is */
  bool has_join;                     /* its ticket is that of the item `join`; else command.ticket */
  uint8_t join[16];
  uint8_t call_epoch[16]; /* CMD_DELIVERY: the call's epoch */
  int64_t call_seq;       /* CMD_DELIVERY: the call's seq */
  int64_t valid_until;    /* wall_ms by a trusted clock; 0 = for ever */
};

/* Leaves an epoch for a new one. If ordinal is not the latest any more, it was left already: then it is only closed,
 * and the request is replayed. */
struct epoch_fork {
  int64_t ordinal;          /* the epoch to leave */
  char epoch[LIMIT_HEX_ID]; /* as in struct cursor */
  int64_t closed_seq;       /* its events from here on are never sent; 0 = all are sent */
  char why[96];             /* a sentence for the banner */
};

/* Erases personal data of closed tickets: of days that ended keep_h hours ago by a trusted clock, else
 * REFUSE_WRONG_STATE; or, at a person's request, of all days up to through_day (id) before the open one. */
struct erasure {
  int32_t keep_h;
  int32_t through_day; /* 0 in: found by keep_h; 0 out: no day is due */
};

/* Deletes acknowledged events older than LIMIT_JOURNAL_DAYS, by a trusted clock, else REFUSE_WRONG_STATE. */
struct compaction {
  bool no_hub; /* there is no hub: unacknowledged ones, too */
};

struct writer_request {
  struct mail mail; /* first */
  enum writer_request_kind kind;
  void *context;        /* the sender's, not touched; NULL = nobody waits */
  struct mailbox *home; /* where it returns to; NULL = to the loop, in a batch */
  struct command command;
  struct device device;
  union { /* by its kind */
    struct cursor cursor;
    struct inbox_item item;
    struct epoch_fork fork;
    struct erasure erasure;
    struct compaction compaction;
  };
  char *path;   /* owned */
  char *report; /* owned */
  bool has_key;
  struct idempotency_key key;
  /* filled by the writer */
  enum refusal refusal; /* REFUSE_STORAGE = the outcome is unknown, ask again with the same key */
  bool replayed;        /* an earlier request had this key: same event, the ticket as it is now */
  bool more;            /* another step is needed */
  int64_t event;        /* id of the event that the answer reports */
  struct ticket ticket; /* id 0 = none; the current one with REFUSE_STALE, REFUSE_WRONG_STATE; owned */
};
struct writer_request *writer_request_new(enum writer_request_kind kind, void *context);
void writer_request_free(struct writer_request *q); /* and all it owns; NULL allowed */

/* --- a batch --- */

/* The results of one commit, posted when it is durable. The loop applies changes in order, then answers requests. */
struct batch {
  struct mail mail; /* first */
  struct change *changes;
  size_t n_changes;
  struct writer_request *requests; /* a list by mail.next */
  struct queue *reset;             /* not NULL: replaces the view (start, restore, reload after a failure) */
  char epoch[LIMIT_HEX_ID];        /* with reset */
  int64_t head;                    /* with reset: the id of the last event in it */
  char *banner;                    /* with reset: why the database was replaced; NULL = it was not */
  bool storage_ok;                 /* the present state */
  char storage_error[96];          /* in words, "" when ok */
};
void batch_free(struct batch *b); /* frees requests left in it, too */

#endif
