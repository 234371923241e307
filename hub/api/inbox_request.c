/* inbox_request.c - the row of an Idempotency-Key is inserted first, so that a second request under the same key waits
 * for the first. A refusal rolls back its key, too: a repeat is evaluated afresh.
 */
#include "hub/api/inbox_request.h"

#include <errno.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/json_write.h"
#include "base/random.h"
#include "http/idempotency_key.h"
#include "hub/model/inbox.h"

static const char SQL_ADD_KEY[] = "INSERT INTO idempotency_key VALUES ($1, $2, $3, $4) ON CONFLICT (hash) DO NOTHING";
static const char SQL_FIND_KEY[] = "SELECT fingerprint = $2, item FROM idempotency_key WHERE hash = $1";
static const char SQL_BOOTH[] = "SELECT n, EXISTS (SELECT FROM booth_key k WHERE k.booth = n AND k.state = 'active') "
                                "FROM booth WHERE id = $1";

/* --- the key --- */

enum { KEY_NEW, KEY_KNOWN, KEY_REUSED };

/* KEY_KNOWN sets q->item to that of the first request. */
static int claim_key(struct inbox_request *q, struct pg *db)
{
  struct pg_args a = {0};
  int64_t added = 0;
  if (!q->has_key)
    return KEY_NEW;
  pg_bytes(&a, q->key, sizeof q->key);
  pg_bytes(&a, q->fingerprint, sizeof q->fingerprint);
  pg_bytes(&a, q->item, sizeof q->item);
  pg_int(&a, clock_wall_ms());
  int r = pg_do(db, SQL_ADD_KEY, &a, &added);
  if (r < 0)
    return r;
  if (added)
    return KEY_NEW;
  autorows struct pg_rows *rows = NULL;
  pg_bytes(&a, q->key, sizeof q->key);
  pg_bytes(&a, q->fingerprint, sizeof q->fingerprint);
  r = pg_query(db, SQL_FIND_KEY, &a, &rows);
  if (r < 0)
    return r;
  if (pg_count(rows) == 0)
    return -EAGAIN; /* maintenance has just deleted it */
  bool same = pg_get_true(rows, 0, 0) && pg_get_bytes(rows, 0, 1, q->item, sizeof q->item);
  return same ? KEY_KNOWN : KEY_REUSED;
}

/* --- the job --- */

static int run_request(struct job *j, struct pg *db)
{
  struct inbox_request *q = (struct inbox_request *)j;
  int r = pg_begin(db);
  if (r < 0)
    return r;
  r = claim_key(q, db);
  if (r < 0)
    return r;
  if (r == KEY_REUSED) {
    answer_problem(j, PROBLEM_KEY_REUSED);
    return 0;
  }
  if (r == KEY_NEW) {
    r = q->append(q, db);
    if (r != 0)
      return min(r, 0);
  }
  r = q->answer(q, db);
  return r < 0 ? r : pg_commit(db);
}

static void release_request(struct job *j)
{
  json_free(((struct inbox_request *)j)->body);
}

void *inbox_request_new(struct http_request *r, size_t size, int (*append)(struct inbox_request *, struct pg *),
                        int (*answer)(struct inbox_request *, struct pg *))
{
  struct inbox_request *q = job_new(size, run_request, release_request);
  uint8_t secret[HASH_KEY];
  auth_secret(secret, r);
  int status = http_idempotency_key(r, secret, q->key, sizeof q->key, q->fingerprint, sizeof q->fingerprint);
  if (status < 0) {
    job_free(&q->job);
    return NULL;
  }
  q->has_key = status == 1;
  q->append = append;
  q->answer = answer;
  random_bytes(q->item, sizeof q->item);
  return q;
}

/* --- for append() and answer() --- */

int inbox_request_answer_id(struct inbox_request *q, struct pg *db)
{
  autobuf struct buf body = {0};
  char id[33];
  util_hex(id, q->item, sizeof q->item);
  json_open(&body, NULL, '{');
  json_str(&body, "id", id);
  json_close(&body, '}');
  answer_json(&q->job, 202, &body);
  return 0;
}

int inbox_request_booth(struct inbox_request *q, struct pg *db, int64_t *ret)
{
  autorows struct pg_rows *rows = NULL;
  struct pg_args a = {0};
  pg_bytes(&a, q->target, sizeof q->target);
  int r = pg_query(db, SQL_BOOTH, &a, &rows);
  if (r < 0)
    return r;
  if (pg_count(rows) == 0) {
    answer_problem(&q->job, PROBLEM_NO_BOOTH);
    return REQUEST_REFUSED;
  }
  if (!pg_get_true(rows, 0, 1)) {
    answer_problem(&q->job, PROBLEM_NOT_ENROLLED);
    return REQUEST_REFUSED;
  }
  *ret = pg_get_int(rows, 0, 0);
  return 0;
}

int inbox_request_append(struct inbox_request *q, struct pg *db, int64_t booth, const char *type, int64_t valid_until,
                         const char *members)
{
  struct inbox inbox;
  int r = inbox_lock(db, booth, &inbox);
  if (r < 0)
    return r;
  if (inbox.head - inbox.acked >= LIMIT_HUB_INBOX) {
    answer_problem(&q->job, PROBLEM_INBOX_FULL);
    return REQUEST_REFUSED;
  }
  return inbox_append(db, booth, q->item, type, valid_until, members);
}
