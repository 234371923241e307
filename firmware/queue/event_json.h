/* event_json.h - the JSON of tickets and events, for the journal, the API and reports. Pure. */
#ifndef QUEUE_EVENT_JSON_H
#define QUEUE_EVENT_JSON_H

#include "base/buf.h"
#include "queue/queue.h"

/* Which members: the journal has no personal data, the board only what everybody may see. */
enum ticket_view { TICKET_STAFF, TICKET_BOARD, TICKET_JOURNAL };
/* Members that depend on more than the ticket; zeroed = unknown (history, reports). */
struct ticket_context {
  int position;
  bool held;
  struct estimate estimate;
  const char *by;      /* the actor's name */
  const char *history; /* a JSON array, written as the last member; NULL = omitted */
};
void ticket_json(struct buf *b, const char *key, const struct ticket *t, enum ticket_view view,
                 const struct ticket_context *context);

/* The event's text, which is stored, hashed and sent verbatim (docs/sync.md). boot: the boot's id. */
void change_json(struct buf *b, const struct change *c, const char *boot);

void actor_text(char to[static 24], int32_t actor); /* "device:7" */
int actor_parse(const char *s, int32_t *ret) must_check;
void estimate_json(struct buf *b, const char *key, struct estimate e); /* null if there is none */
void intake_json(struct buf *b, const char *key, const struct intake *i);
void settings_json(struct buf *b, const char *key, const struct settings *s); /* as in GET settings, without PINs */

#endif
