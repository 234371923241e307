/* random.h - random bytes, numbers and words, by libsodium. Any thread after random_start(). */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include "base/util.h"

int random_start(void) must_check; /* once, before threads, hashes and seals; -EIO if the library refuses */
void random_bytes(void *to, size_t n);
uint32_t random_below(uint32_t bound);
void random_digits(char *to, size_t n); /* n decimal digits and a NUL */
/* 32 bytes as unpadded URL-safe base64: 43 characters and a NUL. */
void random_token(char to[static 44]);

#endif
