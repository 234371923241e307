#include "api/command_request.h"
#include "api/handlers.h"
#include "base/json_write.h"

void api_drop_device(struct api *api, int32_t id)
{
  if (!auth_remove(&api->auth, id))
    return;
  streams_end_device(&api->streams, id);
  view_names_changed(&api->view);
}

static void answer_removal(struct pending *p, struct writer_request *q)
{
  if (q->refusal != REFUSE_NONE) {
    api_answer_refusal(p, q);
    return;
  }
  api_drop_device(p->context, q->device.id);
  http_reply(p->http, 204, NULL, NULL, NULL);
}

void api_remove_device(struct http_request *r, int32_t id)
{
  struct writer_request *q = writer_request_new(WRITER_DEVICE_REMOVE, NULL);
  q->device.id = id;
  api_submit(r, q, answer_removal);
}

void api_device_delete(struct http_request *r)
{
  int64_t id;
  if (api_param_id(r, &id))
    api_remove_device(r, (int32_t)min(id, INT32_MAX));
}

void api_devices_get(struct http_request *r)
{
  struct api *api = api_of(r);
  struct buf body = {0};
  json_open(&body, NULL, '{');
  json_open(&body, "devices", '[');
  for (size_t i = 0; i < api->auth.n_devices; i++) {
    const struct device *d = &api->auth.devices[i];
    json_open(&body, NULL, '{');
    json_int(&body, "id", d->id);
    json_str(&body, "name", d->name);
    json_str(&body, "role", role_names[auth_role(d)]);
    json_time(&body, "created_at", d->created_at);
    json_time(&body, "last_seen_at", d->seen_at);
    json_int(&body, "streams", (int64_t)sse_topic_size_of(api->streams.staff, d->id));
    json_close(&body, '}');
  }
  json_close(&body, ']');
  json_close(&body, '}');
  api_json(r, 200, &body);
}
