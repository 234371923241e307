/* sql.c - sqlite3 has some eighty error codes, but callers can react in only five ways. */
#include "store/sql.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

#include "base/buf.h"
#include "store/files.h"

int sql_errno(int rc)
{
  switch (rc & 0xff) {
  case SQLITE_OK:
  case SQLITE_ROW:
  case SQLITE_DONE:
    return 0;
  case SQLITE_FULL:
    return -ENOSPC;
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB:
  case SQLITE_FORMAT:
  case SQLITE_ERROR: /* our statement does not fit the schema: it is not our schema */
    return -EUCLEAN;
  case SQLITE_READONLY:
    return -EROFS;
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    return -EBUSY;
  case SQLITE_NOMEM:
    return -ENOMEM;
  default:
    return -EIO;
  }
}

/* file:PATH?immutable=1, with the URI's special characters escaped. */
static void immutable_uri(struct buf *b, const char *path)
{
  buf_str(b, "file:");
  for (; *path; path++)
    if (strchr("%?#", *path))
      buf_fmt(b, "%%%02X", (unsigned char)*path);
    else
      buf_add(b, path, 1);
  buf_str(b, "?immutable=1");
}

int sql_open(const char *path, int flags, bool immutable, sqlite3 **ret)
{
  sqlite3 *db = NULL;
  autobuf struct buf uri = {0};
  if (immutable)
    immutable_uri(&uri, path);
  int rc = sqlite3_open_v2(immutable ? uri.data : path, &db,
                           flags | SQLITE_OPEN_NOMUTEX | (immutable ? SQLITE_OPEN_URI : 0), NULL);
  if (rc != SQLITE_OK) {
    sqlite3_close(db);
    return sql_errno(rc);
  }
  sqlite3_extended_result_codes(db, 1);
  sqlite3_busy_timeout(db, SQL_BUSY_MS);
  *ret = db;
  return 0;
}

int sql_open_reader(const char *state_dir, sqlite3 **ret)
{
  autofree char *path = files_path(state_dir, "booth.db");
  cleanup(sql_close) sqlite3 *db = NULL;
  int r = sql_open(path, SQLITE_OPEN_READONLY, false, &db);
  if (r == 0)
    r = sql_exec(db, "PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY; BEGIN");
  if (r == 0)
    *ret = take(db);
  return r;
}

void sql_close(sqlite3 **db)
{
  int rc = sqlite3_close(*db);
  assert(rc == SQLITE_OK); /* a statement was not finalized */
  *db = NULL;
}

void sql_finalize(sqlite3_stmt **s)
{
  sqlite3_finalize(*s);
  *s = NULL;
}

int sql_exec(sqlite3 *db, const char *statements)
{
  return sql_errno(sqlite3_exec(db, statements, NULL, NULL, NULL));
}

int sql_prepare(sqlite3 *db, const char *statement, sqlite3_stmt **ret)
{
  return sql_errno(sqlite3_prepare_v3(db, statement, -1, SQLITE_PREPARE_PERSISTENT, ret, NULL));
}

int sql_prepare_args(sqlite3 *db, const char *statement, const int64_t *arguments, size_t n, sqlite3_stmt **ret)
{
  int r = sql_errno(sqlite3_prepare_v2(db, statement, -1, ret, NULL));
  for (size_t i = 0; r == 0 && i < n; i++)
    sqlite3_bind_int64(*ret, (int)i + 1, arguments[i]);
  return r;
}

int sql_step(sqlite3_stmt *s)
{
  int rc = sqlite3_step(s);
  if (rc == SQLITE_ROW)
    return 1;
  sqlite3_reset(s);
  return sql_errno(rc);
}

int sql_run(sqlite3_stmt *s)
{
  int r;
  do
    r = sql_step(s);
  while (r > 0);
  return r;
}

int sql_int(sqlite3 *db, const char *statement, int64_t *ret)
{
  cleanup(sql_finalize) sqlite3_stmt *s = NULL;
  int r = sql_prepare(db, statement, &s);
  if (r == 0)
    r = sql_step(s);
  if (r < 0)
    return r;
  *ret = r ? sqlite3_column_int64(s, 0) : 0;
  return 0;
}

/* sqlite reports a page that cannot be read like damage: "... unable to get the page. error code=266". */
static int check_result(const char *message)
{
  static const char code[] = "error code=";
  const char *found = strstr(message, code);
  int r = found ? sql_errno(atoi(found + strlen(code))) : 0;
  return r < 0 ? r : -EUCLEAN;
}

int sql_check(sqlite3 *db, const char *pragma, char *ret_why, size_t size)
{
  char statement[48];
  cleanup(sql_finalize) sqlite3_stmt *q = NULL;
  snprintf(statement, sizeof statement, "PRAGMA %s(1)", pragma);
  int r = sql_prepare(db, statement, &q);
  if (r == 0)
    r = sql_step(q);
  const char *message = r > 0 ? (const char *)sqlite3_column_text(q, 0) : NULL;
  if (message && strcmp(message, "ok") == 0)
    return 0;
  snprintf(ret_why, size, "%s", message ? message : sqlite3_errmsg(db));
  if (r < 0)
    return r;
  return message ? check_result(message) : -EUCLEAN;
}

void sql_bind_text(sqlite3_stmt *s, int at, const char *text)
{
  sqlite3_bind_text(s, at, text, -1, SQLITE_STATIC);
}

static int64_t load_integer(const void *at, size_t size, bool is_signed)
{
  switch (size) {
  case 1:
    return is_signed ? *(const int8_t *)at : *(const uint8_t *)at;
  case 2:
    return is_signed ? *(const int16_t *)at : *(const uint16_t *)at;
  case 4:
    return is_signed ? *(const int32_t *)at : (int64_t)*(const uint32_t *)at;
  default:
    return *(const int64_t *)at;
  }
}

void sql_bind_row(sqlite3_stmt *s, int first, const struct column *columns, size_t n, const void *row)
{
  for (size_t i = 0; i < n; i++) {
    const struct column *c = &columns[i];
    const void *from = (const char *)row + c->offset;
    int at = first + (int)i;
    if (c->type == COLUMN_TEXT)
      sql_bind_text(s, at, from);
    else if (c->type == COLUMN_BLOB)
      sqlite3_bind_blob(s, at, from, c->size, SQLITE_STATIC);
    else
      sqlite3_bind_int64(s, at, load_integer(from, c->size, c->type == COLUMN_INT));
  }
}

void sql_read_row(sqlite3_stmt *s, int first, const struct column *columns, size_t n, void *row)
{
  for (size_t i = 0; i < n; i++) {
    const struct column *c = &columns[i];
    void *to = (char *)row + c->offset;
    int at = first + (int)i;
    memset(to, 0, c->size);
    if (c->type == COLUMN_INT || c->type == COLUMN_UINT) {
      int64_t v = sqlite3_column_int64(s, at);
      memcpy(to, &v, c->size); /* little-endian, as asserted below */
    } else {
      const void *from = sqlite3_column_blob(s, at);
      size_t room = c->size - (c->type == COLUMN_TEXT);
      if (from)
        memcpy(to, from, min(room, (size_t)sqlite3_column_bytes(s, at)));
    }
  }
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "sql_read_row copies the low bytes of an int64_t");
