/* hub.c - the loop. A request waits, suspended, while its job is in the pool; nothing here waits for the database or
 * opens a bundle.
 */
#include "hub/hub.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>

#include "base/clock.h"
#include "base/log.h"
#include "http/server.h"
#include "hub/api/routes.h"
#include "hub/database.h"
#include "hub/model/maintenance.h"

#define STOP_MS        3000 /* time for the requests that came before the signal */
#define TICK_US        (1 * 1000000ULL)
#define MAINTENANCE_MS (3600 * 1000)

struct hub {
  struct sd_event *event;
  struct sd_event_source *tick;
  struct api api;
  int64_t maintenance_at; /* mono_ms */
  int64_t stop_by;        /* mono_ms; 0 = not stopping */
};

/* --- maintenance --- */

static int run_maintenance(struct pool_job *j, struct pg *db)
{
  return maintenance_run(db);
}

static void free_maintenance(struct pool_job *j)
{
  free(j);
}

static void submit_maintenance(struct hub *h)
{
  struct pool_job *j = xnew(struct pool_job);
  j->run = run_maintenance;
  j->release = free_maintenance;
  if (pool_submit(h->api.pool, j) < 0)
    free(j); /* too many jobs wait: next hour */
}

/* --- events of the loop --- */

static int on_jobs_done(sd_event_source *source, int fd, uint32_t events, void *user)
{
  struct hub *h = user;
  pool_dispatch(h->api.pool);
  return 0;
}

static int on_tick(sd_event_source *source, uint64_t now_us, void *user)
{
  struct hub *h = user;
  int64_t now = clock_mono_ms();
  if (now >= h->maintenance_at) {
    h->maintenance_at = now + MAINTENANCE_MS;
    submit_maintenance(h);
  }
  (void)sd_notify(0, "WATCHDOG=1");
  if (h->stop_by && (now >= h->stop_by || http_pending(h->api.http) == 0))
    return sd_event_exit(h->event, 0);
  int r = sd_event_source_set_time(source, now_us + (h->stop_by ? TICK_US / 50 : TICK_US));
  return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *user)
{
  struct hub *h = user;
  if (h->stop_by)
    return 0;
  log_info("stopping", "signal=%u", info->ssi_signo);
  h->stop_by = clock_mono_ms() + STOP_MS;
  http_quiesce(h->api.http);
  (void)sd_notify(0, "STOPPING=1");
  sd_event_source_set_time(h->tick, 0);
  return 0;
}

/* --- start and stop --- */

static int start_loop(struct hub *h, const struct hub_config *c)
{
  int r = sd_event_new(&h->event);
  if (r < 0)
    return r;
  r = pool_start(c->database, c->n_connections, &h->api.pool);
  if (r < 0)
    return r;
  r = sd_event_add_io(h->event, NULL, pool_fd(h->api.pool), EPOLLIN, on_jobs_done, h);
  if (r < 0)
    return r;
  r = sd_event_add_signal(h->event, NULL, SIGTERM, on_signal, h);
  if (r < 0)
    return r;
  r = sd_event_add_signal(h->event, NULL, SIGINT, on_signal, h);
  if (r < 0)
    return r;
  return sd_event_add_time(h->event, &h->tick, CLOCK_BOOTTIME, 0, 1, on_tick, h);
}

static int log_failure(const char *part, const char *detail, int status)
{
  log_err("start_failed", "part=%s detail=\"%s\"", part, detail);
  return status;
}

static int serve_until_signal(struct hub *h, const struct hub_config *c)
{
  char error[160] = "";
  int r = start_loop(h, c);
  if (r < 0)
    return log_failure("loop", strerrordesc_np(-r), EX_OSERR);
  r = routes_start(&h->api, h->event, c->listen, error);
  if (r < 0)
    return log_failure("listen", error, r == -EINVAL ? EX_CONFIG : EX_UNAVAILABLE);
  printf("boothhub: ready on http://%s\n", http_address(h->api.http));
  fflush(stdout);
  (void)sd_notify(0, "READY=1");
  r = sd_event_loop(h->event);
  return r < 0 ? log_failure("loop", strerrordesc_np(-r), EX_SOFTWARE) : 0;
}

int hub_serve(const struct hub_config *c)
{
  struct pg *db = NULL;
  int status = database_open(c->database, &db);
  if (status)
    return status;
  pg_close(db);
  struct hub h = {0};
  status = serve_until_signal(&h, c);
  pool_stop(h.api.pool); /* before the requests, whose bodies the jobs read */
  http_free(h.api.http);
  sd_event_source_unref(h.tick);
  sd_event_unref(h.event);
  return status;
}
