/* inbox_request.h - an idempotent request that becomes one item of a booth's inbox.
 *
 * The handler (loop thread) makes it with inbox_request_new() and submits its job. In a thread of the pool, in one
 * transaction: if its Idempotency-Key is new, append() makes the item; then answer() describes it. Under a known key
 * there is no append(), and answer() describes the present state of the first request's item.
 *
 *   struct message { struct inbox_request request; const char *text; };
 *   static int append_message(struct inbox_request *q, struct pg *db)
 *   {
 *     ...
 *     return inbox_request_append(q, db, booth, "message", 0, item.data);
 *   }
 */
#ifndef HUB_API_INBOX_REQUEST_H
#define HUB_API_INBOX_REQUEST_H

#include "hub/api/job.h"

/* Returned by the functions below, beside 0 and the codes of pg.h. */
enum { REQUEST_REFUSED = 1 }; /* refused, and answered */

struct inbox_request {
  struct job job;
  int (*append)(struct inbox_request *q, struct pg *db); /* makes q->item unless it exists: 0, REQUEST_REFUSED, … */
  int (*answer)(struct inbox_request *q, struct pg *db); /* 0, or a code of pg.h */
  uint8_t target[16];                                    /* id of the booth or guest */
  uint8_t item[16];                                      /* id of the item */
  struct json *body;                                     /* owned; NULL = none */
  bool has_key;                                          /* an Idempotency-Key was sent */
  uint8_t key[32];                                       /* keyed hash of it */
  uint8_t fingerprint[32];                               /* keyed hash of the request */
};

/* size: of the struct that begins with a struct inbox_request. NULL: its key is invalid, and r was answered. */
void *inbox_request_new(struct http_request *r, size_t size, int (*append)(struct inbox_request *, struct pg *),
                        int (*answer)(struct inbox_request *, struct pg *));

/* For answer(): 202 {"id": item} */
int inbox_request_answer_id(struct inbox_request *q, struct pg *db);
/* For append(): the number of the target's row; refused if the booth has no enrolled box. 0, REQUEST_REFUSED, or a code
 * of pg.h. */
int inbox_request_booth(struct inbox_request *q, struct pg *db, int64_t *ret) must_check;
/* For append(): appends q->item; refused if the inbox is full. 0, REQUEST_REFUSED, or a code of pg.h. */
int inbox_request_append(struct inbox_request *q, struct pg *db, int64_t booth, const char *type, int64_t valid_until,
                         const char *members) must_check;

#endif
