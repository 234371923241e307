/* Routes and refusals are tables, so that the served document can be compared with them line by line. */
#include "api/routes.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "api/captive.h"
#include "base/hash.h"
#include "base/json_write.h"
#include "config/config.h"
#include "http/static_files.h"
#include "queue/event_json.h"

static const struct http_route routes[] = {
    {"POST", "/api/v1/session", api_session_post, ROLE_NONE, HTTP_JSON, NULL},
    {"GET", "/api/v1/session", api_session_get, ROLE_NONE, HTTP_EMPTY, NULL},
    {"DELETE", "/api/v1/session", api_session_delete, ROLE_NONE, HTTP_EMPTY, NULL},
    {"GET", "/api/v1/queue", api_queue_get, ROLE_STAFF, HTTP_EMPTY, NULL},
    {"GET", "/api/v1/stream", api_stream_get, ROLE_STAFF, HTTP_EMPTY, NULL},
    {"POST", "/api/v1/tickets", api_ticket_post, ROLE_STAFF, HTTP_JSON, NULL},
    {"GET", "/api/v1/tickets/{id}", api_ticket_get, ROLE_STAFF, HTTP_EMPTY, NULL},
    {"PATCH", "/api/v1/tickets/{id}", api_ticket_patch, ROLE_STAFF, HTTP_JSON, NULL},
    {"POST", "/api/v1/tickets/{id}/call", api_ticket_call, ROLE_STAFF, HTTP_JSON, NULL},
    {"POST", "/api/v1/tickets/{id}/seat", api_ticket_seat, ROLE_STAFF, HTTP_JSON, NULL},
    {"POST", "/api/v1/tickets/{id}/no-show", api_ticket_no_show, ROLE_STAFF, HTTP_JSON, NULL},
    {"POST", "/api/v1/tickets/{id}/cancel", api_ticket_cancel, ROLE_STAFF, HTTP_JSON, NULL},
    {"POST", "/api/v1/tickets/{id}/phoned", api_ticket_phoned, ROLE_STAFF, HTTP_JSON, NULL},
    {"POST", "/api/v1/tickets/{id}/requeue", api_ticket_requeue, ROLE_STAFF, HTTP_JSON, NULL},
    {"POST", "/api/v1/call-next", api_call_next_post, ROLE_STAFF, HTTP_JSON, NULL},
    {"POST", "/api/v1/undo", api_undo_post, ROLE_STAFF, HTTP_JSON, NULL},
    {"PUT", "/api/v1/intake", api_intake_put, ROLE_STAFF, HTTP_JSON, NULL},
    {"GET", "/api/v1/board", api_board_get, ROLE_NONE, HTTP_EMPTY, NULL},
    {"GET", "/api/v1/board/stream", api_board_stream_get, ROLE_NONE, HTTP_EMPTY, NULL},
    {"GET", "/api/v1/days", api_days_get, ROLE_MANAGER, HTTP_EMPTY, NULL},
    {"POST", "/api/v1/days", api_days_post, ROLE_MANAGER, HTTP_JSON, NULL},
    {"GET", "/api/v1/days/{date}", api_day_get, ROLE_MANAGER, HTTP_EMPTY, NULL},
    {"GET", "/api/v1/days/{date}/export.csv", api_day_csv_get, ROLE_MANAGER, HTTP_EMPTY, NULL},
    {"GET", "/healthz", api_healthz_get, ROLE_NONE, HTTP_EMPTY, NULL},
    {"GET", "/metrics", api_metrics_get, ROLE_MANAGER, HTTP_EMPTY, NULL},
    {"GET", "/api/v1/system", api_system_get, ROLE_MANAGER, HTTP_EMPTY, NULL},
    {"POST", "/api/v1/system/clock", api_clock_post, ROLE_STAFF, HTTP_JSON, NULL},
    {"POST", "/api/v1/system/sync", api_sync_post, ROLE_STAFF, HTTP_JSON, NULL},
    {"POST", "/api/v1/system/enrol", api_enrol_post, ROLE_MANAGER, HTTP_JSON, NULL},
    {"POST", "/api/v1/system/nightly", api_nightly_post, ROLE_MANAGER, HTTP_JSON, NULL},
    {"GET", "/api/v1/system/settings", api_settings_get, ROLE_MANAGER, HTTP_EMPTY, NULL},
    {"PUT", "/api/v1/system/settings", api_settings_put, ROLE_MANAGER, HTTP_JSON, NULL},
    {"GET", "/api/v1/system/devices", api_devices_get, ROLE_MANAGER, HTTP_EMPTY, NULL},
    {"DELETE", "/api/v1/system/devices/{id}", api_device_delete, ROLE_MANAGER, HTTP_EMPTY, NULL},
    {"GET", "/api/v1/system/backup", api_backup_get, ROLE_MANAGER, HTTP_EMPTY, NULL},
    {"POST", "/api/v1/system/restore", api_restore_post, ROLE_MANAGER, HTTP_FILE, "application/vnd.sqlite3"},
    {"GET", "/api/v1/system/wifi.svg", api_wifi_get, ROLE_MANAGER, HTTP_EMPTY, NULL},
    {"GET", "/api/v1/system/label", api_label_get, ROLE_MANAGER, HTTP_EMPTY, NULL},
    {"GET", "/api/v1/system/panel", api_panel_get, ROLE_MANAGER, HTTP_EMPTY, NULL},
    {"GET", "/api/v1/system/panel/stream", api_panel_stream_get, ROLE_MANAGER, HTTP_EMPTY, NULL},
    {"POST", "/api/v1/system/panel/press", api_panel_press, ROLE_MANAGER, HTTP_JSON, NULL},
    {"POST", "/api/v1/system/panel-test", api_panel_test, ROLE_MANAGER, HTTP_JSON, NULL},
    {"GET", "/api/v1/openapi.json", api_openapi_get, ROLE_NONE, HTTP_EMPTY, NULL},
};

void api_routes(struct buf *b)
{
  for (size_t i = 0; i < array_len(routes); i++)
    buf_fmt(b, "%s %s %s\n", routes[i].method, routes[i].pattern, role_names[routes[i].role]);
}

/* What core refuses, as the wire says it. */
static const struct {
  unsigned status;
  const char *code, *detail;
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
                             "Another active ticket bears this number; bring it back when that one is done."},
    [REFUSE_TOO_SOON] = {409, "wrong_state", "Somebody was called a moment ago."},
    [REFUSE_KEY_REUSED] = {422, "key_reused", "This Idempotency-Key was used for another request."},
    [REFUSE_STORAGE] = {503, "storage_unavailable",
                        "The booth cannot save at the moment. Ask again with the same Idempotency-Key."},
};

void api_problem(struct http_request *r, enum refusal code, const char *field, const char *detail, const char *ticket)
{
  autobuf struct buf extra = {0};
  if (ticket)
    buf_fmt(&extra, "\"ticket\":%s", ticket);
  http_problem(r, refusals[code].status, refusals[code].code, field, detail ? detail : refusals[code].detail,
               extra.data, code == REFUSE_STORAGE ? 1 : 0);
}

void api_not_found(struct http_request *r, const char *what)
{
  http_problem(r, 404, "not_found", NULL, what, NULL, 0);
}

void api_conflict(struct http_request *r, const char *code, const char *detail)
{
  http_problem(r, 409, code, NULL, detail, NULL, 0);
}

void api_json(struct http_request *r, unsigned status, struct buf *take_body)
{
  http_reply(r, status, "application/json", take_body, NULL);
}

struct box *api_box(const struct http_request *r)
{
  return http_context(r);
}

const struct device *api_device(const struct http_request *r)
{
  return http_user(r);
}

/* --- before any handler --- */

static bool state_changing(const struct http_request *r)
{
  return strcmp(http_method(r), "GET") != 0 && strcmp(http_method(r), "HEAD") != 0;
}

static bool host_and_origin(struct http_request *r, const struct box *b)
{
  const char *host = http_header(r, "Host");
  char name[256];
  if (http_local(r))
    return true;
  if (b->o.config->captive_probes == YES && host && auth_host_name(host, name, sizeof name) && captive_answer(r, name))
    return false;
  if (!auth_host_ok(&b->access, host)) {
    http_problem(r, 421, "misdirected", "Host", "This booth does not answer to that name.", NULL, 0);
    return false;
  }
  if (state_changing(r) && !auth_origin_ok(http_header(r, "Origin"), host)) {
    http_problem(r, 403, "forbidden", "Origin", "Commands from another site's page are not taken.", NULL, 0);
    return false;
  }
  return true;
}

static bool admit(struct http_request *r, const struct http_route *route)
{
  struct box *b = api_box(r);
  if (!host_and_origin(r, b))
    return false;
  const struct device *d = auth_device(&b->access, r);
  http_set_user(r, (void *)(uintptr_t)d);
  if (route->role > auth_role(d)) {
    if (d)
      http_problem(r, 403, "forbidden", NULL, "This needs the manager's PIN.", NULL, 0);
    else
      http_problem(r, 401, "not_signed_in", NULL, "Sign in with the booth's PIN first.", NULL, 0);
    return false;
  }
  const char *epoch = http_header(r, "Booth-Epoch");
  if (epoch && state_changing(r) && strcmp(epoch, b->view.epoch) != 0) {
    api_conflict(r, "other_booth", "This is another booth, or its database was replaced. Load the page again.");
    return false;
  }
  return true;
}

static void other(struct http_request *r)
{
  if (host_and_origin(r, api_box(r)))
    static_files_reply(api_box(r)->files, r);
}

int api_start(struct box *b, char ret_error[static 160])
{
  const struct http_options o = {
      .event = b->event,
      .listen = b->o.config->listen,
      .socket = b->o.config->socket,
      .spool = b->o.config->state_dir,
      .routes = routes,
      .n_routes = array_len(routes),
      .admit = admit,
      .other = other,
      .context = b,
  };
  return http_start(&o, &b->http, ret_error);
}

/* --- reading a request --- */

bool api_param_id(struct http_request *r, int64_t *ret)
{
  const char *text = http_param(r, 0);
  if (*text != '0' && util_parse_i64(text, 1, INT64_C(1) << 53, ret) == 0) /* 007 is no second name of 7 */
    return true;
  api_not_found(r, "There is nothing of that id.");
  return false;
}

static bool read_key(struct http_request *r, struct request *q)
{
  const char *key = http_header(r, "Idempotency-Key");
  if (!key)
    return true;
  size_t n = strlen(key);
  bool printable = n >= 1 && n <= LIMIT_KEY;
  for (size_t i = 0; printable && i < n; i++)
    printable = key[i] >= 0x20 && key[i] <= 0x7e;
  if (!printable) {
    http_problem(r, 400, "invalid_field", "Idempotency-Key", "A key is 1 to 64 printable ASCII characters.", NULL, 0);
    return false;
  }
  const uint8_t *secret = writer_key(api_box(r)->o.writer);
  size_t length;
  const char *body = http_body(r, &length);
  autobuf struct buf whole = {0};
  buf_fmt(&whole, "%s %s\n", http_method(r), http_path(r));
  buf_add(&whole, body, length);
  uint8_t print[16];
  hash_keyed(q->key.hash, sizeof q->key.hash, secret, key, n);
  hash_keyed(print, sizeof print, secret, whole.data, whole.len);
  memcpy(q->key.fingerprint, print, sizeof q->key.fingerprint);
  q->has_key = true;
  return true;
}

/* If-Match: "3". A list or a weak tag means nothing here. */
static bool read_if_match(struct http_request *r, struct command *c)
{
  const char *tag = http_header(r, "If-Match");
  if (!tag || strcmp(tag, "*") == 0)
    return true;
  char digits[16];
  size_t n = strlen(tag);
  int64_t version;
  if (n > 2 && n < sizeof digits + 2 && tag[0] == '"' && tag[n - 1] == '"') {
    memcpy(digits, tag + 1, n - 2);
    digits[n - 2] = '\0';
    if (util_parse_i64(digits, 1, UINT32_MAX, &version) == 0) {
      c->if_match = (uint32_t)version;
      return true;
    }
  }
  http_problem(r, 400, "invalid_field", "If-Match", "If-Match is one ticket version in quotes, \"3\".", NULL, 0);
  return false;
}

struct request *api_command(struct http_request *r, enum command_kind kind)
{
  struct request *q = request_new(REQUEST_COMMAND, NULL);
  q->command.kind = kind;
  q->command.actor = api_device(r)->id;
  q->command.source = http_local(r) ? SOURCE_API : SOURCE_STAFF;
  if (read_key(r, q) && read_if_match(r, &q->command))
    return q;
  request_free(q);
  return NULL;
}

/* --- answering it --- */

void api_answer_code(struct call *c, struct request *r)
{
  autobuf struct buf ticket = {0};
  if (r->ticket.id)
    view_ticket(&c->box->view, &ticket, NULL, &r->ticket);
  const char *field = r->refusal == REFUSE_INVALID ? (r->command.kind == CMD_SETTINGS ? "lines" : "line") : NULL;
  api_problem(c->http, (enum refusal)r->refusal, field, NULL, ticket.data);
}

void api_answer_command(struct call *c, struct request *r)
{
  if (r->refusal != REFUSE_NONE) {
    api_answer_code(c, r);
    return;
  }
  struct buf body = {0};
  json_open(&body, NULL, '{');
  json_int(&body, "seq", EVENT_SEQ(r->event));
  if (r->ticket.id)
    view_ticket(&c->box->view, &body, "ticket", &r->ticket);
  else
    json_null(&body, "ticket");
  if (r->command.kind == CMD_INTAKE)
    intake_json(&body, "intake", queue_intake(c->box->view.queue));
  json_close(&body, '}');
  api_json(c->http, r->command.kind == CMD_ISSUE ? 201 : 200, &body);
}

void api_submit(struct http_request *r, struct request *take_request)
{
  box_submit(api_box(r), r, take_request, api_answer_command);
}
