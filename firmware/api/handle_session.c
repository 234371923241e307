/* Signing in: a PIN once, then a cookie. The hash of its token is on the disk before the phone gets it. */
#include <stdio.h>

#include "api/routes.h"
#include "base/clock.h"
#include "base/json_write.h"
#include "base/random.h"

#define COOKIE_S (60 * 24 * 3600)

static void session_json(struct http_request *r, const struct device *d, const char *headers)
{
  struct buf body = {0};
  json_open(&body, NULL, '{');
  json_str(&body, "role", role_names[auth_role(d)]);
  json_str(&body, "device", d->name);
  json_close(&body, '}');
  http_reply(r, 200, "application/json", &body, headers);
}

static void signed_in(struct call *c, struct request *q)
{
  if (q->refusal != REFUSE_NONE) {
    api_answer_code(c, q);
    return;
  }
  auth_add(&c->box->access, &q->device);
  char cookie[160];
  snprintf(cookie, sizeof cookie, "Set-Cookie: boothd=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Strict\r\n", c->token,
           COOKIE_S);
  session_json(c->http, &q->device, cookie);
}

static void forget(struct box *b, int32_t id)
{
  if (auth_remove(&b->access, id)) {
    sse_topic_end(b->staff, id);
    sse_topic_end(b->panel_stream, id);
    view_touch(&b->view);
  }
}

/* Signed out here and now; told to the disk when it can. */
static void sign_out_oldest(struct box *b)
{
  const struct device *oldest = auth_oldest(&b->access);
  if (!oldest)
    return;
  struct request *q = request_new(REQUEST_DEVICE_REMOVE, NULL);
  q->device.id = oldest->id;
  forget(b, oldest->id);
  box_submit(b, NULL, q, NULL);
}

static void sign_in(struct http_request *r, enum role role, const char *name)
{
  struct box *b = api_box(r);
  char token[44];
  random_token(token);
  sign_out_oldest(b);
  struct request *q = request_new(REQUEST_DEVICE_ADD, NULL);
  q->device.manager = role == ROLE_MANAGER;
  q->device.created_at = q->device.seen_at = clock_wall_ms();
  util_copy(q->device.name, sizeof q->device.name, name);
  auth_token_hash(&b->access, token, q->device.token_hash);
  struct call *c = box_submit(b, r, q, signed_in);
  if (c)
    memcpy(c->token, token, sizeof token);
}

void api_session_post(struct http_request *r)
{
  struct session_body {
    const char *pin, *device;
  } body = {0};
  static const struct json_field fields[] = {
      {"pin", JSON_STRING, offsetof(struct session_body, pin), .low = 1, .high = LIMIT_PIN_MAX, .required = true},
      {"device", JSON_STRING, offsetof(struct session_body, device), .low = 1, .high = LIMIT_DEVICE, .required = true},
  };
  struct json *parsed;
  if (!http_json_read(r, fields, array_len(fields), &body, &parsed))
    return;
  struct access *a = &api_box(r)->access;
  uint64_t client = http_client_hash(r);
  int wait_s = lockout_check(&a->lockout, client, clock_mono_ms());
  enum role role = wait_s ? ROLE_NONE : auth_check_pin(a, body.pin);
  if (wait_s)
    http_problem(r, 429, "rate_limited", NULL, "Too many wrong PINs. Wait a moment.", NULL, wait_s);
  else if (role == ROLE_NONE) {
    lockout_failed(&a->lockout, client, clock_mono_ms());
    http_problem(r, 401, "wrong_pin", "pin", "That PIN is wrong.", NULL, 0);
  } else {
    lockout_passed(&a->lockout, client);
    sign_in(r, role, body.device);
  }
  json_free(parsed);
}

void api_session_get(struct http_request *r)
{
  const struct device *d = api_device(r);
  if (d)
    session_json(r, d, NULL);
  else
    http_problem(r, 401, "not_signed_in", NULL, "Sign in with the booth's PIN first.", NULL, 0);
}

static void removed(struct call *c, struct request *q)
{
  if (q->refusal != REFUSE_NONE) {
    api_answer_code(c, q);
    return;
  }
  forget(c->box, q->device.id);
  http_reply(c->http, 204, NULL, NULL, NULL);
}

static void remove_device(struct http_request *r, int32_t id)
{
  struct request *q = request_new(REQUEST_DEVICE_REMOVE, NULL);
  q->device.id = id;
  box_submit(api_box(r), r, q, removed);
}

void api_session_delete(struct http_request *r)
{
  const struct device *d = api_device(r);
  if (d && d->id > 0)
    remove_device(r, d->id);
  else
    http_reply(r, 204, NULL, NULL, NULL);
}

void api_device_delete(struct http_request *r)
{
  int64_t id;
  if (api_param_id(r, &id))
    remove_device(r, (int32_t)min(id, INT32_MAX));
}

void api_devices_get(struct http_request *r)
{
  struct box *b = api_box(r);
  struct buf body = {0};
  json_open(&body, NULL, '{');
  json_open(&body, "devices", '[');
  for (size_t i = 0; i < b->access.n_devices; i++) {
    const struct device *d = &b->access.devices[i];
    json_open(&body, NULL, '{');
    json_int(&body, "id", d->id);
    json_str(&body, "name", d->name);
    json_str(&body, "role", role_names[auth_role(d)]);
    json_time(&body, "created_at", d->created_at);
    json_time(&body, "last_seen_at", d->seen_at);
    json_int(&body, "streams", (int64_t)sse_topic_size_of(b->staff, d->id));
    json_close(&body, '}');
  }
  json_close(&body, ']');
  json_close(&body, '}');
  api_json(r, 200, &body);
}
