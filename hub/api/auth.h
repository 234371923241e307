/* auth.h - API keys: who may call a route that asks for a scope. */
#ifndef HUB_API_AUTH_H
#define HUB_API_AUTH_H

#include "http/server.h"
#include "hub/api/job.h"

/* "bhk_" and 43 characters; the database has its hash only. */
#define AUTH_KEY 48
void auth_key_make(char to[static AUTH_KEY]);
void auth_key_hash(uint8_t to[static 32], const char *key);
/* "read,guests" to bits; -EINVAL for a word that is no scope. */
int auth_parse_scopes(const char *list, int64_t *ret) must_check;

/* Loop thread, before a handler: answers 401 if the route asks for a key and there is none. */
bool auth_admit(struct http_request *r, const struct http_route *route);
/* Loop thread: what the pool must check for this request. */
void auth_of_request(const struct http_request *r, struct job *j);
/* Loop thread, behind a route that asks for a key: 32 bytes that only who has the caller's key can make. */
void auth_secret(uint8_t to[static 32], const struct http_request *r);
/* Pool thread: 0, with the answer 401 or 403 given if the key is not what j->scope asks for. */
int auth_check(struct job *j, struct pg *db) must_check;

#endif
