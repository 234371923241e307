/* handle_hub.c - the sync thread tells what happened, the loop knows what is now: how much waits is the head of the
 * journal less what the hub has acknowledged, so it is right at any time, also while an exchange takes its forty
 * minutes.
 *
 * Screens are told at once when the state is another. Numbers alone are told seldom: each command would be news.
 */
#include "api/handle_hub.h"

#include <inttypes.h>

#include "api/routes.h"
#include "base/clock.h"
#include "base/json_write.h"
#include "config/config.h"
#include "system/clock_sync.h"

#define CALM_MS    3000  /* what waits for less is on its way */
#define NUMBERS_MS 5000  /* between two changes of mere numbers */
#define LAST_OK_MS 60000 /* likewise of the time of the last success */

int64_t hub_acked(const struct box *b)
{
  return b->view.head >> 32 == b->sync.acked >> 32 ? EVENT_SEQ(b->sync.acked) : 0;
}

static int64_t pending(const struct box *b)
{
  return max(EVENT_SEQ(b->view.head) - hub_acked(b), 0) + b->sync.older;
}

struct view_sync hub_state(const struct box *b, int64_t now_ms)
{
  const struct sync_status *s = &b->sync;
  struct view_sync v = {.state = VIEW_SYNC_OFF};
  if (!s->enrolled)
    return v;
  v.pending = pending(b);
  v.last_ok_wall = s->last_ok_wall;
  if (s->result != SYNC_OK) {
    v.state = VIEW_SYNC_STUCK;
    v.reason = sync_result_names[s->result];
  } else {
    bool waits = v.pending > 0 && now_ms - b->sync_moved >= CALM_MS;
    v.state = waits ? VIEW_SYNC_PENDING : VIEW_SYNC_OK;
  }
  return v;
}

void hub_show(struct box *b, int64_t now_ms)
{
  struct view_sync *shown = &b->view.sync;
  if (pending(b) == 0)
    b->sync_moved = now_ms;
  struct view_sync v = hub_state(b, now_ms);
  int64_t since = now_ms - b->sync_shown;
  bool another = v.state != shown->state || v.reason != shown->reason;
  bool numbers = v.pending != shown->pending && (v.pending == 0 || since >= NUMBERS_MS);
  bool success = v.last_ok_wall != shown->last_ok_wall && (since >= LAST_OK_MS || !shown->last_ok_wall);
  if (!another && !numbers && !success)
    return;
  b->sync_shown = now_ms;
  view_set_sync(&b->view, &v);
  box_show_status(b);
  box_show_lamp(b);
}

void hub_wake(struct box *b, const struct batch *batch)
{
  bool call = false;
  if (b->sync.enrolled)
    b->view.sync.pending = pending(b); /* a snapshot tells it with the events themselves; the stream later */
  for (size_t i = 0; i < batch->n_changes; i++)
    call |= batch->changes[i].type == EVENT_CALLED;
  sync_wake(b->o.sync, call ? SYNC_WAKE_CALL : SYNC_WAKE_CHANGED);
}

/* --- who enrolled --- */

static void enrolled(struct http_request *http, const struct sync_event *m)
{
  struct buf body = {0};
  json_open(&body, NULL, '{');
  json_str(&body, "hub", m->status.hubs[0].url);
  json_str(&body, "booth", m->booth);
  json_close(&body, '}');
  api_json(http, 200, &body);
}

static void not_reached(struct http_request *http, const struct sync_event *m)
{
  autobuf struct buf extra = {0}, detail = {0};
  buf_fmt(&extra, "\"reason\":\"%s\"", sync_result_names[m->result]);
  buf_fmt(&detail, "The hub is not reached: %s", m->detail);
  http_problem(http, 502, "hub_unreachable", NULL, detail.data, extra.data, 0);
}

static void answer_enrolment(struct http_request *http, const struct sync_event *m)
{
  if (strcmp(m->code, "storage_unavailable") == 0 || m->result == SYNC_STOPPED)
    api_problem(http, REFUSE_STORAGE, NULL, *m->detail ? m->detail : "The booth is stopping.", NULL);
  else if (m->result == SYNC_OK)
    enrolled(http, m);
  else if (m->result == SYNC_CREDENTIALS)
    api_conflict(http, "bad_code",
                 "The hub does not know this code: it is mistyped, used by another booth, or expired.");
  else if (m->result == SYNC_BUSY)
    http_problem(http, 429, "rate_limited", NULL, "The hub asks for patience.", NULL,
                 (int)max(m->retry_after_ms / 1000, 1));
  else
    not_reached(http, m);
}

void hub_take(struct box *b, struct sync_event *m)
{
  if (m->status.acked != b->sync.acked)
    b->sync_moved = clock_mono_ms();
  b->sync = m->status;
  if (m->kind == SYNC_EVENT_TIME)
    (void)clock_sync_anchor(b->clock, m->wall_ms, m->mono_ms, m->error_ms);
  if (m->kind == SYNC_EVENT_ENROLLED) {
    struct call *c = m->context;
    answer_enrolment(c->http, m);
    box_call_done(c);
  }
  free(m);
  hub_show(b, clock_mono_ms());
}

/* --- for managers --- */

void hub_json(const struct box *b, struct buf *j)
{
  const struct sync_status *s = &b->sync;
  struct view_sync v = hub_state(b, clock_mono_ms());
  int64_t next_ms = s->next_mono - clock_mono_ms();
  json_open(j, "sync", '{');
  view_sync(j, &v);
  json_str(j, "detail", *s->detail ? s->detail : NULL);
  json_int(j, "next_s", s->enrolled ? max((next_ms + 999) / 1000, 0) : 0);
  json_int(j, "bytes", (int64_t)s->bytes);
  json_int(j, "rate_bytes", s->rate);
  json_open(j, "hubs", '[');
  for (size_t i = 0; i < s->n_hubs; i++) {
    const struct sync_hub *hub = &s->hubs[i];
    json_open(j, NULL, '{');
    json_str(j, "url", hub->url);
    json_int(j, "ok", (int64_t)hub->ok);
    json_int(j, "failed", (int64_t)hub->failed);
    json_str(j, "last", hub->ok + hub->failed ? sync_result_names[hub->last] : NULL);
    json_close(j, '}');
  }
  json_close(j, ']');
  json_close(j, '}');
}

void hub_metrics(const struct box *b, struct buf *m)
{
  buf_str(m, "# HELP boothd_sync_attempts_total Exchanges with the hub, by outcome.\n"
             "# TYPE boothd_sync_attempts_total counter\n");
  for (size_t i = 0; i < SYNC_RESULTS; i++)
    buf_fmt(m, "boothd_sync_attempts_total{outcome=\"%s\"} %" PRIu64 "\n", sync_result_names[i], b->sync.attempts[i]);
}

/* --- handlers --- */

void api_sync_post(struct http_request *r)
{
  struct json *parsed;
  int unused = 0;
  if (!http_json_read(r, NULL, 0, &unused, &parsed))
    return;
  json_free(parsed);
  sync_wake(api_box(r)->o.sync, SYNC_WAKE_MANUAL);
  http_reply(r, 202, NULL, NULL, NULL);
}

void api_nightly_post(struct http_request *r)
{
  struct nightly_body {
    bool erase;
  } body = {0};
  static const struct json_field fields[] = {{"erase", JSON_BOOL, offsetof(struct nightly_body, erase)}};
  struct json *parsed;
  if (!http_json_read(r, fields, array_len(fields), &body, &parsed))
    return;
  json_free(parsed);
  maintenance_wake(api_box(r)->o.nightly, body.erase);
  http_reply(r, 202, NULL, NULL, NULL);
}

struct enrol_body {
  const char *hub, *code;
};

/* NULL, or the member at fault and why. */
static const char *check_enrol(const struct enrol_body *body, struct enrol_code *ret_code, const char **ret_why)
{
  *ret_why = config_check_url(body->hub);
  if (*ret_why)
    return "hub";
  *ret_why = "A code looks like XXXX-XXXX-XXXX-XXXX.XXXX-XXXX-XXXX-XXXX.";
  return enrol_code_read(body->code, ret_code) < 0 ? "code" : NULL;
}

void api_enrol_post(struct http_request *r)
{
  struct enrol_body body = {0};
  static const struct json_field fields[] = {
      {"hub", JSON_STRING, offsetof(struct enrol_body, hub), .low = 1, .high = LIMIT_HUB_URL, .required = true},
      {"code", JSON_STRING, offsetof(struct enrol_body, code), .low = 1, .high = LIMIT_TEXT, .required = true},
  };
  struct box *b = api_box(r);
  struct json *parsed;
  struct enrol_code code;
  const char *why;
  if (!http_json_read(r, fields, array_len(fields), &body, &parsed))
    return;
  const char *field = check_enrol(&body, &code, &why);
  if (field) {
    http_problem(r, 400, "invalid_field", field, why, NULL, 0);
  } else {
    struct call *c = box_call(b, r);
    int status = sync_enrol(b->o.sync, body.hub, &code, queue_settings(b->view.queue)->name, c);
    if (status < 0) {
      box_call_done(c);
      api_conflict(r, "wrong_state", "An enrolment is under way already, or the booth is stopping.");
    }
  }
  json_free(parsed);
}
