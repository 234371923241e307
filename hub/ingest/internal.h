/* internal.h - what projection.c and projection_event.c share. */
#ifndef HUB_INGEST_INTERNAL_H
#define HUB_INGEST_INTERNAL_H

#include "hub/ingest/projection.h"

/* Of two events about a ticket, or of two versions of a person: that of the deeper epoch wins. */
#define DEPTH(column) "(SELECT depth FROM epoch WHERE epoch.n = " column ")"
#define NEWER(table, order)                                                                                            \
  "CASE WHEN " table ".epoch = excluded.epoch THEN " table "." order " < excluded." order                              \
  " ELSE " DEPTH(table ".epoch") " < " DEPTH("excluded.epoch") " END"

/* Still on a list: not closed, and not left behind in an epoch that the booth's present one, whose beginning is here,
 * did not take it over from. */
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

/* The last word about each ticket: an open-addressed table by id. */
struct projection_ticket {
  int64_t seq;
  struct parsed_ticket ticket;
};

struct projection_event {
  int64_t seq;
  const char *text;
  struct parsed_event parsed_event;
};

struct projection {
  int64_t booth, epoch, ordinal;
  struct projection_ticket *seen;
  size_t n_seen, room; /* room: a power of 2 */
  struct projection_event *events;
  size_t n_events;
  struct pg_array issue_id, issue_token, issue_remote;
};

void projection_add_ticket(struct projection *p, int64_t seq, const struct parsed_ticket *t);
void projection_add_issue(struct projection *p, const struct parsed_ticket *t, const uint8_t remote[static 16],
                          bool has_remote);
int projection_write_epochs(struct projection *p, struct pg *db) must_check; /* before any ticket */
int projection_write_events(struct projection *p, struct pg *db) must_check; /* after all */

#endif
