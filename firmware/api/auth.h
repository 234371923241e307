/* auth.h - who may do what: signed-in devices, PINs, Host and Origin. Loop thread only.
 *
 * A device is a phone that gave a PIN. Its cookie holds a random 256-bit token, of which we keep a keyed hash. The
 * writer loads the table at start; then this copy is the current one, and the writer stores each change.
 */
#ifndef API_AUTH_H
#define API_AUTH_H

#include "api/lockout.h"
#include "config/secrets.h"
#include "writer/writer_request.h"

struct http_request;

enum role { ROLE_NONE, ROLE_STAFF, ROLE_MANAGER };
extern const char *const role_names[];

struct auth {
  struct device devices[LIMIT_DEVICES];
  size_t n_devices;
  struct device cli;  /* for requests through the unix socket */
  const uint8_t *key; /* for token hashes, 32 bytes */
  struct secrets secrets;
  struct lockout lockout;
  char names[LIMIT_NAMES][256]; /* allowed in Host */
  size_t n_names;
};

void auth_set_names(struct auth *a, const char *list); /* the key `names`, separated by commas */
/* The device behind a request (borrowed); NULL = nobody signed in. */
const struct device *auth_device(struct auth *a, const struct http_request *r);
enum role auth_role(const struct device *d);
/* "name", "name:80" or "[::1]:80" without the port; false for anything else. */
bool auth_host_name(const char *host, char *to, size_t size);
bool auth_host_ok(const struct auth *a, const char *host);
bool auth_origin_ok(const char *origin, const char *host); /* origin NULL = not sent = allowed */

/* The role of a PIN, ROLE_NONE = wrong. Constant time. */
enum role auth_check_pin(const struct auth *a, const char *pin);
void auth_token_hash(const struct auth *a, const char *token, uint8_t ret[static 32]);
/* The least recently seen device, to be removed before another is added. NULL = there is room. */
const struct device *auth_oldest(const struct auth *a);
void auth_add(struct auth *a, const struct device *d);
bool auth_remove(struct auth *a, int32_t id);
const char *auth_device_name(void *auth, int32_t id); /* NULL = gone */

#endif
