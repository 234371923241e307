/* internal.h - what project.c and project_special.c share. */
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
struct project_seen {
  int64_t seq;
  struct digest_ticket ticket;
};

struct project_special {
  int64_t seq;
  const char *text;
  struct digest digest;
};

struct project {
  int64_t booth, epoch, ordinal;
  struct project_seen *seen;
  size_t n_seen, room; /* room: a power of 2 */
  struct project_special *specials;
  size_t n_specials;
  struct pg_array issue_id, issue_token, issue_remote;
};

void project_see(struct project *p, int64_t seq, const struct digest_ticket *t);
void project_issue(struct project *p, const struct digest_ticket *t, const uint8_t remote[static 16], bool has_remote);
int project_epochs(struct project *p, struct pg *db) must_check;   /* before any ticket */
int project_specials(struct project *p, struct pg *db) must_check; /* after all */

#endif
