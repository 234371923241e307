/* captive.c - answers byte for byte as the vendors' servers do: Android takes a 204 with a body, or a redirect, for a
 * sign-in page. Any other path of such a name is 404.
 */
#include "api/captive.h"

#include <strings.h>

#include "config/captive_probes.h"
#include "http/request.h"
#include "http/response.h"

static bool is_get(const struct http_request *r)
{
  return strcmp(http_method(r), "GET") == 0 || strcmp(http_method(r), "HEAD") == 0;
}

static void answer_probe(struct http_request *r, const struct captive_probe *p)
{
  struct buf body = {0};
  if (p->body)
    buf_str(&body, p->body);
  http_reply(r, p->status, p->type, p->body ? &body : NULL, NULL);
}

bool captive_answer(struct http_request *r, const char *name)
{
  bool known = false;
  for (size_t i = 0; i < n_captive_probes; i++) {
    if (strcasecmp(captive_probes[i].host, name) != 0)
      continue;
    known = true;
    if (is_get(r) && strcmp(captive_probes[i].path, http_path(r)) == 0) {
      answer_probe(r, &captive_probes[i]);
      return true;
    }
  }
  if (known)
    http_reply(r, 404, NULL, NULL, NULL);
  return known;
}
