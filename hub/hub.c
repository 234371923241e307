/* hub.c - the loop: requests come by http/server, results of the pool by a mailbox, and a request waits suspended in
 * between. Nothing here waits for the database, or opens a bundle.
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
#include "hub/api/job.h"
#include "hub/api/routes.h"
#include "hub/db/migrate.h"
#include "hub/model/maintenance.h"

#define STOP_MS        3000 /* for what was asked before the signal */
#define TICK_US        (1 * 1000000ULL)
#define MAINTENANCE_MS (3600 * 1000)
#define RETRY_S        3
#define AWAY           "The hub cannot reach its database at the moment. Try again later."

/* --- results --- */

static void send_answer(struct job *j)
{
  struct answer *a = &j->answer;
  if (j->outcome < 0)
    http_problem(j->http, 503, "storage_unavailable", NULL, AWAY, NULL, RETRY_S);
  else if (a->code) {
    if (a->headers)
      http_set_headers(j->http, a->headers);
    http_problem(j->http, a->status, a->code, a->field, a->detail, NULL, a->retry_after_s);
  } else {
    http_reply(j->http, a->status, a->type, &a->body, a->headers);
  }
}

static int on_results(sd_event_source *source, int fd, uint32_t events, void *user)
{
  struct hub *h = user;
  (void)source, (void)fd, (void)events;
  for (struct mail *m = mailbox_take_all(h->results, 0), *next; m; m = next) {
    struct job *j = (struct job *)m;
    next = m->next;
    if (j->done)
      j->done(h, j);
    if (j->http)
      send_answer(j);
    job_free(j);
  }
  return 0;
}

/* --- time --- */

static int on_tick(sd_event_source *source, uint64_t now_us, void *user)
{
  struct hub *h = user;
  int64_t now = clock_mono_ms();
  if (now >= h->maintenance_at) {
    h->maintenance_at = now + MAINTENANCE_MS;
    hub_submit(h, NULL, maintenance_job());
  }
  (void)sd_notify(0, "WATCHDOG=1");
  if (h->stop_by && (now >= h->stop_by || http_pending(h->http) == 0))
    return sd_event_exit(h->event, 0);
  int r = sd_event_source_set_time(source, now_us + (h->stop_by ? TICK_US / 50 : TICK_US));
  return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int on_end(sd_event_source *source, const struct signalfd_siginfo *info, void *user)
{
  struct hub *h = user;
  (void)source;
  if (h->stop_by)
    return 0;
  log_info("stopping", "signal=%u", info->ssi_signo);
  h->stop_by = clock_mono_ms() + STOP_MS;
  http_quiesce(h->http);
  (void)sd_notify(0, "STOPPING=1");
  sd_event_source_set_time(h->tick, 0);
  return 0;
}

/* --- begin and end --- */

static int watch(struct hub *h)
{
  int r = sd_event_add_io(h->event, NULL, mailbox_fd(h->results), EPOLLIN, on_results, h);
  if (r >= 0)
    r = sd_event_add_signal(h->event, NULL, SIGTERM, on_end, h);
  if (r >= 0)
    r = sd_event_add_signal(h->event, NULL, SIGINT, on_end, h);
  if (r >= 0)
    r = sd_event_add_time(h->event, &h->tick, CLOCK_BOOTTIME, 0, 1, on_tick, h);
  return min(r, 0);
}

static int fail(const char *what, const char *detail, int status)
{
  log_err("start_failed", "part=%s detail=\"%s\"", what, detail);
  return status;
}

int hub_open(const struct hub_config *c, struct pg **ret)
{
  char error[160] = "";
  struct pg *db = NULL;
  int r = pg_open(c->database, &db, error);
  if (r < 0)
    return fail("database", error, r == -EPROTO ? EX_DATAERR : EX_UNAVAILABLE);
  r = migrate(db);
  if (r == 0) {
    *ret = db;
    return 0;
  }
  pg_close(db);
  if (r == -EILSEQ)
    return fail("database", "it was made by a newer version of this program", EX_DATAERR);
  return fail("database", "its schema could not be made", EX_UNAVAILABLE);
}

static int run(struct hub *h)
{
  char error[160] = "";
  int r = sd_event_new(&h->event);
  if (r >= 0)
    r = watch(h);
  if (r >= 0)
    r = pool_start(h->config->database, h->config->n_connections, h->results, &h->pool);
  if (r < 0)
    return fail("loop", strerrordesc_np(-r), EX_OSERR);
  r = routes_start(h, error);
  if (r < 0)
    return fail("listen", error, r == -EINVAL ? EX_CONFIG : EX_UNAVAILABLE);
  printf("boothhub: ready on http://%s\n", http_address(h->http));
  fflush(stdout);
  (void)sd_notify(0, "READY=1");
  r = sd_event_loop(h->event);
  return r < 0 ? fail("loop", strerrordesc_np(-r), EX_SOFTWARE) : 0;
}

int hub_serve(const struct hub_config *c)
{
  struct hub h = {.config = c, .results = mailbox_new(SIZE_MAX)};
  struct pg *db = NULL;
  int status = hub_open(c, &db);
  pg_close(db);
  if (status == 0)
    status = run(&h);
  pool_stop(h.pool); /* before the requests, whose bodies it reads */
  for (struct mail *m = mailbox_take_all(h.results, 0), *next; m; m = next) {
    next = m->next;
    job_free((struct job *)m);
  }
  http_free(h.http);
  sd_event_source_unref(h.tick);
  sd_event_unref(h.event);
  mailbox_free(h.results);
  return status;
}
