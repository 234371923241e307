/* crypto.h - randomness, hashes, signatures, sealed texts, comparison in constant time, by libsodium. Any thread after
 * crypto_start(). Names keep clear of libsodium's own (crypto_hash, crypto_sign, crypto_seal…).
 */
#ifndef BASE_CRYPTO_H
#define BASE_CRYPTO_H

#include "base/util.h"

#define CRYPTO_KEY       32 /* a hash's, and any public key */
#define CRYPTO_SUM       32
#define CRYPTO_SIGNING   64 /* an Ed25519 secret key, which ends in its public one */
#define CRYPTO_OPENING   32 /* an X25519 secret key */
#define CRYPTO_SIGNATURE 64
#define CRYPTO_SEAL      48 /* bytes by which a sealed text is longer */

int crypto_start(void) must_check; /* -EIO if the library refuses */
void crypto_random(void *to, size_t n);
uint32_t crypto_random_below(uint32_t bound);
/* BLAKE2b keyed with CRYPTO_KEY bytes; n is 16..64. (libsodium has a crypto_hash of its own.) */
void crypto_digest(void *to, size_t n, const uint8_t key[static CRYPTO_KEY], const void *bytes, size_t length);
/* BLAKE2b-256 without a key, at once or piece by piece. */
struct crypto_sum {
  uint8_t state[384];
};
void crypto_sum(uint8_t to[static CRYPTO_SUM], const void *bytes, size_t n);
void crypto_sum_begin(struct crypto_sum *s);
void crypto_sum_add(struct crypto_sum *s, const void *bytes, size_t n);
void crypto_sum_end(struct crypto_sum *s, uint8_t to[static CRYPTO_SUM]); /* s may then begin again */

/* Ed25519: what was signed stands beside its signature. */
void crypto_signing_make(uint8_t ret_public[static CRYPTO_KEY], uint8_t ret_secret[static CRYPTO_SIGNING]);
void crypto_signature(uint8_t to[static CRYPTO_SIGNATURE], const void *bytes, size_t n,
                      const uint8_t secret[static CRYPTO_SIGNING]);
bool crypto_signature_holds(const uint8_t signature[static CRYPTO_SIGNATURE], const void *bytes, size_t n,
                            const uint8_t public[static CRYPTO_KEY]);

/* X25519, anonymous sender (crypto_box_seal): to has n + CRYPTO_SEAL bytes; back, n is the sealed length and to has
 * n - CRYPTO_SEAL. -EINVAL for a receiver that is no key, -EBADMSG for what was not sealed to these keys or was
 * changed.
 */
void crypto_opening_make(uint8_t ret_public[static CRYPTO_KEY], uint8_t ret_secret[static CRYPTO_OPENING]);
int crypto_seal_to(void *to, const void *bytes, size_t n, const uint8_t receiver[static CRYPTO_KEY]) must_check;
int crypto_unseal(void *to, const void *sealed, size_t n, const uint8_t public[static CRYPTO_KEY],
                  const uint8_t secret[static CRYPTO_OPENING]) must_check;

bool crypto_equal(const void *a, const void *b, size_t n); /* constant time */
bool crypto_equal_text(const char *a, const char *b);      /* of any lengths, constant in a's */
/* n random decimal digits and a NUL. */
void crypto_digits(char *to, size_t n);
/* Random bytes as unpadded URL-safe base64; to has 44 bytes for 32. */
void crypto_token(char to[static 44]);

#endif
