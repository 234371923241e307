/* Strict JSON beyond cJSON, and field tables. */
#include "unit.h"

#include "base/buf.h"
#include "base/json.h"

#include <errno.h>

static int parse(const char *text, size_t n)
{
  struct json *j = NULL;
  struct json_error e = {{0}, {0}};
  autofree char *exact = malloc(n ? n : 1); /* so that the sanitizer sees a read beyond the end */
  assert_non_null(exact);
  memcpy(exact, text, n);
  int r = json_parse(exact, n, &j, &e);
  assert_int_equal(r == 0, j != NULL);
  if (r < 0)
    assert_true(e.detail[0] && !e.field[0]);
  json_free(j);
  return r;
}

static void test_parse(void **state)
{
  const char *const good[] = {
      "{}",
      " {\"a\":[true,false,null]}\r\n\t",
      "9007199254740992",
      "-9007199254740992",
      "0",
      "-0",
      "\"\\ud83d\\ude00\"",
      "\"\\uD83D\\uDE00\"",
      "\"민아 😀\"",
      "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
      "\"\\\\u0000\"",
      "\"\x7f\"",
      "\"1e5 ]]]]]]]]] 01\"",
      "\"\\u001f\"",
      "[[[[[[[[]]]]]]]]",
  };
  const char *const bad[] = {
      "",
      " ",
      "{",
      "}",
      "[1,]",
      "{\"a\":1,}",
      "[1 2]",
      "{} {}",
      "nul",
      "tru",
      "trueX",
      "'a'",
      "{a:1}",
      "// x\n1",
      "\xef\xbb\xbf{}",
      "\"\xc3\"",
      "\"\xc0\x80\"",
      "\"\xed\xa0\x80\"",
      "\"\xf4\x90\x80\x80\"",
      "\"\xe0\x80\xaf\"",
      "\"a\nb\"",
      "\"a\tb\"",
      "\"\x01\"",
      "[\x01]",
      "\f1",
      "\"\\u0000\"",
      "\"a\\u0000b\"",
      "\"\\u12G4\"",
      "\"\\u12\"",
      "\"\\u\"",
      "\"\\ud83d\"",
      "\"\\ude00\"",
      "\"\\ud83d\\ud83d\"",
      "\"\\ud83dx\"",
      "\"\\x41\"",
      "\"abc",
      "\"abc\\",
      "\"abc\\\"",
      "01",
      "-",
      "-01",
      "+1",
      "1.",
      "1.5",
      "1e5",
      "1E5",
      ".5",
      "1-",
      "9007199254740993",
      "-9007199254740993",
      "10000000000000000",
      "99999999999999999999999999",
      "1e999",
      "NaN",
      "Infinity",
      "[[[[[[[[[]]]]]]]]]",
  };
  for (size_t i = 0; i < array_len(good); i++)
    if (parse(good[i], strlen(good[i])) != 0)
      fail_msg("refused: %s", good[i]);
  for (size_t i = 0; i < array_len(bad); i++)
    if (parse(bad[i], strlen(bad[i])) != -EBADMSG)
      fail_msg("taken: %s", bad[i]);
  assert_int_equal(parse("1\0", 2), -EBADMSG);
  assert_int_equal(parse("\"a\0b\"", 5), -EBADMSG);
  assert_int_equal(parse("1 trailing", 1), 0);
}

static void test_every_cut(void **state)
{
  static const char text[] = "{\"a\":[-12,\"\\ud83d\\ude00민\\\\\",true,{\"b\":null}]}";
  for (size_t n = 0; n < sizeof text - 1; n++)
    assert_int_equal(parse(text, n), -EBADMSG);
  assert_int_equal(parse(text, sizeof text - 1), 0);
}

static const char *const colours[] = {"red", "green", NULL};

struct sample {
  int64_t party;
  const char *name, *note;
  const struct json *object, *array;
  int colour;
  bool yes, has_name, has_party;
};

static const struct json_field fields[] = {
    {"party", JSON_INT, offsetof(struct sample, party), .low = -1, .high = 99, .required = true,
     .present = offsetof(struct sample, has_party)},
    {"name", JSON_STRING, offsetof(struct sample, name), .low = 1, .high = 3, .nullable = true,
     .present = offsetof(struct sample, has_name)},
    {"note", JSON_STRING, offsetof(struct sample, note), .high = 8, .lines = true},
    {"colour", JSON_ENUM, offsetof(struct sample, colour), .names = colours},
    {"yes", JSON_BOOL, offsetof(struct sample, yes)},
    {"object", JSON_OBJECT, offsetof(struct sample, object)},
    {"array", JSON_ARRAY, offsetof(struct sample, array), .low = 1, .high = 2},
};

static void read_text(const char *text, struct sample *ret, const char *wrong_field)
{
  struct json *j = NULL;
  struct json_error e = {{0}, {0}};
  assert_int_equal(json_parse(text, strlen(text), &j, &e), 0);
  int r = json_read(j, fields, array_len(fields), ret, &e);
  if (wrong_field && (r != -EINVAL || strcmp(e.field, wrong_field) != 0 || !e.detail[0]))
    fail_msg("%s: %d, %s %s", text, r, e.field, e.detail);
  if (!wrong_field && r != 0)
    fail_msg("%s: %d, %s %s", text, r, e.field, e.detail);
  json_free(j);
}

static void test_read(void **state)
{
  struct sample s = {.colour = 7};
  read_text("{\"party\":1}", &s, NULL);
  assert_true(s.party == 1 && s.has_party && !s.has_name && !s.name && s.colour == 7);
  s = (struct sample){0};
  read_text("{\"party\":-1,\"name\":null,\"colour\":\"green\",\"yes\":true}", &s, NULL);
  assert_true(s.has_name && !s.name && s.colour == 1 && s.yes);

  struct json *j = NULL;
  struct json_error e;
  static const char text[] =
      "{\"name\":\"민아😀\",\"note\":\"a\\n\\tb\",\"party\":99,\"object\":{},\"array\":[\"x\",2]}";
  assert_int_equal(json_parse(text, strlen(text), &j, &e), 0);
  assert_int_equal(json_read(j, fields, array_len(fields), &s, &e), 0);
  assert_string_equal(s.name, "민아😀");
  assert_string_equal(s.note, "a\n\tb");
  assert_int_equal(json_size(s.array), 2);
  assert_string_equal(json_string(json_at(s.array, 0)), "x");
  assert_null(json_string(json_at(s.array, 1)));
  assert_null(json_at(s.array, 2));
  json_free(j);
}

static void test_read_refuses(void **state)
{
  static const struct {
    const char *text, *field;
  } cases[] = {
      {"[]", ""},
      {"null", ""},
      {"{}", "party"},
      {"{\"party\":null}", "party"},
      {"{\"party\":\"1\"}", "party"},
      {"{\"party\":100}", "party"},
      {"{\"party\":-2}", "party"},
      {"{\"party\":true}", "party"},
      {"{\"party\":1,\"party\":1}", "party"},
      {"{\"Party\":1}", "Party"},
      {"{\"party\":1,\"x\":1}", "x"},
      {"{\"party\":1,\"name\":\"\"}", "name"},
      {"{\"party\":1,\"name\":\"abcd\"}", "name"},
      {"{\"party\":1,\"name\":\"민아야아\"}", "name"},
      {"{\"party\":1,\"name\":\"a\\n\"}", "name"},
      {"{\"party\":1,\"name\":\"\\u007f\"}", "name"},
      {"{\"party\":1,\"name\":\"\\u0085\"}", "name"},
      {"{\"party\":1,\"name\":3}", "name"},
      {"{\"party\":1,\"note\":null}", "note"},
      {"{\"party\":1,\"note\":\"a\\r\"}", "note"},
      {"{\"party\":1,\"note\":\"\\u001b[0m\"}", "note"},
      {"{\"party\":1,\"colour\":\"Red\"}", "colour"},
      {"{\"party\":1,\"colour\":0}", "colour"},
      {"{\"party\":1,\"yes\":1}", "yes"},
      {"{\"party\":1,\"object\":[]}", "object"},
      {"{\"party\":1,\"array\":[]}", "array"},
      {"{\"party\":1,\"array\":[1,2,3]}", "array"},
      {"{\"party\":1,\"array\":{}}", "array"},
      {"{\"party\":1,\"name\":null,\"name\":null}", "name"},
  };
  for (size_t i = 0; i < array_len(cases); i++)
    read_text(cases[i].text, &(struct sample){0}, cases[i].field);
}

static void test_long_member(void **state)
{
  char text[512] = "{\"x", want[64] = "x";
  for (int i = 0; i < 40; i++)
    strcat(text, "민");
  strcat(text, "\":1}");
  for (int i = 0; i < 20; i++)
    strcat(want, "민");
  read_text(text, &(struct sample){0}, want); /* cut between code points */
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_parse),        cmocka_unit_test(test_every_cut),   cmocka_unit_test(test_read),
      cmocka_unit_test(test_read_refuses), cmocka_unit_test(test_long_member),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
