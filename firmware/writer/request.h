/* request.h - what travels between the threads: requests to the writer, batches of results back to the loop.
 * A request goes to the writer by writer_post() and comes back in a batch, or alone to the mailbox that it names, once
 * its fate is durable: owned by its sender again. Plain values; the mailboxes carry ownership.
 */
#ifndef WRITER_REQUEST_H
#define WRITER_REQUEST_H

#include "base/mailbox.h"
#include "queue/queue.h"
#include "writer/errand.h"

struct device {
  int32_t id;
  bool manager;
  char name[LIMIT_DEVICE * 4 + 1];
  uint8_t token_hash[32];
  int64_t created_at, seen_at; /* wall_ms; seen_at is written now and then */
};

struct request {
  struct mail mail; /* first */
  enum request_kind kind;
  void *context;        /* the sender's, untouched; NULL = nobody waits */
  struct mailbox *home; /* where it goes back to; NULL = to the loop, in a batch */
  struct command command;
  struct device device;
  union { /* by its kind */
    struct cursor cursor;
    struct inbox_item item;
    struct epoch_fork branch;
    struct erasure erasure;
    struct compaction compaction;
  };
  char *path, *note; /* owned */
  bool has_key;      /* Idempotency-Key: keyed hash of the key, keyed hash of method, path and body */
  uint8_t key[16], print[8];
  /* filled by the writer */
  int refusal;          /* 0, enum refusal; REFUSE_STORAGE = outcome unknown, ask again with the same key */
  bool replayed, more;  /* an earlier request had this key: same seq, the ticket as it is now; a step is left to do */
  int64_t event;        /* answered event id */
  struct ticket ticket; /* id 0 = none; the current one with REFUSE_STALE, REFUSE_WRONG_STATE; owned */
};
struct request *request_new(enum request_kind kind, void *context);
void request_free(struct request *r); /* and all it owns; NULL allowed */

/* One commit's worth, posted after it is durable. The loop applies changes in order, then answers requests. */
struct batch {
  struct mail mail; /* first */
  struct change *changes;
  size_t n_changes;
  struct request *requests; /* list by mail.next */
  struct queue *reset;      /* not NULL: throw the view away and take this (start, restore, reload after a failure) */
  char epoch[33], *banner;  /* with reset: the epoch in hex; NULL or why the database is not the one that it was */
  int64_t head;             /* with reset: the id of the last event in it */
  bool storage_ok;          /* as of now */
  char storage_error[96];   /* what the disk said, "" when ok */
};
void batch_free(struct batch *b); /* frees requests left in it, too */

#endif
