/* auth.h - API keys: who may call a route that needs a scope. */
#ifndef HUB_API_AUTH_H
#define HUB_API_AUTH_H

#include "http/server.h"
#include "hub/db/pg.h"

/* What an API key permits, a mask. */
enum { SCOPE_NONE = 0, SCOPE_READ = 1, SCOPE_GUESTS = 2, SCOPE_ADMIN = 4 };
extern const char *const scope_names[3]; /* from bit 0 on */

#define AUTH_KEY 48 /* "bhk_", 43 characters and a NUL */
void auth_key_make(char to[static AUTH_KEY]);
void auth_key_hash(uint8_t to[static 32], const char *key); /* the database has only this hash */
/* "read,guests" to bits; -EINVAL: unknown scope. */
int auth_parse_scopes(const char *list, int64_t *ret) must_check;

/* What a request needs and what its API key has. */
struct auth {
  uint8_t scope;   /* required; SCOPE_NONE = no key is needed */
  uint8_t key[32]; /* hash of the caller's key */
  int64_t scopes;  /* of the key; set by auth_check() */
};

/* Loop thread, before a handler: answers 401 if the route needs a key and none was sent. */
bool auth_admit(struct http_request *r, const struct http_route *route);
void auth_of_request(const struct http_request *r, struct auth *ret);
/* 32 bytes derived from the caller's key, not computable from the database. */
void auth_secret(uint8_t to[static 32], const struct http_request *r);

enum auth_result { AUTH_OK, AUTH_UNKNOWN_KEY, AUTH_NO_SCOPE };
/* Thread of the pool: an auth_result, or a code of pg.h. */
int auth_check(struct auth *a, struct pg *db) must_check;

#endif
