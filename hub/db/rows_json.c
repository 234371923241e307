#include "hub/db/rows_json.h"

#include "base/json_write.h"

void rows_json_text(struct buf *b, const char *name, const struct pg_rows *rows, size_t row, int column)
{
  json_str(b, name, pg_is_null(rows, row, column) ? NULL : pg_get(rows, row, column));
}

void rows_json_int(struct buf *b, const char *name, const struct pg_rows *rows, size_t row, int column)
{
  if (pg_is_null(rows, row, column))
    json_null(b, name);
  else
    json_int(b, name, pg_get_int(rows, row, column));
}
