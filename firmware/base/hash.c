#include "base/hash.h"

#include <sodium.h>

_Static_assert(HASH_KEY >= crypto_generichash_KEYBYTES_MIN && HASH_KEY <= crypto_generichash_KEYBYTES_MAX,
               "a BLAKE2b key");
_Static_assert(HASH_SUM == crypto_generichash_BYTES && sizeof(struct hash_state) == sizeof(crypto_generichash_state),
               "BLAKE2b-256");

void hash_keyed(void *to, size_t n, const uint8_t key[static HASH_KEY], const void *bytes, size_t length)
{
  if (crypto_generichash(to, n, bytes, length, key, HASH_KEY) != 0)
    abort(); /* n is out of range */
}

void hash_sum(uint8_t to[static HASH_SUM], const void *bytes, size_t n)
{
  struct hash_state s;
  hash_begin(&s);
  hash_add(&s, bytes, n);
  hash_end(&s, to);
}

/* libsodium's state must be aligned to 64 bytes, which ours is not, so each function works on an aligned copy. */

void hash_begin(struct hash_state *s)
{
  crypto_generichash_state state;
  if (crypto_generichash_init(&state, NULL, 0, HASH_SUM) != 0)
    abort();
  memcpy(s->state, &state, sizeof state);
}

void hash_add(struct hash_state *s, const void *bytes, size_t n)
{
  crypto_generichash_state state;
  memcpy(&state, s->state, sizeof state);
  if (n && crypto_generichash_update(&state, bytes, n) != 0)
    abort();
  memcpy(s->state, &state, sizeof state);
}

void hash_end(struct hash_state *s, uint8_t to[static HASH_SUM])
{
  crypto_generichash_state state;
  memcpy(&state, s->state, sizeof state);
  if (crypto_generichash_final(&state, to, HASH_SUM) != 0)
    abort(); /* it ended already */
  memcpy(s->state, &state, sizeof state);
}

bool hash_equal(const void *a, const void *b, size_t n)
{
  return sodium_memcmp(a, b, n) == 0;
}

bool hash_equal_text(const char *a, const char *b)
{
  size_t n = strlen(a), m = strlen(b) + 1; /* the NUL counts, so that there is always a byte to compare with */
  volatile unsigned char differ = n + 1 != m;
  for (size_t i = 0; i <= n; i++)
    differ |= (unsigned char)(a[i] ^ b[i % m]);
  return !differ;
}
