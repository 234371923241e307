/* handle_session.c - a PIN is exchanged for a cookie. The hash of its token is on the disk before the phone gets it. */
#include <stdio.h>

#include "api/command_request.h"
#include "api/handlers.h"
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

static void answer_sign_in(struct pending *p, struct writer_request *q)
{
  struct api *api = p->context;
  if (q->refusal != REFUSE_NONE) {
    api_answer_refusal(p, q);
    return;
  }
  auth_add(&api->auth, &q->device);
  char cookie[160];
  snprintf(cookie, sizeof cookie, "Set-Cookie: boothd=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Strict\r\n", p->token,
           COOKIE_S);
  session_json(p->http, &q->device, cookie);
}

/* Takes effect at once; the answer does not wait until it is stored. */
static void sign_out_oldest(struct api *api)
{
  const struct device *oldest = auth_oldest(&api->auth);
  if (!oldest)
    return;
  struct writer_request *q = writer_request_new(WRITER_DEVICE_REMOVE, NULL);
  q->device.id = oldest->id;
  api_drop_device(api, oldest->id);
  pending_submit(&api->pending, api, NULL, q, NULL);
}

static void sign_in(struct http_request *r, enum role role, const char *name)
{
  struct api *api = api_of(r);
  char token[44];
  random_token(token);
  sign_out_oldest(api);
  struct writer_request *q = writer_request_new(WRITER_DEVICE_ADD, NULL);
  q->device.manager = role == ROLE_MANAGER;
  q->device.created_at = q->device.seen_at = clock_wall_ms();
  util_copy(q->device.name, sizeof q->device.name, name);
  auth_token_hash(&api->auth, token, q->device.token_hash);
  struct pending *p = api_submit(r, q, answer_sign_in);
  if (p)
    memcpy(p->token, token, sizeof token);
}

void api_session_post(struct http_request *r)
{
  struct session_body {
    const char *pin;
    const char *device;
  } body = {0};
  static const struct json_field fields[] = {
      {"pin", JSON_STRING, offsetof(struct session_body, pin), .low = 1, .high = LIMIT_PIN_MAX, .required = true},
      {"device", JSON_STRING, offsetof(struct session_body, device), .low = 1, .high = LIMIT_DEVICE, .required = true},
  };
  cleanup(json_freep) struct json *parsed = NULL;
  if (!http_json_read(r, fields, array_len(fields), &body, &parsed))
    return;
  struct auth *a = &api_of(r)->auth;
  uint64_t client = http_client_hash(r);
  int wait_s = lockout_check(&a->lockout, client, clock_mono_ms());
  if (wait_s) {
    http_problem(r, 429, "rate_limited", NULL, "Too many wrong PINs. Wait a moment.", NULL, wait_s);
    return;
  }
  enum role role = auth_check_pin(a, body.pin);
  if (role == ROLE_NONE) {
    lockout_failed(&a->lockout, client, clock_mono_ms());
    http_problem(r, 401, "wrong_pin", "pin", "That PIN is wrong.", NULL, 0);
    return;
  }
  lockout_passed(&a->lockout, client);
  sign_in(r, role, body.device);
}

void api_session_get(struct http_request *r)
{
  const struct device *d = api_device(r);
  if (d)
    session_json(r, d, NULL);
  else
    http_refuse(r, HTTP_NOT_SIGNED_IN, NULL, NULL);
}

void api_session_delete(struct http_request *r)
{
  const struct device *d = api_device(r);
  if (d && d->id > 0)
    api_remove_device(r, d->id);
  else
    http_reply(r, 204, NULL, NULL, NULL);
}
