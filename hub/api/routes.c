#include "hub/api/routes.h"

#include "http/server.h"
#include "hub/api/auth.h"
#include "hub/api/handlers.h"
#include "protocol/bundle.h"

/* A courier's bundle is posted by a booth's page, so any origin is allowed: the bundle is signed, its answer sealed.
 * No other route is open to other origins. */
#define COURIER                                                                                                        \
  "Access-Control-Allow-Origin: *\r\nAccess-Control-Allow-Methods: POST\r\n"                                           \
  "Access-Control-Allow-Headers: Content-Type\r\nAccess-Control-Expose-Headers: Retry-After\r\n"                       \
  "Access-Control-Max-Age: 86400\r\nCross-Origin-Resource-Policy: cross-origin\r\n"

static const struct http_route routes[] = {
    {"POST", "/api/v1/enrol", api_enrol_post, SCOPE_NONE, HTTP_JSON, NULL, 0, NULL},
    {"POST", "/api/v1/exchange", api_exchange_post, SCOPE_NONE, HTTP_BYTES, BUNDLE_TYPE, BUNDLE_MAX, NULL},
    {"POST", "/api/v1/courier", api_courier_post, SCOPE_NONE, HTTP_BYTES, BUNDLE_TYPE, BUNDLE_MAX, COURIER},
    {"OPTIONS", "/api/v1/courier", api_courier_options, SCOPE_NONE, HTTP_EMPTY, NULL, 0, COURIER},
    {"GET", "/api/v1/booths", api_booths_get, SCOPE_READ, HTTP_EMPTY, NULL, 0, NULL},
    {"GET", "/api/v1/booths/{id}/queue", api_booth_queue_get, SCOPE_READ, HTTP_EMPTY, NULL, 0, NULL},
    {"POST", "/api/v1/booths/{id}/guests", api_guests_post, SCOPE_GUESTS, HTTP_JSON, NULL, 0, NULL},
    {"POST", "/api/v1/booths/{id}/messages", api_messages_post, SCOPE_ADMIN, HTTP_JSON, NULL, 0, NULL},
    {"GET", "/api/v1/guests/{ref}", api_guest_get, SCOPE_GUESTS, HTTP_EMPTY, NULL, 0, NULL},
    {"DELETE", "/api/v1/guests/{ref}", api_guest_delete, SCOPE_GUESTS, HTTP_EMPTY, NULL, 0, NULL},
    {"POST", "/api/v1/guests/{ref}/defer", api_guest_defer_post, SCOPE_GUESTS, HTTP_JSON, NULL, 0, NULL},
    {"POST", "/api/v1/deliveries", api_deliveries_post, SCOPE_GUESTS, HTTP_JSON, NULL, 0, NULL},
    {"GET", "/api/v1/events", api_events_get, SCOPE_READ, HTTP_EMPTY, NULL, 0, NULL},
    {"GET", "/api/v1/days/{date}", api_day_get, SCOPE_READ, HTTP_EMPTY, NULL, 0, NULL},
    {"GET", "/api/v1/openapi.json", api_openapi_get, SCOPE_NONE, HTTP_EMPTY, NULL, 0, NULL},
    {"GET", "/healthz", api_healthz_get, SCOPE_NONE, HTTP_EMPTY, NULL, 0, NULL},
    {"GET", "/metrics", api_metrics_get, SCOPE_READ, HTTP_EMPTY, NULL, 0, NULL},
};

void routes_print(struct buf *b)
{
  for (size_t i = 0; i < array_len(routes); i++) {
    const char *scope = "none";
    for (size_t k = 0; k < array_len(scope_names); k++)
      if (routes[i].role == 1u << k)
        scope = scope_names[k];
    buf_fmt(b, "%s %s %s\n", routes[i].method, routes[i].pattern, scope);
  }
}

int routes_start(struct api *a, struct sd_event *event, const char *listen, char ret_error[static 160])
{
  const struct http_options o = {
      .event = event,
      .listen = listen,
      .routes = routes,
      .n_routes = array_len(routes),
      .admit = auth_admit,
      .context = a,
      .request_ms = LIMIT_STALL_MS,
      .connections = LIMIT_HUB_CONNECTIONS,
      .proxied = true,
      .bodies = LIMIT_HUB_BODIES,
  };
  return http_start(&o, &a->http, ret_error);
}
