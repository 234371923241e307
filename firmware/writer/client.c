/* client.c - one errand at a time, so whatever comes back is its answer. */
#include "writer/client.h"

struct request *writer_call(struct writer *w, struct mailbox *home, struct request *r)
{
  r->home = home;
  if (writer_post(w, r) < 0) {
    r->refusal = REFUSE_STORAGE;
    return r;
  }
  mailbox_wait(home, 1, -1);
  return (struct request *)mailbox_take_all(home, 1);
}
