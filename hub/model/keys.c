/* keys.c - a new pair is announced in each booth's inbox, signed by the pair that the booth knows. Until the booth has
 * read it, it seals to the old pair.
 */
#include "hub/model/keys.h"

#include <errno.h>

#include "base/clock.h"
#include "base/json_write.h"
#include "base/random.h"
#include "hub/model/inbox.h"

static const char SQL_ANY[] = "SELECT count(*) FROM hub_key";
static const char SQL_ADD[] = "INSERT INTO hub_key VALUES ($1::bigint::integer, $2, $3, $4, $5, $6, NULL)";
static const char SQL_LOCK[] = "SELECT one FROM hub FOR UPDATE";
static const char SQL_RETIRE[] = "UPDATE hub_key SET retired_at = $1 WHERE retired_at IS NULL RETURNING n";
static const char SQL_BOOTHS[] = "SELECT n FROM booth ORDER BY n";
static const char SQL_LOAD[] = "SELECT n, sign_public, sign_secret, open_public, open_secret FROM hub_key "
                               "WHERE ($1 = 0 AND retired_at IS NULL) "
                               "OR (n = $1 AND coalesce(retired_at, $2) >= $2 - $3) ORDER BY n DESC LIMIT 1";

static int add_keys(struct pg *db, int64_t number, const struct bundle_keys *k)
{
  struct pg_args a = {0};
  pg_int(&a, number);
  pg_bytes(&a, k->sign_public, sizeof k->sign_public);
  pg_bytes(&a, k->sign_secret, sizeof k->sign_secret);
  pg_bytes(&a, k->open_public, sizeof k->open_public);
  pg_bytes(&a, k->open_secret, sizeof k->open_secret);
  pg_int(&a, clock_wall_ms());
  return pg_do(db, SQL_ADD, &a, NULL);
}

int keys_make_first(struct pg *db)
{
  autorows struct pg_rows *rows = NULL;
  struct bundle_keys k;
  int r = pg_query(db, SQL_ANY, NULL, &rows);
  if (r < 0 || pg_get_int(rows, 0, 0) > 0)
    return r;
  bundle_keys_make(&k);
  return add_keys(db, 1, &k);
}

int keys_load(struct pg *db, uint16_t number, struct bundle_keys *ret, uint16_t *ret_number)
{
  autorows struct pg_rows *rows = NULL;
  struct pg_args a = {0};
  struct bundle_keys k;
  pg_int(&a, number);
  pg_int(&a, clock_wall_ms());
  pg_int(&a, LIMIT_HUB_KEY_H * INT64_C(3600000));
  int r = pg_query(db, SQL_LOAD, &a, &rows);
  if (r < 0)
    return r;
  if (pg_count(rows) == 0 || !pg_get_bytes(rows, 0, 1, k.sign_public, sizeof k.sign_public) ||
      !pg_get_bytes(rows, 0, 2, k.sign_secret, sizeof k.sign_secret) ||
      !pg_get_bytes(rows, 0, 3, k.open_public, sizeof k.open_public) ||
      !pg_get_bytes(rows, 0, 4, k.open_secret, sizeof k.open_secret))
    return -ENOENT;
  *ret = k;
  *ret_number = (uint16_t)pg_get_int(rows, 0, 0);
  return 0;
}

static int announce_keys(struct pg *db, int64_t booth, int64_t number, const struct bundle_keys *k)
{
  autobuf struct buf item = {0};
  uint8_t id[16];
  char hex[65];
  random_bytes(id, sizeof id);
  json_open(&item, NULL, '{');
  json_int(&item, "key", number);
  util_hex(hex, k->sign_public, sizeof k->sign_public);
  json_str(&item, "sign_key", hex);
  util_hex(hex, k->open_public, sizeof k->open_public);
  json_str(&item, "open_key", hex);
  json_close(&item, '}');
  return inbox_append(db, booth, id, "hub.keys", 0, item.data);
}

static int rotate_keys(struct pg *db, int64_t *ret_number)
{
  autorows struct pg_rows *retired = NULL, *booths = NULL;
  struct pg_args a = {0};
  struct bundle_keys k;
  int r = pg_do(db, SQL_LOCK, NULL, NULL);
  if (r < 0)
    return r;
  pg_int(&a, clock_wall_ms());
  r = pg_query(db, SQL_RETIRE, &a, &retired);
  if (r < 0)
    return r;
  int64_t number = pg_get_int(retired, 0, 0) + 1;
  bundle_keys_make(&k);
  r = add_keys(db, number, &k);
  if (r < 0)
    return r;
  r = pg_query(db, SQL_BOOTHS, NULL, &booths);
  if (r < 0)
    return r;
  for (size_t i = 0; r == 0 && i < pg_count(booths); i++)
    r = announce_keys(db, pg_get_int(booths, i, 0), number, &k);
  *ret_number = number;
  return r;
}

int keys_rotate(struct pg *db, uint16_t *ret_number)
{
  int64_t number = 0;
  int r = pg_begin(db);
  if (r == 0)
    r = rotate_keys(db, &number);
  if (r == 0)
    r = pg_commit(db);
  pg_rollback(db);
  if (r == 0)
    *ret_number = (uint16_t)number;
  return r;
}
