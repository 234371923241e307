/* main.c - boothd: options, start in order, run, stop in reverse. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sysexits.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "api/routes.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/options.h"
#include "base/process.h"
#include "base/random.h"
#include "boothd/app.h"
#include "boothd/startup.h"
#include "config/config.h"
#include "panel/panel.h"
#include "system/clock_sync.h"
#include "writer/machine_id.h"

#define RELEASE_S 2

static struct daemon_options options;

static int load_config(struct config *c)
{
  struct config_error e = {0};
  int r = config_load(options.file, options.sets.at, options.sets.n, c, &e);
  if (r < 0)
    log_err("config", "key=%s detail=\"%s\"", e.key, e.detail);
  return r;
}

/* SIGHUP: only `names` may change at run time. */
static int reload_names(struct config *running)
{
  struct config fresh = {0};
  int r = load_config(&fresh);
  if (r == 0) {
    char *names = running->names;
    running->names = fresh.names;
    fresh.names = names;
  }
  config_done(&fresh);
  return r;
}

static int report_failure(const char *what, const char *detail, int status)
{
  log_err("start_failed", "part=%s detail=\"%s\"", what, detail);
  return status;
}

/* In this order: each part uses those before it. */
static int start_parts(struct config *c, struct app_options *o, struct app **ret)
{
  char error[160] = "";
  autofree char *machine_id = machine_id_find(c->machine_id);
  const struct writer_options writer = {c->state_dir, startup_settings(c), o->batches, machine_id};
  int r = startup_state(c, &o->secrets);
  if (r < 0)
    return report_failure("state_dir", strerrordesc_np(-r), r == -EBADMSG ? EX_DATAERR : EX_CANTCREAT);
  r = writer_start(&writer, &o->writer, error);
  if (r < 0)
    return report_failure("database", error, r == -EPROTO ? EX_DATAERR : EX_IOERR);
  r = worker_start(c->state_dir, o->work_items, &o->worker);
  if (r < 0)
    return report_failure("worker", strerrordesc_np(-r), EX_OSERR);
  r = sync_start(&(struct sync_options){c->state_dir, c, o->writer, o->sync_events}, &o->sync);
  if (r < 0)
    return report_failure("sync", strerrordesc_np(-r), EX_OSERR);
  r = maintenance_start(&(struct maintenance_options){c->state_dir, c, o->writer, o->sync}, &o->maintenance);
  if (r < 0)
    return report_failure("nightly", strerrordesc_np(-r), EX_OSERR);
  r = app_start(o, ret, error);
  if (r < 0)
    return report_failure("app", error, r == -EINVAL ? EX_CONFIG : EX_UNAVAILABLE);
  return 0;
}

static int run_app(struct app *a)
{
  printf("boothd: ready on http://%s\n", app_address(a));
  fflush(stdout);
  (void)sd_notify(0, "READY=1");
  int r = app_run(a);
  return r < 0 ? report_failure("loop", strerrordesc_np(-r), EX_SOFTWARE) : 0;
}

static void empty_mailbox(struct mailbox *m, void (*free_mail)(struct mail *m))
{
  for (struct mail *mail = mailbox_take_all(m, 0), *next; mail; mail = next) {
    next = mail->next;
    free_mail(mail);
  }
  mailbox_free(m);
}

static void free_batch(struct mail *m)
{
  batch_free((struct batch *)m);
}

static void free_work_item(struct mail *m)
{
  work_item_free((struct work_item *)m);
}

static void free_sync_event(struct mail *m)
{
  free(m);
}

static int serve_booth(struct config *c)
{
  struct app_options o = {.config = c, .reload = reload_names};
  struct app *app = NULL;
  o.batches = mailbox_new(SIZE_MAX);
  o.work_items = mailbox_new(SIZE_MAX);
  o.sync_events = mailbox_new(SIZE_MAX);
  int status = start_parts(c, &o, &app);
  if (status == 0)
    status = run_app(app);
  app_free(app);
  if (o.sync)
    sync_cancel(o.sync); /* after a failed start, too: the nightly round may be waiting for it */
  maintenance_stop(o.maintenance);
  sync_stop(o.sync);
  worker_stop(o.worker);
  writer_stop(o.writer);
  empty_mailbox(o.batches, free_batch);
  empty_mailbox(o.work_items, free_work_item);
  empty_mailbox(o.sync_events, free_sync_event);
  return status;
}

static int print_routes(void)
{
  autobuf struct buf routes = {0};
  routes_print(&routes);
  fputs(routes.data, stdout);
  return 0;
}

static int run_daemon(void)
{
  struct config c = {0};
  int status = load_config(&c) < 0 ? EX_CONFIG : 0;
  if (status == 0 && !options.check) {
    process_prepare((const int[]){SIGTERM, SIGINT, SIGHUP, 0});
    if (random_start() < 0 || clock_set_timezone(c.timezone) < 0) {
      status = report_failure("timezone", c.timezone, EX_CONFIG);
    } else {
      clock_sync_init(c.trust_clock, "", c.state_dir);
      status = serve_booth(&c);
    }
  }
  config_done(&c);
  return status;
}

static void on_alarm(int signal)
{
  _exit(0);
}

/* Runs after the daemon, however it ended: a Pi keeps the level of a line after its program died. Never fails. */
static int release_panel(void)
{
  struct config c = {0};
  signal(SIGALRM, on_alarm);
  alarm(RELEASE_S);
  if (load_config(&c) == 0)
    panel_release(&c);
  config_done(&c);
  return 0;
}

int main(int argc, char **argv)
{
  autobuf struct buf keys = {0};
  config_usage(&keys);
  const struct daemon_program program = {
      "boothd", "Run one booth's waiting queue: HTTP API, screens, button and buzzer.", NULL, keys.data, true};
  int status = options_parse_daemon(argc, argv, &program, &options);
  if (status >= 0)
    return status;
  return options.routes ? print_routes() : options.release ? release_panel() : run_daemon();
}
