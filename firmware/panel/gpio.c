/* gpio.c - button, LED and buzzer on lines of the kernel's GPIO chips, each independent of the others. Chips are found
 * by label and lines by name, because numbers differ between machines and kernels.
 *
 * A line that is absent, in use or unplugged is requested again: at once when a chip appears in /dev, and after a pause
 * that grows to five seconds. The kernel debounces and stamps edges, so that a press is
 * measured correctly even if the loop was late.
 */
#include <errno.h>
#include <glob.h>
#include <gpiod.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "config/config.h"
#include "panel/backend.h"
#include "panel/gestures.h"

#define DEBOUNCE_US  10000
#define SETTLE_US    1000    /* until a line has followed its pull-up or pull-down */
#define LATE_NS      5000000 /* by how much an edge may follow its level */
#define EDGES        16      /* read at once: as many as the kernel keeps */
#define ROUNDS       4       /* reads in one iteration of the loop */
#define TICK_MS      1000
#define PAUSE_MAX_MS 5000

enum { BUTTON, LED, BUZZER, WIRES };
static const char *const wire_names[WIRES] = {"button", "LED", "buzzer"};

struct wire {
  struct config_gpio_line at;         /* its name is empty = not configured */
  struct gpiod_line_request *request; /* NULL = not acquired, and fault says why */
  unsigned int offset;
  sd_event_source *source; /* edges of the button; of all, the loss of the chip */
  bool level;              /* of the button, as reported; of an output, as set */
  bool wanted;             /* of an output, as it should be */
  int64_t retry_at;
  int pause_ms;
  char fault[96];
};

struct gpio {
  struct panel *panel;
  struct wire wires[WIRES];
  struct gpiod_edge_event_buffer *edges;
  uint32_t last_edge;
  sd_event_source *tick;
  sd_event_source *devices; /* of /dev */
};

/* --- finding and requesting a line --- */

/* The chip, if it is the configured one and has the line. *ret_error is not touched for other chips. */
static struct gpiod_chip *open_chip(const char *path, const struct config_gpio_line *at, unsigned int *ret_offset,
                                    int *ret_error)
{
  struct gpiod_chip *chip = gpiod_chip_open(path);
  struct gpiod_chip_info *info = chip ? gpiod_chip_get_info(chip) : NULL;
  bool any = strcmp(at->chip, "*") == 0;
  bool meant = info && (any || strcmp(gpiod_chip_info_get_label(info), at->chip) == 0);
  int offset = meant ? gpiod_chip_get_line_offset_from_name(chip, at->line) : -1;
  if ((meant && !any && offset < 0) || (!info && (errno == EACCES || errno == EPERM)))
    *ret_error = -errno;
  gpiod_chip_info_free(info);
  if (offset >= 0) {
    *ret_offset = (unsigned int)offset;
    return chip;
  }
  gpiod_chip_close(chip);
  return NULL;
}

static int find_chip(const struct config_gpio_line *at, struct gpiod_chip **ret, unsigned int *ret_offset)
{
  int error = -ENODEV;
  struct gpiod_chip *chip = NULL;
  glob_t paths = {0};
  // NOLINTNEXTLINE(concurrency-mt-unsafe): for homes alone
  if (glob("/dev/gpiochip*", 0, NULL, &paths) == 0)
    for (size_t i = 0; i < paths.gl_pathc && !chip; i++)
      chip = open_chip(paths.gl_pathv[i], at, ret_offset, &error);
  globfree(&paths);
  *ret = chip;
  return chip ? 0 : error;
}

static void configure_line(struct gpiod_line_settings *s, const struct config_gpio_line *at, bool button)
{
  gpiod_line_settings_set_active_low(s, at->low);
  gpiod_line_settings_set_direction(s, button ? GPIOD_LINE_DIRECTION_INPUT : GPIOD_LINE_DIRECTION_OUTPUT);
  gpiod_line_settings_set_output_value(s, GPIOD_LINE_VALUE_INACTIVE);
  if (button)
    gpiod_line_settings_set_bias(s, at->low ? GPIOD_LINE_BIAS_PULL_UP : GPIOD_LINE_BIAS_PULL_DOWN);
}

/* Edges are enabled after the line has settled, because the kernel compares them with the level at that time. */
static int detect_edges(struct gpiod_line_request *request, unsigned int offset, struct gpiod_line_settings *s)
{
  struct gpiod_line_config *lines = gpiod_line_config_new();
  usleep(SETTLE_US);
  gpiod_line_settings_set_edge_detection(s, GPIOD_LINE_EDGE_BOTH);
  gpiod_line_settings_set_debounce_period_us(s, DEBOUNCE_US);
  gpiod_line_settings_set_event_clock(s, GPIOD_LINE_CLOCK_MONOTONIC);
  int r = lines ? gpiod_line_config_add_line_settings(lines, &offset, 1, s) : -1;
  if (r == 0)
    r = gpiod_line_request_reconfigure_lines(request, lines);
  r = r < 0 ? -errno : 0;
  gpiod_line_config_free(lines);
  return r;
}

static int request_line(struct gpiod_chip *chip, unsigned int offset, const struct config_gpio_line *at, bool button,
                        struct gpiod_line_request **ret)
{
  struct gpiod_line_settings *settings = gpiod_line_settings_new();
  struct gpiod_line_config *lines = gpiod_line_config_new();
  struct gpiod_request_config *who = gpiod_request_config_new();
  struct gpiod_line_request *request = NULL;
  int r = -ENOMEM;
  if (settings && lines && who) {
    gpiod_request_config_set_consumer(who, "boothd");
    configure_line(settings, at, button);
    r = gpiod_line_config_add_line_settings(lines, &offset, 1, settings);
    request = r < 0 ? NULL : gpiod_chip_request_lines(chip, who, lines);
    r = request ? 0 : -errno;
  }
  if (request && button)
    r = detect_edges(request, offset, settings);
  if (request && r < 0)
    gpiod_line_request_release(take(request));
  gpiod_request_config_free(who);
  gpiod_line_config_free(lines);
  gpiod_line_settings_free(settings);
  *ret = request;
  return r;
}

/* --- faults, for people --- */

static void set_busy_fault(struct wire *w, struct gpiod_chip *chip)
{
  struct gpiod_line_info *info = gpiod_chip_get_line_info(chip, w->offset);
  const char *who = info ? gpiod_line_info_get_consumer(info) : NULL;
  bool known = who && utf8_length(who, strlen(who)) > 0;
  snprintf(w->fault, sizeof w->fault, "line %s is in use%s%s", w->at.line, known ? " by " : "", known ? who : "");
  gpiod_line_info_free(info);
}

static void set_request_fault(struct wire *w, int error)
{
  const char *line = w->at.line;
  const char *chip = w->at.chip;
  if (error == -ENODEV && strcmp(chip, "*") == 0)
    snprintf(w->fault, sizeof w->fault, "no chip has a line %s", line);
  else if (error == -ENODEV)
    snprintf(w->fault, sizeof w->fault, "there is no chip %s", chip);
  else if (error == -ENOENT)
    snprintf(w->fault, sizeof w->fault, "chip %s has no line %s", chip, line);
  else if (error == -EACCES || error == -EPERM)
    snprintf(w->fault, sizeof w->fault, "line %s: no permission for the chips in /dev", line);
  else
    snprintf(w->fault, sizeof w->fault, "line %s: %s", line, strerrordesc_np(-error));
}

/* 0: the line is acquired. Otherwise w->fault says why not. */
static int acquire_line(struct wire *w, bool button)
{
  struct gpiod_chip *chip;
  int r = find_chip(&w->at, &chip, &w->offset);
  if (r == 0)
    r = request_line(chip, w->offset, &w->at, button, &w->request);
  w->fault[0] = '\0';
  if (r == -EBUSY && chip)
    set_busy_fault(w, chip);
  else if (r < 0)
    set_request_fault(w, r);
  gpiod_chip_close(chip);
  return r;
}

static void release_line(struct wire *w)
{
  w->source = sd_event_source_disable_unref(w->source);
  if (w->request)
    gpiod_line_request_release(take(w->request));
}

static void report_faults(struct gpio *g)
{
  autobuf struct buf why = {0};
  bool any = false;
  for (int i = 0; i < WIRES; i++) {
    const struct wire *w = &g->wires[i];
    any |= w->at.line[0] != '\0';
    if (w->fault[0])
      buf_fmt(&why, "%s%s: %s", why.len ? "; " : "", wire_names[i], w->fault);
  }
  panel_set_fault(g->panel, !any ? "no line is named in boothd.conf" : why.len ? why.data : NULL);
}

static void mark_lost(struct gpio *g, struct wire *w, int error)
{
  release_line(w);
  snprintf(w->fault, sizeof w->fault, "line %s was lost: %s", w->at.line, strerrordesc_np(-error));
  w->pause_ms = TICK_MS;
  w->retry_at = clock_mono_ms() + w->pause_ms;
  if (w != &g->wires[BUTTON])
    return;
  w->level = false;
  panel_set_button(g->panel, false);
}

/* --- the button --- */

/* 1 = an edge can be read, 0 = none; -errno: the line is lost. */
static int has_edge(struct wire *w, int64_t for_ns)
{
  int r = gpiod_line_request_wait_edge_events(w->request, for_ns);
  return r < 0 ? (errno == EINTR ? 0 : -errno) : r;
}

static void report_edge(struct gpio *g, struct gpiod_edge_event *e)
{
  struct wire *w = &g->wires[BUTTON];
  bool lost = gestures_edges_lost(&g->last_edge, (uint32_t)gpiod_edge_event_get_line_seqno(e));
  w->level = gpiod_edge_event_get_event_type(e) == GPIOD_EDGE_EVENT_RISING_EDGE;
  if (lost)
    panel_set_button(g->panel, w->level); /* it is unknown which press this ends */
  else
    panel_edge(g->panel, w->level, clock_of_monotonic_ms(gpiod_edge_event_get_timestamp_ns(e)));
}

static int read_edges(struct gpio *g)
{
  struct wire *w = &g->wires[BUTTON];
  int r = 0;
  for (int round = 0; round < ROUNDS && (r = has_edge(w, 0)) > 0; round++) {
    int n = gpiod_line_request_read_edge_events(w->request, g->edges, EDGES);
    if (n < 0)
      return -errno;
    for (int i = 0; i < n; i++)
      report_edge(g, gpiod_edge_event_buffer_get_event(g->edges, (unsigned long)i));
  }
  return min(r, 0);
}

/* Reads the queued edges, then the level. A level that differs without an edge on its way means that an edge was lost,
 * for instance the release of a press that would otherwise last for ever.
 */
static int poll_button(struct gpio *g)
{
  struct wire *w = &g->wires[BUTTON];
  int r = read_edges(g);
  if (r < 0)
    return r;
  int level = gpiod_line_request_get_value(w->request, w->offset);
  if (level < 0)
    return -errno;
  if (w->level == (level == GPIOD_LINE_VALUE_ACTIVE))
    return 0;
  r = has_edge(w, LATE_NS);
  if (r > 0)
    return read_edges(g);
  if (r == 0) {
    w->level = level == GPIOD_LINE_VALUE_ACTIVE;
    panel_set_button(g->panel, w->level);
  }
  return r;
}

static void gpio_poll(struct panel *p)
{
  struct gpio *g = *panel_state(p);
  struct wire *w = &g->wires[BUTTON];
  int r = w->request ? poll_button(g) : 0;
  if (r < 0) {
    mark_lost(g, w, r);
    report_faults(g);
  }
}

/* --- outputs --- */

static int write_level(struct wire *w)
{
  if (w->level == w->wanted)
    return 0;
  enum gpiod_line_value value = w->wanted ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE;
  if (gpiod_line_request_set_value(w->request, w->offset, value) < 0)
    return -errno;
  w->level = w->wanted;
  return 0;
}

static void gpio_set(struct panel *p, bool led, bool buzzer)
{
  struct gpio *g = *panel_state(p);
  bool lost = false;
  g->wires[LED].wanted = led;
  g->wires[BUZZER].wanted = buzzer;
  for (int i = LED; i < WIRES; i++) {
    struct wire *w = &g->wires[i];
    int r = w->request ? write_level(w) : 0;
    if (r < 0)
      mark_lost(g, w, r);
    lost |= r < 0;
  }
  if (lost)
    report_faults(g);
}

/* --- acquiring and checking lines --- */

static int check_wire(struct gpio *g, struct wire *w)
{
  if (w == &g->wires[BUTTON])
    return poll_button(g);
  return gpiod_line_request_get_value(w->request, w->offset) < 0 ? -errno : write_level(w);
}

static int on_edge(sd_event_source *source, int fd, uint32_t events, void *user);

/* Outputs start off; a button that is pressed already is no gesture. */
static int start_wire(struct gpio *g, struct wire *w)
{
  bool button = w == &g->wires[BUTTON];
  w->level = false;
  w->pause_ms = 0;
  if (button)
    g->last_edge = 0;
  int r = sd_event_add_io(panel_event(g->panel), &w->source, gpiod_line_request_get_fd(w->request),
                          button ? EPOLLIN : 0, on_edge, g);
  return r < 0 ? r : check_wire(g, w);
}

static void check_wires(struct gpio *g)
{
  int64_t now = clock_mono_ms();
  for (int i = 0; i < WIRES; i++) {
    struct wire *w = &g->wires[i];
    bool held = w->request != NULL;
    bool due = w->at.line[0] && now >= w->retry_at;
    int r = 0;
    if (held)
      r = check_wire(g, w);
    else if (due && acquire_line(w, i == BUTTON) == 0)
      r = start_wire(g, w);
    if (r < 0) {
      mark_lost(g, w, r);
    } else if (!w->request && due) {
      w->pause_ms = min(max(2 * w->pause_ms, TICK_MS), PAUSE_MAX_MS);
      w->retry_at = now + w->pause_ms;
    }
  }
  report_faults(g);
}

/* An unplugged chip takes several lines with it: all are checked, and the fault is reported once. */
static int on_edge(sd_event_source *source, int fd, uint32_t events, void *user)
{
  struct gpio *g = user;
  if (!(events & (EPOLLHUP | EPOLLERR))) {
    gpio_poll(g->panel);
    return 0;
  }
  for (int i = 0; i < WIRES; i++)
    if (g->wires[i].source == source)
      mark_lost(g, &g->wires[i], -ENODEV);
  check_wires(g);
  return 0;
}

static int on_tick(sd_event_source *source, uint64_t at_us, void *user)
{
  check_wires(user);
  int r = sd_event_source_set_time(source, ((uint64_t)clock_mono_ms() + TICK_MS) * 1000);
  return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int on_device(sd_event_source *source, const struct inotify_event *e, void *user)
{
  struct gpio *g = user;
  if (e->len == 0 || strncmp(e->name, "gpiochip", strlen("gpiochip")) != 0)
    return 0;
  for (int i = 0; i < WIRES; i++)
    g->wires[i].retry_at = 0;
  check_wires(g);
  return 0;
}

/* --- start and stop --- */

static void read_config(struct wire wires[static WIRES], const struct config *c)
{
  const char *const keys[WIRES] = {c->button_line, c->led_line, c->buzzer_line};
  for (int i = 0; i < WIRES; i++)
    if (!*keys[i] || config_parse_gpio_line(keys[i], &wires[i].at) < 0)
      wires[i].at.line[0] = '\0';
}

static int gpio_open(struct panel *p, const struct config *c)
{
  struct gpio *g = xnew(struct gpio);
  *panel_state(p) = g;
  g->panel = p;
  g->edges = gpiod_edge_event_buffer_new(EDGES);
  if (!g->edges)
    return -ENOMEM;
  read_config(g->wires, c);
  int r = sd_event_add_time_relative(panel_event(p), &g->tick, CLOCK_BOOTTIME, TICK_MS * 1000, 1, on_tick, g);
  if (r < 0)
    return r;
  /* without it, the tick finds new chips */
  (void)sd_event_add_inotify(panel_event(p), &g->devices, "/dev", IN_CREATE | IN_ATTRIB, on_device, g);
  check_wires(g);
  return 0;
}

static void gpio_close(struct panel *p)
{
  struct gpio *g = *panel_state(p);
  for (int i = 0; i < WIRES; i++)
    release_line(&g->wires[i]);
  sd_event_source_disable_unref(g->devices);
  sd_event_source_disable_unref(g->tick);
  gpiod_edge_event_buffer_free(g->edges);
  free(g);
}

/* Acquiring an output turns it off. */
void panel_gpio_release(const struct config *c)
{
  struct wire wires[WIRES] = {0};
  read_config(wires, c);
  for (int i = LED; i < WIRES; i++) {
    struct wire *w = &wires[i];
    if (w->at.line[0] && acquire_line(w, false) < 0)
      log_warn("panel_not_released", "%s: %s", wire_names[i], w->fault);
    release_line(w);
  }
}

const struct panel_backend panel_gpio = {
    .name = "gpio", .open = gpio_open, .close = gpio_close, .set = gpio_set, .poll = gpio_poll};
