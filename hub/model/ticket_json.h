/* ticket_json.h - a ticket as the API shows it, in a guest and in a queue. A thread of the pool. */
#ifndef HUB_MODEL_TICKET_JSON_H
#define HUB_MODEL_TICKET_JSON_H

#include "base/buf.h"
#include "hub/db/pg.h"

/* Of a statement in which t is the ticket and o the epoch that issued it. */
#define TICKET_JSON_COLUMNS                                                                                            \
  "t.id, encode(o.id, 'hex'), t.number, t.line, t.state, t.version, t.party_size, t.calls, t.delivery, t.issued_at, "  \
  "t.called_at, t.closed_at, (SELECT encode(c.id, 'hex') FROM epoch c WHERE c.booth = t.booth "                        \
  "AND c.ordinal = t.call_event >> 32 ORDER BY c.n DESC LIMIT 1), t.call_event & 4294967295"

/* The members, without braces; column: of the row's first of TICKET_JSON_COLUMNS. */
void ticket_json(struct buf *b, const struct pg_rows *rows, size_t row, int column);

#endif
