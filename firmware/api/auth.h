/* auth.h - who may do what: signed-in devices, PINs, Host and Origin. Loop thread only.
 *
 * A device is a phone that gave a PIN: a random 256-bit token in its cookie, of which we keep a keyed hash. The table
 * is the writer's as loaded at start; from then on this one leads and the writer is told.
 */
#ifndef API_AUTH_H
#define API_AUTH_H

#include "api/lockout.h"
#include "config/secrets.h"
#include "writer/request.h"

struct http_request;

enum role { ROLE_NONE, ROLE_STAFF, ROLE_MANAGER };
extern const char *const role_names[];

struct access {
  struct device devices[LIMIT_DEVICES];
  size_t n_devices;
  struct device cli;  /* whoever may open the unix socket */
  const uint8_t *key; /* for token hashes, 32 bytes */
  struct secrets secrets;
  struct lockout lockout;
  char names[LIMIT_NAMES][256];
  size_t n_names;
};

void auth_set_names(struct access *a, const char *list); /* the key `names`, separated by commas */
/* The device behind a request (borrowed), NULL = nobody signed in. */
const struct device *auth_device(struct access *a, const struct http_request *r);
enum role auth_role(const struct device *d);
/* "name", "name:80", "[::1]:80" without the port; false if it is none of these. */
bool auth_host_name(const char *host, char *to, size_t size);
bool auth_host_ok(const struct access *a, const char *host);
bool auth_origin_ok(const char *origin, const char *host); /* origin NULL = not said = fine */

/* Which role a PIN opens, ROLE_NONE = wrong. Constant time. */
enum role auth_check_pin(const struct access *a, const char *pin);
void auth_token_hash(const struct access *a, const char *token, uint8_t ret[static 32]);
/* The device that must go so that one more fits: the longest unseen. NULL = there is room. */
const struct device *auth_oldest(const struct access *a);
void auth_add(struct access *a, const struct device *d);
bool auth_remove(struct access *a, int32_t id);
const char *auth_device_name(void *access, int32_t id); /* NULL = gone */

#endif
