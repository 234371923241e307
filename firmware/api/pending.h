/* pending.h - requests in flight to the writer or the worker: who waits for each, and its callback. Loop thread only.
 */
#ifndef API_PENDING_H
#define API_PENDING_H

#include "config/secrets.h"
#include "worker/worker.h"
#include "writer/writer.h"

struct http_request;

/* Where requests go, and how many are in flight. */
struct pending_set {
  struct writer *writer;
  struct worker *worker;
  size_t n;
};

struct pending {
  struct pending_set *set;
  void *context;             /* of whoever submitted it */
  struct http_request *http; /* to be answered; NULL = nobody waits */
  /* Back from the writer, after its commit; may be NULL. */
  void (*on_request)(struct pending *p, struct writer_request *r);
  /* Back from the worker. */
  void (*on_work)(struct pending *p, struct work_item *w);
  /* For a handler's next step. */
  char token[44];                      /* of a new session */
  struct secrets secrets;              /* being saved */
  struct writer_request *next_request; /* owned */
  int64_t offered_ms;                  /* the time of a phone's clock */
};

/* Submits to the writer or the worker. The pending is valid until on_request or on_work returns. NULL: its queue is
 * full; the request or item is freed, and the caller answers. */
struct pending *pending_submit(struct pending_set *s, void *context, struct http_request *http,
                               struct writer_request *take_request,
                               void (*on_request)(struct pending *p, struct writer_request *r));
struct pending *pending_submit_work(struct pending_set *s, void *context, struct http_request *http,
                                    struct work_item *take_item,
                                    void (*on_work)(struct pending *p, struct work_item *w));

/* For a request that goes to neither; whoever answers it calls pending_free(). */
struct pending *pending_new(struct pending_set *s, void *context, struct http_request *http);
void pending_free(struct pending *p);

/* Calls the callback of what came back, then frees both. */
void pending_finish(struct writer_request *take_request);
void pending_finish_work(struct work_item *take_item);

#endif
