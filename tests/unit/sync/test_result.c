/* Classifying answers: a table. */
#include "unit.h"

#include "sync/result.h"

#define BUNDLE  "application/vnd.boothd.bundle"
#define PROBLEM "application/problem+json"

static void test_answers_are_classified(void **state)
{
  static const struct {
    enum http_client_end end;
    int status;
    const char *type, *body;
    enum sync_result result;
    const char *code;
  } cases[] = {
      {HTTP_CLIENT_ANSWERED, 200, BUNDLE, "x", SYNC_OK, ""},
      {HTTP_CLIENT_ANSWERED, 200, "text/html", "<title>Welcome</title>", SYNC_CAPTIVE, ""},
      {HTTP_CLIENT_ANSWERED, 204, "", "", SYNC_CAPTIVE, ""},
      {HTTP_CLIENT_TOO_LARGE, 200, "text/html", "x", SYNC_CAPTIVE, ""},
      {HTTP_CLIENT_TOO_LARGE, 403, PROBLEM, "{", SYNC_BLOCKED, ""},
      {HTTP_CLIENT_ANSWERED, 302, "text/html", "", SYNC_CAPTIVE, ""},
      {HTTP_CLIENT_ANSWERED, 511, "text/html", "", SYNC_CAPTIVE, ""},
      {HTTP_CLIENT_ANSWERED, 403, "text/html", "Blocked", SYNC_BLOCKED, ""},
      {HTTP_CLIENT_ANSWERED, 403, PROBLEM, "{\"title\":\"no\"}", SYNC_BLOCKED, ""},
      {HTTP_CLIENT_ANSWERED, 403, PROBLEM, "{\"code\":\"revoked\"", SYNC_BLOCKED, ""},
      {HTTP_CLIENT_ANSWERED, 403, PROBLEM, "{\"code\":\"revoked\"}", SYNC_CREDENTIALS, "revoked"},
      {HTTP_CLIENT_ANSWERED, 401, PROBLEM, "{\"code\":\"unknown_key\"}", SYNC_CREDENTIALS, "unknown_key"},
      {HTTP_CLIENT_ANSWERED, 401, "text/html", "", SYNC_BLOCKED, ""},
      {HTTP_CLIENT_ANSWERED, 407, "text/html", "", SYNC_BLOCKED, ""},
      {HTTP_CLIENT_ANSWERED, 429, PROBLEM, "{\"code\":\"rate_limited\"}", SYNC_BUSY, "rate_limited"},
      {HTTP_CLIENT_ANSWERED, 503, "text/plain", "", SYNC_BUSY, ""},
      {HTTP_CLIENT_ANSWERED, 400, PROBLEM, "{\"code\":\"bad_bundle\"}", SYNC_HUB_ERROR, "bad_bundle"},
      {HTTP_CLIENT_ANSWERED, 502, "text/html", "", SYNC_HUB_ERROR, ""},
      {HTTP_CLIENT_ANSWERED, 404, "text/html", "", SYNC_HUB_ERROR, ""},
      {HTTP_CLIENT_CERTIFICATE, 0, "", "", SYNC_CERTIFICATE, ""},
      {HTTP_CLIENT_NO_ROUTE, 0, "", "", SYNC_NO_ROUTE, ""},
      {HTTP_CLIENT_NO_ANSWER, 200, BUNDLE, "x", SYNC_NO_ANSWER, ""},
      {HTTP_CLIENT_STOPPED, 0, "", "", SYNC_STOPPED, ""},
  };
  for (size_t i = 0; i < array_len(cases); i++) {
    struct http_client_response a = {.end = cases[i].end, .status = cases[i].status};
    char code[40];
    strcpy(a.type, cases[i].type);
    buf_str(&a.body, cases[i].body);
    enum sync_result o = sync_result_of(&a, BUNDLE, code);
    if (o != cases[i].result || strcmp(code, cases[i].code) != 0)
      fail_msg("case %zu: %s \"%s\"", i, sync_result_names[o], code);
    http_client_response_done(&a);
  }
}

static void test_another_address_is_tried_unless_the_hub_answered(void **state)
{
  for (enum sync_result o = SYNC_OK; o < SYNC_RESULTS; o++)
    assert_int_equal(sync_result_try_next(o), o >= SYNC_NO_ROUTE && o <= SYNC_CERTIFICATE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_answers_are_classified),
      cmocka_unit_test(test_another_address_is_tried_unless_the_hub_answered),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
