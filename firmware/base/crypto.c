/* crypto.c - the only caller of libsodium. */
#include "base/crypto.h"

#include <errno.h>
#include <sodium.h>

_Static_assert(CRYPTO_KEY >= crypto_generichash_KEYBYTES_MIN && CRYPTO_KEY <= crypto_generichash_KEYBYTES_MAX,
               "a BLAKE2b key");
_Static_assert(sodium_base64_ENCODED_LEN(32, sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 44, "a token");

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
