/* writer_request.h - what travels between the threads: requests to the writer, batches of results back to the loop.
 *
 * A request goes to the writer by writer_post(). Once its outcome is durable it comes back, in a batch or alone to the
 * mailbox that it names, and belongs to its sender again. Plain values; the mailboxes carry ownership.
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
  WRITER_KEY,                /* what a command with that key led to; REFUSE_NOT_FOUND, REFUSE_KEY_REUSED */
  WRITER_RESTORE,            /* path in: a verified database takes the place of ours, in a new epoch */
  WRITER_CURSOR,             /* REFUSE_STALE, REFUSE_INVALID (above the head), REFUSE_NOT_FOUND */
  WRITER_INBOX,              /* item and command in; REFUSE_STALE = not its turn. What cannot be done is an event */
  WRITER_SYNC_RESET,         /* another hub: forgets cursors and the inbox's position */
  WRITER_EPOCH,              /* fork in: a new epoch */
  WRITER_ERASE,              /* one step; more out */
  WRITER_COMPACT,            /* one step; more out */
  WRITER_MAINTENANCE_REPORT, /* report in: what the last round came to, for journal_maintenance_report() */
};

/* One item of the hub's inbox, beside the command that it asks for: its kind and arguments; actor, token and remote are
 * filled by the writer. Items that are no command (hub.keys) have CMD_KINDS as kind and are passed without trace. */
struct inbox_item {
  int64_t generation;
  int64_t n; /* its place in the inbox, from 1 */
  uint8_t id[16];
  char type[LIMIT_ITEM_TYPE + 1];    /* "remote.join" */
  char refused[LIMIT_ITEM_TYPE + 1]; /* why it cannot be a command at all; "" = it can */
  bool has_join;                     /* its ticket is that of the item `join`; else command.ticket, or none */
  uint8_t join[16];
  uint8_t call_epoch[16]; /* CMD_DELIVERY: of the call, */
  int64_t call_seq;       /* and its seq in that epoch */
  int64_t valid_until;    /* wall_ms, 0 = for ever; judged by a trusted clock only */
};

/* An epoch is left for a new one. If ordinal is not the latest any more, it has been left already: then it is closed,
 * and that is all (not refused, replayed). */
struct epoch_fork {
  int64_t ordinal;          /* the epoch that is left */
  char epoch[LIMIT_HEX_ID]; /* as in struct cursor */
  int64_t closed_seq;       /* nothing of it is sent from there on; 0 = all of it is */
  char why[96];             /* a sentence for the banner */
};

/* Personal data of closed tickets: of days that ended keep_h hours ago by a trusted clock, else REFUSE_WRONG_STATE; or,
 * once a person said so, of all days up to through_day (id) before the open one. */
struct erasure {
  int32_t keep_h;
  int32_t through_day; /* comes back as it was found: 0 = none are due */
};

/* Events of days over LIMIT_JOURNAL_DAYS old, by a trusted clock, else REFUSE_WRONG_STATE: what the hub has. */
struct compaction {
  bool no_hub; /* there is none: all of them */
};

struct writer_request {
  struct mail mail; /* first */
  enum writer_request_kind kind;
  void *context;        /* the sender's, untouched; NULL = nobody waits */
  struct mailbox *home; /* where it goes back to; NULL = to the loop, in a batch */
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
  bool more;            /* a step is left to do */
  int64_t event;        /* answered event id */
  struct ticket ticket; /* id 0 = none; the current one with REFUSE_STALE, REFUSE_WRONG_STATE; owned */
};
struct writer_request *writer_request_new(enum writer_request_kind kind, void *context);
void writer_request_free(struct writer_request *q); /* and all it owns; NULL allowed */

/* --- a batch --- */

/* One commit's worth, posted after it is durable. The loop applies changes in order, then answers requests. */
struct batch {
  struct mail mail; /* first */
  struct change *changes;
  size_t n_changes;
  struct writer_request *requests; /* list by mail.next */
  struct queue *reset;      /* not NULL: throw the view away and take this (start, restore, reload after a failure) */
  char epoch[LIMIT_HEX_ID]; /* with reset */
  int64_t head;             /* with reset: the id of the last event in it */
  char *banner;             /* with reset: why the database is not the one that it was; NULL = it is */
  bool storage_ok;          /* as of now */
  char storage_error[96];   /* what the disk said, "" when ok */
};
void batch_free(struct batch *b); /* frees requests left in it, too */

#endif
