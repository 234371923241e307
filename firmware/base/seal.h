/* seal.h - signatures (Ed25519) and encryption to a public key (X25519, crypto_box_seal). Wraps libsodium. Any thread
 * after random_start().
 */
#ifndef BASE_SEAL_H
#define BASE_SEAL_H

#include "base/util.h"

#define SEAL_PUBLIC      32 /* bytes of a public key of either kind */
#define SEAL_SIGN_SECRET 64 /* Ed25519; ends in the public key */
#define SEAL_OPEN_SECRET 32 /* X25519 */
#define SEAL_SIGNATURE   64
#define SEAL_OVERHEAD    48 /* bytes that sealing adds */

void seal_make_sign_keys(uint8_t ret_public[static SEAL_PUBLIC], uint8_t ret_secret[static SEAL_SIGN_SECRET]);
void seal_make_open_keys(uint8_t ret_public[static SEAL_PUBLIC], uint8_t ret_secret[static SEAL_OPEN_SECRET]);

/* Detached signatures. */
void seal_sign(uint8_t to[static SEAL_SIGNATURE], const void *bytes, size_t n,
               const uint8_t secret[static SEAL_SIGN_SECRET]);
bool seal_verify(const uint8_t signature[static SEAL_SIGNATURE], const void *bytes, size_t n,
                 const uint8_t public[static SEAL_PUBLIC]);

/* to has n + SEAL_OVERHEAD bytes. 0, or -EINVAL if receiver is not a key. */
int seal_encrypt(void *to, const void *bytes, size_t n, const uint8_t receiver[static SEAL_PUBLIC]) must_check;
/* n is the sealed length, to has n - SEAL_OVERHEAD bytes. 0, or -EBADMSG if it was sealed to other keys, or changed. */
int seal_decrypt(void *to, const void *sealed, size_t n, const uint8_t public[static SEAL_PUBLIC],
                 const uint8_t secret[static SEAL_OPEN_SECRET]) must_check;

#endif
