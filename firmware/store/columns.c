/* columns.c - one table per struct, for writing and reading, so that the two cannot differ. */
#include "store/columns.h"

const struct column ticket_columns[TICKET_COLUMNS] = {
    column(struct ticket, id, INT),
    column(struct ticket, number, UINT),
    column(struct ticket, version, UINT),
    column(struct ticket, day, INT),
    column(struct ticket, actor, INT),
    column(struct ticket, party_size, UINT),
    column(struct ticket, calls, UINT),
    column(struct ticket, state, UINT),
    column(struct ticket, source, UINT),
    column(struct ticket, delivery, UINT),
    column(struct ticket, line, TEXT),
    column(struct ticket, label, TEXT),
    column(struct ticket, issued_at, INT),
    column(struct ticket, called_at, INT),
    column(struct ticket, closed_at, INT),
    column(struct ticket, rank, INT),
    column(struct ticket, held_at, INT),
    column(struct ticket, call_event, INT),
    column(struct ticket, undo[UNDO_TRANSITION], INT),
    column(struct ticket, undo[UNDO_PHONED], INT),
    column(struct ticket, undo[UNDO_EDIT], INT),
    column(struct ticket, token, BLOB),
};

const struct column day_columns[DAY_COLUMNS] = {
    column(struct day, id, INT),
    column(struct day, date, INT),
    column(struct day, trusted, UINT),
    column(struct day, started_at, INT),
};

const struct column undo_columns[UNDO_COLUMNS] = {
    column(struct undo_record, id, INT),      column(struct undo_record, actor, INT),
    column(struct undo_record, kind, UINT),   column(struct undo_record, wall_ms, INT),
    column(struct undo_record, ticket, INT),  column(struct undo_record, prev, INT),
    column(struct undo_record, class, UINT),  column(struct undo_record, day, INT),
    column(struct undo_record, mono_ms, INT), column(struct undo_record, fields, UINT),
};

void columns_read_ticket(sqlite3_stmt *s, struct ticket *ret)
{
  const char *person[3] = {0};
  *ret = (struct ticket){0};
  sql_read_row(s, 0, ticket_columns, TICKET_COLUMNS, ret);
  ret->date = sqlite3_column_int(s, TICKET_COLUMNS);
  for (int i = 0; i < 3; i++)
    person[i] = (const char *)sqlite3_column_text(s, TICKET_COLUMNS + 1 + i);
  ret->person = person_new(person[0], person[1], person[2]);
}
