/* sse.h - parses server-sent events from a stream in pieces. */
#ifndef BOOTHCTL_SSE_H
#define BOOTHCTL_SSE_H

#include "base/buf.h"

/* Zeroed at first; the owner calls sse_done(). */
struct sse {
  struct buf line; /* the incomplete last line */
  struct buf data; /* of the event so far */
  char event[32];
};

typedef void sse_each(void *arg, const char *event, const char *data);
/* Calls each for every complete event. 0, or -EMSGSIZE: the event is too long. */
int sse_feed(struct sse *s, const char *bytes, size_t n, sse_each *each, void *arg) must_check;
void sse_done(struct sse *s);

#endif
