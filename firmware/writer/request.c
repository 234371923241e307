/* request.c - a request and a batch own what hangs off them, wherever on their way they end. */
#include "writer/request.h"

struct request *request_new(enum request_kind kind, void *context)
{
  struct request *r = xnew(struct request);
  r->kind = kind;
  r->context = context;
  return r;
}

void request_free(struct request *r)
{
  if (!r)
    return;
  command_done(&r->command);
  person_unref(r->ticket.person);
  free(r->path);
  free(r->note);
  free(r);
}

void batch_free(struct batch *b)
{
  if (!b)
    return;
  for (size_t i = 0; i < b->n_changes; i++)
    change_done(&b->changes[i]);
  free(b->changes);
  for (struct request *r = b->requests, *next; r; r = next) {
    next = (struct request *)r->mail.next;
    request_free(r);
  }
  queue_free(b->reset);
  free(b->banner);
  free(b);
}
