#include "api/pending.h"

struct pending *pending_new(struct pending_set *s, void *context, struct http_request *http)
{
  struct pending *p = xnew(struct pending);
  p->set = s;
  p->context = context;
  p->http = http;
  s->n++;
  return p;
}

void pending_free(struct pending *p)
{
  p->set->n--;
  writer_request_free(p->next_request);
  free(p);
}

struct pending *pending_submit(struct pending_set *s, void *context, struct http_request *http,
                               struct writer_request *take_request,
                               void (*on_request)(struct pending *p, struct writer_request *r))
{
  struct pending *p = pending_new(s, context, http);
  p->on_request = on_request;
  take_request->context = p;
  if (writer_post(s->writer, take_request) == 0)
    return p;
  pending_free(p);
  writer_request_free(take_request);
  return NULL;
}

struct pending *pending_submit_work(struct pending_set *s, void *context, struct http_request *http,
                                    struct work_item *take_item,
                                    void (*on_work)(struct pending *p, struct work_item *w))
{
  struct pending *p = pending_new(s, context, http);
  p->on_work = on_work;
  take_item->context = p;
  if (worker_post(s->worker, take_item) == 0)
    return p;
  pending_free(p);
  work_item_free(take_item);
  return NULL;
}

void pending_finish(struct writer_request *take_request)
{
  struct pending *p = take_request->context;
  if (p) {
    if (p->on_request)
      p->on_request(p, take_request);
    pending_free(p);
  }
  writer_request_free(take_request);
}

void pending_finish_work(struct work_item *take_item)
{
  struct pending *p = take_item->context;
  p->on_work(p, take_item);
  pending_free(p);
  work_item_free(take_item);
}
