/* Bundles: what is sealed comes out again, and nothing else does. */
#include "unit.h"

#include "base/hash.h"
#include "base/json_write.h"
#include "base/random.h"
#include "base/seal.h"
#include "base/zip.h"
#include "vectors.h"

#include <errno.h>

static const uint8_t booth_id[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
static struct bundle_keys booth, hub, stranger;

static int make_keys(void **state)
{
  if (vectors_load(state) < 0)
    return -1;
  bundle_keys_make(&booth);
  bundle_keys_make(&hub);
  bundle_keys_make(&stranger);
  return 0;
}

static struct bundle_header to_hub(void)
{
  struct bundle_header h = {.kind = BUNDLE_TO_HUB, .key = 258};
  memcpy(h.booth, booth_id, sizeof h.booth);
  return h;
}

static void seal(const char *members, struct buf *ret)
{
  struct bundle_header h = to_hub();
  assert_int_equal(bundle_seal(&h, booth.sign_secret, hub.open_public, members, strlen(members), ret), 0);
}

/* Opens a copy of exactly that size, so that the sanitizer sees a read beyond the end. */
static int open_exact(const void *bytes, size_t n, const struct bundle_keys *receiver, const char **ret_why)
{
  struct json *body = NULL;
  autofree char *exact = malloc(n ? n : 1);
  assert_non_null(exact);
  memcpy(exact, bytes, n);
  *ret_why = NULL;
  int r = bundle_open(exact, n, receiver, &body, ret_why);
  assert_int_equal(r == 0, body != NULL);
  assert_int_equal(r == 0, *ret_why == NULL);
  json_free(body);
  return r;
}

static void expect(const void *bytes, size_t n, const struct bundle_keys *receiver, int code, const char *why)
{
  const char *got;
  assert_int_equal(open_exact(bytes, n, receiver, &got), code);
  if (why)
    assert_string_equal(got, why);
}

/* A bundle of h around these bytes, whatever they are. */
static void wrap(const struct bundle_header *h, const void *packed, size_t n, struct buf *ret)
{
  size_t before = BUNDLE_HEADER + n + SEAL_OVERHEAD;
  uint8_t head[BUNDLE_HEADER] = {'B', 'T', 'H', 'X', 1, h->kind}, signature[SEAL_SIGNATURE];
  util_put_number(head + 6, 2, h->key);
  memcpy(head + 8, h->booth, 16);
  memcpy(head + 24, h->id, 16);
  memcpy(head + 40, h->sender, 32);
  util_put_number(head + 72, 4, n + SEAL_OVERHEAD);
  buf_reserve(ret, before + sizeof signature);
  buf_add(ret, head, sizeof head);
  assert_int_equal(seal_encrypt(ret->data + ret->len, packed, n, hub.open_public), 0);
  ret->len = before;
  seal_sign(signature, ret->data, before, booth.sign_secret);
  buf_add(ret, signature, sizeof signature);
}

static void test_round_trip(void **state)
{
  static const char *const members[] = {"{}", "{ \r\n\t}", "{\"events\":[\"민아 😀\"],\"n\":-5}"};
  for (size_t i = 0; i < array_len(members); i++) {
    autobuf struct buf bytes = {0};
    struct bundle_header h = to_hub(), seen;
    struct json *body = NULL;
    const char *why = NULL;
    buf_str(&bytes, "before");
    assert_int_equal(bundle_seal(&h, booth.sign_secret, hub.open_public, members[i], strlen(members[i]), &bytes), 0);
    assert_memory_equal(bytes.data, "before", 6);
    assert_memory_equal(h.sender, booth.sign_public, 32);
    assert_int_equal(bundle_parse_header(bytes.data + 6, bytes.len - 6, &seen), 0);
    assert_int_equal(seen.kind, BUNDLE_TO_HUB);
    assert_int_equal(seen.key, 258);
    assert_memory_equal(seen.booth, booth_id, 16);
    assert_memory_equal(seen.id, h.id, 16);
    assert_memory_equal(seen.sender, booth.sign_public, 32);
    assert_int_equal(bundle_open(bytes.data + 6, bytes.len - 6, &hub, &body, &why), 0);
    assert_null(why);
    if (i == 2) {
      assert_string_equal(json_string(json_at(json_get(body, "events"), 0)), "민아 😀");
      assert_true(json_number(json_get(body, "n")) == -5);
    }
    json_free(body);
  }
}

static void test_ids(void **state)
{
  autobuf struct buf bytes = {0};
  struct bundle_header a = to_hub(), b = to_hub(), given = to_hub();
  memset(given.id, 7, sizeof given.id);
  assert_int_equal(bundle_seal(&a, booth.sign_secret, hub.open_public, "{}", 2, &bytes), 0);
  assert_int_equal(bundle_seal(&b, booth.sign_secret, hub.open_public, "{}", 2, &bytes), 0);
  assert_int_equal(bundle_seal(&given, booth.sign_secret, hub.open_public, "{}", 2, &bytes), 0);
  assert_memory_not_equal(a.id, b.id, 16);
  for (int i = 0; i < 16; i++)
    assert_int_equal(given.id[i], 7);
}

static void test_what_is_not_sealed(void **state)
{
  static const char *const bad[] = {
      "", "{", "}", "[]", "x{}", "{}x", "{\"a\":1.5}", "{\"a\":\"\xff\"}", "{\"a\":[[[[[[[[[]]]]]]]]]}"};
  autobuf struct buf bytes = {0};
  struct bundle_header h = to_hub();
  for (size_t i = 0; i < array_len(bad); i++)
    assert_int_equal(bundle_seal(&h, booth.sign_secret, hub.open_public, bad[i], strlen(bad[i]), &bytes), -EINVAL);
  static const uint8_t no_key[32] = {0};
  assert_int_equal(bundle_seal(&h, booth.sign_secret, no_key, "{}", 2, &bytes), -EINVAL);
  assert_int_equal(bytes.len, 0);
}

static void test_every_bit(void **state)
{
  autobuf struct buf bytes = {0};
  const char *why;
  seal("{\"events\":[]}", &bytes);
  for (size_t bit = 0; bit < bytes.len * 8; bit++) {
    bytes.data[bit / 8] ^= (char)(1 << bit % 8);
    if (open_exact(bytes.data, bytes.len, &hub, &why) != -EBADMSG)
      fail_msg("bit %zu of byte %zu", bit % 8, bit / 8);
    bytes.data[bit / 8] ^= (char)(1 << bit % 8);
  }
  assert_int_equal(open_exact(bytes.data, bytes.len, &hub, &why), 0);
}

static void test_every_length(void **state)
{
  autobuf struct buf bytes = {0};
  seal("{\"events\":[]}", &bytes);
  for (size_t n = 0; n < bytes.len; n++)
    expect(bytes.data, n, &hub, -EBADMSG, "not a bundle");
  size_t whole = bytes.len;
  buf_add(&bytes, "", 1);
  expect(bytes.data, bytes.len, &hub, -EBADMSG, "not a bundle");
  expect(bytes.data, whole, &hub, 0, NULL);
}

static void test_who(void **state)
{
  autobuf struct buf bytes = {0}, other autobuf = {0};
  struct bundle_header h = to_hub();
  seal("{}", &bytes);
  expect(bytes.data, bytes.len, &stranger, -EBADMSG, "not sealed to this key");
  expect(bytes.data, bytes.len, &booth, -EBADMSG, "not sealed to this key");

  /* a carrier that takes the signature off and puts its own on */
  memcpy(bytes.data + 40, stranger.sign_public, 32);
  seal_sign((uint8_t *)bytes.data + bytes.len - 64, bytes.data, bytes.len - 64, stranger.sign_secret);
  expect(bytes.data, bytes.len, &hub, -EBADMSG, "the body does not match the header");

  /* or that says that it is a sender which it is not */
  assert_int_equal(bundle_seal(&h, stranger.sign_secret, hub.open_public, "{}", 2, &other), 0);
  memcpy(other.data + 40, booth.sign_public, 32);
  expect(other.data, other.len, &hub, -EBADMSG, "the signature is invalid");
}

/* Each member of the body that repeats the header, left out or changed, by the sender itself. */
static void test_repetition(void **state)
{
  static const char *const names[] = {"kind", "booth", "bundle", "sender"};
  struct bundle_header h = to_hub();
  memcpy(h.sender, booth.sign_public, 32);
  memset(h.id, 9, sizeof h.id);
  for (size_t i = 0; i < 3 * array_len(names) + 1; i++) {
    autobuf struct buf text = {0}, packed autobuf = {0}, bytes autobuf = {0};
    const uint8_t *const values[] = {NULL, h.booth, h.id, h.sender};
    json_open(&text, NULL, '{');
    for (size_t k = 0; k < array_len(names); k++) {
      char hex[65];
      size_t turn = i / 3 == k ? i % 3 : 3; /* left out, changed, of another type, right */
      util_hex(hex, k ? values[k] : h.id, k == 3 ? 32 : 16);
      hex[0] ^= turn == 1;
      if (turn == 0)
        continue;
      if ((k == 0) == (turn != 2))
        json_int(&text, names[k], BUNDLE_TO_HUB + (turn == 1));
      else
        json_str(&text, names[k], hex);
    }
    json_close(&text, '}');
    zip_deflate(text.data, text.len, &packed);
    wrap(&h, packed.data, packed.len, &bytes);
    bool right = i == 3 * array_len(names);
    expect(bytes.data, bytes.len, &hub, right ? 0 : -EBADMSG, right ? NULL : "the body does not match the header");
  }
}

/* zlib's frame around blocks that are only stored: any size can be hit exactly. */
static void store(const char *text, size_t n, struct buf *ret)
{
  uint32_t a = 1, b = 0;
  buf_add(ret, "\x78\x01", 2);
  for (size_t at = 0; at < n; at += 65535) {
    size_t piece = min(n - at, (size_t)65535);
    uint8_t lead[5] = {at + piece == n, (uint8_t)piece, (uint8_t)(piece >> 8), (uint8_t)~piece, (uint8_t)(~piece >> 8)};
    buf_add(ret, lead, sizeof lead);
    buf_add(ret, text + at, piece);
  }
  for (size_t i = 0; i < n; i++) {
    a = (a + (unsigned char)text[i]) % 65521;
    b = (b + a) % 65521;
  }
  uint8_t sum[4];
  util_put_number(sum, sizeof sum, b << 16 | a);
  buf_add(ret, sum, sizeof sum);
}

/* A right body of n bytes for h. */
static void body_of(const struct bundle_header *h, size_t n, struct buf *ret)
{
  char booth_hex[33], id[33], sender[65];
  util_hex(booth_hex, h->booth, 16);
  util_hex(id, h->id, 16);
  util_hex(sender, h->sender, 32);
  buf_reserve(ret, n);
  buf_fmt(ret, "{\"kind\":1,\"booth\":\"%s\",\"bundle\":\"%s\",\"sender\":\"%s\",\"x\":\"", booth_hex, id, sender);
  memset(ret->data + ret->len, 'x', n - ret->len - 2);
  ret->len = n - 2;
  buf_str(ret, "\"}");
}

static void test_packed_limit(void **state)
{
  struct bundle_header h = to_hub(), seen;
  memcpy(h.sender, booth.sign_public, 32);
  /* two bytes of frame, four of its sum, five for each block */
  size_t blocks = 64, text_n = LIMIT_BUNDLE - SEAL_OVERHEAD - 6 - 5 * blocks;
  assert_int_equal((text_n + 65534) / 65535, blocks);
  for (size_t over = 0; over < 2; over++) {
    autobuf struct buf text = {0}, packed autobuf = {0}, bytes autobuf = {0};
    body_of(&h, text_n + over, &text);
    store(text.data, text.len, &packed);
    wrap(&h, packed.data, packed.len, &bytes);
    assert_int_equal(bytes.len, BUNDLE_MAX + over);
    assert_int_equal(bundle_parse_header(bytes.data, bytes.len, &seen), over ? -EBADMSG : 0);
    expect(bytes.data, bytes.len, &hub, over ? -EBADMSG : 0, NULL);
  }
}

static void test_unpacked_limit(void **state)
{
  struct bundle_header h = to_hub();
  memcpy(h.sender, booth.sign_public, 32);
  for (size_t over = 0; over < 2; over++) {
    autobuf struct buf text = {0}, packed autobuf = {0}, bytes autobuf = {0};
    body_of(&h, LIMIT_BUNDLE_UNPACKED + over, &text);
    zip_deflate(text.data, text.len, &packed);
    wrap(&h, packed.data, packed.len, &bytes);
    expect(bytes.data, bytes.len, &hub, over ? -EFBIG : 0, over ? "it is too large when unpacked" : NULL);
  }
}

/* A sealed body has a length even if it is empty. */
static void test_shortest(void **state)
{
  struct bundle_header h = to_hub(), seen;
  autobuf struct buf bytes = {0};
  wrap(&h, "", 0, &bytes);
  assert_int_equal(bytes.len, 188);
  assert_int_equal(bundle_parse_header(bytes.data, 188, &seen), 0);
  util_put_number((uint8_t *)bytes.data + 72, 4, SEAL_OVERHEAD - 1);
  assert_int_equal(bundle_parse_header(bytes.data, 187, &seen), -EBADMSG);
}

/* What the sender may put in: the header's repetition takes a part of the 32 MiB. */
static void test_seal_limits(void **state)
{
  struct bundle_header h = to_hub();
  size_t repetition = strlen("{\"kind\":1,\"booth\":\"\",\"bundle\":\"\",\"sender\":\"\",}") - 2 + 32 + 32 + 64;
  for (size_t over = 0; over < 2; over++) {
    autobuf struct buf members = {0}, bytes autobuf = {0};
    size_t n = LIMIT_BUNDLE_UNPACKED - repetition + over;
    buf_reserve(&members, n);
    buf_str(&members, "{\"x\":\"");
    memset(members.data + members.len, 'x', n - members.len - 2);
    memcpy(members.data + n - 2, "\"}", 2);
    int r = bundle_seal(&h, booth.sign_secret, hub.open_public, members.data, n, &bytes);
    assert_int_equal(r, over ? -EFBIG : 0);
    if (over)
      assert_int_equal(bytes.len, 0);
    else
      expect(bytes.data, bytes.len, &hub, 0, NULL);
  }
  autobuf struct buf random = {0}, members autobuf = {0}, bytes autobuf = {0};
  size_t n = LIMIT_BUNDLE;
  buf_reserve(&random, n);
  buf_reserve(&members, 2 * n + 8);
  random_bytes(random.data, n);
  buf_str(&members, "{\"x\":\"");
  util_hex(members.data + members.len, random.data, n);
  members.len += 2 * n;
  buf_str(&members, "\"}");
  assert_int_equal(bundle_seal(&h, booth.sign_secret, hub.open_public, members.data, members.len, &bytes), -EFBIG);
  assert_int_equal(bytes.len, 0);
}

/* Many small values cost far more memory than their text. */
static void test_values(void **state)
{
  for (size_t over = 0; over < 2; over++) {
    autobuf struct buf members = {0}, bytes autobuf = {0};
    struct bundle_header h = to_hub();
    buf_str(&members, "{\"x\":[0");
    for (size_t i = 0; i < LIMIT_JSON_VALUES - 7 + over; i++) /* as the scan counts those before */
      buf_str(&members, ",0");
    buf_str(&members, "]}");
    int r = bundle_seal(&h, booth.sign_secret, hub.open_public, members.data, members.len, &bytes);
    assert_int_equal(r, over ? -EFBIG : 0);
    if (!over)
      expect(bytes.data, bytes.len, &hub, 0, NULL);
  }
}

static void test_inflate(void **state)
{
  autobuf struct buf text = {0}, packed autobuf = {0}, out autobuf = {0};
  buf_reserve(&text, 1 << 20);
  memset(text.data, 'x', 1 << 20);
  zip_deflate(text.data, 1 << 20, &packed);
  buf_str(&out, "kept");
  for (size_t limit = 4096; limit < 1 << 20; limit *= 2) { /* a bomb gets no more than the limit */
    autobuf struct buf small = {0};
    buf_str(&small, "kept");
    assert_int_equal(zip_inflate(ZIP_ZLIB, packed.data, packed.len, limit, &small), -EFBIG);
    assert_string_equal(small.data, "kept");
    assert_true(small.cap <= limit + limit / 512 + 64);
  }
  assert_int_equal(zip_inflate(ZIP_ZLIB, packed.data, packed.len, (1 << 20) - 1, &out), -EFBIG);
  assert_int_equal(zip_inflate(ZIP_GZIP, packed.data, packed.len, 1 << 20, &out), -EBADMSG);
  assert_int_equal(zip_inflate(ZIP_ZLIB, packed.data, packed.len - 1, 1 << 20, &out), -EBADMSG);
  assert_int_equal(zip_inflate(ZIP_ZLIB, "", 0, 1 << 20, &out), -EBADMSG);
  assert_int_equal(out.len, 4);
  assert_int_equal(zip_inflate(ZIP_ZLIB, packed.data, packed.len, 1 << 20, &out), 0);
  assert_int_equal(out.len, 4 + (1 << 20));
  assert_memory_equal(out.data + 4, text.data, 1 << 20);
  buf_add(&packed, "", 1);
  assert_int_equal(zip_inflate(ZIP_ZLIB, packed.data, packed.len, 1 << 20, &out), -EBADMSG);
  assert_int_equal(out.len, 4 + (1 << 20));
}

static void test_sum(void **state)
{
  /* RFC 7693 gives BLAKE2b-512 only; BLAKE2b-256 of "abc" and of nothing as every implementation has them */
  static const struct {
    const char *text, *hex;
  } known[] = {{"", "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"},
               {"abc", "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"}};
  uint8_t sum[HASH_SUM], whole[HASH_SUM];
  char hex[65];
  for (size_t i = 0; i < array_len(known); i++) {
    hash_sum(sum, known[i].text, strlen(known[i].text));
    util_hex(hex, sum, sizeof sum);
    assert_string_equal(hex, known[i].hex);
  }
  /* piece by piece, two at a time, wherever they stand in memory */
  uint8_t text[300], room[sizeof(struct hash_state) + 1];
  random_bytes(text, sizeof text);
  hash_sum(whole, text, sizeof text);
  for (size_t cut = 0; cut <= sizeof text; cut++) {
    struct hash_state *s = (struct hash_state *)(room + cut % 2), other;
    hash_begin(s);
    hash_begin(&other);
    hash_add(s, text, cut);
    hash_add(&other, "abc", 3);
    hash_add(s, text + cut, sizeof text - cut);
    hash_end(&other, sum);
    util_hex(hex, sum, sizeof sum);
    assert_string_equal(hex, known[1].hex);
    hash_end(s, sum);
    assert_memory_equal(sum, whole, sizeof sum);
  }
}

/* --- the vectors --- */

static void unhex_all(const char *text, struct buf *ret)
{
  size_t n = strlen(text) / 2;
  buf_reserve(ret, n);
  assert_int_equal(util_unhex(ret->data, n, text), 0);
  ret->len = n;
}

static void unpack(const struct buf *bytes, const struct bundle_keys *receiver, struct buf *ret)
{
  autobuf struct buf packed = {0};
  size_t sealed = bytes->len - BUNDLE_HEADER - SEAL_SIGNATURE;
  buf_reserve(&packed, sealed);
  assert_int_equal(
      seal_decrypt(packed.data, bytes->data + BUNDLE_HEADER, sealed, receiver->open_public, receiver->open_secret), 0);
  assert_int_equal(zip_inflate(ZIP_ZLIB, packed.data, sealed - SEAL_OVERHEAD, LIMIT_BUNDLE_UNPACKED, ret), 0);
}

static void check_vector(const struct json *v)
{
  autobuf struct buf bytes = {0}, inside autobuf = {0}, again autobuf = {0}, inside_again autobuf = {0};
  const char *body = text_of(v, "body"), *why;
  struct bundle_header h = {0}, seen;
  struct bundle_keys receiver = keys_of(text_of(v, "receiver")),
                     sender = keys_of(strcmp(text_of(v, "receiver"), "hub") == 0 ? "booth" : "hub");
  unhex_all(text_of(v, "bundle"), &bytes);
  bytes_of(v, "booth", h.booth, sizeof h.booth);
  bytes_of(v, "id", h.id, sizeof h.id);
  h.kind = (uint8_t)json_number(json_get(v, "kind"));
  h.key = (uint16_t)json_number(json_get(v, "key"));
  assert_int_equal(bundle_parse_header(bytes.data, bytes.len, &seen), 0);
  assert_int_equal(seen.key, h.key);
  if (open_exact(bytes.data, bytes.len, &receiver, &why) < 0)
    fail_msg("%s: %s", text_of(v, "name"), why);
  unpack(&bytes, &receiver, &inside);
  assert_string_equal(inside.data, body);

  /* ours around the same members: the same header but for the length, which is zlib's, and the same body */
  autofree char *members = xstrdup(strstr(body, "\"sender\":\"") + strlen("\"sender\":\"") + 64 + 1);
  members[0] = '{'; /* it was the comma */
  assert_int_equal(bundle_seal(&h, sender.sign_secret, receiver.open_public, members, strlen(members), &again), 0);
  assert_memory_equal(again.data, bytes.data, 72);
  unpack(&again, &receiver, &inside_again);
  assert_string_equal(inside_again.data, body);
}

static void test_vectors(void **state)
{
  const struct json *good = json_get(vectors, "bundles"), *bad = json_get(vectors, "refused_bundles");
  assert_true(json_size(good) >= 4 && json_size(bad) >= 25);
  for (const struct json *v = json_at(good, 0); v; v = json_next(v))
    check_vector(v);
  for (const struct json *v = json_at(bad, 0); v; v = json_next(v)) {
    autobuf struct buf bytes = {0};
    struct bundle_keys receiver = keys_of(text_of(v, "receiver"));
    const char *why;
    unhex_all(text_of(v, "bundle"), &bytes);
    if (open_exact(bytes.data, bytes.len, &receiver, &why) != -EBADMSG || strcmp(why, text_of(v, "why")) != 0)
      fail_msg("%s: %s, not %s", text_of(v, "name"), why, text_of(v, "why"));
  }
}

static void test_digest_vector(void **state)
{
  const struct json *v = json_get(vectors, "digest");
  const char *const texts[] = {text_of(v, "first"), text_of(v, "second")};
  uint8_t want[HASH_SUM], sum[HASH_SUM];
  struct hash_state s;
  bytes_of(v, "hash", want, sizeof want);
  hash_begin(&s);
  for (size_t i = 0; i < array_len(texts); i++) {
    hash_add(&s, texts[i], strlen(texts[i]));
    hash_add(&s, "\n", 1);
  }
  hash_end(&s, sum);
  assert_memory_equal(sum, want, sizeof sum);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_round_trip),    cmocka_unit_test(test_ids),
      cmocka_unit_test(test_every_bit),     cmocka_unit_test(test_what_is_not_sealed),
      cmocka_unit_test(test_every_length),  cmocka_unit_test(test_who),
      cmocka_unit_test(test_repetition),    cmocka_unit_test(test_packed_limit),
      cmocka_unit_test(test_values),        cmocka_unit_test(test_unpacked_limit),
      cmocka_unit_test(test_seal_limits),   cmocka_unit_test(test_inflate),
      cmocka_unit_test(test_sum),           cmocka_unit_test(test_vectors),
      cmocka_unit_test(test_digest_vector), cmocka_unit_test(test_shortest),
  };
  return cmocka_run_group_tests(tests, make_keys, vectors_free);
}
