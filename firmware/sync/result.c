/* result.c - the hub's refusals are problem+json with a code; a refusal without one is from something in between: a
 * portal, a filter, a gateway.
 */
#include "sync/result.h"

#include "base/json.h"

const char *const sync_result_names[SYNC_RESULTS] = {
    [SYNC_OK] = "ok",
    [SYNC_STOPPED] = "stopped",
    [SYNC_NO_ROUTE] = "no_route",
    [SYNC_NO_ANSWER] = "no_answer",
    [SYNC_HUB_ERROR] = "hub_error",
    [SYNC_CAPTIVE] = "captive",
    [SYNC_BLOCKED] = "blocked",
    [SYNC_CERTIFICATE] = "certificate",
    [SYNC_BUSY] = "busy",
    [SYNC_CREDENTIALS] = "credentials",
    [SYNC_CONFLICT] = "conflict",
};

static void read_problem_code(const struct http_client_response *a, char ret_code[static 40])
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

static enum sync_result result_of_status(const struct http_client_response *a, bool from_hub)
{
  static const struct {
    int low;
    int high;
    enum sync_result hub;
    enum sync_result other;
  } rows[] = {
      {300, 399, SYNC_CAPTIVE, SYNC_CAPTIVE},     {401, 401, SYNC_CREDENTIALS, SYNC_BLOCKED},
      {403, 403, SYNC_CREDENTIALS, SYNC_BLOCKED}, {407, 407, SYNC_BLOCKED, SYNC_BLOCKED},
      {429, 429, SYNC_BUSY, SYNC_BUSY},           {451, 451, SYNC_BLOCKED, SYNC_BLOCKED},
      {503, 503, SYNC_BUSY, SYNC_BUSY},           {511, 511, SYNC_CAPTIVE, SYNC_CAPTIVE},
  };
  for (size_t i = 0; i < array_len(rows); i++)
    if (a->status >= rows[i].low && a->status <= rows[i].high)
      return from_hub ? rows[i].hub : rows[i].other;
  return SYNC_HUB_ERROR;
}

enum sync_result sync_result_of(const struct http_client_response *a, const char *wanted, char ret_code[static 40])
{
  static const enum sync_result ends[] = {
      [HTTP_CLIENT_ANSWERED] = SYNC_RESULTS,        [HTTP_CLIENT_STOPPED] = SYNC_STOPPED,
      [HTTP_CLIENT_NO_ROUTE] = SYNC_NO_ROUTE,       [HTTP_CLIENT_NO_ANSWER] = SYNC_NO_ANSWER,
      [HTTP_CLIENT_CERTIFICATE] = SYNC_CERTIFICATE, [HTTP_CLIENT_TOO_LARGE] = SYNC_RESULTS,
  };
  *ret_code = '\0';
  if (ends[a->end] != SYNC_RESULTS)
    return ends[a->end];
  bool good = a->status >= 200 && a->status < 300;
  if (good) /* a good answer of another type is not the hub's */
    return a->end == HTTP_CLIENT_ANSWERED && strcmp(a->type, wanted) == 0 ? SYNC_OK : SYNC_CAPTIVE;
  if (a->end == HTTP_CLIENT_ANSWERED)
    read_problem_code(a, ret_code);
  return result_of_status(a, *ret_code);
}

bool sync_result_try_next(enum sync_result r)
{
  return r >= SYNC_NO_ROUTE && r <= SYNC_CERTIFICATE;
}
