/* inbox_request.h - a request that becomes one item of a booth's inbox, however often it is sent.
 *
 * The handler (loop thread) makes it with inbox_request_new() and submits its job; the rest happens in a thread of the
 * pool, in one transaction: is its Idempotency-Key known, put() if not, tell(), COMMIT. Asked again under the same key
 * it leads to the item of the first time, and tell() says how that one is now.
 *
 *   struct remark { struct wish wish; char text[…]; };
 *   static int put(struct wish *w, struct pg *db) { … return inbox_put(db, booth, w->item, "message", 0, body.data); }
 */
#ifndef HUB_API_INBOX_REQUEST_H
#define HUB_API_INBOX_REQUEST_H

#include "hub/api/job.h"

struct wish {
  struct job job;
  /* 0; 1: refused, and answered; or a code of pg.h. Makes the item w->item; harmless if that is there. */
  int (*put)(struct wish *w, struct pg *db);
  /* 0, and the answer 2xx given; or a code of pg.h. */
  int (*tell)(struct wish *w, struct pg *db);
  uint8_t subject[16]; /* booth or guest of the path */
  uint8_t item[16];
  struct json *body;          /* owned; NULL = none */
  bool once;                  /* an Idempotency-Key was sent: */
  uint8_t key[32], print[32]; /* keyed hashes of it, and of the request */
};

/* size: of the struct that begins with a struct wish. NULL: its key is none, and it has been answered. */
void *inbox_request_new(struct http_request *r, size_t size, int (*put)(struct wish *, struct pg *),
                        int (*tell)(struct wish *, struct pg *));
/* For tell(): 202 {"id":"<item>"} */
int inbox_request_answer_id(struct wish *w, struct pg *db);
/* Puts w->item into a booth's inbox, unless too many wait there: 0; 1: refused, and answered; or a code of pg.h. */
int inbox_request_append(struct wish *w, struct pg *db, int64_t booth, const char *type, int64_t valid_until,
                         const char *members);
/* The booth of that id, if a box is enrolled for it: as inbox_request_append(). */
int inbox_request_booth(struct wish *w, struct pg *db, const uint8_t id[static 16], int64_t *ret);

#endif
