/* booths.c - a code is known by its hash only, and to whom it was given is never said: all refusals are one. */
#include "hub/model/booths.h"

#include <errno.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/random.h"
#include "hub/model/inbox.h"
#include "hub/model/keys.h"

static const char SQL_CREATE[] =
    "INSERT INTO booth (id, name, made_at, generation) SELECT $1, $2, $3, generation FROM hub RETURNING n";
static const char SQL_FIND[] = "SELECT n, id FROM booth WHERE encode(id, 'hex') = $1 OR name = $1 LIMIT 2";
static const char SQL_CODE[] = "INSERT INTO enrol_code VALUES ($1, $2, $3::bigint::integer, $4, $5, NULL)";
static const char SQL_REVOKE[] = "UPDATE booth_key SET state = 'revoked' WHERE booth = $1";
static const char SQL_DROP_CODES[] = "DELETE FROM enrol_code WHERE booth = $1";
static const char SQL_READ_CODE[] = "SELECT c.booth, b.id, c.hub_key, c.expires_at, c.used_by FROM enrol_code c "
                                    "JOIN booth b ON b.n = c.booth WHERE c.hash = $1 FOR UPDATE OF c, b";
static const char SQL_USE[] = "UPDATE enrol_code SET used_by = $2 WHERE hash = $1";
static const char SQL_RETIRE[] = "UPDATE booth_key SET state = 'retired' WHERE booth = $1 AND state = 'active'";
static const char SQL_KEY[] = "SELECT booth, state FROM booth_key WHERE sign_public = $1";
static const char SQL_ADD_KEY[] = "INSERT INTO booth_key VALUES ($1, $2, $3, 'active', $4) "
                                  "ON CONFLICT (sign_public) DO UPDATE SET state = 'active', open_public = $3";

int booths_create(struct pg *db, const char *name, struct booth *ret)
{
  autorows struct pg_rows *rows = NULL;
  struct pg_args a = {0};
  struct booth b;
  random_bytes(b.id, sizeof b.id);
  pg_bytes(&a, b.id, sizeof b.id);
  pg_text(&a, name);
  pg_int(&a, clock_wall_ms());
  int r = pg_query(db, SQL_CREATE, &a, &rows);
  if (r < 0)
    return r;
  b.n = pg_get_int(rows, 0, 0);
  *ret = b;
  return 0;
}

int booths_find(struct pg *db, const char *id_or_name, struct booth *ret)
{
  autorows struct pg_rows *rows = NULL;
  struct pg_args a = {0};
  struct booth b;
  pg_text(&a, id_or_name);
  int r = pg_query(db, SQL_FIND, &a, &rows);
  if (r < 0)
    return r;
  if (pg_count(rows) != 1)
    return pg_count(rows) == 0 ? -ENOENT : -EEXIST;
  b.n = pg_get_int(rows, 0, 0);
  if (!pg_get_bytes(rows, 0, 1, b.id, sizeof b.id))
    return -ENOENT;
  *ret = b;
  return 0;
}

static void hash_of(uint8_t to[static HASH_SUM], const char *secret)
{
  hash_sum(to, secret, ENROL_HALF);
}

int booths_make_code(struct pg *db, const struct booth *b, struct enrol_code *ret)
{
  struct bundle_keys keys;
  struct enrol_code code;
  struct pg_args a = {0};
  uint8_t hash[HASH_SUM];
  uint16_t number;
  int64_t now = clock_wall_ms();
  int r = keys_load(db, 0, &keys, &number);
  if (r < 0)
    return r;
  enrol_code_make(keys.sign_public, &code);
  hash_of(hash, code.secret);
  pg_bytes(&a, hash, sizeof hash);
  pg_int(&a, b->n);
  pg_int(&a, number);
  pg_int(&a, now);
  pg_int(&a, now + LIMIT_HUB_CODE_H * INT64_C(3600000));
  r = pg_do(db, SQL_CODE, &a, NULL);
  if (r == 0)
    *ret = code;
  return r;
}

/* The codes first: an enrolment under way holds its code, so that its keys are there to be revoked when that is gone.
 */
int booths_revoke(struct pg *db, const struct booth *b)
{
  struct pg_args a = {0};
  pg_int(&a, b->n);
  int r = pg_do(db, SQL_DROP_CODES, &a, NULL);
  pg_int(&a, b->n);
  return r < 0 ? r : pg_do(db, SQL_REVOKE, &a, NULL);
}

/* Takes the keys for the booth's own; its other keys may then only finish what they began. */
static int register_keys(struct pg *db, int64_t booth, const uint8_t hash[static HASH_SUM],
                         const struct enrol_request *q)
{
  struct pg_args a = {0};
  pg_bytes(&a, hash, HASH_SUM);
  pg_bytes(&a, q->sign_key, sizeof q->sign_key);
  int r = pg_do(db, SQL_USE, &a, NULL);
  if (r == 0) {
    pg_int(&a, booth);
    r = pg_do(db, SQL_RETIRE, &a, NULL);
  }
  pg_bytes(&a, q->sign_key, sizeof q->sign_key);
  pg_int(&a, booth);
  pg_bytes(&a, q->open_key, sizeof q->open_key);
  pg_int(&a, clock_wall_ms());
  return r < 0 ? r : pg_do(db, SQL_ADD_KEY, &a, NULL);
}

static int accept_code(struct pg *db, const struct enrol_request *q, struct enrol_answer *ret)
{
  autorows struct pg_rows *rows = NULL, *known = NULL;
  struct pg_args a = {0};
  struct bundle_keys keys;
  struct inbox inbox = {0};
  uint8_t hash[HASH_SUM], used_by[32];
  hash_of(hash, q->secret);
  pg_bytes(&a, hash, sizeof hash);
  int r = pg_query(db, SQL_READ_CODE, &a, &rows);
  if (r < 0)
    return r;
  if (pg_count(rows) == 0 || !pg_get_bytes(rows, 0, 1, ret->booth, sizeof ret->booth))
    return 1;
  int64_t booth = pg_get_int(rows, 0, 0);
  bool used = !pg_is_null(rows, 0, 4);
  if (used ? !pg_get_bytes(rows, 0, 4, used_by, sizeof used_by) || !hash_equal(used_by, q->sign_key, sizeof used_by)
           : pg_get_int(rows, 0, 3) < clock_wall_ms())
    return 1;
  pg_bytes(&a, q->sign_key, sizeof q->sign_key);
  r = pg_query(db, SQL_KEY, &a, &known);
  if (r < 0)
    return r;
  bool there = pg_count(known) > 0;
  if (there ? pg_get_int(known, 0, 0) != booth || strcmp(pg_get(known, 0, 1), "revoked") == 0 : used)
    return 1;
  r = keys_load(db, (uint16_t)pg_get_int(rows, 0, 2), &keys, &ret->key);
  if (r == 0 && !used)
    r = register_keys(db, booth, hash, q);
  if (r == 0)
    r = inbox_settle(db, booth, &inbox);
  if (r < 0)
    return r == -ENOENT ? 1 : r; /* made under keys of the hub that are no more */
  memcpy(ret->sign_key, keys.sign_public, sizeof ret->sign_key);
  memcpy(ret->open_key, keys.open_public, sizeof ret->open_key);
  ret->generation = inbox.generation;
  enrol_answer_sign(ret, q->sign_key, keys.sign_secret);
  return 0;
}

int booths_enrol(struct pg *db, const struct enrol_request *q, struct enrol_answer *ret)
{
  struct enrol_answer answer = {0};
  int r = pg_begin(db);
  if (r == 0)
    r = accept_code(db, q, &answer);
  if (r == 0)
    r = pg_commit(db);
  pg_rollback(db);
  if (r == 0)
    *ret = answer;
  return r;
}
