/* Bytes become a bundle, from each place where a sender has its say: the first byte says how deep. A carrier has the
 * whole, but no key; a registered booth that is not what it was has the header, the packed body and the JSON too, so
 * those are signed and sealed here. Keys are those of the vectors: what is in the corpus opens.
 */
#include "unit.h"

#include "base/seal.h"
#include "base/zip.h"
#include "protocol/enrol.h"

#include "vectors.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static struct bundle_keys booth, hub;

static void must(bool holds)
{
  if (!holds)
    abort();
}

static void prepare(void)
{
  setenv("CMOCKA_TEST_ABORT", "1", 1);
  must(vectors_load(NULL) == 0);
  booth = keys_of("booth");
  hub = keys_of("hub");
}

/* Opens it. What is taken has a header that is repeated; what is refused has a reason. */
static bool open_it(const void *bytes, size_t n)
{
  struct bundle_header h;
  struct json *body = NULL;
  const char *why = NULL;
  char id[33];
  int look = bundle_parse_header(bytes, n, &h), r = bundle_open(bytes, n, &hub, &body, &why);
  must((r == 0) == (body != NULL) && (r == 0) == (why == NULL) && (r < 0 || look == 0));
  if (r == 0) {
    util_hex(id, h.id, sizeof h.id);
    must(strcmp(json_string(json_get(body, "bundle")), id) == 0);
    must(json_number(json_get(body, "kind")) == h.kind);
  }
  json_free(body);
  return r == 0;
}

static void put_head(uint8_t to[static BUNDLE_HEADER], size_t sealed)
{
  static const uint8_t first[8] = {'B', 'T', 'H', 'X', 1, BUNDLE_TO_HUB, 0, 1};
  memset(to, 0, BUNDLE_HEADER);
  memcpy(to, first, sizeof first);
  memcpy(to + 40, booth.sign_public, 32);
  util_put_number(to + 72, 4, sealed);
}

/* A bundle of this header (NULL: the right one) around this packed body. */
static bool wrap(const uint8_t *head, const void *packed, size_t n)
{
  autobuf struct buf b = {0};
  uint8_t signature[SEAL_SIGNATURE];
  size_t before = BUNDLE_HEADER + n + SEAL_OVERHEAD;
  buf_reserve(&b, before);
  put_head((uint8_t *)b.data, n + SEAL_OVERHEAD);
  if (head)
    memcpy(b.data, head, BUNDLE_HEADER);
  must(seal_encrypt(b.data + BUNDLE_HEADER, packed, n, hub.open_public) == 0);
  seal_sign(signature, b.data, before, booth.sign_secret);
  b.len = before;
  buf_add(&b, signature, sizeof signature);
  return open_it(b.data, b.len);
}

/* The right repetition, and what follows it. */
static void put_body(struct buf *b, const void *rest, size_t n)
{
  char sender[65];
  util_hex(sender, booth.sign_public, 32);
  buf_fmt(b, "{\"kind\":1,\"booth\":\"%032d\",\"bundle\":\"%032d\",\"sender\":\"%s\"", 0, 0, sender);
  buf_add(b, rest, n);
}

static void fuzz_whole(const uint8_t *bytes, size_t n)
{
  open_it(bytes, n);
}

static void fuzz_header(const uint8_t *bytes, size_t n)
{
  autobuf struct buf body = {0}, packed autobuf = {0};
  uint8_t head[BUNDLE_HEADER];
  put_body(&body, "}", 1);
  zip_deflate(body.data, body.len, &packed);
  put_head(head, packed.len + SEAL_OVERHEAD);
  for (size_t i = 0; i < min(n, sizeof head); i++)
    head[i] ^= bytes[i];
  wrap(head, packed.data, packed.len);
}

static void fuzz_packed(const uint8_t *bytes, size_t n)
{
  wrap(NULL, bytes, n);
}

static void fuzz_json(const uint8_t *bytes, size_t n)
{
  autobuf struct buf body = {0}, packed autobuf = {0};
  put_body(&body, bytes, n);
  zip_deflate(body.data, body.len, &packed);
  wrap(NULL, packed.data, packed.len);
}

/* What may be sealed can be opened, unless the members' grammar is broken, which the sender is trusted with. */
static void fuzz_members(const uint8_t *bytes, size_t n)
{
  autobuf struct buf b = {0};
  struct json *members = NULL;
  struct json_error e;
  struct bundle_header h = {.kind = BUNDLE_TO_HUB, .key = 1};
  bool sealed = bundle_seal(&h, booth.sign_secret, hub.open_public, (const char *)bytes, n, &b) == 0;
  bool right = n && *bytes == '{' && bytes[n - 1] == '}' && json_parse((const char *)bytes, n, &members, &e) == 0;
  must(sealed || (!right && b.len == 0));
  must(!sealed || !right || open_it(b.data, b.len));
  json_free(members);
}

static void fuzz_enrolment(const uint8_t *bytes, size_t n)
{
  struct enrol_code c, again;
  struct enrol_request r;
  struct enrol_answer a;
  struct json *j = NULL;
  struct json_error e;
  char text[ENROL_CODE];
  autofree char *ended = xcalloc(1, n + 1);
  if (n)
    memcpy(ended, bytes, n);
  if (enrol_code_read(ended, &c) == 0) {
    enrol_code_text(text, &c);
    must(enrol_code_read(text, &again) == 0 && memcmp(&c, &again, sizeof c) == 0);
  }
  if (json_parse(ended, n, &j, &e) < 0)
    return;
  enrol_code_make(hub.sign_public, &c);
  must(enrol_request_read(j, &r) < 0 || strlen(r.secret) == ENROL_HALF);
  must(enrol_answer_read(j, &c, booth.sign_public, &a) < 0 || (a.key && a.generation > 0));
  json_free(j);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
  static void (*const depths[])(const uint8_t *, size_t) = {fuzz_whole, fuzz_header,  fuzz_packed,
                                                            fuzz_json,  fuzz_members, fuzz_enrolment};
  if (!vectors)
    prepare();
  if (!n)
    return 0;
  autofree uint8_t *exact = xcalloc(1, n - 1); /* of exactly that size, so that a byte too many is seen */
  memcpy(exact, bytes + 1, n - 1);
  depths[bytes[0] % array_len(depths)](exact, n - 1);
  return 0;
}
