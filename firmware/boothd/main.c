/* boothd: options, build in order, run, free in reverse. */
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
#include "base/random.h"
#include "boothd/startup.h"
#include "config/config.h"
#include "panel/panel.h"
#include "system/clock_sync.h"
#include "writer/machine_id.h"

#define RELEASE_S 2

static struct options options;

static int load(struct config *c)
{
  struct config_error e = {0};
  int r = config_load(options.file, options.sets, options.n_sets, c, &e);
  if (r < 0)
    log_err("config", "key=%s detail=\"%s\"", e.key, e.detail);
  return r;
}

/* SIGHUP: only keys that may change at run time are taken over. */
static int reload(struct config *running)
{
  struct config fresh = {0};
  int r = load(&fresh);
  if (r == 0) {
    char *names = running->names;
    running->names = fresh.names;
    fresh.names = names;
  }
  config_done(&fresh);
  return r;
}

static int fail(const char *what, const char *detail, int status)
{
  log_err("start_failed", "part=%s detail=\"%s\"", what, detail);
  return status;
}

/* In this order: each part uses those before it. */
static int begin(struct config *c, struct app_options *o, struct box **ret)
{
  char error[160] = "";
  autofree char *machine_id = machine_id_find(c->machine_id);
  const struct writer_options w = {c->state_dir, startup_settings(c), o->batches, machine_id};
  int r = startup_state(c, &o->secrets);
  if (r < 0)
    return fail("state_dir", strerrordesc_np(-r), r == -EBADMSG ? EX_DATAERR : EX_CANTCREAT);
  if ((r = writer_start(&w, &o->writer, error)) < 0)
    return fail("database", error, r == -EPROTO ? EX_DATAERR : EX_IOERR);
  if ((r = worker_start(c->state_dir, o->jobs, &o->worker)) < 0)
    return fail("worker", strerrordesc_np(-r), EX_OSERR);
  if ((r = sync_start(&(struct sync_options){c->state_dir, c, o->writer, o->mails}, &o->sync)) < 0)
    return fail("sync", strerrordesc_np(-r), EX_OSERR);
  if ((r = maintenance_start(&(struct maintenance_options){c->state_dir, c, o->writer, o->sync}, &o->nightly)) < 0)
    return fail("nightly", strerrordesc_np(-r), EX_OSERR);
  if ((r = app_start(o, ret, error)) < 0)
    return fail("box", error, r == -EINVAL ? EX_CONFIG : EX_UNAVAILABLE);
  return 0;
}

static int work(struct box *box)
{
  printf("boothd: ready on http://%s\n", app_address(box));
  fflush(stdout);
  (void)sd_notify(0, "READY=1");
  int r = app_run(box);
  return r < 0 ? fail("loop", strerrordesc_np(-r), EX_SOFTWARE) : 0;
}

static void empty(struct mailbox *m, void (*free_mail)(struct mail *m))
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

static void free_job(struct mail *m)
{
  work_item_free((struct work_item *)m);
}

static void free_mail(struct mail *m)
{
  free(m);
}

static int serve(struct config *c)
{
  struct app_options o = {.config = c, .reload = reload};
  struct box *box = NULL;
  o.batches = mailbox_new(SIZE_MAX);
  o.jobs = mailbox_new(SIZE_MAX);
  o.mails = mailbox_new(SIZE_MAX);
  int status = begin(c, &o, &box);
  if (status == 0)
    status = work(box);
  app_free(box);
  if (o.sync)
    sync_cancel(o.sync); /* or a start that failed would wait for what the nightly round waits for */
  maintenance_stop(o.nightly);
  sync_stop(o.sync);
  worker_stop(o.worker);
  writer_stop(o.writer);
  empty(o.batches, free_batch);
  empty(o.jobs, free_job);
  empty(o.mails, free_mail);
  return status;
}

static int print_routes(void)
{
  autobuf struct buf routes = {0};
  api_routes(&routes);
  fputs(routes.data, stdout);
  return 0;
}

static int run(void)
{
  struct config c = {0};
  int status = load(&c) < 0 ? EX_CONFIG : 0;
  if (status == 0 && !options.check) {
    startup_process();
    if (random_start() < 0 || clock_set_timezone(c.timezone) < 0)
      status = fail("timezone", c.timezone, EX_CONFIG);
    else {
      clock_sync_init(c.trust_clock, "", c.state_dir);
      status = serve(&c);
    }
  }
  config_done(&c);
  return status;
}

static void give_up(int signal)
{
  (void)signal;
  _exit(0);
}

/* After the daemon, however it ended: a Pi leaves a buzzer on whose program died. Nothing here may fail a stop. */
static int release(void)
{
  struct config c = {0};
  signal(SIGALRM, give_up);
  alarm(RELEASE_S);
  if (load(&c) == 0)
    panel_release(&c);
  config_done(&c);
  return 0;
}

int main(int argc, char **argv)
{
  autobuf struct buf keys = {0};
  config_usage(&keys);
  const struct options_program program = {
      "boothd", "Run one booth's waiting queue: HTTP API, screens, button and buzzer.", NULL, keys.data, true};
  int status = options_read(argc, argv, &program, &options);
  if (status >= 0)
    return status;
  return options.routes ? print_routes() : options.release ? release() : run();
}
