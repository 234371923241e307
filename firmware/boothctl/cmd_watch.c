/* cmd_watch.c - the stream is used as a bell only: after a ring the list is fetched again, at most six times a second.
 * The daemon keeps its bytes ready for that, and so the order is always the daemon's and no change can be applied
 * wrongly here.
 *
 * On a terminal the list is redrawn in place; elsewhere each event is a line (its JSON with --json).
 */
#include "boothctl/cmd_watch.h"

#include "base/clock.h"
#include "boothctl/client.h"
#include "boothctl/format_queue.h"
#include "boothctl/format_system.h"
#include "boothctl/http.h"
#include "boothctl/sse.h"
#include "boothctl/term.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#define FETCH_MS      150
#define SILENCE_MS    45000 /* three heartbeats */
#define RETRY_MS      250
#define RETRY_MOST_MS 5000

struct watch {
  struct ctl *c;
  const char *path;
  void (*line)(struct buf *b, const char *event, const struct json *data); /* an event as text; nothing added = skip */
  bool screen;
  struct http stream;
  struct sse sse;
  int64_t heard_ms, retry_at_ms, retry_ms; /* monotonic */
  bool stale;
  int64_t fetched_ms;
  struct answer list;
  int64_t ahead_ms; /* of the booth's clock over ours */
};

/* ---- the connection ---- */

static void hang_up(struct watch *w)
{
  if (w->stream.fd >= 0 && !w->screen)
    ctl_print_error("the connection to boothd is lost, trying again");
  http_close(&w->stream);
  sse_done(&w->sse);
  w->sse = (struct sse){0};
  w->retry_at_ms = clock_mono_ms() + w->retry_ms;
  w->retry_ms = min(2 * w->retry_ms, RETRY_MOST_MS);
}

static void on_event(void *arg, const char *event, const char *data)
{
  struct watch *w = arg;
  struct json *j = NULL;
  w->stale = true;
  if (w->screen)
    return;
  if (w->c->options[OPT_JSON]) {
    puts(data);
    return;
  }
  autobuf struct buf b = {0};
  char now[20];
  if (json_parse_answer(data, strlen(data), &j) == 0)
    w->line(&b, event, j);
  json_free(j);
  clock_local_text(now, clock_wall_ms());
  if (b.len)
    printf("%s  %s\n", now + 11, b.data);
}

/* Whatever has come, without waiting for more. */
static void listen_in(struct watch *w)
{
  char piece[16384];
  ssize_t n;
  while ((n = http_read(&w->stream, piece, sizeof piece, 0)) > 0) {
    w->heard_ms = clock_mono_ms();
    if (sse_feed(&w->sse, piece, (size_t)n, on_event, w) < 0)
      break;
  }
  if (n != -ETIMEDOUT)
    hang_up(w);
  fflush(stdout);
}

static int dial(struct watch *w)
{
  int r = http_open(&w->stream, w->c->options[OPT_SOCKET]);
  if (r == 0)
    r = http_send(&w->stream, "GET", w->path, "Accept: text/event-stream\r\n", -1);
  if (r == 0)
    r = http_head(&w->stream, RETRY_MOST_MS);
  if (r == 0 && w->stream.status != 200)
    r = -EPROTO;
  if (r < 0) {
    http_close(&w->stream);
    hang_up(w);
    return r;
  }
  w->retry_ms = RETRY_MS;
  w->heard_ms = clock_mono_ms();
  w->stale = true;
  listen_in(w); /* what came with the head lies in our buffer: poll() does not tell of it */
  return 0;
}

/* ---- the screen ---- */

static void fetch(struct watch *w)
{
  struct answer fresh = {0};
  w->fetched_ms = clock_mono_ms();
  if (client_try_get(w->c, API_QUEUE, &fresh) < 0 || fresh.status != 200 || !fresh.json) {
    answer_done(&fresh);
    return;
  }
  w->stale = false;
  answer_done(&w->list);
  w->list = fresh;
  w->ahead_ms = fresh.date_ms - clock_wall_ms();
}

static void draw(struct watch *w)
{
  struct winsize size = {0};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_row || !size.ws_col) /* a serial line knows none */
    size = (struct winsize){.ws_row = 24, .ws_col = 80};
  autobuf struct buf out = {0}, title = {0};
  autotable struct table t = {.columns = QUEUE_COLUMNS, .right = QUEUE_RIGHT};
  const struct json *snapshot = w->list.json;
  int64_t now = clock_wall_ms() + w->ahead_ms;
  char text[20];
  clock_local_text(text, now);
  buf_fmt(&title, "%s  %s", text + 11, w->stream.fd < 0 ? "[boothd cannot be reached, trying again]  " : "");
  buf_str(&title, json_text_or_empty(json_get(snapshot, "booth"), "name"));
  buf_str(&title, "  ");
  format_counts(&title, snapshot);
  buf_str(&title, "  intake ");
  format_intake(&title, json_get(snapshot, "intake"));
  if (json_at(json_get(snapshot, "warnings"), 0)) {
    buf_str(&title, "  ! ");
    format_warnings(&title, json_get(snapshot, "warnings"));
  }
  buf_str(&out, "\x1b[H\x1b[7m");
  term_text_cut(&out, title.data, size.ws_col);
  buf_str(&out, "\x1b[0m\x1b[K");
  format_queue(&t, snapshot, QUEUE_ACTIVE, NULL, now);
  size_t at = 0;
  for (int row = 1; row < size.ws_row; row++) {
    autobuf struct buf line = {0};
    if (!table_line(&t, &at, size.ws_col, &line))
      break;
    buf_fmt(&out, "\n%s\x1b[K", line.data ? line.data : "");
  }
  buf_str(&out, "\x1b[J");
  fwrite(out.data, 1, out.len, stdout);
  fflush(stdout);
}

/* ---- the loop ---- */

/* Milliseconds until something is due without anybody's doing. */
static int patience(const struct watch *w, int64_t now)
{
  int64_t due = w->stream.fd < 0 ? w->retry_at_ms : w->heard_ms + SILENCE_MS;
  if (w->screen)
    due = min(due, w->stale && w->stream.fd >= 0 ? w->fetched_ms + FETCH_MS : now + 1000 - clock_wall_ms() % 1000);
  return (int)max(due - now, 0);
}

static bool wants_to_leave(int keyboard)
{
  char keys[32];
  ssize_t n = read(keyboard, keys, sizeof keys);
  for (ssize_t i = 0; i < n; i++)
    if (keys[i] == 'q' || keys[i] == 3)
      return true;
  return n == 0;
}

static void loop(struct watch *w, int signals, int keyboard)
{
  struct signalfd_siginfo signal;
  for (;;) {
    struct pollfd p[] = {
        {.fd = signals, .events = POLLIN}, {.fd = keyboard, .events = POLLIN}, {.fd = w->stream.fd, .events = POLLIN}};
    (void)poll(p, array_len(p), patience(w, clock_mono_ms()));
    int64_t now = clock_mono_ms();
    if (p[0].revents && read(signals, &signal, sizeof signal) == sizeof signal && signal.ssi_signo != SIGWINCH)
      return;
    if (p[1].revents && wants_to_leave(keyboard))
      return;
    if (w->stream.fd < 0 && now >= w->retry_at_ms)
      (void)dial(w); /* it sets when to try again */
    else if (p[2].revents)
      listen_in(w);
    else if (w->stream.fd >= 0 && now >= w->heard_ms + SILENCE_MS)
      hang_up(w);
    if (w->screen && w->stale && w->stream.fd >= 0 && now >= w->fetched_ms + FETCH_MS)
      fetch(w);
    if (w->screen)
      draw(w);
  }
}

/* The terminal is ours from enter to leave: no echo, Ctrl-C is a key, the screen beside the one that scrolls. */
static bool enter(struct termios *ret_before)
{
  struct termios mine;
  bool keys = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, ret_before) == 0;
  if (keys) {
    mine = *ret_before;
    mine.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
    tcsetattr(STDIN_FILENO, TCSANOW, &mine);
  }
  fputs("\x1b[?1049h\x1b[?25l", stdout);
  return keys;
}

static void leave(bool keys, const struct termios *before)
{
  fputs("\x1b[?25h\x1b[?1049l", stdout);
  fflush(stdout);
  if (keys)
    tcsetattr(STDIN_FILENO, TCSANOW, before);
}

static int watch(struct watch *w)
{
  struct termios before;
  bool keys = false;
  sigset_t set;
  w->retry_ms = RETRY_MS;
  int r = dial(w);
  if (r < 0) {
    ctl_print_error("boothd cannot be reached at %s: %s", w->c->options[OPT_SOCKET], strerror(-r));
    return CTL_UNREACHABLE;
  }
  sigemptyset(&set);
  for (size_t i = 0; i < 4; i++)
    sigaddset(&set, (const int[]){SIGINT, SIGTERM, SIGHUP, SIGWINCH}[i]);
  sigprocmask(SIG_BLOCK, &set, NULL);
  int signals = signalfd(-1, &set, SFD_CLOEXEC);
  if (w->screen)
    keys = enter(&before);
  loop(w, signals, keys ? STDIN_FILENO : -1);
  if (w->screen)
    leave(keys, &before);
  close(signals);
  http_close(&w->stream);
  sse_done(&w->sse);
  answer_done(&w->list);
  return 0;
}

static void queue_line(struct buf *b, const char *event, const struct json *data)
{
  if (strcmp(event, "snapshot") == 0) {
    buf_str(b, "snapshot  ");
    format_counts(b, data);
  } else if (strcmp(event, "change") == 0) {
    const struct json *ticket = json_get(data, "ticket"), *intake = json_get(data, "intake");
    term_text(b, json_text_or_empty(data, "type"));
    buf_str(b, "  ");
    if (json_get(ticket, "id"))
      format_ticket(b, ticket);
    else if (intake)
      format_intake(b, intake);
  }
}

int cmd_watch(struct ctl *c)
{
  struct watch w = {.c = c,
                    .path = "/api/v1/stream",
                    .line = queue_line,
                    .stream.fd = -1,
                    .screen = isatty(STDOUT_FILENO) && !c->options[OPT_JSON]};
  return watch(&w);
}

static void panel_line(struct buf *b, const char *event, const struct json *data)
{
  if (strcmp(event, "panel") == 0)
    format_panel(b, data);
}

int watch_panel(struct ctl *c)
{
  struct watch w = {.c = c, .path = API_SYSTEM "/panel/stream", .line = panel_line, .stream.fd = -1};
  return watch(&w);
}
