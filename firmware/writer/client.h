/* client.h - requests to the writer from threads that may wait for the answer. */
#ifndef WRITER_CLIENT_H
#define WRITER_CLIENT_H

#include "writer/writer.h"

/* Posts a request, waits for its answer in `home`, the caller's own mailbox, and returns the request; the caller frees
 * it. refusal is REFUSE_STORAGE if the writer did not accept it. */
struct writer_request *writer_call(struct writer *w, struct mailbox *home, struct writer_request *take_request);

#endif
