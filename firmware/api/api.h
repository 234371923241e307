/* api.h - what the handlers of the HTTP API share. Loop thread only.
 *
 * A handler reads its request, and either answers from the view or submits a command, which is answered once its batch
 * is back. Handlers know neither the HTTP library nor SQL nor the daemon around them.
 */
#ifndef API_API_H
#define API_API_H

#include "api/auth.h"
#include "api/hub_status.h"
#include "api/pending.h"
#include "api/streams.h"
#include "api/view.h"
#include "http/json_body.h"

/* The parts of the daemon that handlers use. */
struct api_parts {
  const struct config *config;
  struct writer *writer;
  struct worker *worker;
  struct sync *sync;
  struct maintenance *maintenance;
  struct panel *panel;
  struct clock_sync *clock;
  struct health *health;
  struct uplink *uplink; /* NULL = routes are not watched */
  struct radio *radio;   /* NULL = the booth has no Wi-Fi of its own */
};

struct api {
  const struct api_parts *parts;
  struct pending_set pending;
  struct view view;
  struct auth auth;
  struct streams streams;
  struct hub_status hub;
  struct http_server *http;
  struct static_files *files;
  int64_t started_ms;
  int64_t testing_until_ms;         /* the panel is being tested: presses submit no command */
  int64_t longest_iteration_us;     /* of the event loop */
  void (*clock_set)(void *context); /* a phone's time was accepted */
  void *context;
};

struct api *api_of(const struct http_request *r);
/* The signed-in device; never NULL where a role is required. */
const struct device *api_device(const struct http_request *r);
bool api_param_id(struct http_request *r, int64_t *ret); /* the first {}; false: 404 was answered */
void api_json(struct http_request *r, unsigned status, struct buf *take_body);

/* A refusal by the queue or the writer. detail NULL = the code's sentence; ticket (JSON) may be NULL. */
void api_refuse(struct http_request *r, enum refusal code, const char *field, const char *detail, const char *ticket);

/* As pending_submit(). NULL: 503 was answered. */
struct pending *api_submit(struct http_request *r, struct writer_request *take_request,
                           void (*on_request)(struct pending *p, struct writer_request *r));
struct pending *api_submit_work(struct http_request *r, struct work_item *take_item,
                                void (*on_work)(struct pending *p, struct work_item *w));

#endif
