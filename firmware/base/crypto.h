/* crypto.h - randomness, keyed hashes, comparison in constant time, by libsodium. Any thread after crypto_start(). */
#ifndef BASE_CRYPTO_H
#define BASE_CRYPTO_H

#include "base/util.h"

#define CRYPTO_KEY 32

int crypto_start(void) must_check; /* -EIO if the library refuses */
void crypto_random(void *to, size_t n);
uint32_t crypto_random_below(uint32_t bound);
/* BLAKE2b keyed with CRYPTO_KEY bytes; n is 16..64. (libsodium has a crypto_hash of its own.) */
void crypto_digest(void *to, size_t n, const uint8_t key[static CRYPTO_KEY], const void *bytes, size_t length);
bool crypto_equal(const void *a, const void *b, size_t n); /* constant time */
bool crypto_equal_text(const char *a, const char *b);      /* of any lengths, constant in a's */
/* n random decimal digits and a NUL. */
void crypto_digits(char *to, size_t n);
/* Random bytes as unpadded URL-safe base64; to has 44 bytes for 32. */
void crypto_token(char to[static 44]);

#endif
