/* projection.h - a booth's state for the API (tickets, people, day, intake, settings), built from its events. A thread
 * of the pool, in a transaction that locks the booth's row.
 *
 * A projection collects a run of events, then writes them table by table. The result does not depend on the order of
 * runs. It keeps only the latest event of each ticket, so its size depends on the number of tickets, not of events.
 */
#ifndef HUB_INGEST_PROJECTION_H
#define HUB_INGEST_PROJECTION_H

#include "hub/db/pg.h"
#include "hub/ingest/event_parse.h"

struct projection;

struct projection *projection_new(int64_t booth, int64_t epoch) __attribute__((returns_nonnull));
void projection_free(struct projection *p); /* NULL allowed */

/* text: of the event, borrowed until projection_write(). Takes all that the event owns. */
void projection_add(struct projection *p, int64_t seq, const char *text, struct parsed_event *take_event);
/* people: from the bundle; added_only: only those of tickets whose events were added. 0; or a code of pg.h, and the
 * transaction has failed. */
int projection_write(struct projection *p, struct pg *db, const struct json *people, bool added_only) must_check;

#endif
