/* routes.h - the HTTP API: one route table, one table of errors, and the handlers by subject. Loop thread only.
 *
 * A handler reads its request, and either answers from the view or submits a command; the answer is then written when
 * the batch is back. Handlers know nothing of HTTP's library and nothing of SQL.
 */
#ifndef API_ROUTES_H
#define API_ROUTES_H

#include "api/pending.h"
#include "http/json_body.h"
#include "http/server.h"

int api_start(struct box *b, char ret_error[static 160]) must_check; /* listens */
void api_routes(struct buf *b);                                      /* "METHOD PATTERN ROLE" lines, for --routes */

/* Refusals. detail NULL = the code's own sentence; ticket NULL = none. */
void api_problem(struct http_request *r, enum refusal code, const char *field, const char *detail, const char *ticket);
void api_not_found(struct http_request *r, const char *what);
void api_conflict(struct http_request *r, const char *code, const char *detail); /* 409 of another kind */
void api_json(struct http_request *r, unsigned status, struct buf *take_body);

bool api_param_id(struct http_request *r, int64_t *ret); /* the first {}; false: 404 was answered */

/* A command of this request: actor, source, key, If-Match. NULL: it has answered. */
struct request *api_command(struct http_request *r, enum command_kind kind);
void api_submit(struct http_request *r, struct request *take_request); /* answered as every command is */
void api_answer_command(struct call *c, struct request *r);
void api_answer_code(struct call *c, struct request *r); /* the refusal of r->refusal */

struct box *api_box(const struct http_request *r);
int64_t api_resident_bytes(void);
/* The signed-in device; never NULL where a role is asked. */
const struct device *api_device(const struct http_request *r);

/* Handlers, by subject: api_queue.c, api_session.c, api_settings.c, api_system.c, hub.c. */
// clang-format off
#define API_HANDLERS(_) \
  _(session_post) _(session_get) _(session_delete) _(queue_get) _(stream_get) _(ticket_post) _(ticket_get) \
  _(ticket_patch) _(ticket_call) _(ticket_seat) _(ticket_no_show) _(ticket_cancel) _(ticket_phoned) _(ticket_requeue) \
  _(call_next_post) _(undo_post) _(intake_put) _(board_get) _(board_stream_get) _(days_get) _(days_post) _(day_get) \
  _(day_csv_get) _(healthz_get) _(metrics_get) _(system_get) _(clock_post) _(settings_get) _(settings_put) \
  _(devices_get) _(device_delete) _(backup_get) _(restore_post) _(wifi_get) _(label_get) _(panel_get) \
  _(panel_stream_get) _(panel_press) _(panel_test) _(openapi_get) _(sync_post) _(enrol_post) _(nightly_post)
// clang-format on
#define API_DECLARE(name) void api_##name(struct http_request *r);
API_HANDLERS(API_DECLARE)

#endif
