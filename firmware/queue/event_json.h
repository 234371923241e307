/* event_json.h - a ticket's and an event's JSON, written once for the journal, the API and reports. Pure. */
#ifndef QUEUE_EVENT_JSON_H
#define QUEUE_EVENT_JSON_H

#include "base/buf.h"
#include "queue/queue.h"

/* How much of it: the journal holds no personal data but what replay needs; a board only what everybody may see. */
enum ticket_view { TICKET_STAFF, TICKET_BOARD, TICKET_JOURNAL };
struct ticket_context { /* what the ticket itself does not know; zeroed = unknown (history, reports) */
  int position;
  bool held;
  struct estimate estimate;
  const char *by;      /* the actor's name */
  const char *history; /* a JSON array, to be its last member; NULL = left out */
};
void ticket_json(struct buf *b, const char *key, const struct ticket *t, enum ticket_view view,
                 const struct ticket_context *context);

/* The event's text as sync.md fixes it: what is stored, hashed and sent verbatim. boot: the boot's id. */
void change_json(struct buf *b, const struct change *c, const char *boot);

void actor_text(char to[static 24], int32_t actor); /* "device:7" */
int actor_parse(const char *s, int32_t *ret) must_check;
void estimate_json(struct buf *b, const char *key, struct estimate e); /* null = nothing to base it on */
void intake_json(struct buf *b, const char *key, const struct intake *i);
void settings_json(struct buf *b, const char *key, const struct settings *s); /* as GET settings; no PINs */

#endif
