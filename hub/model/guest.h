/* guest.h - one who joined through the hub, as the booth's events tell. A thread of the pool. A guest is known by the
 * id of the item that asked for the ticket: the booth's events name it as `remote`.
 */
#ifndef HUB_MODEL_GUEST_H
#define HUB_MODEL_GUEST_H

#include "base/buf.h"
#include "hub/db/pg.h"

struct guest {
  int64_t booth;
  bool over; /* refused, or the ticket is closed: nothing can be wished any more */
};

/* 0, -ENOENT, or a code of pg.h. ret, ret_json (a whole object): NULL = not wanted. */
int guest_read(struct pg *db, const uint8_t id[static 16], struct guest *ret, struct buf *ret_json) must_check;
/* The `ticket.…` members that guests and queues share, of a row whose columns from `column` on are TICKET_COLUMNS. */
#define GUEST_TICKET                                                                                                   \
  "t.id, encode(o.id, 'hex'), t.number, t.line, t.state, t.version, t.party_size, t.calls, t.delivery, t.issued_at, "  \
  "t.called_at, t.closed_at, (SELECT encode(c.id, 'hex') FROM epoch c WHERE c.booth = t.booth "                        \
  "AND c.ordinal = t.call_event >> 32 ORDER BY c.n DESC LIMIT 1), t.call_event & 4294967295"
#define GUEST_TICKET_COLUMNS 14
void guest_ticket(struct buf *b, const struct pg_rows *rows, size_t row, int column);
/* A text column, or null. */
void guest_text(struct buf *b, const char *key, const struct pg_rows *rows, size_t row, int column);

#endif
