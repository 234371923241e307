#include "hub/api/problem.h"

#include "http/response.h"

#include "http/request.h"

static const struct {
  unsigned status;
  const char *code;
  const char *field;
  const char *detail;
  int retry_after_s;
  const char *headers;
} problems[PROBLEMS] = {
    [PROBLEM_NOT_SIGNED_IN] = {401, "not_signed_in", NULL, "This needs an API key: Authorization: Bearer bhk_…",
                               .headers = "WWW-Authenticate: Bearer\r\n"},
    [PROBLEM_FORBIDDEN] = {403, "forbidden", NULL, "This API key lacks the scope that is needed."},
    [PROBLEM_NO_BOOTH] = {404, "not_found", NULL, "There is no booth of that id."},
    [PROBLEM_NO_GUEST] = {404, "not_found", NULL, "There is no guest of that ref."},
    [PROBLEM_NO_DAY] = {404, "not_found", NULL, "A day is a date like 2026-09-11."},
    [PROBLEM_NO_CALL] = {404, "not_found", "seq", "The hub has no call of that epoch and seq from the booth."},
    [PROBLEM_NOT_ENROLLED] = {409, "not_enrolled", NULL, "No box is enrolled for this booth, so nobody would see it."},
    [PROBLEM_INBOX_FULL] = {409, "queue_full", NULL, "Too many requests already wait for this booth."},
    [PROBLEM_GUEST_CLOSED] = {409, "wrong_state", NULL, "This guest is no longer waiting; GET shows how it ended."},
    [PROBLEM_KEY_REUSED] = {422, "key_reused", "Idempotency-Key", "This key was used for another request."},
    [PROBLEM_BAD_CURSOR] = {400, "invalid_field", "after", "A cursor is the `next` of an earlier page."},
    [PROBLEM_BAD_ENROLMENT] = {400, "invalid_field", "signature",
                               "The request is incomplete, or not signed by its key."},
    [PROBLEM_BAD_CODE] = {403, "bad_code", "code", "This code is unknown, expired, or was used by another box."},
    [PROBLEM_WRONG_CODES] = {429, "rate_limited", NULL, "Too many wrong codes."},
    [PROBLEM_BAD_BUNDLE] = {400, "bad_bundle", NULL, "This is no bundle for this hub, or not as its sender made it."},
    [PROBLEM_UNKNOWN_KEY] = {401, "unknown_key", NULL, "The sender's key is not registered for this booth."},
    [PROBLEM_REVOKED] = {403, "revoked", NULL, "This box's keys were revoked. Enrol it again."},
    [PROBLEM_RETIRED] = {403, "retired", NULL,
                         "Another box was enrolled for this booth; this one may only finish what it had begun."},
    [PROBLEM_BUSY] = {503, "storage_unavailable", NULL, "Too many requests wait.", 2},
    [PROBLEM_NO_DATABASE] = {503, "storage_unavailable", NULL,
                             "The hub cannot reach its database at the moment. Try again later.", 3},
};

void problem_send_retry(struct http_request *r, enum problem p, int retry_after_s)
{
  if (problems[p].headers)
    http_set_headers(r, problems[p].headers);
  http_problem(r, problems[p].status, problems[p].code, problems[p].field, problems[p].detail, NULL,
               retry_after_s ? retry_after_s : problems[p].retry_after_s);
}

void problem_send(struct http_request *r, enum problem p)
{
  problem_send_retry(r, p, 0);
}
