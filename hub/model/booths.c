/* booths.c - only the hash of a code is stored. All refusals of a code have the same answer, which does not reveal
 * whether the code exists.
 */
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
static const char SQL_ADD_CODE[] = "INSERT INTO enrol_code VALUES ($1, $2, $3::bigint::integer, $4, $5, NULL)";
static const char SQL_REVOKE_KEYS[] = "UPDATE booth_key SET state = 'revoked' WHERE booth = $1";
static const char SQL_DROP_CODES[] = "DELETE FROM enrol_code WHERE booth = $1";
static const char SQL_READ_CODE[] = "SELECT c.booth, b.id, c.hub_key, c.expires_at, c.used_by FROM enrol_code c "
                                    "JOIN booth b ON b.n = c.booth WHERE c.hash = $1 FOR UPDATE OF c, b";
static const char SQL_USE_CODE[] = "UPDATE enrol_code SET used_by = $2 WHERE hash = $1";
static const char SQL_RETIRE_KEYS[] = "UPDATE booth_key SET state = 'retired' WHERE booth = $1 AND state = 'active'";
static const char SQL_READ_KEY[] = "SELECT booth, state FROM booth_key WHERE sign_public = $1";
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

static void hash_code(uint8_t to[static HASH_SUM], const char *secret)
{
  hash_sum(to, secret, ENROL_HALF);
}

int booths_make_code(struct pg *db, const struct booth *b, struct enrol_code *ret)
{
  struct bundle_keys keys;
  uint16_t number;
  int r = keys_load(db, 0, &keys, &number);
  if (r < 0)
    return r;
  struct enrol_code code;
  uint8_t hash[HASH_SUM];
  enrol_code_make(keys.sign_public, &code);
  hash_code(hash, code.secret);
  struct pg_args a = {0};
  int64_t now = clock_wall_ms();
  pg_bytes(&a, hash, sizeof hash);
  pg_int(&a, b->n);
  pg_int(&a, number);
  pg_int(&a, now);
  pg_int(&a, now + LIMIT_HUB_CODE_H * INT64_C(3600000));
  r = pg_do(db, SQL_ADD_CODE, &a, NULL);
  if (r == 0)
    *ret = code;
  return r;
}

/* Codes first: this waits for an enrolment in progress, which locks its code, and then its keys can be revoked. */
int booths_revoke(struct pg *db, const struct booth *b)
{
  struct pg_args a = {0};
  pg_int(&a, b->n);
  int r = pg_do(db, SQL_DROP_CODES, &a, NULL);
  if (r < 0)
    return r;
  pg_int(&a, b->n);
  return pg_do(db, SQL_REVOKE_KEYS, &a, NULL);
}

/* --- enrolment --- */

/* Registers the keys as the booth's active ones and retires its others. */
static int register_keys(struct pg *db, int64_t booth, const uint8_t hash[static HASH_SUM],
                         const struct enrol_request *q)
{
  struct pg_args a = {0};
  pg_bytes(&a, hash, HASH_SUM);
  pg_bytes(&a, q->sign_key, sizeof q->sign_key);
  int r = pg_do(db, SQL_USE_CODE, &a, NULL);
  if (r < 0)
    return r;
  pg_int(&a, booth);
  r = pg_do(db, SQL_RETIRE_KEYS, &a, NULL);
  if (r < 0)
    return r;
  pg_bytes(&a, q->sign_key, sizeof q->sign_key);
  pg_int(&a, booth);
  pg_bytes(&a, q->open_key, sizeof q->open_key);
  pg_int(&a, clock_wall_ms());
  return pg_do(db, SQL_ADD_KEY, &a, NULL);
}

/* A code that one box may use: unused and not expired, or used by these very keys. */
struct code {
  int64_t booth;
  uint8_t booth_id[16];
  uint16_t hub_key; /* number of the hub's keys whose fingerprint the code has */
  bool used;        /* by the keys of this request: an earlier answer was lost */
};

/* 0; 1: the code is refused; or a code of pg.h. */
static int read_code(struct pg *db, const uint8_t hash[static HASH_SUM], const struct enrol_request *q,
                     struct code *ret)
{
  autorows struct pg_rows *rows = NULL;
  struct pg_args a = {0};
  pg_bytes(&a, hash, HASH_SUM);
  int r = pg_query(db, SQL_READ_CODE, &a, &rows);
  if (r < 0)
    return r;
  if (pg_count(rows) == 0 || !pg_get_bytes(rows, 0, 1, ret->booth_id, sizeof ret->booth_id))
    return 1;
  ret->booth = pg_get_int(rows, 0, 0);
  ret->hub_key = (uint16_t)pg_get_int(rows, 0, 2);
  ret->used = !pg_is_null(rows, 0, 4);
  if (!ret->used)
    return pg_get_int(rows, 0, 3) < clock_wall_ms() ? 1 : 0;
  uint8_t used_by[sizeof q->sign_key];
  bool same = pg_get_bytes(rows, 0, 4, used_by, sizeof used_by) && hash_equal(used_by, q->sign_key, sizeof used_by);
  return same ? 0 : 1;
}

/* 0; 1: the keys are another booth's, revoked, or deleted since the code was used; or a code of pg.h. */
static int check_keys(struct pg *db, const struct code *code, const struct enrol_request *q)
{
  autorows struct pg_rows *rows = NULL;
  struct pg_args a = {0};
  pg_bytes(&a, q->sign_key, sizeof q->sign_key);
  int r = pg_query(db, SQL_READ_KEY, &a, &rows);
  if (r < 0)
    return r;
  if (pg_count(rows) == 0)
    return code->used ? 1 : 0;
  bool revoked = strcmp(pg_get(rows, 0, 1), "revoked") == 0;
  return pg_get_int(rows, 0, 0) != code->booth || revoked ? 1 : 0;
}

static int accept_code(struct pg *db, const struct enrol_request *q, struct enrol_answer *ret)
{
  struct code code;
  uint8_t hash[HASH_SUM];
  hash_code(hash, q->secret);
  int r = read_code(db, hash, q, &code);
  if (r != 0)
    return r;
  r = check_keys(db, &code, q);
  if (r != 0)
    return r;
  struct bundle_keys keys;
  r = keys_load(db, code.hub_key, &keys, &ret->key);
  if (r < 0)
    return r == -ENOENT ? 1 : r; /* the code was made under keys of the hub that have been deleted */
  if (!code.used) {
    r = register_keys(db, code.booth, hash, q);
    if (r < 0)
      return r;
  }
  struct inbox inbox = {0};
  r = inbox_lock(db, code.booth, &inbox);
  if (r < 0)
    return r;
  memcpy(ret->booth, code.booth_id, sizeof ret->booth);
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
