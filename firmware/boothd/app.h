/* app.h - the daemon: its event loop, parts, timers, signals and watchdog. Main thread only. */
#ifndef BOOTHD_APP_H
#define BOOTHD_APP_H

#include "config/secrets.h"
#include "sync/sync.h"
#include "worker/maintenance.h"
#include "worker/worker.h"
#include "writer/writer.h"

struct app;

struct app_options {
  struct config *config; /* borrowed; names may change on SIGHUP */
  struct secrets secrets;
  struct writer *writer;
  struct worker *worker;
  struct sync *sync;
  struct maintenance *maintenance;
  struct mailbox *batches;         /* from the writer */
  struct mailbox *work_items;      /* from the worker */
  struct mailbox *sync_events;     /* from sync */
  int (*reload)(struct config *c); /* SIGHUP: reads the file again */
};

int app_start(const struct app_options *o, struct app **ret, char ret_error[static 160]) must_check;
const char *app_address(const struct app *a);
/* Runs until SIGTERM or SIGINT (which main blocks before threads start), and then until all requests are answered. */
int app_run(struct app *a) must_check;
size_t app_pending(const struct app *a); /* requests that are not answered */
void app_free(struct app *a);            /* the writer must still run; NULL allowed */

#endif
