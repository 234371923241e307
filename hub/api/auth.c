/* auth.c - a key is a random word in the Authorization header. Its hash needs no salt and no slowness: it has 256
 * random bits. That it was used is noted at most once an hour, so that reading costs no write.
 */
#include "hub/api/auth.h"

#include <errno.h>
#include <strings.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/random.h"

#define PREFIX    "bhk_"
#define CHALLENGE "WWW-Authenticate: Bearer\r\n"
#define NO_KEY    "This needs an API key: Authorization: Bearer bhk_…"
#define USED_MS   (3600 * 1000)

const char *const scope_names[] = {"read", "guests", "admin"};

static const char SQL_KEY[] = "SELECT scopes, coalesce(used_at, 0) FROM api_key WHERE hash = $1";
static const char SQL_USED[] = "UPDATE api_key SET used_at = $2 WHERE hash = $1";

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

static const char *bearer(const struct http_request *r)
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
  if (route->role == SCOPE_NONE || bearer(r))
    return true;
  http_set_headers(r, CHALLENGE);
  http_problem(r, 401, "not_signed_in", NULL, NO_KEY, NULL, 0);
  return false;
}

void auth_of_request(const struct http_request *r, struct job *j)
{
  const struct http_route *route = http_user(r);
  const char *key = route && route->role ? bearer(r) : NULL;
  if (!key)
    return;
  j->scope = route->role;
  auth_key_hash(j->key, key);
}

/* Not the key's own hash, which lies in the database. */
void auth_secret(uint8_t to[static 32], const struct http_request *r)
{
  static const char purpose[] = "once";
  const char *key = bearer(r);
  struct hash_state sum;
  hash_begin(&sum);
  hash_add(&sum, purpose, sizeof purpose);
  if (key)
    hash_add(&sum, key, strlen(key));
  hash_end(&sum, to);
}

int auth_check(struct job *j, struct pg *db)
{
  autorows struct pg_rows *rows = NULL;
  struct pg_args a = {0};
  if (j->scope == SCOPE_NONE)
    return 0;
  pg_bytes(&a, j->key, sizeof j->key);
  int r = pg_query(db, SQL_KEY, &a, &rows);
  if (r < 0)
    return r;
  if (pg_count(rows) == 0) {
    answer_problem(j, 401, "not_signed_in", NULL, NO_KEY);
    answer_header(j, "WWW-Authenticate", "Bearer");
    return 0;
  }
  j->scopes = pg_get_int(rows, 0, 0);
  if (!(j->scopes & j->scope)) {
    answer_problem(j, 403, "forbidden", NULL, "This API key has not the scope that is needed.");
    return 0;
  }
  if (clock_wall_ms() - pg_get_int(rows, 0, 1) < USED_MS)
    return 0;
  pg_bytes(&a, j->key, sizeof j->key);
  pg_int(&a, clock_wall_ms());
  return pg_do(db, SQL_USED, &a, NULL);
}
