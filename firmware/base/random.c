#include "base/random.h"

#include <errno.h>
#include <sodium.h>

_Static_assert(sodium_base64_ENCODED_LEN(32, sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 44, "a token");

int random_start(void)
{
  return sodium_init() < 0 ? -EIO : 0;
}

void random_bytes(void *to, size_t n)
{
  randombytes_buf(to, n);
}

uint32_t random_below(uint32_t bound)
{
  return randombytes_uniform(bound);
}

void random_digits(char *to, size_t n)
{
  for (size_t i = 0; i < n; i++)
    to[i] = (char)('0' + randombytes_uniform(10));
  to[n] = '\0';
}

void random_token(char to[static 44])
{
  unsigned char bytes[32];
  randombytes_buf(bytes, sizeof bytes);
  sodium_bin2base64(to, 44, bytes, sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  sodium_memzero(bytes, sizeof bytes);
}
