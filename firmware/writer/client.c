/* client.c - one request at a time, so whatever comes back is its answer. */
#include "writer/client.h"

struct request *writer_call(struct writer *w, struct mailbox *home, struct request *q)
{
  q->home = home;
  if (writer_post(w, q) < 0) {
    q->refusal = REFUSE_STORAGE;
    return q;
  }
  mailbox_wait(home, 1, -1);
  return (struct request *)mailbox_take_all(home, 1);
}
