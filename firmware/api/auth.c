/* auth.c - decides from memory, so that a wrong guess costs a hash and never a read of the disk. */
#include "api/auth.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <strings.h>

#include "base/clock.h"
#include "base/hash.h"
#include "http/request.h"

const char *const role_names[] = {[ROLE_NONE] = "none", [ROLE_STAFF] = "staff", [ROLE_MANAGER] = "manager"};

void auth_set_names(struct auth *a, const char *list)
{
  a->n_names = 0;
  while (*list && a->n_names < LIMIT_NAMES) {
    list += strspn(list, " ,");
    size_t n = strcspn(list, " ,");
    if (n > 0 && n < sizeof *a->names) {
      memcpy(a->names[a->n_names], list, n);
      a->names[a->n_names++][n] = '\0';
    }
    list += n;
  }
}

bool auth_host_name(const char *host, char *to, size_t size)
{
  const char *from = host;
  const char *end;
  if (*host == '[') {
    from = host + 1;
    end = strchr(from, ']');
    if (!end)
      return false;
    host = end + 1;
  } else {
    end = host + strcspn(host, ":");
    host = end;
  }
  if (*host == ':' && strspn(host + 1, "0123456789") == strlen(host + 1))
    host += strlen(host);
  if (*host || end == from || (size_t)(end - from) >= size)
    return false;
  memcpy(to, from, (size_t)(end - from));
  to[end - from] = '\0';
  return true;
}

bool auth_host_ok(const struct auth *a, const char *host)
{
  char name[256];
  unsigned char address[16];
  if (!host || !auth_host_name(host, name, sizeof name))
    return false;
  if (inet_pton(*host == '[' ? AF_INET6 : AF_INET, name, address) == 1 || strcasecmp(name, "localhost") == 0)
    return true; /* DNS rebinding needs a name */
  for (size_t i = 0; i < a->n_names; i++)
    if (strcasecmp(name, a->names[i]) == 0)
      return true;
  return false;
}

bool auth_origin_ok(const char *origin, const char *host)
{
  static const char scheme[] = "http://";
  if (!origin)
    return true;
  return strncasecmp(origin, scheme, sizeof scheme - 1) == 0 && host &&
         strcasecmp(origin + sizeof scheme - 1, host) == 0;
}

void auth_token_hash(const struct auth *a, const char *token, uint8_t ret[static 32])
{
  hash_keyed(ret, 32, a->key, token, strlen(token));
}

const struct device *auth_device(struct auth *a, const struct http_request *r)
{
  if (http_local(r))
    return &a->cli;
  char token[64];
  uint8_t hash[32];
  if (http_cookie(r, "boothd", token, sizeof token) < 0)
    return NULL;
  auth_token_hash(a, token, hash);
  for (size_t i = 0; i < a->n_devices; i++)
    if (hash_equal(a->devices[i].token_hash, hash, sizeof hash)) {
      a->devices[i].seen_at = clock_wall_ms();
      return &a->devices[i];
    }
  return NULL;
}

enum role auth_role(const struct device *d)
{
  return !d ? ROLE_NONE : d->manager ? ROLE_MANAGER : ROLE_STAFF;
}

enum role auth_check_pin(const struct auth *a, const char *pin)
{
  bool manager = hash_equal_text(pin, a->secrets.manager_pin);
  bool staff = hash_equal_text(pin, a->secrets.staff_pin);
  return manager ? ROLE_MANAGER : staff ? ROLE_STAFF : ROLE_NONE;
}

const struct device *auth_oldest(const struct auth *a)
{
  if (a->n_devices < LIMIT_DEVICES)
    return NULL;
  const struct device *oldest = a->devices;
  for (size_t i = 1; i < a->n_devices; i++)
    if (a->devices[i].seen_at < oldest->seen_at)
      oldest = &a->devices[i];
  return oldest;
}

void auth_add(struct auth *a, const struct device *d)
{
  if (a->n_devices < LIMIT_DEVICES)
    a->devices[a->n_devices++] = *d;
}

bool auth_remove(struct auth *a, int32_t id)
{
  for (size_t i = 0; i < a->n_devices; i++)
    if (a->devices[i].id == id) {
      a->devices[i] = a->devices[--a->n_devices];
      return true;
    }
  return false;
}

const char *auth_device_name(void *auth, int32_t id)
{
  const struct auth *a = auth;
  for (size_t i = 0; i < a->n_devices; i++)
    if (a->devices[i].id == id)
      return a->devices[i].name;
  return NULL;
}
