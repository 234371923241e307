#include "api/api.h"

static const struct {
  unsigned status;
  const char *code;
  const char *detail;
} refusals[REFUSALS] = {
    [REFUSE_INVALID] = {400, "invalid_field", "The booth has no such line, or the lines cannot be changed like this."},
    [REFUSE_NOT_FOUND] = {404, "not_found", "There is no such ticket or device."},
    [REFUSE_WRONG_STATE] = {409, "wrong_state", "The ticket's state does not allow this any more."},
    [REFUSE_STALE] = {412, "stale_version", "Somebody else was first; this is how it is now."},
    [REFUSE_NOTHING_WAITING] = {409, "nothing_waiting", "Nobody is waiting."},
    [REFUSE_NOTHING_TO_UNDO] = {409, "nothing_to_undo", "There is nothing left to undo here."},
    [REFUSE_INTAKE_CLOSED] = {409, "intake_closed", "New tickets are paused or closed."},
    [REFUSE_QUEUE_FULL] = {409, "queue_full", "The queue is full."},
    [REFUSE_NUMBER_TAKEN] = {409, "wrong_state",
                             "Another active ticket has this number; bring this one back when that one is done."},
    [REFUSE_TOO_SOON] = {409, "wrong_state", "Somebody was called a moment ago."},
    [REFUSE_KEY_REUSED] = {422, "key_reused", "This Idempotency-Key was used for another request."},
    [REFUSE_STORAGE] = {503, "storage_unavailable",
                        "The booth cannot save at the moment. Ask again with the same Idempotency-Key."},
};

struct api *api_of(const struct http_request *r)
{
  return http_context(r);
}

const struct device *api_device(const struct http_request *r)
{
  return http_user(r);
}

bool api_param_id(struct http_request *r, int64_t *ret)
{
  const char *text = http_param(r, 0);
  if (*text != '0' && util_parse_i64(text, 1, INT64_C(1) << 53, ret) == 0) /* 007 is not another name of 7 */
    return true;
  http_refuse(r, HTTP_NOT_FOUND, NULL, "There is nothing with this id.");
  return false;
}

void api_json(struct http_request *r, unsigned status, struct buf *take_body)
{
  http_reply(r, status, "application/json", take_body, NULL);
}

void api_refuse(struct http_request *r, enum refusal code, const char *field, const char *detail, const char *ticket)
{
  autobuf struct buf extra = {0};
  if (ticket)
    buf_fmt(&extra, "\"ticket\":%s", ticket);
  http_problem(r, refusals[code].status, refusals[code].code, field, detail ? detail : refusals[code].detail,
               extra.data, code == REFUSE_STORAGE ? 1 : 0);
}

static void refuse_busy(struct http_request *r)
{
  api_refuse(r, REFUSE_STORAGE, NULL, "The booth is busy saving. Ask again with the same Idempotency-Key.", NULL);
}

struct pending *api_submit(struct http_request *r, struct writer_request *take_request,
                           void (*on_request)(struct pending *p, struct writer_request *r))
{
  struct api *api = api_of(r);
  struct pending *p = pending_submit(&api->pending, api, r, take_request, on_request);
  if (!p)
    refuse_busy(r);
  return p;
}

struct pending *api_submit_work(struct http_request *r, struct work_item *take_item,
                                void (*on_work)(struct pending *p, struct work_item *w))
{
  struct api *api = api_of(r);
  struct pending *p = pending_submit_work(&api->pending, api, r, take_item, on_work);
  if (!p)
    refuse_busy(r);
  return p;
}
