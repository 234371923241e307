/* projection.h - the queues as the events tell them. A thread of the pool, inside a transaction that holds the booth's
 * row.
 *
 * A projection collects what a run of events says, then writes it set by set; whatever the order in which runs come,
 * the result is the same. Only the last word about each ticket is kept, so its size is that of the tickets, not the
 * events.
 */
#ifndef HUB_INGEST_PROJECTION_H
#define HUB_INGEST_PROJECTION_H

#include "hub/db/pg.h"
#include "hub/ingest/event_parse.h"

struct projection;

struct projection *projection_new(int64_t booth, int64_t epoch) __attribute__((returns_nonnull));
void projection_free(struct projection *p); /* NULL allowed */
/* text: of the event, borrowed until projection_write(); takes what d owns. */
void projection_add(struct projection *p, int64_t seq, const char *text, struct parsed_event *take_event);
/* people: as in the bundle; of_these: only those of the events that were added. 0; or a code of pg.h, and the
 * transaction is broken. */
int projection_write(struct projection *p, struct pg *db, const struct json *people, bool of_these) must_check;

#endif
