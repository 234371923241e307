/* pg.c - libpq is used asynchronously, under a deadline, so that a stopped server or a cut network does not hold a
 * thread for as long as the kernel keeps the connection. The server's own statement_timeout is shorter: the deadline is
 * only for a server that does not answer at all.
 *
 * A server's message may quote values. The log gets the code, the table and the constraint, and the message only of
 * errors in the statement itself (class 42), which quote no values.
 */
#include "hub/db/pg.h"

#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"

#define STATEMENTS 128
#define ANSWER_MS  (LIMIT_HUB_STATEMENT_MS + 5000)

struct pg {
  PGconn *conn;
  const char *prepared[STATEMENTS]; /* the index of a statement is its name: "s0", "s1" … */
  size_t n_prepared;
  bool dead;
};

/* --- the connection --- */

static void copy_error(char to[static 160], const char *from)
{
  size_t n = strcspn(from, "\n");
  snprintf(to, 160, "%.*s", (int)min(n, 159u), from);
}

/* A database of another encoding would refuse texts that booths send. */
static int setup_session(struct pg *db, char ret_error[static 160])
{
  static const char sql[] = "SET client_min_messages = warning; SET bytea_output = hex; SET timezone = 'UTC'; "
                            "SET idle_in_transaction_session_timeout = 60000; SET lock_timeout = 8000; "
                            "SET jit = off; SET max_parallel_workers_per_gather = 0";
  char timeout[64];
  const char *encoding = PQparameterStatus(db->conn, "server_encoding");
  if (!encoding || strcmp(encoding, "UTF8") != 0 || PQsetClientEncoding(db->conn, "UTF8") != 0) {
    copy_error(ret_error, "the database's encoding must be UTF8");
    return -EPROTO;
  }
  if (PQserverVersion(db->conn) < 150000) {
    copy_error(ret_error, "PostgreSQL 15 or newer is needed");
    return -EPROTO;
  }
  snprintf(timeout, sizeof timeout, "SET statement_timeout = %d", LIMIT_HUB_STATEMENT_MS);
  int r = pg_script(db, sql);
  if (r == 0)
    r = pg_script(db, timeout);
  if (r < 0)
    copy_error(ret_error, "the session could not be set up");
  return r;
}

int pg_open(const char *conninfo, struct pg **ret, char ret_error[static 160])
{
  static const char *const names[] = {"connect_timeout", "application_name", "dbname",
                                      "keepalives_idle", "tcp_user_timeout", NULL};
  /* The names before dbname may be overridden by conninfo. */
  const char *values[] = {"5", "boothhub", conninfo, "30", "20000", NULL};
  struct pg *db = xnew(struct pg);
  db->conn = PQconnectdbParams(names, values, 1);
  int r = 0;
  if (PQstatus(db->conn) != CONNECTION_OK || PQsetnonblocking(db->conn, 1) != 0) {
    copy_error(ret_error, PQerrorMessage(db->conn));
    r = -ECONNREFUSED;
  } else {
    r = setup_session(db, ret_error);
  }
  if (r < 0) {
    pg_close(db);
    return r;
  }
  *ret = db;
  return 0;
}

bool pg_conninfo_ok(const char *conninfo)
{
  PQconninfoOption *options = PQconninfoParse(conninfo, NULL);
  PQconninfoFree(options);
  return options != NULL;
}

void pg_close(struct pg *db)
{
  if (!db)
    return;
  PQfinish(db->conn);
  free(db);
}

bool pg_alive(const struct pg *db)
{
  return db && !db->dead;
}

/* --- statements --- */

static int mark_dead(struct pg *db)
{
  db->dead = true;
  return -ECONNRESET;
}

/* Flushes the output and reads until a whole result has arrived. */
static int await_result(struct pg *db)
{
  int64_t until = clock_mono_ms() + ANSWER_MS;
  for (;;) {
    int unsent = PQflush(db->conn);
    if (unsent < 0)
      return mark_dead(db);
    if (!unsent && !PQisBusy(db->conn))
      return 0;
    struct pollfd p = {PQsocket(db->conn), (short)(POLLIN | (unsent ? POLLOUT : 0)), 0};
    int64_t left = until - clock_mono_ms();
    int n = left > 0 ? poll(&p, 1, (int)left) : 0;
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0 || (p.revents & ~POLLOUT && !PQconsumeInput(db->conn)))
      return mark_dead(db);
  }
}

static void log_error(const PGresult *result, const char *state)
{
  const char *table = PQresultErrorField(result, PG_DIAG_TABLE_NAME);
  const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
  const char *message = strncmp(state, "42", 2) == 0 ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
  log_err("database", "state=%s table=%s constraint=%s message=\"%s\"", state, table ? table : "-",
          constraint ? constraint : "-", message ? message : "-");
}

/* The code for an SQLSTATE, by how a caller can react. */
static int error_code(struct pg *db, const PGresult *result)
{
  static const struct {
    const char *state;
    int code;
  } known[] = {{"40", -EAGAIN},     {"55P03", -EAGAIN},   {"23505", -EEXIST}, {"57014", -ETIME},
               {"08", -ECONNRESET}, {"57P", -ECONNRESET}, {"53", -ENOSPC},    {"58", -ENOSPC}};
  const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  if (!state)
    return mark_dead(db);
  int r = -EPROTO;
  for (size_t i = 0; i < array_len(known); i++)
    if (strncmp(state, known[i].state, strlen(known[i].state)) == 0)
      r = known[i].code;
  if (r == -ECONNRESET)
    db->dead = true;
  if (r == -EPROTO || r == -ETIME || r == -ENOSPC)
    log_error(result, state);
  return r;
}

/* Reads all results: the last one, or the code of the first error. */
static int read_results(struct pg *db, PGresult **ret)
{
  PGresult *last = NULL;
  int r = 0;
  for (;;) {
    int ready = await_result(db);
    if (ready < 0) {
      PQclear(last);
      return ready;
    }
    PGresult *one = PQgetResult(db->conn);
    if (!one)
      break;
    ExecStatusType status = PQresultStatus(one);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && r == 0)
      r = error_code(db, one);
    PQclear(last);
    last = one;
  }
  if (r == 0 && !last)
    r = mark_dead(db);
  if (r < 0) {
    PQclear(last);
    return r;
  }
  *ret = last;
  return 0;
}

static int finish_send(struct pg *db, int sent, PGresult **ret)
{
  return sent ? read_results(db, ret) : mark_dead(db);
}

static int prepare_statement(struct pg *db, const char *sql, const struct pg_args *a, size_t *ret_index)
{
  size_t i = 0;
  while (i < db->n_prepared && db->prepared[i] != sql)
    i++;
  *ret_index = i;
  if (i < db->n_prepared)
    return 0;
  if (i == STATEMENTS)
    abort(); /* too many statements: raise STATEMENTS */
  Oid oids[PG_ARGS];
  char name[8];
  PGresult *result = NULL;
  for (int k = 0; k < a->n; k++)
    oids[k] = a->at[k].type;
  snprintf(name, sizeof name, "s%zu", i);
  int r = finish_send(db, PQsendPrepare(db->conn, name, sql, a->n, oids), &result);
  if (r < 0)
    return r;
  PQclear(result);
  db->prepared[db->n_prepared++] = sql;
  return 0;
}

static int run_statement(struct pg *db, const char *sql, const struct pg_args *a, PGresult **ret)
{
  const char *values[PG_ARGS];
  int lengths[PG_ARGS], formats[PG_ARGS];
  char name[8];
  size_t index;
  if (db->dead)
    return -ECONNRESET;
  int r = prepare_statement(db, sql, a, &index);
  if (r < 0)
    return r;
  for (int i = 0; i < a->n; i++) {
    values[i] = a->at[i].bytes;
    lengths[i] = a->at[i].length;
    formats[i] = 1;
  }
  snprintf(name, sizeof name, "s%zu", index);
  return finish_send(db, PQsendQueryPrepared(db->conn, name, a->n, values, lengths, formats, 0), ret);
}

int pg_query(struct pg *db, const char *sql, struct pg_args *a, struct pg_rows **ret)
{
  static const struct pg_args none;
  PGresult *result = NULL;
  int r = run_statement(db, sql, a ? a : &none, &result);
  if (a)
    pg_args_done(a);
  if (r == 0)
    *ret = (struct pg_rows *)result;
  return r;
}

int pg_do(struct pg *db, const char *sql, struct pg_args *a, int64_t *ret_rows)
{
  autorows struct pg_rows *rows = NULL;
  int r = pg_query(db, sql, a, &rows);
  if (r == 0 && ret_rows) {
    const char *count = PQcmdTuples((PGresult *)rows);
    *ret_rows = *count ? strtoll(count, NULL, 10) : 0;
  }
  return r;
}

int pg_script(struct pg *db, const char *sql)
{
  PGresult *result = NULL;
  if (db->dead)
    return -ECONNRESET;
  int r = finish_send(db, PQsendQuery(db->conn, sql), &result);
  if (r == 0)
    PQclear(result);
  return r;
}

int pg_begin(struct pg *db)
{
  return pg_script(db, "BEGIN");
}

/* COMMIT of a failed transaction is answered ROLLBACK, which libpq does not report as an error. */
int pg_commit(struct pg *db)
{
  if (PQtransactionStatus(db->conn) != PQTRANS_INTRANS)
    return db->dead ? -ECONNRESET : -EPROTO;
  return pg_script(db, "COMMIT");
}

void pg_rollback(struct pg *db)
{
  if (!db->dead && PQtransactionStatus(db->conn) != PQTRANS_IDLE && pg_script(db, "ROLLBACK") < 0)
    db->dead = true;
}

/* --- rows --- */

static const PGresult *result_of(const struct pg_rows *r)
{
  return (const PGresult *)r;
}

void pg_rows_free(struct pg_rows *r)
{
  PQclear((PGresult *)r);
}

size_t pg_count(const struct pg_rows *r)
{
  return (size_t)PQntuples(result_of(r));
}

bool pg_is_null(const struct pg_rows *r, size_t row, int column)
{
  return PQgetisnull(result_of(r), (int)row, column) != 0;
}

const char *pg_get(const struct pg_rows *r, size_t row, int column)
{
  return PQgetvalue(result_of(r), (int)row, column);
}

size_t pg_get_length(const struct pg_rows *r, size_t row, int column)
{
  return (size_t)PQgetlength(result_of(r), (int)row, column);
}

int64_t pg_get_int(const struct pg_rows *r, size_t row, int column)
{
  return strtoll(pg_get(r, row, column), NULL, 10);
}

bool pg_get_true(const struct pg_rows *r, size_t row, int column)
{
  return *pg_get(r, row, column) == 't';
}

bool pg_get_bytes(const struct pg_rows *r, size_t row, int column, void *to, size_t n)
{
  const char *text = pg_get(r, row, column);
  return strncmp(text, "\\x", 2) == 0 && util_unhex(to, n, text + 2) == 0;
}
