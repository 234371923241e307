/* enrol_attempt.c - becoming acquainted with a hub: keys are made, the code is given, and nothing of the answer is kept
 * before it is shown to come from the hub that the code names. What an older hub had told is forgotten first: should we
 * end between the two, it is told again.
 */
#include <errno.h>
#include <stdio.h>

#include "base/log.h"
#include "config/config.h"
#include "sync/internal.h"

#define PATH "/api/v1/enrol"

static void add_hub(struct sync *s, const char *url)
{
  struct sync_status *t = &s->status;
  size_t n = strlen(url);
  while (n && url[n - 1] == '/')
    n--;
  if (n == 0 || n > LIMIT_HUB_URL || t->n_hubs == array_len(t->hubs))
    return;
  struct sync_hub *hub = &t->hubs[t->n_hubs];
  *hub = (struct sync_hub){0};
  memcpy(hub->url, url, n);
  for (size_t i = 0; i < t->n_hubs; i++)
    if (strcmp(t->hubs[i].url, hub->url) == 0)
      return;
  t->n_hubs++;
}

void sync_list_hubs(struct sync *s)
{
  autofree char *copy = xstrdup(s->hubs);
  char *rest = copy, *url;
  pthread_mutex_lock(&s->lock);
  s->status.n_hubs = s->hub = 0;
  s->status.enrolled = *s->enrolment.hub;
  add_hub(s, s->enrolment.hub);
  while ((url = strsep(&rest, ", \t")))
    add_hub(s, url);
  pthread_mutex_unlock(&s->lock);
}

static void printf_like(3, 4) refuse(struct sync_event *m, enum sync_result o, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  vsnprintf(m->detail, sizeof m->detail, format, args);
  va_end(args);
  m->result = o;
}

/* The hub said no, or somebody else did. Its refusals of a code are no trouble with credentials yet. */
static bool ask(struct sync *s, const struct enrol_attempt *a, const char *body, struct http_client_response *ret,
                struct sync_event *m)
{
  char url[LIMIT_HUB_URL + sizeof PATH];
  size_t n = strlen(a->hub);
  while (n && a->hub[n - 1] == '/')
    n--;
  snprintf(url, sizeof url, "%.*s" PATH, (int)n, a->hub);
  http_client_post(s->fetch, url, "application/json", body, strlen(body), LIMIT_JSON, ret);
  m->result = sync_result_of(ret, "application/json", m->code);
  m->retry_after_ms = ret->retry_after_ms;
  if (*ret->detail)
    refuse(m, m->result, "%s", ret->detail);
  else if (m->result != SYNC_OK)
    refuse(m, m->result, "HTTP status %d", ret->status);
  return m->result == SYNC_OK;
}

static bool same_hub(const struct enrolment *a, const struct enrolment *b)
{
  return *a->hub && memcmp(a->booth, b->booth, sizeof a->booth) == 0 &&
         enrolment_sender(a, b->keys[0].sign_key) != NULL;
}

static int keep(struct sync *s, const struct enrolment *e)
{
  int code = REFUSE_NONE;
  if (!same_hub(&s->enrolment, e)) {
    struct request *r = writer_call(s->writer, s->home, request_new(REQUEST_SYNC_RESET, NULL));
    code = r->refusal;
    request_free(r);
  }
  int r = code == REFUSE_NONE ? enrolment_save(s->state_dir, e) : -EIO;
  if (r < 0)
    return r;
  enrolment_finish(s->state_dir);
  s->enrolment = *e;
  s->plan = (struct sync_plan){0};
  sync_list_hubs(s);
  return 0;
}

void sync_attempt_enrol(struct sync *s, const struct enrol_attempt *a, struct sync_event *m)
{
  autobuf struct buf body = {0};
  struct http_client_response answer = {0};
  struct enrolment e;
  int r = enrolment_begin(s->state_dir, &a->code, &e);
  if (r < 0) {
    refuse(m, SYNC_OK, "%s", strerrordesc_np(-r));
    util_copy(m->code, sizeof m->code, "storage_unavailable");
    return;
  }
  enrolment_request(&e, &a->code, a->name, &body);
  if (ask(s, a, body.data, &answer, m)) {
    r = enrolment_answer(&e, &a->code, a->hub, answer.body.data, answer.body.len);
    if (r < 0)
      refuse(m, SYNC_CERTIFICATE, "What answered is not the hub that the code is of.");
    else if ((r = keep(s, &e)) < 0) {
      refuse(m, SYNC_OK, "%s", strerrordesc_np(-r));
      util_copy(m->code, sizeof m->code, "storage_unavailable");
    } else {
      util_hex(m->booth, e.booth, sizeof e.booth);
      log_info("enrolled", "hub=%s booth=%s", s->status.hubs[0].url, m->booth);
    }
  }
  http_client_response_done(&answer);
}
