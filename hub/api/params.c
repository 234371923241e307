/* params.c - names that nobody knows are refused in the query as they are in a body: a typo is never silently dropped.
 */
#include "hub/api/params.h"
#include "base/text.h"

#include <stdio.h>

static void invalid(struct http_request *r, const char *field, const char *detail)
{
  http_problem(r, 400, "invalid_field", field, detail, NULL, 0);
}

bool params_id(struct http_request *r, uint8_t to[static 16], const char *missing)
{
  if (util_unhex(to, 16, http_param(r, 0)) == 0)
    return true;
  http_problem(r, 404, "not_found", NULL, missing, NULL, 0);
  return false;
}

bool params_check_names(struct http_request *r, const char *const *names)
{
  const char *other = http_query_unknown(r, names);
  if (!other)
    return true;
  invalid(r, utf8_length(other, strlen(other)) >= 0 ? other : NULL, "The query has a name that means nothing here.");
  return false;
}

bool params_number(struct http_request *r, const char *name, int64_t low, int64_t high, int64_t *ret)
{
  const char *text = http_query(r, name);
  char detail[80];
  if (!text || util_parse_i64(text, low, high, ret) == 0)
    return true;
  snprintf(detail, sizeof detail, "This is a number from %lld to %lld.", (long long)low, (long long)high);
  invalid(r, name, detail);
  return false;
}
