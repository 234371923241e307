#include "http/idempotency_key.h"

#include <errno.h>

#include "http/response.h"

int http_idempotency_key(struct http_request *r, const uint8_t secret[static HASH_KEY], void *ret_key, size_t key_size,
                         void *ret_fingerprint, size_t fingerprint_size)
{
  const char *key = http_header(r, "Idempotency-Key");
  if (!key)
    return 0;
  size_t length = strlen(key);
  bool valid = length >= 1 && length <= LIMIT_KEY;
  for (size_t i = 0; valid && i < length; i++)
    valid = key[i] >= 0x20 && key[i] <= 0x7e;
  if (!valid) {
    http_refuse(r, HTTP_INVALID_FIELD, "Idempotency-Key", "A key is 1 to 64 printable ASCII characters.");
    return -EINVAL;
  }
  autobuf struct buf request = {0};
  size_t n;
  const char *body = http_body(r, &n);
  buf_fmt(&request, "%s %s\n", http_method(r), http_path(r));
  buf_add(&request, body, n);
  hash_keyed(ret_key, key_size, secret, key, length);
  hash_keyed(ret_fingerprint, fingerprint_size, secret, request.data, request.len);
  return 1;
}
