/* cmd_watch.c - an event of the stream only says that something changed; the list is then fetched again, at most six
 * times a second. The daemon has its bytes cached, and no change can be applied wrongly here.
 *
 * On a terminal the list is redrawn in place; elsewhere each event is a line, or its JSON with --json.
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

#define FETCH_MS     150
#define SILENCE_MS   45000 /* three heartbeats */
#define RETRY_MS     250
#define RETRY_MAX_MS 5000

struct watch {
  struct ctl *c;
  const char *path;
  bool screen; /* redraw the list; else print a line for each event */
  /* Appends an event as text, or nothing to skip it. */
  void (*format_event)(struct buf *b, const char *event, const struct json *data);

  struct http stream; /* fd -1 = not connected */
  struct sse sse;
  int64_t received_ms; /* monotonic, as the others: when something last arrived */
  int64_t retry_at_ms; /* when to connect again */
  int64_t retry_ms;    /* the wait after the next failure */

  struct answer list;
  bool stale;             /* the list has changed since it was fetched */
  int64_t fetched_ms;     /* when it was last requested */
  int64_t clock_ahead_ms; /* of the booth's clock over ours */
};

/* --- the connection --- */

static void disconnect(struct watch *w)
{
  if (w->stream.fd >= 0 && !w->screen)
    ctl_print_error("the connection to boothd is lost, trying again");
  http_close(&w->stream);
  sse_done(&w->sse);
  w->sse = (struct sse){0};
  w->retry_at_ms = clock_mono_ms() + w->retry_ms;
  w->retry_ms = min(2 * w->retry_ms, RETRY_MAX_MS);
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
    w->format_event(&b, event, j);
  json_free(j);
  clock_local_text(now, clock_wall_ms());
  if (b.len)
    printf("%s  %s\n", now + 11, b.data);
}

/* Reads what has arrived, without waiting for more. */
static void read_stream(struct watch *w)
{
  char piece[16384];
  ssize_t n;
  while ((n = http_read(&w->stream, piece, sizeof piece, 0)) > 0) {
    w->received_ms = clock_mono_ms();
    if (sse_feed(&w->sse, piece, (size_t)n, on_event, w) < 0)
      break;
  }
  if (n != -ETIMEDOUT)
    disconnect(w);
  fflush(stdout);
}

static int connect_stream(struct watch *w)
{
  int r = http_open(&w->stream, w->c->options[OPT_SOCKET]);
  if (r == 0)
    r = http_send(&w->stream, "GET", w->path, "Accept: text/event-stream\r\n", -1);
  if (r == 0)
    r = http_head(&w->stream, RETRY_MAX_MS);
  if (r == 0 && w->stream.status != 200)
    r = -EPROTO;
  if (r < 0) {
    http_close(&w->stream);
    disconnect(w);
    return r;
  }
  w->retry_ms = RETRY_MS;
  w->received_ms = clock_mono_ms();
  w->stale = true;
  read_stream(w); /* what came with the head is in our buffer, where poll() does not see it */
  return 0;
}

/* --- the screen --- */

static void fetch_list(struct watch *w)
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
  w->clock_ahead_ms = fresh.date_ms - clock_wall_ms();
}

static void draw_screen(struct watch *w)
{
  struct winsize size = {0};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_row || !size.ws_col) /* as a serial line */
    size = (struct winsize){.ws_row = 24, .ws_col = 80};
  autobuf struct buf out = {0}, title = {0};
  autotable struct table t = {.columns = QUEUE_COLUMNS, .right = QUEUE_RIGHT};
  const struct json *snapshot = w->list.json;
  int64_t now = clock_wall_ms() + w->clock_ahead_ms;
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

/* --- the loop --- */

/* Milliseconds until the next thing that happens without an event. */
static int wait_ms(const struct watch *w, int64_t now)
{
  int64_t due = w->stream.fd < 0 ? w->retry_at_ms : w->received_ms + SILENCE_MS;
  if (w->screen)
    due = min(due, w->stale && w->stream.fd >= 0 ? w->fetched_ms + FETCH_MS : now + 1000 - clock_wall_ms() % 1000);
  return (int)max(due - now, 0);
}

static bool quit_pressed(int keyboard)
{
  char keys[32];
  ssize_t n = read(keyboard, keys, sizeof keys);
  for (ssize_t i = 0; i < n; i++)
    if (keys[i] == 'q' || keys[i] == 3)
      return true;
  return n == 0;
}

static void run_loop(struct watch *w, int signals, int keyboard)
{
  struct signalfd_siginfo signal;
  for (;;) {
    struct pollfd p[] = {
        {.fd = signals, .events = POLLIN}, {.fd = keyboard, .events = POLLIN}, {.fd = w->stream.fd, .events = POLLIN}};
    (void)poll(p, array_len(p), wait_ms(w, clock_mono_ms()));
    int64_t now = clock_mono_ms();
    if (p[0].revents && read(signals, &signal, sizeof signal) == sizeof signal && signal.ssi_signo != SIGWINCH)
      return;
    if (p[1].revents && quit_pressed(keyboard))
      return;
    if (w->stream.fd < 0 && now >= w->retry_at_ms)
      (void)connect_stream(w); /* on failure it sets when to try again */
    else if (p[2].revents)
      read_stream(w);
    else if (w->stream.fd >= 0 && now >= w->received_ms + SILENCE_MS)
      disconnect(w);
    if (w->screen && w->stale && w->stream.fd >= 0 && now >= w->fetched_ms + FETCH_MS)
      fetch_list(w);
    if (w->screen)
      draw_screen(w);
  }
}

/* Raw input (no echo, Ctrl-C is a key) and the alternate screen, until restore_terminal(). Whether there are keys. */
static bool prepare_terminal(struct termios *ret_before)
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

static void restore_terminal(bool keys, const struct termios *before)
{
  fputs("\x1b[?25h\x1b[?1049l", stdout);
  fflush(stdout);
  if (keys)
    tcsetattr(STDIN_FILENO, TCSANOW, before);
}

static int run_watch(struct watch *w)
{
  struct termios before;
  bool keys = false;
  sigset_t set;
  w->retry_ms = RETRY_MS;
  int r = connect_stream(w);
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
    keys = prepare_terminal(&before);
  run_loop(w, signals, keys ? STDIN_FILENO : -1);
  if (w->screen)
    restore_terminal(keys, &before);
  close(signals);
  http_close(&w->stream);
  sse_done(&w->sse);
  answer_done(&w->list);
  return 0;
}

static void format_queue_event(struct buf *b, const char *event, const struct json *data)
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
                    .format_event = format_queue_event,
                    .stream.fd = -1,
                    .screen = isatty(STDOUT_FILENO) && !c->options[OPT_JSON]};
  return run_watch(&w);
}

static void format_panel_event(struct buf *b, const char *event, const struct json *data)
{
  if (strcmp(event, "panel") == 0)
    format_panel(b, data);
}

int watch_panel(struct ctl *c)
{
  struct watch w = {.c = c, .path = API_SYSTEM "/panel/stream", .format_event = format_panel_event, .stream.fd = -1};
  return run_watch(&w);
}
