/* idempotency_key.h - the Idempotency-Key header, by which a client may send a request twice. Loop thread only.
 *
 * Whoever keeps the keys stores two keyed hashes: one of the key, and one of method, path and body, which shows that a
 * key was used for another request. They are keyed because a body may hold a name and a phone number, which could be
 * guessed from a plain hash.
 */
#ifndef HTTP_IDEMPOTENCY_KEY_H
#define HTTP_IDEMPOTENCY_KEY_H

#include "base/hash.h"
#include "http/request.h"

/* 1: both hashes are filled, each of 16 to 64 bytes; 0: the client sent no key; -EINVAL: the key is not 1 to LIMIT_KEY
 * printable ASCII characters, and the request was answered 400. */
int http_idempotency_key(struct http_request *r, const uint8_t secret[static HASH_KEY], void *ret_key, size_t key_size,
                         void *ret_fingerprint, size_t fingerprint_size) must_check;

#endif
