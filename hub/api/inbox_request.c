/* inbox_request.c - the row of a key is made first, so that of two requests under one key the second waits for the
 * first's outcome. What is refused is rolled back with its key: an error is evaluated afresh.
 *
 * A request may hold a name and a phone number, of which a plain hash would tell who guesses well. So the hashes are
 * keyed, by what the caller has and the database has not.
 */
#include "hub/api/inbox_request.h"

#include <errno.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/json_write.h"
#include "base/random.h"
#include "http/request.h"
#include "hub/api/auth.h"
#include "hub/model/inbox.h"

#define NO_BOOTH "There is no booth of that id."

static const char SQL_KEY[] = "INSERT INTO once VALUES ($1, $2, $3, $4) ON CONFLICT (hash) DO NOTHING";
static const char SQL_KNOWN[] = "SELECT print = $2, item FROM once WHERE hash = $1";
static const char SQL_BOOTH[] = "SELECT n, EXISTS (SELECT FROM booth_key k WHERE k.booth = n AND k.state = 'active') "
                                "FROM booth WHERE id = $1";

/* --- the key --- */

enum { KEY_NEW, KEY_KNOWN, KEY_REUSED };

static int claim_key(struct wish *w, struct pg *db, int *ret)
{
  autorows struct pg_rows *rows = NULL;
  struct pg_args a = {0};
  int64_t made = 0;
  *ret = KEY_NEW;
  if (!w->once)
    return 0;
  pg_bytes(&a, w->key, sizeof w->key);
  pg_bytes(&a, w->print, sizeof w->print);
  pg_bytes(&a, w->item, sizeof w->item);
  pg_int(&a, clock_wall_ms());
  int r = pg_do(db, SQL_KEY, &a, &made);
  if (r < 0 || made)
    return r;
  pg_bytes(&a, w->key, sizeof w->key);
  pg_bytes(&a, w->print, sizeof w->print);
  r = pg_query(db, SQL_KNOWN, &a, &rows);
  if (r < 0)
    return r;
  if (pg_count(rows) == 0)
    return -EAGAIN; /* it was thrown away for its age this moment */
  *ret = pg_get_true(rows, 0, 0) && pg_get_bytes(rows, 0, 1, w->item, sizeof w->item) ? KEY_KNOWN : KEY_REUSED;
  return 0;
}

/* --- its way --- */

static int work(struct wish *w, struct pg *db)
{
  int key = KEY_NEW, r = pg_begin(db);
  if (r == 0)
    r = claim_key(w, db, &key);
  if (r < 0)
    return r;
  if (key == KEY_REUSED) {
    answer_problem(&w->job, 422, "key_reused", "Idempotency-Key", "This key was used for another request.");
    return 0;
  }
  r = key == KEY_NEW ? w->put(w, db) : 0;
  if (r != 0)
    return min(r, 0);
  r = w->tell(w, db);
  return r < 0 ? r : pg_commit(db);
}

static int run(struct job *j, struct pg *db)
{
  int r = work((struct wish *)j, db);
  pg_rollback(db);
  return r;
}

static void release(struct job *j)
{
  json_free(((struct wish *)j)->body);
}

static bool read_key(struct http_request *r, struct wish *w)
{
  const char *key = http_header(r, "Idempotency-Key");
  autobuf struct buf whole = {0};
  uint8_t secret[HASH_KEY];
  size_t n, length = key ? strlen(key) : 0;
  const char *body = http_body(r, &n);
  if (!key)
    return true;
  for (size_t i = 0; i < length; i++)
    if (key[i] < 0x20 || key[i] > 0x7e)
      return false;
  buf_fmt(&whole, "%s %s\n", http_method(r), http_path(r));
  buf_add(&whole, body, n);
  auth_secret(secret, r);
  hash_keyed(w->key, sizeof w->key, secret, key, length);
  hash_keyed(w->print, sizeof w->print, secret, whole.data, whole.len);
  w->once = true;
  return length >= 1 && length <= LIMIT_KEY;
}

void *inbox_request_new(struct http_request *r, size_t size, int (*put)(struct wish *, struct pg *),
                        int (*tell)(struct wish *, struct pg *))
{
  struct wish *w = job_new(size, run, release);
  w->put = put;
  w->tell = tell;
  random_bytes(w->item, sizeof w->item);
  if (read_key(r, w))
    return w;
  job_free(&w->job);
  http_problem(r, 400, "invalid_field", "Idempotency-Key", "A key is 1 to 64 printable ASCII characters.", NULL, 0);
  return NULL;
}

/* --- what put() and tell() are made of --- */

int inbox_request_answer_id(struct wish *w, struct pg *db)
{
  autobuf struct buf body = {0};
  char id[33];
  (void)db;
  util_hex(id, w->item, sizeof w->item);
  json_open(&body, NULL, '{');
  json_str(&body, "id", id);
  json_close(&body, '}');
  answer_json(&w->job, 202, &body);
  return 0;
}

int inbox_request_append(struct wish *w, struct pg *db, int64_t booth, const char *type, int64_t valid_until,
                         const char *members)
{
  struct inbox inbox;
  int r = inbox_settle(db, booth, &inbox);
  if (r < 0)
    return r;
  if (inbox.head - inbox.acked >= LIMIT_HUB_INBOX) {
    answer_problem(&w->job, 409, "queue_full", NULL, "Too much waits for this booth already.");
    return 1;
  }
  return inbox_put(db, booth, w->item, type, valid_until, members);
}

int inbox_request_booth(struct wish *w, struct pg *db, const uint8_t id[static 16], int64_t *ret)
{
  autorows struct pg_rows *rows = NULL;
  struct pg_args a = {0};
  pg_bytes(&a, id, 16);
  int r = pg_query(db, SQL_BOOTH, &a, &rows);
  if (r < 0)
    return r;
  if (pg_count(rows) == 0) {
    answer_problem(&w->job, 404, "not_found", NULL, NO_BOOTH);
    return 1;
  }
  if (!pg_get_true(rows, 0, 1)) {
    answer_problem(&w->job, 409, "not_enrolled", NULL,
                   "No box is enrolled for this booth, so nobody would ever see it.");
    return 1;
  }
  *ret = pg_get_int(rows, 0, 0);
  return 0;
}
