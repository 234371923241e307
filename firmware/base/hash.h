/* hash.h - BLAKE2b, with a key and without, and comparison in constant time. Wraps libsodium. Any thread after
 * random_start().
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/util.h"

#define HASH_KEY 32 /* bytes of a keyed hash's key */
#define HASH_SUM 32 /* bytes of a BLAKE2b-256 */

/* Keyed; n is 16..64. */
void hash_keyed(void *to, size_t n, const uint8_t key[static HASH_KEY], const void *bytes, size_t length);

/* BLAKE2b-256 without a key, at once or piece by piece. */
void hash_sum(uint8_t to[static HASH_SUM], const void *bytes, size_t n);
struct hash_state {
  uint8_t state[384];
};
void hash_begin(struct hash_state *s);
void hash_add(struct hash_state *s, const void *bytes, size_t n);
void hash_end(struct hash_state *s, uint8_t to[static HASH_SUM]); /* then hash_begin() may reuse s */

/* In constant time. Texts may have any lengths; the time depends on that of a. */
bool hash_equal(const void *a, const void *b, size_t n);
bool hash_equal_text(const char *a, const char *b);

#endif
