#include "api/api.h"
#include "api/handlers.h"
#include "base/json_write.h"
#include "config/config.h"
#include "worker/maintenance.h"

/* --- enrolment --- */

struct enrol_body {
  const char *hub;
  const char *code;
};

/* The member that is invalid, and why; NULL = none. */
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
  cleanup(json_freep) struct json *parsed = NULL;
  struct enrol_code code;
  const char *why;
  if (!http_json_read(r, fields, array_len(fields), &body, &parsed))
    return;
  const char *field = check_enrol(&body, &code, &why);
  if (field) {
    http_refuse(r, HTTP_INVALID_FIELD, field, why);
    return;
  }
  struct api *api = api_of(r);
  struct pending *p = pending_new(&api->pending, api, r);
  if (sync_enrol(api->parts->sync, body.hub, &code, queue_settings(api->view.queue)->name, p) == 0)
    return; /* api_answer_enrolment() follows */
  pending_free(p);
  api_refuse(r, REFUSE_WRONG_STATE, NULL, "An enrolment is under way already, or the booth is stopping.", NULL);
}

static void answer_enrolled(struct http_request *r, const struct sync_event *e)
{
  struct buf body = {0};
  json_open(&body, NULL, '{');
  json_str(&body, "hub", e->status.hubs[0].url);
  json_str(&body, "booth", e->booth);
  json_close(&body, '}');
  api_json(r, 200, &body);
}

static void refuse_unreachable(struct http_request *r, const struct sync_event *e)
{
  autobuf struct buf extra = {0};
  autobuf struct buf detail = {0};
  buf_fmt(&extra, "\"reason\":\"%s\"", sync_result_names[e->result]);
  buf_fmt(&detail, "The hub cannot be reached: %s", e->detail);
  http_problem(r, 502, "hub_unreachable", NULL, detail.data, extra.data, 0);
}

void api_answer_enrolment(const struct sync_event *e)
{
  struct pending *p = e->context;
  struct http_request *r = p->http;
  if (strcmp(e->code, "storage_unavailable") == 0 || e->result == SYNC_STOPPED)
    api_refuse(r, REFUSE_STORAGE, NULL, *e->detail ? e->detail : "The booth is stopping.", NULL);
  else if (e->result == SYNC_OK)
    answer_enrolled(r, e);
  else if (e->result == SYNC_CREDENTIALS)
    http_problem(r, 409, "bad_code", NULL,
                 "The hub does not know this code: it is mistyped, used by another booth, or expired.", NULL, 0);
  else if (e->result == SYNC_BUSY)
    http_problem(r, 429, "rate_limited", NULL, "The hub is busy.", NULL, (int)max(e->retry_after_ms / 1000, 1));
  else
    refuse_unreachable(r, e);
  pending_free(p);
}

/* --- exchange, nightly round --- */

void api_sync_post(struct http_request *r)
{
  cleanup(json_freep) struct json *parsed = NULL;
  if (!http_json_read(r, NULL, 0, NULL, &parsed))
    return;
  sync_wake(api_of(r)->parts->sync, SYNC_WAKE_MANUAL);
  http_reply(r, 202, NULL, NULL, NULL);
}

void api_nightly_post(struct http_request *r)
{
  struct nightly_body {
    bool erase;
  } body = {0};
  static const struct json_field fields[] = {{"erase", JSON_BOOL, offsetof(struct nightly_body, erase)}};
  cleanup(json_freep) struct json *parsed = NULL;
  if (!http_json_read(r, fields, array_len(fields), &body, &parsed))
    return;
  maintenance_wake(api_of(r)->parts->maintenance, body.erase);
  http_reply(r, 202, NULL, NULL, NULL);
}
