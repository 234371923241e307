/* boothd: options, build in order, run, free in reverse. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/log.h"
#include "base/options.h"
#include "edge/api.h"

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

static struct settings first_settings(const struct config *c)
{
  struct settings s = {.n_lines = 1, .languages = {"ko", "en"}, .cutover_min = 6 * 60};
  util_copy(s.name, sizeof s.name, c->booth_name);
  util_copy(s.lines[0].id, sizeof s.lines[0].id, "a");
  util_copy(s.lines[0].name, sizeof s.lines[0].name, "대기");
  return s;
}

/* Signals belong to the loop; no thread that is started later may take them. */
static void prepare_process(void)
{
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, NULL);
  signal(SIGPIPE, SIG_IGN);
  umask(0077);
}

static int fail(const char *what, const char *detail, int status)
{
  log_err("start_failed", "part=%s detail=\"%s\"", what, detail);
  return status;
}

/* New PINs are shown once, to the person who started it: never to the journal. */
static int prepare_state(const struct config *c, struct secrets *ret)
{
  bool made = false;
  int r = mkdir(c->state_dir, 0700) < 0 && errno != EEXIST ? -errno : file_lock_folder(c->state_dir);
  if (r == 0)
    r = secrets_load(c, ret, &made);
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets the environment any more
  if (r == 0 && made && !getenv("JOURNAL_STREAM"))
    printf("boothd: staff PIN %s, manager PIN %s\n", ret->staff_pin, ret->manager_pin);
  return r;
}

static int serve(struct config *c)
{
  struct mailbox *batches = mailbox_new(SIZE_MAX), *jobs = mailbox_new(SIZE_MAX);
  struct writer *writer = NULL;
  struct worker *worker = NULL;
  struct box *box = NULL;
  char error[160] = "";
  int status = 0;
  struct box_options o = {.config = c, .batches = batches, .jobs = jobs, .reload = reload};
  const struct writer_options w = {c->state_dir, first_settings(c), batches};
  int r = prepare_state(c, &o.secrets);
  if (r < 0)
    status = fail("state_dir", strerrordesc_np(-r), r == -EBADMSG ? EX_DATAERR : EX_CANTCREAT);
  else if ((r = writer_start(&w, &writer, error)) < 0)
    status = fail("database", error, r == -EPROTO ? EX_DATAERR : EX_IOERR);
  else if ((r = worker_start(c->state_dir, jobs, &worker)) < 0)
    status = fail("worker", strerrordesc_np(-r), EX_OSERR);
  else {
    o.writer = writer;
    o.worker = worker;
    if ((r = box_start(&o, &box, error)) < 0)
      status = fail("box", error, r == -EINVAL ? EX_CONFIG : EX_UNAVAILABLE);
  }
  if (status == 0) {
    printf("boothd: ready on http://%s\n", box_address(box));
    fflush(stdout);
    (void)sd_notify(0, "READY=1");
    r = box_run(box);
    status = r < 0 ? fail("loop", strerrordesc_np(-r), EX_SOFTWARE) : 0;
  }
  box_free(box);
  worker_stop(worker);
  writer_stop(writer);
  for (struct mail *m = mailbox_take_all(batches, 0), *next; m; m = next) {
    next = m->next;
    batch_free((struct batch *)m);
  }
  mailbox_free(batches);
  mailbox_free(jobs);
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
    prepare_process();
    if (crypto_start() < 0 || clock_set_timezone(c.timezone) < 0)
      status = fail("timezone", c.timezone, EX_CONFIG);
    else {
      clockwork_wake(c.trust_clock, c.state_dir);
      status = serve(&c);
    }
  }
  config_done(&c);
  return status;
}

int main(int argc, char **argv)
{
  autobuf struct buf keys = {0};
  config_usage(&keys);
  int status =
      options_read(argc, argv, "boothd", "Run one booth's waiting queue: HTTP API, screens, button and buzzer.",
                   keys.data, &options);
  return status >= 0 ? status : options.routes ? print_routes() : run();
}
