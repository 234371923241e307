/* projection.h - the queues as the events tell them. A thread of the pool, inside a transaction that holds the booth's
 * row.
 *
 * A project collects what a run of events says, then writes it set by set; whatever the order in which runs come, the
 * result is the same. Only the last word about each ticket is kept, so its size is that of the tickets, not the events.
 */
#ifndef HUB_INGEST_PROJECTION_H
#define HUB_INGEST_PROJECTION_H

#include "hub/db/pg.h"
#include "hub/ingest/event_parse.h"

struct project;

struct project *project_new(int64_t booth, int64_t epoch) __attribute__((returns_nonnull));
void project_free(struct project *p); /* NULL allowed */
/* text: of the event, borrowed until project_write(); takes what d owns. */
void project_add(struct project *p, int64_t seq, const char *text, struct digest *take_digest);
/* people: as in the bundle; of_these: only those of the events that were added. 0; or a code of pg.h, and the
 * transaction is broken. */
int project_write(struct project *p, struct pg *db, const struct json *people, bool of_these) must_check;

#endif
