#include "hub/api/params.h"

#include <stdio.h>

#include "base/text.h"
#include "http/request.h"
#include "http/response.h"

static void send_invalid(struct http_request *r, const char *field, const char *detail)
{
  http_problem(r, 400, "invalid_field", field, detail, NULL, 0);
}

bool params_id(struct http_request *r, uint8_t to[static 16], enum problem missing)
{
  if (util_unhex(to, 16, http_param(r, 0)) == 0)
    return true;
  problem_send(r, missing);
  return false;
}

bool params_check_names(struct http_request *r, const char *const *names)
{
  const char *unknown = http_query_unknown(r, names);
  if (!unknown)
    return true;
  bool printable = utf8_length(unknown, strlen(unknown)) >= 0;
  send_invalid(r, printable ? unknown : NULL, "The query has a name that is not known here.");
  return false;
}

bool params_number(struct http_request *r, const char *name, int64_t low, int64_t high, int64_t *ret)
{
  const char *text = http_query(r, name);
  char detail[80];
  if (!text || util_parse_i64(text, low, high, ret) == 0)
    return true;
  snprintf(detail, sizeof detail, "This is a number from %lld to %lld.", (long long)low, (long long)high);
  send_invalid(r, name, detail);
  return false;
}
