/* auth.c - a key is a bearer token in the Authorization header. Its hash needs no salt and need not be slow, because
 * the key has 256 random bits. Its use is recorded at most once an hour, so that reading costs no write.
 */
#include "hub/api/auth.h"

#include <errno.h>
#include <strings.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/random.h"
#include "http/request.h"
#include "hub/api/problem.h"

#define PREFIX       "bhk_"
#define USED_STEP_MS (3600 * 1000)

const char *const scope_names[] = {"read", "guests", "admin"};

static const char SQL_KEY[] = "SELECT scopes, coalesce(used_at, 0) FROM api_key WHERE hash = $1";
static const char SQL_SET_USED[] = "UPDATE api_key SET used_at = $2 WHERE hash = $1";

void auth_key_make(char to[static AUTH_KEY])
{
  memcpy(to, PREFIX, sizeof PREFIX);
  random_token(to + strlen(PREFIX));
}

void auth_key_hash(uint8_t to[static 32], const char *key)
{
  hash_sum(to, key, strlen(key));
}

int auth_parse_scopes(const char *list, int64_t *ret)
{
  autofree char *copy = xstrdup(list);
  char *rest = copy, *word;
  int64_t bits = 0;
  while ((word = strsep(&rest, ","))) {
    size_t i = 0;
    while (i < array_len(scope_names) && strcmp(scope_names[i], word) != 0)
      i++;
    if (i == array_len(scope_names))
      return -EINVAL;
    bits |= INT64_C(1) << i;
  }
  *ret = bits;
  return 0;
}

static const char *find_key(const struct http_request *r)
{
  const char *value = http_header(r, "Authorization");
  if (!value || strncasecmp(value, "Bearer ", 7) != 0)
    return NULL;
  value += 7 + strspn(value + 7, " ");
  return strncmp(value, PREFIX, strlen(PREFIX)) == 0 && strlen(value) == AUTH_KEY - 1 ? value : NULL;
}

bool auth_admit(struct http_request *r, const struct http_route *route)
{
  http_set_user(r, (void *)(uintptr_t)route);
  if (route->role == SCOPE_NONE || find_key(r))
    return true;
  problem_send(r, PROBLEM_NOT_SIGNED_IN);
  return false;
}

void auth_of_request(const struct http_request *r, struct auth *ret)
{
  const struct http_route *route = http_user(r);
  const char *key = route && route->role ? find_key(r) : NULL;
  if (!key)
    return;
  ret->scope = route->role;
  auth_key_hash(ret->key, key);
}

void auth_secret(uint8_t to[static 32], const struct http_request *r)
{
  static const char purpose[] = "once";
  const char *key = find_key(r);
  struct hash_state sum;
  hash_begin(&sum);
  hash_add(&sum, purpose, sizeof purpose);
  if (key)
    hash_add(&sum, key, strlen(key));
  hash_end(&sum, to);
}

int auth_check(struct auth *a, struct pg *db)
{
  if (a->scope == SCOPE_NONE)
    return AUTH_OK;
  autorows struct pg_rows *rows = NULL;
  struct pg_args args = {0};
  pg_bytes(&args, a->key, sizeof a->key);
  int r = pg_query(db, SQL_KEY, &args, &rows);
  if (r < 0)
    return r;
  if (pg_count(rows) == 0)
    return AUTH_UNKNOWN_KEY;
  a->scopes = pg_get_int(rows, 0, 0);
  if (!(a->scopes & a->scope))
    return AUTH_NO_SCOPE;
  int64_t now = clock_wall_ms();
  if (now - pg_get_int(rows, 0, 1) < USED_STEP_MS)
    return AUTH_OK;
  pg_bytes(&args, a->key, sizeof a->key);
  pg_int(&args, now);
  return pg_do(db, SQL_SET_USED, &args, NULL);
}
