/* client.h - to the writer and back, for threads that may wait. Each brings a mailbox of its own to wait at. */
#ifndef WRITER_CLIENT_H
#define WRITER_CLIENT_H

#include "writer/writer.h"

/* The same request, with its fate; the caller frees it. code is REFUSE_STORAGE if the writer did not take it. */
struct request *writer_call(struct writer *w, struct mailbox *home, struct request *take_request);

#endif
