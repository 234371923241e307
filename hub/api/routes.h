/* routes.h - the hub's one route table, and the handlers by subject. Loop thread only. */
#ifndef HUB_API_ROUTES_H
#define HUB_API_ROUTES_H

#include "http/server.h"
#include "hub/hub.h"

int routes_start(struct hub *h, char ret_error[static 160]) must_check; /* listens */
void routes_print(struct buf *b);                                       /* "METHOD PATTERN SCOPE" lines, for --routes */
struct hub *api_of(const struct http_request *r);

/* api_sync.c: booths */
void api_enrol_post(struct http_request *r);
void api_exchange_post(struct http_request *r);
void api_courier_post(struct http_request *r);
void api_courier_options(struct http_request *r);
/* api_booths.c, api_guests.c, api_wishes.c, api_events.c, api_days.c: the central service */
void api_booths_get(struct http_request *r);
void api_booth_queue_get(struct http_request *r);
void api_guests_post(struct http_request *r);
void api_guest_get(struct http_request *r);
void api_guest_delete(struct http_request *r);
void api_guest_defer_post(struct http_request *r);
void api_messages_post(struct http_request *r);
void api_deliveries_post(struct http_request *r);
void api_events_get(struct http_request *r);
void api_day_get(struct http_request *r);
void api_openapi_get(struct http_request *r);
/* api_health.c: who looks after it */
void api_healthz_get(struct http_request *r);
void api_metrics_get(struct http_request *r);

#endif
