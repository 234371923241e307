/* handlers.h - the handlers of routes.c, by file. Loop thread only. */
#ifndef API_HANDLERS_H
#define API_HANDLERS_H

#include <stdint.h>

struct api;
struct http_request;
struct sync_event;

/* handle_session.c */
void api_session_post(struct http_request *r);
void api_session_get(struct http_request *r);
void api_session_delete(struct http_request *r);

/* handle_devices.c */
void api_devices_get(struct http_request *r);
void api_device_delete(struct http_request *r);
void api_remove_device(struct http_request *r, int32_t id); /* from table and database; answers r */
void api_drop_device(struct api *api, int32_t id);          /* from the table alone; ends its streams */

/* handle_queue.c */
void api_queue_get(struct http_request *r);
void api_board_get(struct http_request *r);
void api_call_next_post(struct http_request *r);
void api_undo_post(struct http_request *r);
void api_intake_put(struct http_request *r);

/* handle_streams.c */
void api_stream_get(struct http_request *r);
void api_board_stream_get(struct http_request *r);
void api_panel_stream_get(struct http_request *r);

/* handle_tickets.c */
void api_tickets_post(struct http_request *r);
void api_ticket_get(struct http_request *r);
void api_ticket_patch(struct http_request *r);
void api_ticket_requeue(struct http_request *r);
void api_ticket_command(struct http_request *r); /* route argument: enum command_kind */

/* handle_days.c */
void api_days_get(struct http_request *r);
void api_days_post(struct http_request *r);
void api_day_get(struct http_request *r); /* route argument: WORK_DAY, WORK_CSV */

/* handle_settings.c */
void api_settings_get(struct http_request *r);
void api_settings_put(struct http_request *r);

/* handle_system.c */
void api_healthz_get(struct http_request *r);
void api_system_get(struct http_request *r);

/* handle_clock.c */
void api_clock_post(struct http_request *r);

/* handle_hub.c */
void api_sync_post(struct http_request *r);
void api_enrol_post(struct http_request *r);
void api_nightly_post(struct http_request *r);
void api_answer_enrolment(const struct sync_event *e); /* the request of api_enrol_post() */

/* handle_backup.c */
void api_backup_get(struct http_request *r);
void api_restore_post(struct http_request *r);

/* handle_label.c */
void api_wifi_get(struct http_request *r);
void api_label_get(struct http_request *r);

/* handle_panel.c */
void api_panel_get(struct http_request *r);
void api_panel_press(struct http_request *r);
void api_panel_test(struct http_request *r);

/* metrics.c, openapi.c */
void api_metrics_get(struct http_request *r);
void api_openapi_get(struct http_request *r);

#endif
