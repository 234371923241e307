/* pending.h - a request on its way through another thread: who asked, and what to do when it is back. Main thread only.
 */
#ifndef API_PENDING_H
#define API_PENDING_H

#include "boothd/app.h"

struct call {
  struct box *box;
  struct http_request *http;                         /* NULL = nobody waits */
  void (*answer)(struct call *c, struct request *r); /* after the commit; the call is freed afterwards */
  void (*done)(struct call *c, struct work_item *j);
  /* what the next step needs */
  char token[44];         /* a new session's */
  struct secrets secrets; /* on their way to the file */
  struct request *then;   /* to be submitted after a job or a look; owned */
  int64_t offered_ms;     /* a phone's time */
};
/* A call that waits for neither: its end is to be told, once it is answered. */
struct call *box_call(struct box *b, struct http_request *http);
void box_call_done(struct call *c);
/* Hands over to the writer or worker, or answers 503 itself (NULL). Both take r, j. The call is borrowed until then. */
struct call *box_submit(struct box *b, struct http_request *http, struct request *r,
                        void (*answer)(struct call *c, struct request *r));
struct call *box_submit_job(struct box *b, struct http_request *http, struct work_item *j,
                            void (*done)(struct call *c, struct work_item *j));

#endif
