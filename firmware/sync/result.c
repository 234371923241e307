/* result.c - who answered? The hub says what is wrong in problem+json with a code of its own; whatever comes without
 * one is from something between: a portal, a filter, a gateway.
 */
#include "sync/result.h"

#include "base/json.h"

const char *const sync_result_names[OUTCOMES] = {
    [OUTCOME_OK] = "ok",
    [OUTCOME_STOPPED] = "stopped",
    [OUTCOME_NO_ROUTE] = "no_route",
    [OUTCOME_NO_ANSWER] = "no_answer",
    [OUTCOME_HUB_ERROR] = "hub_error",
    [OUTCOME_CAPTIVE] = "captive",
    [OUTCOME_BLOCKED] = "blocked",
    [OUTCOME_CERTIFICATE] = "certificate",
    [OUTCOME_BUSY] = "busy",
    [OUTCOME_CREDENTIALS] = "credentials",
    [OUTCOME_CONFLICT] = "conflict",
};

/* The code of a problem, if it is one. */
static void read_code(const struct http_client_response *a, char ret_code[static 40])
{
  struct json *problem = NULL;
  struct json_error unused;
  *ret_code = '\0';
  if (strcmp(a->type, "application/problem+json") != 0 || a->body.len == 0 ||
      json_parse(a->body.data, a->body.len, &problem, &unused) < 0)
    return;
  const char *code = json_string(json_get(problem, "code"));
  if (code)
    util_copy(ret_code, 40, code);
  json_free(problem);
}

static enum outcome of_status(const struct http_client_response *a, bool ours)
{
  static const struct {
    int low, high;
    enum outcome hub, other;
  } rows[] = {
      {300, 399, OUTCOME_CAPTIVE, OUTCOME_CAPTIVE},     {401, 401, OUTCOME_CREDENTIALS, OUTCOME_BLOCKED},
      {403, 403, OUTCOME_CREDENTIALS, OUTCOME_BLOCKED}, {407, 407, OUTCOME_BLOCKED, OUTCOME_BLOCKED},
      {429, 429, OUTCOME_BUSY, OUTCOME_BUSY},           {451, 451, OUTCOME_BLOCKED, OUTCOME_BLOCKED},
      {503, 503, OUTCOME_BUSY, OUTCOME_BUSY},           {511, 511, OUTCOME_CAPTIVE, OUTCOME_CAPTIVE},
  };
  for (size_t i = 0; i < array_len(rows); i++)
    if (a->status >= rows[i].low && a->status <= rows[i].high)
      return ours ? rows[i].hub : rows[i].other;
  return OUTCOME_HUB_ERROR;
}

enum outcome sync_result_of(const struct http_client_response *a, const char *wanted, char ret_code[static 40])
{
  static const enum outcome ends[] = {
      [HTTP_CLIENT_ANSWERED] = OUTCOMES,
      [HTTP_CLIENT_STOPPED] = OUTCOME_STOPPED,
      [HTTP_CLIENT_NO_ROUTE] = OUTCOME_NO_ROUTE,
      [HTTP_CLIENT_NO_ANSWER] = OUTCOME_NO_ANSWER,
      [HTTP_CLIENT_CERTIFICATE] = OUTCOME_CERTIFICATE,
      [HTTP_CLIENT_TOO_LARGE] = OUTCOMES,
  };
  *ret_code = '\0';
  if (ends[a->end] != OUTCOMES)
    return ends[a->end];
  bool good = a->status >= 200 && a->status < 300;
  if (good) /* who answers "yes" with a page is not the hub */
    return a->end == HTTP_CLIENT_ANSWERED && strcmp(a->type, wanted) == 0 ? OUTCOME_OK : OUTCOME_CAPTIVE;
  if (a->end == HTTP_CLIENT_ANSWERED)
    read_code(a, ret_code);
  return of_status(a, *ret_code);
}

bool sync_result_try_next(enum outcome o)
{
  return o >= OUTCOME_NO_ROUTE && o <= OUTCOME_CERTIFICATE;
}
