/* rows_json.h - columns of a row as members of a JSON object; NULL is null. Any thread. */
#ifndef HUB_DB_ROWS_JSON_H
#define HUB_DB_ROWS_JSON_H

#include "base/buf.h"
#include "hub/db/pg.h"

void rows_json_text(struct buf *b, const char *name, const struct pg_rows *rows, size_t row, int column);
void rows_json_int(struct buf *b, const char *name, const struct pg_rows *rows, size_t row, int column);

#endif
