/* bundle.h - the one message between booth and hub, however it is carried: signed outside, sealed inside. Pure except
 * for random bytes; any thread after random_start(). docs/sync.md has the layout.
 *
 * To receive one: bundle_parse_header(); find header.sender among the keys registered for header.booth (the header
 * proves nothing yet, but strangers are refused at little cost); then bundle_open() with the keys of number header.key.
 */
#ifndef PROTOCOL_BUNDLE_H
#define PROTOCOL_BUNDLE_H

#include "base/buf.h"
#include "base/json.h"

#define BUNDLE_TYPE   "application/vnd.boothd.bundle"
#define BUNDLE_HEADER 76
#define BUNDLE_MAX    (BUNDLE_HEADER + LIMIT_BUNDLE + 64) /* bytes of the largest one */

enum bundle_kind {
  BUNDLE_TO_HUB = 1,
  BUNDLE_TO_BOOTH = 2,
};

struct bundle_keys {
  uint8_t sign_public[32]; /* Ed25519 */
  uint8_t sign_secret[64];
  uint8_t open_public[32]; /* X25519 */
  uint8_t open_secret[32];
};
void bundle_keys_make(struct bundle_keys *ret);

struct bundle_header {
  uint8_t kind;
  uint16_t key; /* number of the hub's key pair: sealed to it (to the hub) or signed with it (to a booth) */
  uint8_t booth[16];
  uint8_t id[16];
  uint8_t sender[32]; /* sender's Ed25519 public key */
};

/* Appends a bundle. members: the text of a JSON object, "{…}"; kind, booth, bundle and sender are added before its
 * members. Fills header->sender, and header->id with random bytes if it is all zero. 0; -EFBIG if it would
 * be over a limit (fewer events fit); -EINVAL if receiver is not a key or members not an object. ret is unchanged
 * unless 0. */
int bundle_seal(struct bundle_header *header, const uint8_t sign_secret[static 64], const uint8_t receiver[static 32],
                const char *members, size_t n, struct buf *ret) must_check;

/* Parses the header without verifying it. 0, or -EBADMSG. */
int bundle_parse_header(const void *bytes, size_t n, struct bundle_header *ret) must_check;

/* Verifies, opens, inflates, parses, and compares the header with its repetition in the body. 0 and the body, which the
 * caller frees with json_free(); -EBADMSG or, unpacked beyond LIMIT_BUNDLE_UNPACKED, -EFBIG, and *ret_why, a text
 * for the log. Only receiver's opening keys are used. */
int bundle_open(const void *bytes, size_t n, const struct bundle_keys *receiver, struct json **ret,
                const char **ret_why) must_check;

#endif
