/* bundle.c - big-endian, nothing optional, nothing after the signature:
 *
 *    0   4  "BTHX"                   24  16  bundle id
 *    4   1  version 1                40  32  sender's Ed25519 public key
 *    5   1  kind                     72   4  n, at most LIMIT_BUNDLE
 *    6   2  number of the key        76   n  sealed: a zlib stream of JSON
 *    8  16  booth id               76+n  64  signature over all before it
 *
 * A sealed text does not prove who sealed it, and a signature outside only proves who signed last: a carrier could
 * replace it by its own. So the sealed body member_equals sender, booth, kind and id, and a bundle whose header differs
 * from them is refused.
 */
#include "protocol/bundle.h"

#include <errno.h>

#include "base/json_write.h"
#include "base/random.h"
#include "base/seal.h"
#include "base/zip.h"

#define VERSION 1
static const char magic[4] = {'B', 'T', 'H', 'X'};

void bundle_keys_make(struct bundle_keys *ret)
{
  seal_make_sign_keys(ret->sign_public, ret->sign_secret);
  seal_make_open_keys(ret->open_public, ret->open_secret);
}

/* --- out --- */

static void put_header(uint8_t to[static BUNDLE_HEADER], const struct bundle_header *h, size_t body)
{
  memcpy(to, magic, sizeof magic);
  to[4] = VERSION;
  to[5] = h->kind;
  util_put_number(to + 6, 2, h->key);
  memcpy(to + 8, h->booth, 16);
  memcpy(to + 24, h->id, 16);
  memcpy(to + 40, h->sender, 32);
  util_put_number(to + 72, 4, body);
}

static void json_hex(struct buf *b, const char *key, const uint8_t *bytes, size_t n)
{
  char text[65];
  util_hex(text, bytes, n);
  json_str(b, key, text);
}

static bool is_space(char c)
{
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The body repeats the header, then has the members and their closing brace. */
static void put_body(struct buf *b, const struct bundle_header *h, const char *members, size_t n)
{
  size_t first = 1;
  while (first < n - 1 && is_space(members[first]))
    first++;
  json_open(b, NULL, '{');
  json_int(b, "kind", h->kind);
  json_hex(b, "booth", h->booth, sizeof h->booth);
  json_hex(b, "bundle", h->id, sizeof h->id);
  json_hex(b, "sender", h->sender, sizeof h->sender);
  if (first < n - 1)
    buf_str(b, ",");
  buf_add(b, members + 1, n - 1);
}

static bool is_zero(const uint8_t *bytes, size_t n)
{
  while (n && !bytes[n - 1])
    n--;
  return !n;
}

int bundle_seal(struct bundle_header *header, const uint8_t sign_secret[static 64], const uint8_t receiver[static 32],
                const char *members, size_t n, struct buf *ret)
{
  autobuf struct buf body = {0}, packed = {0};
  if (n < 2 || members[0] != '{' || members[n - 1] != '}')
    return -EINVAL;
  if (n > LIMIT_BUNDLE_UNPACKED)
    return -EFBIG;
  memcpy(header->sender, sign_secret + 32, 32); /* an Ed25519 secret key ends in its public one */
  if (is_zero(header->id, sizeof header->id))
    random_bytes(header->id, sizeof header->id);
  put_body(&body, header, members, n);
  int r = json_check(body.data, body.len);
  if (r < 0)
    return r == -EFBIG ? r : -EINVAL;
  zip_deflate(body.data, body.len, &packed);
  size_t sealed = packed.len + SEAL_OVERHEAD;
  if (body.len > LIMIT_BUNDLE_UNPACKED || sealed > LIMIT_BUNDLE)
    return -EFBIG;

  buf_reserve(ret, BUNDLE_HEADER + sealed + SEAL_SIGNATURE);
  uint8_t *at = (uint8_t *)ret->data + ret->len;
  if (seal_encrypt(at + BUNDLE_HEADER, packed.data, packed.len, receiver) < 0)
    return -EINVAL;
  put_header(at, header, sealed);
  seal_sign(at + BUNDLE_HEADER + sealed, at, BUNDLE_HEADER + sealed, sign_secret);
  ret->len += BUNDLE_HEADER + sealed + SEAL_SIGNATURE;
  ret->data[ret->len] = '\0';
  return 0;
}

/* --- in --- */

int bundle_parse_header(const void *bytes, size_t n, struct bundle_header *ret)
{
  const uint8_t *p = bytes;
  if (n < BUNDLE_HEADER || memcmp(p, magic, sizeof magic) != 0 || p[4] != VERSION)
    return -EBADMSG;
  if (p[5] != BUNDLE_TO_HUB && p[5] != BUNDLE_TO_BOOTH)
    return -EBADMSG;
  uint64_t body = util_get_number(p + 72, 4);
  if (body > LIMIT_BUNDLE || body < SEAL_OVERHEAD || n != BUNDLE_HEADER + body + SEAL_SIGNATURE)
    return -EBADMSG;
  ret->kind = p[5];
  ret->key = (uint16_t)util_get_number(p + 6, 2);
  memcpy(ret->booth, p + 8, sizeof ret->booth);
  memcpy(ret->id, p + 24, sizeof ret->id);
  memcpy(ret->sender, p + 40, sizeof ret->sender);
  return 0;
}

static bool member_equals(const struct json *body, const char *name, const uint8_t *bytes, size_t n)
{
  char text[65];
  const char *given = json_string(json_get(body, name));
  util_hex(text, bytes, n);
  return given && strcmp(given, text) == 0;
}

static bool matches_header(const struct json *body, const struct bundle_header *h)
{
  return json_number(json_get(body, "kind")) == h->kind && member_equals(body, "booth", h->booth, sizeof h->booth) &&
         member_equals(body, "bundle", h->id, sizeof h->id) &&
         member_equals(body, "sender", h->sender, sizeof h->sender);
}

static int refuse_bundle(int r, const char *why, const char **ret_why)
{
  *ret_why = why;
  return r;
}

static int parse_body(const struct buf *text, const struct bundle_header *h, struct json **ret, const char **ret_why)
{
  struct json *body;
  struct json_error e;
  if (json_parse(text->data, text->len, &body, &e) < 0)
    return refuse_bundle(-EBADMSG, "the body is not valid JSON", ret_why);
  if (!matches_header(body, h)) {
    json_free(body);
    return refuse_bundle(-EBADMSG, "the body does not match the header", ret_why);
  }
  *ret = body;
  return 0;
}

int bundle_open(const void *bytes, size_t n, const struct bundle_keys *receiver, struct json **ret,
                const char **ret_why)
{
  const uint8_t *p = bytes;
  struct bundle_header h;
  autobuf struct buf packed = {0}, text = {0};
  if (bundle_parse_header(bytes, n, &h) < 0)
    return refuse_bundle(-EBADMSG, "not a bundle", ret_why);
  size_t before = n - SEAL_SIGNATURE, sealed = before - BUNDLE_HEADER;
  if (!seal_verify(p + before, p, before, h.sender))
    return refuse_bundle(-EBADMSG, "the signature is invalid", ret_why);
  buf_reserve(&packed, sealed);
  if (seal_decrypt(packed.data, p + BUNDLE_HEADER, sealed, receiver->open_public, receiver->open_secret) < 0)
    return refuse_bundle(-EBADMSG, "not sealed to this key", ret_why);
  packed.len = sealed - SEAL_OVERHEAD;
  int r = zip_inflate(ZIP_ZLIB, packed.data, packed.len, LIMIT_BUNDLE_UNPACKED, &text);
  if (r < 0)
    return refuse_bundle(r, r == -EFBIG ? "it is too large when unpacked" : "the body cannot be unpacked", ret_why);
  buf_done(&packed);
  return parse_body(&text, &h, ret, ret_why);
}
