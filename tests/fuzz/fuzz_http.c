/* Bytes are sent to the whole of boothd: server, routes, handlers, writer and database. The first byte chooses the
 * connection: TCP without a session, or the unix socket, which needs no PIN. Afterwards a valid request must be
 * answered. After two thousand events the booth is replaced by a new one, so that findings can be reproduced.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-event.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/random.h"
#include "boothd/app.h"
#include "config/config.h"
#include "system/clock_sync.h"

#define EVENTS   2000
#define QUIET_MS 10    /* without a byte: a stream, or a request that is not complete */
#define DEAD_MS  20000 /* for the answer to a valid request, however busy the machine is */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct {
  char dir[64], socket[96];
  struct config config;
  struct mailbox *batches;
  struct mailbox *work_items;
  struct mailbox *sync_events;
  struct writer *writer;
  struct worker *worker;
  struct sync *sync;
  struct maintenance *maintenance;
  struct app *app;
} booth;

static void must(int holds, const char *what)
{
  if (holds)
    return;
  perror(what);
  abort();
}

static int reload(struct config *c)
{
  return 0;
}

static void write_page(const char *name)
{
  char path[128];
  snprintf(path, sizeof path, "%s/%s", booth.dir, name);
  int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  must(fd >= 0 && write(fd, "x", 1) == 1, name);
  close(fd);
}

static void load_config(void)
{
  char state[80], socket[110], web[80];
  struct config_error e;
  snprintf(booth.socket, sizeof booth.socket, "%s/sock", booth.dir);
  snprintf(state, sizeof state, "state_dir=%s", booth.dir);
  snprintf(web, sizeof web, "web_dir=%s", booth.dir);
  snprintf(socket, sizeof socket, "socket=%s", booth.socket);
  const char *const sets[] = {state,
                              web,
                              socket,
                              "listen=127.0.0.1:0",
                              "staff_pin=1234",
                              "panel=sim",
                              "trust_clock=yes",
                              "manager_pin=987654",
                              "timezone=Asia/Seoul"};
  must(config_load(NULL, sets, array_len(sets), &booth.config, &e) == 0, "config");
}

static void start(void)
{
  char error[160] = "";
  bool made;
  struct settings s = {
      .name = "booth", .n_lines = 1, .languages = {"ko", "en"}, .cutover_min = 360, .lines = {{"a", "a", "A"}}};
  snprintf(booth.dir, sizeof booth.dir, "%s/boothd-fuzz-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
  must(mkdtemp(booth.dir) != NULL, "mkdtemp");
  write_page("index.html");
  write_page("board.html");
  load_config();
  booth.batches = mailbox_new(SIZE_MAX);
  booth.work_items = mailbox_new(SIZE_MAX);
  booth.sync_events = mailbox_new(SIZE_MAX);
  struct app_options o = {.config = &booth.config,
                          .batches = booth.batches,
                          .work_items = booth.work_items,
                          .sync_events = booth.sync_events,
                          .reload = reload};
  must(secrets_load(&booth.config, &o.secrets, &made) == 0, "secrets");
  struct writer_options w = {booth.dir, s, booth.batches};
  must(writer_start(&w, &booth.writer, error) == 0, error);
  must(worker_start(booth.dir, booth.work_items, &booth.worker) == 0, "worker");
  must(sync_start(&(struct sync_options){booth.dir, &booth.config, booth.writer, booth.sync_events}, &booth.sync) == 0,
       "sync");
  must(maintenance_start(&(struct maintenance_options){booth.dir, &booth.config, booth.writer, booth.sync},
                         &booth.maintenance) == 0,
       "nightly");
  o.writer = booth.writer;
  o.sync = booth.sync;
  o.maintenance = booth.maintenance;
  o.worker = booth.worker;
  must(app_start(&o, &booth.app, error) == 0, error);
}

/* The daemon's loop is this thread's default one. */
static void turn(int ms)
{
  sd_event *event = NULL;
  must(sd_event_default(&event) >= 0, "loop");
  must(sd_event_run(event, (uint64_t)ms * 1000) >= 0, "loop");
  sd_event_unref(event);
}

static void stop(void)
{
  char command[80];
  must(raise(SIGTERM) == 0, "raise");
  must(app_run(booth.app) == 0, "loop");
  app_free(take(booth.app));
  maintenance_stop(booth.maintenance);
  sync_stop(booth.sync);
  worker_stop(booth.worker);
  writer_stop(booth.writer);
  for (struct mail *m = mailbox_take_all(booth.batches, 0), *next; m; m = next) {
    next = m->next;
    batch_free((struct batch *)m);
  }
  for (struct mail *m = mailbox_take_all(booth.sync_events, 0), *next; m; m = next) {
    next = m->next;
    free(m);
  }
  mailbox_free(booth.batches);
  mailbox_free(booth.work_items);
  mailbox_free(booth.sync_events);
  config_done(&booth.config);
  snprintf(command, sizeof command, "rm -rf %s", booth.dir);
  must(system(command) == 0, "rm");
}

static int call_up(bool local)
{
  const struct sockaddr_in in = {.sin_family = AF_INET,
                                 .sin_port = htons((uint16_t)atoi(strrchr(app_address(booth.app), ':') + 1)),
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct sockaddr_un un = {.sun_family = AF_UNIX};
  snprintf(un.sun_path, sizeof un.sun_path, "%s", booth.socket);
  int fd = socket(local ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  must(fd >= 0, "socket");
  must(connect(fd, local ? (const void *)&un : (const void *)&in, local ? sizeof un : sizeof in) == 0, "connect");
  fcntl(fd, F_SETFL, O_NONBLOCK);
  return fd;
}

static int64_t now_ms(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Sends all of it and reads until the other side closes or has been quiet for so long. Returns how many bytes came. */
static size_t talk(bool local, const void *bytes, size_t n, int quiet_ms)
{
  char in[16384];
  size_t said = 0, heard = 0;
  int fd = call_up(local);
  for (int64_t last = now_ms(); now_ms() - last < quiet_ms;) {
    if (said < n) {
      ssize_t r = send(fd, (const char *)bytes + said, n - said, MSG_NOSIGNAL);
      if (r < 0 && errno != EAGAIN)
        break;
      said += r > 0 ? (size_t)r : 0;
      if (said == n)
        shutdown(fd, SHUT_WR);
    }
    turn(1);
    ssize_t r = recv(fd, in, sizeof in, 0);
    if (r == 0 || (r < 0 && errno != EAGAIN))
      break;
    heard += r > 0 ? (size_t)r : 0;
    if (r > 0 || app_pending(booth.app))
      last = now_ms();
  }
  close(fd);
  return heard;
}

static void prepare(void)
{
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, NULL);
  signal(SIGPIPE, SIG_IGN);
  must(random_start() == 0, "crypto");
  must(clock_set_timezone("Asia/Seoul") == 0, "timezone");
  clock_sync_init(TRUST_YES, "", "/nowhere");
  start();
  atexit(stop);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  static const char healthy[] = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  if (!booth.app)
    prepare();
  struct writer_stats n;
  writer_stats(booth.writer, &n);
  if (n.head_seq > EVENTS) {
    stop();
    start();
  }
  if (size)
    talk(bytes[0] & 1, bytes + 1, size - 1, QUIET_MS);
  must(talk(true, healthy, sizeof healthy - 1, DEAD_MS) > 0, "no answer any more");
  return 0;
}
