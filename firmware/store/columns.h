/* columns.h - tickets, days and commands as columns of the database; for the store and the reports. */
#ifndef STORE_COLUMNS_H
#define STORE_COLUMNS_H

#include "queue/queue.h"
#include "store/sql.h"

/* In the tables' order; day and command have more columns after these. */
enum { TICKET_COLUMNS = 22, DAY_COLUMNS = 4, UNDO_COLUMNS = 10 };
extern const struct column ticket_columns[TICKET_COLUMNS];
extern const struct column day_columns[DAY_COLUMNS];
extern const struct column undo_columns[UNDO_COLUMNS];

/* The columns that columns_read_ticket() reads: a ticket, its date and its person. More may follow. */
#define TICKET_SELECT                                                                                                  \
  "SELECT t.id, t.number, t.version, t.day, t.actor, t.party_size, t.calls, t.state, t.source, t.delivery, t.line,"    \
  " t.label, t.issued_at, t.called_at, t.closed_at, t.rank, t.held_at, t.call_event, t.undo_transition,"               \
  " t.undo_phoned, t.undo_edit, t.token, d.date, p.name, p.phone, p.note"
#define TICKET_FROM " FROM ticket t LEFT JOIN day d ON d.id = t.day LEFT JOIN person p ON p.ticket = t.id "
enum { TICKET_SELECTED = TICKET_COLUMNS + 4 };

/* The person is a new reference; called_mono is not in the database. */
void columns_read_ticket(sqlite3_stmt *s, struct ticket *ret);

#endif
