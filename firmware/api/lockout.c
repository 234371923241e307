/* lockout.c - a PIN of a few digits is safe only if guesses are few, so they are counted per client and in total. */
#include "api/lockout.h"

#define FREE_FAILURES 2 /* of one client, without a delay */
#define FIRST_MS      1000
#define LONGEST_MS    (5 * 60 * 1000)
#define BUDGET        10
#define REFILL_MS     6000

/* NULL = it has no entry. */
static const struct lockout_client *find_client(const struct lockout *l, uint64_t client)
{
  for (size_t i = 0; i < LIMIT_LOCKOUT_CLIENTS; i++)
    if (l->clients[i].client == client)
      return &l->clients[i];
  return NULL;
}

static uint64_t client_key(uint64_t client)
{
  return client ? client : 1;
}

/* Its entry; a new one replaces that of the client whose last failure is longest ago. */
static struct lockout_client *get_client(struct lockout *l, uint64_t client)
{
  const struct lockout_client *known = find_client(l, client);
  struct lockout_client *quiet = &l->clients[0];
  for (size_t i = 0; i < LIMIT_LOCKOUT_CLIENTS; i++)
    if (l->clients[i].client == 0 ? quiet->client != 0 : quiet->client && l->clients[i].seen < quiet->seen)
      quiet = &l->clients[i];
  if (known)
    return &l->clients[known - l->clients];
  *quiet = (struct lockout_client){.client = client};
  return quiet;
}

int lockout_check(const struct lockout *l, uint64_t client, int64_t mono_ms)
{
  const struct lockout_client *known = find_client(l, client_key(client));
  int64_t own = known ? known->until - mono_ms : 0;
  int64_t all = l->budget_at - mono_ms - (BUDGET - 1) * REFILL_MS;
  int64_t wait = max(own, all);
  return wait > 0 ? (int)((wait + 999) / 1000) : 0;
}

void lockout_failed(struct lockout *l, uint64_t client, int64_t mono_ms)
{
  struct lockout_client *c = get_client(l, client_key(client));
  c->seen = mono_ms;
  c->failures++;
  if (c->failures > FREE_FAILURES) {
    uint32_t doublings = min(c->failures - FREE_FAILURES - 1, 20u);
    c->until = mono_ms + min((int64_t)FIRST_MS << doublings, (int64_t)LONGEST_MS);
  }
  int64_t budget_at = max(l->budget_at, mono_ms) + REFILL_MS;
  l->budget_at = min(budget_at, mono_ms + (int64_t)BUDGET * REFILL_MS);
}

void lockout_passed(struct lockout *l, uint64_t client)
{
  const struct lockout_client *known = find_client(l, client_key(client));
  if (known)
    l->clients[known - l->clients] = (struct lockout_client){0};
}
