#include "hub/model/ticket_json.h"

#include "base/json_write.h"
#include "hub/db/rows_json.h"

static void call_json(struct buf *b, const struct pg_rows *rows, size_t row, int column)
{
  if (pg_is_null(rows, row, column)) {
    json_null(b, "call");
    return;
  }
  json_open(b, "call", '{');
  json_str(b, "epoch", pg_get(rows, row, column));
  json_int(b, "seq", pg_get_int(rows, row, column + 1));
  json_close(b, '}');
}

void ticket_json(struct buf *b, const struct pg_rows *rows, size_t row, int column)
{
  json_int(b, "id", pg_get_int(rows, row, column));
  json_str(b, "epoch", pg_get(rows, row, column + 1));
  json_str(b, "number", pg_get(rows, row, column + 2));
  json_str(b, "line", pg_get(rows, row, column + 3));
  json_str(b, "state", pg_get(rows, row, column + 4));
  json_int(b, "version", pg_get_int(rows, row, column + 5));
  json_int(b, "party_size", pg_get_int(rows, row, column + 6));
  json_int(b, "calls", pg_get_int(rows, row, column + 7));
  rows_json_text(b, "delivery", rows, row, column + 8);
  json_time(b, "issued_at", pg_get_int(rows, row, column + 9));
  json_time(b, "called_at", pg_get_int(rows, row, column + 10));
  json_time(b, "closed_at", pg_get_int(rows, row, column + 11));
  call_json(b, rows, row, column + 12);
}
