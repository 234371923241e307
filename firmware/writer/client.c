/* client.c - one request at a time, so the next mail is its answer. */
#include "writer/client.h"

struct writer_request *writer_call(struct writer *w, struct mailbox *home, struct writer_request *q)
{
  q->home = home;
  if (writer_post(w, q) < 0) {
    q->refusal = REFUSE_STORAGE;
    return q;
  }
  mailbox_wait(home, 1, -1);
  return (struct writer_request *)mailbox_take_all(home, 1);
}
