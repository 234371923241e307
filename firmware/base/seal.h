/* seal.h - signatures (Ed25519) and texts that only their receiver can read (X25519, crypto_box_seal). Wraps libsodium.
 * Any thread after random_start().
 */
#ifndef BASE_SEAL_H
#define BASE_SEAL_H

#include "base/util.h"

#define SEAL_PUBLIC      32 /* bytes of any public key */
#define SEAL_SIGN_SECRET 64 /* an Ed25519 secret key, which ends in its public one */
#define SEAL_OPEN_SECRET 32 /* an X25519 secret key */
#define SEAL_SIGNATURE   64
#define SEAL_OVERHEAD    48 /* bytes by which a sealed text is longer */

void seal_make_sign_keys(uint8_t ret_public[static SEAL_PUBLIC], uint8_t ret_secret[static SEAL_SIGN_SECRET]);
void seal_make_open_keys(uint8_t ret_public[static SEAL_PUBLIC], uint8_t ret_secret[static SEAL_OPEN_SECRET]);

/* What was signed stands beside its signature. */
void seal_sign(uint8_t to[static SEAL_SIGNATURE], const void *bytes, size_t n,
               const uint8_t secret[static SEAL_SIGN_SECRET]);
bool seal_verify(const uint8_t signature[static SEAL_SIGNATURE], const void *bytes, size_t n,
                 const uint8_t public[static SEAL_PUBLIC]);

/* to has n + SEAL_OVERHEAD bytes. 0, or -EINVAL for a receiver that is no key. */
int seal_encrypt(void *to, const void *bytes, size_t n, const uint8_t receiver[static SEAL_PUBLIC]) must_check;
/* n is the sealed length, to has n - SEAL_OVERHEAD bytes. 0, or -EBADMSG for what was not sealed to these keys or was
 * changed. */
int seal_decrypt(void *to, const void *sealed, size_t n, const uint8_t public[static SEAL_PUBLIC],
                 const uint8_t secret[static SEAL_OPEN_SECRET]) must_check;

#endif
