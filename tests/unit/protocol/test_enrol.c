/* Enrolment: codes as people read and type them, and messages that hold for one booth, one hub and one code. */
#include "unit.h"

#include "base/seal.h"
#include "protocol/enrol.h"
#include "vectors.h"

#include <errno.h>
#include <stdio.h>

static struct bundle_keys booth, hub, stranger;

static int start(void **state)
{
  if (vectors_load(state) < 0)
    return -1;
  booth = keys_of("booth");
  hub = keys_of("hub");
  stranger = keys_of("stranger");
  return 0;
}

static struct json *parse(const char *text)
{
  struct json *j = NULL;
  struct json_error e;
  if (json_parse(text, strlen(text), &j, &e) < 0)
    fail_msg("%s", e.detail);
  return j;
}

/* --- codes --- */

static void test_code(void **state)
{
  struct enrol_code a, b, back;
  char text[ENROL_CODE];
  enrol_code_make(hub.sign_public, &a);
  enrol_code_make(hub.sign_public, &b);
  assert_string_not_equal(a.secret, b.secret);
  assert_string_equal(a.fingerprint, b.fingerprint);
  enrol_code_text(text, &a);
  assert_int_equal(strlen(text), 39);
  for (size_t i = 0; i < 39; i++) {
    char want = i == 19 ? '.' : i % 5 == 4 ? '-' : '\0';
    assert_true(want ? text[i] == want : strchr("0123456789ABCDEFGHJKMNPQRSTVWXYZ", text[i]) != NULL);
  }
  assert_int_equal(enrol_code_read(text, &back), 0);
  assert_memory_equal(&back, &a, sizeof back);
  assert_true(enrol_code_is_of(&back, hub.sign_public));
  assert_false(enrol_code_is_of(&back, stranger.sign_public));
}

static void test_misreadings(void **state)
{
  static const char want_secret[] = "0011ABCD23456789", want_print[] = "VWXYZ10000000000";
  static const char *const good[] = {
      "0011-ABCD-2345-6789.VWXY-Z100-0000-0000", "oOiL-abcd-2345-6789.vwxy-zlOo-0000-OOOO",
      "0011ABCD23456789.VWXYZ10000000000",       " 00 11-ABCD 2345--6789 . VWXY-Z100 00000000- ",
      "OoLI-AbCd-2345-6789.vWxY-ZI00-0000-0000",
  };
  static const char *const bad[] = {
      "",
      ".",
      "0011-ABCD-2345-6789",
      "0011-ABCD-2345-6789.",
      ".VWXY-Z100-0000-0000",
      "0011-ABCD-2345-678.VWXY-Z100-0000-0000",
      "0011-ABCD-2345-67890.VWXY-Z100-0000-0000",
      "0011-ABCD-2345-6789.VWXY-Z100-0000-000",
      "0011-ABCD-2345-6789.VWXY-Z100-0000-00000",
      "0011-ABCD-2345-6789.VWXY-Z100-0000-0000.",
      "U011-ABCD-2345-6789.VWXY-Z100-0000-0000",
      "u011-ABCD-2345-6789.VWXY-Z100-0000-0000",
      "0011-ABCD-2345-6789,VWXY-Z100-0000-0000",
      "0011_ABCD_2345_6789.VWXY-Z100-0000-0000",
      "0011-ABCD-2345-678\xc3\xa9.VWXY-Z100-0000-0000",
  };
  for (size_t i = 0; i < array_len(good); i++) {
    struct enrol_code c;
    assert_int_equal(enrol_code_read(good[i], &c), 0);
    assert_string_equal(c.secret, want_secret);
    assert_string_equal(c.fingerprint, want_print);
  }
  for (size_t i = 0; i < array_len(bad); i++) {
    struct enrol_code c = {.secret = "untouched"};
    if (enrol_code_read(bad[i], &c) != -EINVAL)
      fail_msg("%s", bad[i]);
    assert_string_equal(c.secret, "untouched");
  }
}

/* --- messages --- */

static struct enrol_request request_of(const struct bundle_keys *k, const char *secret)
{
  struct enrol_request r = {.name = "민아네 국수", .version = "0.3.0"};
  util_copy(r.secret, sizeof r.secret, secret);
  memcpy(r.sign_key, k->sign_public, 32);
  memcpy(r.open_key, k->open_public, 32);
  return r;
}

static int read_request(const char *text, struct enrol_request *ret)
{
  struct json *j = parse(text);
  int r = enrol_request_read(j, ret);
  json_free(j);
  return r;
}

static void test_request(void **state)
{
  struct enrol_request r = request_of(&booth, "0011ABCD23456789"), back;
  autobuf struct buf text = {0};
  enrol_request_sign(&r, booth.sign_secret);
  enrol_request_write(&r, &text);
  assert_int_equal(read_request(text.data, &back), 0);
  assert_memory_equal(&back, &r, sizeof back);

  /* a code that was typed by hand on the way means the same */
  memcpy(strstr(text.data, "0011ABCD"), "ooilabcd", 8);
  assert_int_equal(read_request(text.data, &back), 0);
  assert_string_equal(back.secret, "0011ABCD23456789");
}

/* What the signature covers, a byte at a time; and a request for one code is none for another. */
static void test_request_is_signed(void **state)
{
  struct enrol_request back = {.secret = "untouched"};
  for (size_t i = 0; i < 16 + 32 + 32 + 64; i++) {
    struct enrol_request r = request_of(&booth, "0011ABCD23456789");
    autobuf struct buf text = {0};
    enrol_request_sign(&r, booth.sign_secret);
    if (i < 16)
      r.secret[i] = r.secret[i] == '2' ? '3' : '2';
    else if (i < 48)
      r.sign_key[i - 16] ^= 1;
    else if (i < 80)
      r.open_key[i - 48] ^= 1;
    else
      r.signature[i - 80] ^= 1;
    enrol_request_write(&r, &text);
    if (read_request(text.data, &back) != -EBADMSG)
      fail_msg("byte %zu", i);
  }
  struct enrol_request r = request_of(&booth, "0011ABCD23456789");
  autobuf struct buf text = {0};
  enrol_request_sign(&r, stranger.sign_secret);
  enrol_request_write(&r, &text);
  assert_int_equal(read_request(text.data, &back), -EBADMSG);
  assert_string_equal(back.secret, "untouched");
}

/* Each member under another name, that is, left out; and one of the future. */
static void test_request_form(void **state)
{
  static const char *const names[] = {"code", "sign_key", "open_key", "signature", "name", "version"};
  struct enrol_request r = request_of(&booth, "0011ABCD23456789"), back;
  autobuf struct buf text = {0}, more autobuf = {0};
  enrol_request_sign(&r, booth.sign_secret);
  enrol_request_write(&r, &text);
  for (size_t i = 0; i < array_len(names); i++) {
    char name[16];
    snprintf(name, sizeof name, "\"%s\"", names[i]);
    char *at = strstr(text.data, name);
    assert_non_null(at);
    at[1] ^= 0x20;
    assert_int_equal(read_request(text.data, &back), -EINVAL);
    at[1] ^= 0x20;
  }
  buf_add(&more, text.data, text.len - 1);
  buf_str(&more, ",\"of_the_future\":[1]}");
  assert_int_equal(read_request(more.data, &back), 0);
  assert_int_equal(read_request("[]", &back), -EINVAL);

  static const char *const names_bad[] = {"a\nb", "\x7f",
                                          "0123456789012345678901234567890123456789012345678901234567890"};
  for (size_t i = 0; i < array_len(names_bad); i++) {
    autobuf struct buf bad = {0};
    util_copy(r.name, sizeof r.name, names_bad[i]);
    enrol_request_write(&r, &bad);
    assert_int_equal(read_request(bad.data, &back), -EINVAL);
  }
}

static struct enrol_answer answer_of(const struct bundle_keys *k)
{
  struct enrol_answer a = {.booth = {1, 2, 3}, .key = 258, .generation = 1789000000000};
  memcpy(a.sign_key, k->sign_public, 32);
  memcpy(a.open_key, k->open_public, 32);
  return a;
}

static int read_answer(const struct enrol_answer *a, const struct enrol_code *c, const uint8_t *booth_sign_key,
                       struct enrol_answer *ret)
{
  autobuf struct buf text = {0};
  enrol_answer_write(a, &text);
  struct json *j = parse(text.data);
  int r = enrol_answer_read(j, c, booth_sign_key, ret);
  json_free(j);
  return r;
}

static void test_answer(void **state)
{
  struct enrol_answer a = answer_of(&hub), back;
  struct enrol_code c, other;
  enrol_code_make(hub.sign_public, &c);
  enrol_code_make(stranger.sign_public, &other);
  enrol_answer_sign(&a, booth.sign_public, hub.sign_secret);
  assert_int_equal(read_answer(&a, &c, booth.sign_public, &back), 0);
  assert_memory_equal(back.booth, a.booth, 16);
  assert_memory_equal(back.sign_key, a.sign_key, 32);
  assert_memory_equal(back.open_key, a.open_key, 32);
  assert_int_equal(back.key, 258);
  assert_true(back.generation == 1789000000000);

  /* somebody else's, and that of a hub that the code does not name, however well it signs */
  assert_int_equal(read_answer(&a, &c, stranger.sign_public, &back), -EBADMSG);
  assert_int_equal(read_answer(&a, &other, booth.sign_public, &back), -EBADMSG);
  struct enrol_answer false_hub = answer_of(&stranger);
  enrol_answer_sign(&false_hub, booth.sign_public, stranger.sign_secret);
  assert_int_equal(read_answer(&false_hub, &other, booth.sign_public, &back), 0);
  assert_int_equal(read_answer(&false_hub, &c, booth.sign_public, &back), -EBADMSG);
}

static void test_answer_is_signed(void **state)
{
  struct enrol_answer good = answer_of(&hub), back;
  struct enrol_code c;
  enrol_code_make(hub.sign_public, &c);
  enrol_answer_sign(&good, booth.sign_public, hub.sign_secret);
  for (int i = 0; i < 16 + 32 + 64 + 2; i++) {
    struct enrol_answer a = good;
    if (i < 16)
      a.booth[i] ^= 1;
    else if (i < 48)
      a.open_key[i - 16] ^= 1;
    else if (i < 112)
      a.signature[i - 48] ^= 1;
    else if (i == 112)
      a.key++;
    else
      a.generation++;
    if (read_answer(&a, &c, booth.sign_public, &back) != -EBADMSG)
      fail_msg("byte %d", i);
  }
  struct enrol_answer a = good;
  a.key = 0;
  assert_int_equal(read_answer(&a, &c, booth.sign_public, &back), -EINVAL);
  a = good;
  a.generation = 0;
  assert_int_equal(read_answer(&a, &c, booth.sign_public, &back), -EINVAL);
}

/* A signature of one kind of message is none of another, even over the same bytes behind the word. */
static void test_words(void **state)
{
  struct enrol_request r = request_of(&booth, "0011ABCD23456789"), back;
  autobuf struct buf message = {0}, text autobuf = {0};
  buf_add(&message, "boothd enrolled 1", 18);
  buf_add(&message, r.secret, 16);
  buf_add(&message, r.sign_key, 32);
  buf_add(&message, r.open_key, 32);
  seal_sign(r.signature, message.data, message.len, booth.sign_secret);
  enrol_request_write(&r, &text);
  assert_int_equal(read_request(text.data, &back), -EBADMSG);
}

/* --- the vectors --- */

static void signed_is(const char *hex, const uint8_t signature[64], const uint8_t sign_key[32])
{
  uint8_t message[256];
  size_t n = strlen(hex) / 2;
  assert_true(n <= sizeof message);
  assert_int_equal(util_unhex(message, n, hex), 0);
  assert_true(seal_verify(signature, message, n, sign_key));
}

static void test_vectors(void **state)
{
  const struct json *v = json_get(vectors, "enrolment");
  struct enrol_code c;
  struct enrol_request r, mine;
  struct enrol_answer a, hubs;
  char text[ENROL_CODE];
  assert_int_equal(enrol_code_read(text_of(v, "code"), &c), 0);
  assert_string_equal(c.secret, text_of(v, "secret"));
  assert_string_equal(c.fingerprint, text_of(v, "print"));
  assert_true(enrol_code_is_of(&c, hub.sign_public));
  enrol_code_text(text, &c);
  assert_string_equal(text, text_of(v, "code"));

  /* Ed25519 signs the same bytes in the same way */
  assert_int_equal(enrol_request_read(json_get(v, "request"), &r), 0);
  signed_is(text_of(v, "request_signed"), r.signature, r.sign_key);
  mine = request_of(&booth, c.secret);
  enrol_request_sign(&mine, booth.sign_secret);
  assert_memory_equal(mine.signature, r.signature, 64);

  assert_int_equal(enrol_answer_read(json_get(v, "answer"), &c, booth.sign_public, &a), 0);
  signed_is(text_of(v, "answer_signed"), a.signature, a.sign_key);
  hubs = a;
  enrol_answer_sign(&hubs, booth.sign_public, hub.sign_secret);
  assert_memory_equal(hubs.signature, a.signature, 64);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_code),         cmocka_unit_test(test_misreadings),
      cmocka_unit_test(test_request),      cmocka_unit_test(test_request_is_signed),
      cmocka_unit_test(test_request_form), cmocka_unit_test(test_answer),
      cmocka_unit_test(test_words),        cmocka_unit_test(test_answer_is_signed),
      cmocka_unit_test(test_vectors),
  };
  return cmocka_run_group_tests(tests, start, vectors_free);
}
