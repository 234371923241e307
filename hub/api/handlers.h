/* handlers.h - the handlers of the routes, by file. Loop thread only. */
#ifndef HUB_API_HANDLERS_H
#define HUB_API_HANDLERS_H

struct http_request;

/* handle_booths.c */
void api_booths_get(struct http_request *r);
void api_booth_queue_get(struct http_request *r);

/* handle_days.c */
void api_day_get(struct http_request *r);

/* handle_events.c */
void api_events_get(struct http_request *r);

/* handle_guests.c */
void api_guests_post(struct http_request *r);
void api_guest_get(struct http_request *r);
void api_guest_delete(struct http_request *r);
void api_guest_defer_post(struct http_request *r);

/* handle_health.c */
void api_healthz_get(struct http_request *r);
void api_metrics_get(struct http_request *r);

/* handle_inbox.c */
void api_messages_post(struct http_request *r);
void api_deliveries_post(struct http_request *r);

/* handle_sync.c */
void api_enrol_post(struct http_request *r);
void api_exchange_post(struct http_request *r);
void api_courier_post(struct http_request *r);
void api_courier_options(struct http_request *r);

/* openapi.c */
void api_openapi_get(struct http_request *r);

#endif
