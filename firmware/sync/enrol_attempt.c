/* enrol_attempt.c - enrolling with a hub: keys are made, the code is sent, and the answer is saved only after it was
 * proved to come from the hub that the code names. Another hub's acknowledgements are reset before that, so that after
 * a crash between the two the next attempt resets them again.
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
  autofree char *copy = xstrdup(s->configured_hubs);
  char *rest = copy;
  char *url;
  thread_lock(&s->thread);
  s->status.n_hubs = s->hub = 0;
  s->status.enrolled = *s->enrolment.hub;
  add_hub(s, s->enrolment.hub);
  while ((url = strsep(&rest, ", \t")))
    add_hub(s, url);
  thread_unlock(&s->thread);
}

static void printf_like(3, 4) set_result(struct sync_event *event, enum sync_result o, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  vsnprintf(event->detail, sizeof event->detail, format, args);
  va_end(args);
  event->result = o;
}

/* False: the request failed or was refused, and the event says why. */
static bool post_request(struct sync *s, const struct enrol_attempt *a, const char *body,
                         struct http_client_response *ret, struct sync_event *event)
{
  char url[LIMIT_HUB_URL + sizeof PATH];
  size_t n = strlen(a->hub);
  while (n && a->hub[n - 1] == '/')
    n--;
  snprintf(url, sizeof url, "%.*s" PATH, (int)n, a->hub);
  http_client_post(s->http, url, "application/json", body, strlen(body), LIMIT_JSON, ret);
  event->result = sync_result_of(ret, "application/json", event->code);
  event->retry_after_ms = ret->retry_after_ms;
  if (*ret->detail)
    set_result(event, event->result, "%s", ret->detail);
  else if (event->result != SYNC_OK)
    set_result(event, event->result, "HTTP status %d", ret->status);
  return event->result == SYNC_OK;
}

static bool same_hub(const struct enrolment *a, const struct enrolment *b)
{
  return *a->hub && memcmp(a->booth, b->booth, sizeof a->booth) == 0 &&
         enrolment_sender(a, b->keys[0].sign_key) != NULL;
}

static int save_enrolment(struct sync *s, const struct enrolment *e)
{
  enum refusal refusal = REFUSE_NONE;
  if (!same_hub(&s->enrolment, e)) {
    struct writer_request *q = writer_call(s->writer, s->home, writer_request_new(WRITER_SYNC_RESET, NULL));
    refusal = q->refusal;
    writer_request_free(q);
  }
  int r = refusal == REFUSE_NONE ? enrolment_save(s->state_dir, e) : -EIO;
  if (r < 0)
    return r;
  enrolment_finish(s->state_dir);
  s->enrolment = *e;
  s->plan = (struct sync_plan){0};
  sync_list_hubs(s);
  return 0;
}

static void set_storage_error(struct sync_event *event, int r)
{
  set_result(event, SYNC_OK, "%s", strerrordesc_np(-r));
  util_copy(event->code, sizeof event->code, "storage_unavailable");
}

static void handle_answer(struct sync *s, const struct enrol_attempt *a, struct enrolment *e, const struct buf *answer,
                          struct sync_event *event)
{
  int r = enrolment_answer(e, &a->code, a->hub, answer->data, answer->len);
  if (r < 0) {
    set_result(event, SYNC_CERTIFICATE, "The answer is not from the hub that issued the code.");
    return;
  }
  r = save_enrolment(s, e);
  if (r < 0) {
    set_storage_error(event, r);
    return;
  }
  util_hex(event->booth, e->booth, sizeof e->booth);
  log_info("enrolled", "hub=%s booth=%s", s->status.hubs[0].url, event->booth);
}

void sync_attempt_enrol(struct sync *s, const struct enrol_attempt *a, struct sync_event *event)
{
  autobuf struct buf body = {0};
  struct http_client_response answer = {0};
  struct enrolment e;
  int r = enrolment_begin(s->state_dir, &a->code, &e);
  if (r < 0) {
    set_storage_error(event, r);
    return;
  }
  enrolment_request(&e, &a->code, a->name, &body);
  if (post_request(s, a, body.data, &answer, event))
    handle_answer(s, a, &e, &answer.body, event);
  http_client_response_done(&answer);
}
