/* request.c - a request and a batch own what they point to, wherever they end. */
#include "writer/request.h"

struct request *request_new(enum request_kind kind, void *context)
{
  struct request *q = xnew(struct request);
  q->kind = kind;
  q->context = context;
  return q;
}

void request_free(struct request *q)
{
  if (!q)
    return;
  command_done(&q->command);
  person_unref(q->ticket.person);
  free(q->path);
  free(q->report);
  free(q);
}

void batch_free(struct batch *b)
{
  if (!b)
    return;
  for (size_t i = 0; i < b->n_changes; i++)
    change_done(&b->changes[i]);
  free(b->changes);
  for (struct request *q = b->requests, *next; q; q = next) {
    next = (struct request *)q->mail.next;
    request_free(q);
  }
  queue_free(b->reset);
  free(b->banner);
  free(b);
}
