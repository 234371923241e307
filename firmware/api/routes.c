#include "api/routes.h"

#include <errno.h>
#include <stdio.h>

#include "api/captive.h"
#include "api/handlers.h"
#include "config/config.h"
#include "http/server.h"
#include "http/static_files.h"

static const struct http_route routes[] = {
    {"POST", "/api/v1/session", api_session_post, ROLE_NONE, HTTP_JSON},
    {"GET", "/api/v1/session", api_session_get, ROLE_NONE, HTTP_EMPTY},
    {"DELETE", "/api/v1/session", api_session_delete, ROLE_NONE, HTTP_EMPTY},
    {"GET", "/api/v1/queue", api_queue_get, ROLE_STAFF, HTTP_EMPTY},
    {"GET", "/api/v1/stream", api_stream_get, ROLE_STAFF, HTTP_EMPTY},
    {"POST", "/api/v1/tickets", api_tickets_post, ROLE_STAFF, HTTP_JSON},
    {"GET", "/api/v1/tickets/{id}", api_ticket_get, ROLE_STAFF, HTTP_EMPTY},
    {"PATCH", "/api/v1/tickets/{id}", api_ticket_patch, ROLE_STAFF, HTTP_JSON},
    {"POST", "/api/v1/tickets/{id}/call", api_ticket_command, ROLE_STAFF, HTTP_JSON, .arg = CMD_CALL},
    {"POST", "/api/v1/tickets/{id}/seat", api_ticket_command, ROLE_STAFF, HTTP_JSON, .arg = CMD_SEAT},
    {"POST", "/api/v1/tickets/{id}/no-show", api_ticket_command, ROLE_STAFF, HTTP_JSON, .arg = CMD_NO_SHOW},
    {"POST", "/api/v1/tickets/{id}/cancel", api_ticket_command, ROLE_STAFF, HTTP_JSON, .arg = CMD_CANCEL},
    {"POST", "/api/v1/tickets/{id}/phoned", api_ticket_command, ROLE_STAFF, HTTP_JSON, .arg = CMD_PHONED},
    {"POST", "/api/v1/tickets/{id}/requeue", api_ticket_requeue, ROLE_STAFF, HTTP_JSON},
    {"POST", "/api/v1/call-next", api_call_next_post, ROLE_STAFF, HTTP_JSON},
    {"POST", "/api/v1/undo", api_undo_post, ROLE_STAFF, HTTP_JSON},
    {"PUT", "/api/v1/intake", api_intake_put, ROLE_STAFF, HTTP_JSON},
    {"GET", "/api/v1/board", api_board_get, ROLE_NONE, HTTP_EMPTY},
    {"GET", "/api/v1/board/stream", api_board_stream_get, ROLE_NONE, HTTP_EMPTY},
    {"GET", "/api/v1/days", api_days_get, ROLE_MANAGER, HTTP_EMPTY},
    {"POST", "/api/v1/days", api_days_post, ROLE_MANAGER, HTTP_JSON},
    {"GET", "/api/v1/days/{date}", api_day_get, ROLE_MANAGER, HTTP_EMPTY, .arg = WORK_DAY},
    {"GET", "/api/v1/days/{date}/export.csv", api_day_get, ROLE_MANAGER, HTTP_EMPTY, .arg = WORK_CSV},
    {"GET", "/healthz", api_healthz_get, ROLE_NONE, HTTP_EMPTY},
    {"GET", "/metrics", api_metrics_get, ROLE_MANAGER, HTTP_EMPTY},
    {"GET", "/api/v1/system", api_system_get, ROLE_MANAGER, HTTP_EMPTY},
    {"POST", "/api/v1/system/clock", api_clock_post, ROLE_STAFF, HTTP_JSON},
    {"POST", "/api/v1/system/sync", api_sync_post, ROLE_STAFF, HTTP_JSON},
    {"POST", "/api/v1/system/enrol", api_enrol_post, ROLE_MANAGER, HTTP_JSON},
    {"POST", "/api/v1/system/nightly", api_nightly_post, ROLE_MANAGER, HTTP_JSON},
    {"GET", "/api/v1/system/settings", api_settings_get, ROLE_MANAGER, HTTP_EMPTY},
    {"PUT", "/api/v1/system/settings", api_settings_put, ROLE_MANAGER, HTTP_JSON},
    {"GET", "/api/v1/system/devices", api_devices_get, ROLE_MANAGER, HTTP_EMPTY},
    {"DELETE", "/api/v1/system/devices/{id}", api_device_delete, ROLE_MANAGER, HTTP_EMPTY},
    {"GET", "/api/v1/system/backup", api_backup_get, ROLE_MANAGER, HTTP_EMPTY},
    {"POST", "/api/v1/system/restore", api_restore_post, ROLE_MANAGER, HTTP_FILE, "application/vnd.sqlite3"},
    {"GET", "/api/v1/system/wifi.svg", api_wifi_get, ROLE_MANAGER, HTTP_EMPTY},
    {"GET", "/api/v1/system/label", api_label_get, ROLE_MANAGER, HTTP_EMPTY},
    {"GET", "/api/v1/system/panel", api_panel_get, ROLE_MANAGER, HTTP_EMPTY},
    {"GET", "/api/v1/system/panel/stream", api_panel_stream_get, ROLE_MANAGER, HTTP_EMPTY},
    {"POST", "/api/v1/system/panel/press", api_panel_press, ROLE_MANAGER, HTTP_JSON},
    {"POST", "/api/v1/system/panel-test", api_panel_test, ROLE_MANAGER, HTTP_JSON},
    {"GET", "/api/v1/openapi.json", api_openapi_get, ROLE_NONE, HTTP_EMPTY},
};

void routes_print(struct buf *b)
{
  for (size_t i = 0; i < array_len(routes); i++)
    buf_fmt(b, "%s %s %s\n", routes[i].method, routes[i].pattern, role_names[routes[i].role]);
}

static bool changes_state(const struct http_request *r)
{
  return strcmp(http_method(r), "GET") != 0 && strcmp(http_method(r), "HEAD") != 0;
}

/* False: it was answered. */
static bool check_host_and_origin(struct http_request *r, const struct api *api)
{
  const char *host = http_header(r, "Host");
  char name[256];
  if (http_local(r))
    return true;
  if (api->parts->config->captive_probes == YES && host && auth_host_name(host, name, sizeof name) &&
      captive_answer(r, name))
    return false;
  if (!auth_host_ok(&api->auth, host)) {
    http_problem(r, 421, "misdirected", "Host", "This booth does not answer to that name.", NULL, 0);
    return false;
  }
  if (changes_state(r) && !auth_origin_ok(http_header(r, "Origin"), host)) {
    http_refuse(r, HTTP_FORBIDDEN, "Origin", "Commands from another site's page are refused.");
    return false;
  }
  return true;
}

static bool admit_request(struct http_request *r, const struct http_route *route)
{
  struct api *api = api_of(r);
  if (!check_host_and_origin(r, api))
    return false;
  const struct device *d = auth_device(&api->auth, r);
  http_set_user(r, (void *)(uintptr_t)d);
  if (route->role > auth_role(d)) {
    if (d)
      http_refuse(r, HTTP_FORBIDDEN, NULL, "This needs the manager's PIN.");
    else
      http_refuse(r, HTTP_NOT_SIGNED_IN, NULL, NULL);
    return false;
  }
  const char *epoch = http_header(r, "Booth-Epoch");
  if (epoch && changes_state(r) && strcmp(epoch, api->view.epoch) != 0) {
    http_problem(r, 409, "other_booth", NULL,
                 "This is another booth, or its database was replaced. Load the page again.", NULL, 0);
    return false;
  }
  return true;
}

static void answer_file(struct http_request *r)
{
  struct api *api = api_of(r);
  if (check_host_and_origin(r, api))
    static_files_reply(api->files, r);
}

int routes_start(struct api *a, struct sd_event *event, char ret_error[static 160])
{
  const struct config *c = a->parts->config;
  int r = static_files_load(c->web_dir, &a->files);
  if (r < 0) {
    snprintf(ret_error, 160, "%s: %s", c->web_dir, strerrordesc_np(-r));
    return r;
  }
  const struct http_options o = {
      .event = event,
      .listen = c->listen,
      .socket = c->socket,
      .spool = c->state_dir,
      .routes = routes,
      .n_routes = array_len(routes),
      .admit = admit_request,
      .other = answer_file,
      .context = a,
  };
  return http_start(&o, &a->http, ret_error);
}
