#include "base/seal.h"

#include <errno.h>
#include <sodium.h>

_Static_assert(SEAL_PUBLIC == crypto_sign_PUBLICKEYBYTES && SEAL_SIGN_SECRET == crypto_sign_SECRETKEYBYTES &&
                   SEAL_SIGNATURE == crypto_sign_BYTES,
               "Ed25519");
_Static_assert(SEAL_PUBLIC == crypto_box_PUBLICKEYBYTES && SEAL_OPEN_SECRET == crypto_box_SECRETKEYBYTES &&
                   SEAL_OVERHEAD == crypto_box_SEALBYTES,
               "X25519");

void seal_make_sign_keys(uint8_t ret_public[static SEAL_PUBLIC], uint8_t ret_secret[static SEAL_SIGN_SECRET])
{
  if (crypto_sign_keypair(ret_public, ret_secret) != 0)
    abort();
}

void seal_make_open_keys(uint8_t ret_public[static SEAL_PUBLIC], uint8_t ret_secret[static SEAL_OPEN_SECRET])
{
  if (crypto_box_keypair(ret_public, ret_secret) != 0)
    abort();
}

void seal_sign(uint8_t to[static SEAL_SIGNATURE], const void *bytes, size_t n,
               const uint8_t secret[static SEAL_SIGN_SECRET])
{
  if (crypto_sign_detached(to, NULL, bytes, n, secret) != 0)
    abort();
}

bool seal_verify(const uint8_t signature[static SEAL_SIGNATURE], const void *bytes, size_t n,
                 const uint8_t public[static SEAL_PUBLIC])
{
  return crypto_sign_verify_detached(signature, bytes, n, public) == 0;
}

int seal_encrypt(void *to, const void *bytes, size_t n, const uint8_t receiver[static SEAL_PUBLIC])
{
  return crypto_box_seal(to, bytes, n, receiver) == 0 ? 0 : -EINVAL;
}

int seal_decrypt(void *to, const void *sealed, size_t n, const uint8_t public[static SEAL_PUBLIC],
                 const uint8_t secret[static SEAL_OPEN_SECRET])
{
  return crypto_box_seal_open(to, sealed, n, public, secret) == 0 ? 0 : -EBADMSG;
}
