/* app.h - the loop: takes batches from the writer, shows them, answers those who wait; timers, signals, watchdog.
 * Main thread only. The fields are the edge's own: outside it, use the functions.
 */
#ifndef BOOTHD_APP_H
#define BOOTHD_APP_H

#include "api/auth.h"
#include "api/sse_topic.h"
#include "api/view.h"
#include "panel/panel.h"
#include "sync/sync.h"
#include "worker/maintenance.h"
#include "worker/worker.h"
#include "writer/writer.h"

struct app_options {
  struct config *config; /* borrowed; names may change on SIGHUP */
  struct secrets secrets;
  struct writer *writer;
  struct worker *worker;
  struct sync *sync;
  struct maintenance *nightly;
  struct mailbox *batches, *jobs, *mails; /* what comes back; mails from sync */
  int (*reload)(struct config *c);        /* SIGHUP: reads the file again */
};

struct box {
  struct app_options o;
  struct sd_event *event;
  struct http_server *http;
  struct view view;
  struct access access;
  struct static_files *files;
  struct panel *panel;
  struct clock_sync *clock;
  struct health *health;
  struct uplink *uplink; /* NULL = the kernel does not tell of routes */
  struct radio *radio;   /* NULL = it has none of its own */
  struct channel *staff, *board, *panel_stream;
  struct sd_event_source *board_timer;                  /* set = a board snapshot is due */
  int64_t started, probed, snapshot_asked, clock_saved; /* mono_ms */
  int64_t testing_until; /* mono_ms: the panel is being tested, the button commands nothing */
  int64_t longest_turn_us;
  char storage_error[96];         /* "" = fine */
  struct sync_status sync;        /* as it said last */
  int64_t sync_moved, sync_shown; /* mono_ms: the hub was up to date or followed; screens were told */
  int64_t stop_by;                /* mono_ms; 0 = we are not stopping */
  int waiting;                    /* requests at the writer or worker */
};

int app_start(const struct app_options *o, struct box **ret, char ret_error[static 160]) must_check;
const char *app_address(const struct box *b);
/* Until SIGTERM or SIGINT (blocked by main before threads start), and then until all that was asked is answered. */
int app_run(struct box *b) must_check;
void app_free(struct box *b); /* the writer must still run */
void box_save_clock(struct box *b);
void box_show_lamp(struct box *b);
void box_show_status(struct box *b); /* to staff: what is not an event has changed */

#endif
