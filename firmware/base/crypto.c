/* crypto.c - the only caller of libsodium. */
#include "base/crypto.h"

#include <errno.h>
#include <sodium.h>

_Static_assert(CRYPTO_KEY >= crypto_generichash_KEYBYTES_MIN && CRYPTO_KEY <= crypto_generichash_KEYBYTES_MAX,
               "a BLAKE2b key");
_Static_assert(sodium_base64_ENCODED_LEN(32, sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 44, "a token");

_Static_assert(CRYPTO_SUM == crypto_generichash_BYTES && sizeof(struct crypto_sum) == sizeof(crypto_generichash_state),
               "BLAKE2b-256");
_Static_assert(CRYPTO_KEY == crypto_sign_PUBLICKEYBYTES && CRYPTO_SIGNING == crypto_sign_SECRETKEYBYTES &&
                   CRYPTO_SIGNATURE == crypto_sign_BYTES,
               "Ed25519");
_Static_assert(CRYPTO_KEY == crypto_box_PUBLICKEYBYTES && CRYPTO_OPENING == crypto_box_SECRETKEYBYTES &&
                   CRYPTO_SEAL == crypto_box_SEALBYTES,
               "X25519");

int crypto_start(void)
{
  return sodium_init() < 0 ? -EIO : 0;
}

void crypto_random(void *to, size_t n)
{
  randombytes_buf(to, n);
}

uint32_t crypto_random_below(uint32_t bound)
{
  return randombytes_uniform(bound);
}

void crypto_digest(void *to, size_t n, const uint8_t key[static CRYPTO_KEY], const void *bytes, size_t length)
{
  if (crypto_generichash(to, n, bytes, length, key, CRYPTO_KEY) != 0)
    abort(); /* only for an n that no caller may give */
}

void crypto_sum(uint8_t to[static CRYPTO_SUM], const void *bytes, size_t n)
{
  struct crypto_sum s;
  crypto_sum_begin(&s);
  crypto_sum_add(&s, bytes, n);
  crypto_sum_end(&s, to);
}

/* libsodium wants its state aligned to 64 bytes, which allocated memory is not: it is copied where it is. */

void crypto_sum_begin(struct crypto_sum *s)
{
  crypto_generichash_state state;
  if (crypto_generichash_init(&state, NULL, 0, CRYPTO_SUM) != 0)
    abort();
  memcpy(s->state, &state, sizeof state);
}

void crypto_sum_add(struct crypto_sum *s, const void *bytes, size_t n)
{
  crypto_generichash_state state;
  memcpy(&state, s->state, sizeof state);
  if (n && crypto_generichash_update(&state, bytes, n) != 0)
    abort();
  memcpy(s->state, &state, sizeof state);
}

void crypto_sum_end(struct crypto_sum *s, uint8_t to[static CRYPTO_SUM])
{
  crypto_generichash_state state;
  memcpy(&state, s->state, sizeof state);
  if (crypto_generichash_final(&state, to, CRYPTO_SUM) != 0)
    abort(); /* it ended already */
  memcpy(s->state, &state, sizeof state);
}

void crypto_signing_make(uint8_t ret_public[static CRYPTO_KEY], uint8_t ret_secret[static CRYPTO_SIGNING])
{
  if (crypto_sign_keypair(ret_public, ret_secret) != 0)
    abort();
}

void crypto_signature(uint8_t to[static CRYPTO_SIGNATURE], const void *bytes, size_t n,
                      const uint8_t secret[static CRYPTO_SIGNING])
{
  if (crypto_sign_detached(to, NULL, bytes, n, secret) != 0)
    abort();
}

bool crypto_signature_holds(const uint8_t signature[static CRYPTO_SIGNATURE], const void *bytes, size_t n,
                            const uint8_t public[static CRYPTO_KEY])
{
  return crypto_sign_verify_detached(signature, bytes, n, public) == 0;
}

void crypto_opening_make(uint8_t ret_public[static CRYPTO_KEY], uint8_t ret_secret[static CRYPTO_OPENING])
{
  if (crypto_box_keypair(ret_public, ret_secret) != 0)
    abort();
}

int crypto_seal_to(void *to, const void *bytes, size_t n, const uint8_t receiver[static CRYPTO_KEY])
{
  return crypto_box_seal(to, bytes, n, receiver) == 0 ? 0 : -EINVAL;
}

int crypto_unseal(void *to, const void *sealed, size_t n, const uint8_t public[static CRYPTO_KEY],
                  const uint8_t secret[static CRYPTO_OPENING])
{
  return crypto_box_seal_open(to, sealed, n, public, secret) == 0 ? 0 : -EBADMSG;
}

bool crypto_equal(const void *a, const void *b, size_t n)
{
  return sodium_memcmp(a, b, n) == 0;
}

bool crypto_equal_text(const char *a, const char *b)
{
  size_t n = strlen(a), m = strlen(b) + 1; /* the NUL counts, so that there is always a byte to compare with */
  volatile unsigned char differ = n + 1 != m;
  for (size_t i = 0; i <= n; i++)
    differ |= (unsigned char)(a[i] ^ b[i % m]);
  return !differ;
}

void crypto_digits(char *to, size_t n)
{
  for (size_t i = 0; i < n; i++)
    to[i] = (char)('0' + randombytes_uniform(10));
  to[n] = '\0';
}

void crypto_token(char to[static 44])
{
  unsigned char bytes[32];
  randombytes_buf(bytes, sizeof bytes);
  sodium_bin2base64(to, 44, bytes, sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  sodium_memzero(bytes, sizeof bytes);
}
