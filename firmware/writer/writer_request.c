/* writer_request.c - making and freeing requests and batches, with all that they own. */
#include "writer/writer_request.h"

struct writer_request *writer_request_new(enum writer_request_kind kind, void *context)
{
  struct writer_request *q = xnew(struct writer_request);
  q->kind = kind;
  q->context = context;
  return q;
}

void writer_request_free(struct writer_request *q)
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
  for (struct writer_request *q = b->requests, *next; q; q = next) {
    next = (struct writer_request *)q->mail.next;
    writer_request_free(q);
  }
  queue_free(b->reset);
  free(b->banner);
  free(b);
}
