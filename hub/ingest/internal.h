/* internal.h - shared by projection.c and projection_events.c only. */
#ifndef HUB_INGEST_INTERNAL_H
#define HUB_INGEST_INTERNAL_H

#include "hub/db/pg.h"
#include "hub/ingest/event_parse.h"

/* True if the new row wins: by the deeper epoch, within an epoch by the higher order. */
#define DEPTH(column) "(SELECT depth FROM epoch WHERE epoch.n = " column ")"
#define NEWER(table, order)                                                                                            \
  "CASE WHEN " table ".epoch = excluded.epoch THEN " table "." order " < excluded." order                              \
  " ELSE " DEPTH(table ".epoch") " < " DEPTH("excluded.epoch") " END"

/* True while ticket t is on the booth's list: not closed, and not left behind in an earlier epoch. The latter is known
 * once the first event of the present epoch has arrived. */
#define LISTED                                                                                                         \
  "(t.state IN ('waiting', 'called') AND NOT EXISTS (SELECT FROM booth b JOIN event v ON v.epoch = b.epoch "           \
  "AND v.seq = 1 WHERE b.n = t.booth AND b.epoch <> t.epoch))"

#define TICKET_SET                                                                                                     \
  "epoch = excluded.epoch, seq = excluded.seq, version = excluded.version, day = excluded.day, "                       \
  "number = excluded.number, line = excluded.line, state = excluded.state, party_size = excluded.party_size, "         \
  "source = excluded.source, calls = excluded.calls, delivery = excluded.delivery, issued_at = excluded.issued_at, "   \
  "called_at = excluded.called_at, closed_at = excluded.closed_at, rank = excluded.rank, "                             \
  "held_at = excluded.held_at, call_event = excluded.call_event"
#define PERSON_SET                                                                                                     \
  "epoch = excluded.epoch, version = excluded.version, name = excluded.name, phone = excluded.phone, "                 \
  "note = excluded.note"

/* A ticket and the seq of its latest event; id 0 = a free slot. */
struct projection_ticket {
  int64_t seq;
  struct parsed_ticket ticket;
};

/* An event whose effect goes beyond its ticket. */
struct projection_event {
  int64_t seq;
  const char *text;
  struct parsed_event parsed;
};

struct projection {
  int64_t booth;
  int64_t epoch;
  int64_t ordinal;                   /* the booth's number of the epoch; 0 = not known from these events */
  struct projection_ticket *tickets; /* an open-addressed hash table by id */
  size_t n_tickets;
  size_t capacity; /* a power of 2 */
  struct projection_event *events;
  size_t n_events;
  struct pg_array issue_id;
  struct pg_array issue_token;
  struct pg_array issue_remote;
};

/* projection.c */
void projection_add_ticket(struct projection *p, int64_t seq, const struct parsed_ticket *t);
void projection_add_issue(struct projection *p, const struct parsed_ticket *t, const uint8_t *remote); /* or NULL */

/* projection_events.c: called before any ticket is written, and after all. */
int projection_write_epochs(struct projection *p, struct pg *db) must_check;
int projection_write_events(struct projection *p, struct pg *db) must_check;

#endif
