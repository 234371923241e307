#include "hub/database.h"

#include <errno.h>
#include <sysexits.h>

#include "base/log.h"
#include "hub/db/migrate.h"
#include "hub/model/generation.h"
#include "hub/model/keys.h"

static int log_failure(const char *detail, int status)
{
  log_err("start_failed", "part=database detail=\"%s\"", detail);
  return status;
}

/* In one transaction under the lock of migrate(), so that processes that start together wait for each other. */
static int prepare_database(struct pg *db)
{
  int r = pg_begin(db);
  if (r < 0)
    return r;
  r = migrate(db);
  if (r < 0)
    return r;
  r = generation_start(db);
  if (r < 0)
    return r;
  r = keys_make_first(db);
  return r < 0 ? r : pg_commit(db);
}

int database_open(const char *conninfo, struct pg **ret)
{
  char error[160] = "";
  struct pg *db = NULL;
  int r = pg_open(conninfo, &db, error);
  if (r < 0)
    return log_failure(error, r == -EPROTO ? EX_DATAERR : EX_UNAVAILABLE);
  r = prepare_database(db);
  if (r == 0) {
    *ret = db;
    return 0;
  }
  pg_close(db);
  if (r == -EILSEQ)
    return log_failure("it was made by a newer version of this program", EX_DATAERR);
  return log_failure("its schema could not be made", EX_UNAVAILABLE);
}
