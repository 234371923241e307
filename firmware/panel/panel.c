/* panel.c - one timer serves the button's gestures and both patterns: after every event, each of the three computes its
 * state now and when it changes next.
 */
#include "panel/panel.h"

#include <errno.h>
#include <inttypes.h>
#include <systemd/sd-event.h>

#include "base/clock.h"
#include "base/json_write.h"
#include "base/log.h"
#include "config/config.h"
#include "panel/backend.h"

struct panel {
  struct panel_options o;
  const struct panel_backend *backend;
  void *state;
  sd_event_source *timer;
  struct gestures gestures;
  bool double_press;
  bool stuck;
  char *fault; /* of the backend; NULL = none */
  enum led led;
  int64_t led_since;
  enum led shown; /* instead of led, until shown_until */
  int64_t shown_since;
  int64_t shown_until;
  enum buzzer buzzer;
  int64_t buzzer_since;
  bool led_on;
  bool buzzer_on;
  int64_t buzzer_on_since;
};

static const struct panel_backend panel_none = {.name = "none"};

static const struct panel_backend *const backends[] = {
    [PANEL_NONE] = &panel_none, [PANEL_SIM] = &panel_sim, [PANEL_GPIO] = &panel_gpio};

/* --- outputs --- */

/* These return when the result may change. */
static int64_t led_now(struct panel *p, int64_t now, bool *ret_on)
{
  int64_t next;
  bool shows = now < p->shown_until;
  int64_t since = shows ? p->shown_since : p->led_since;
  *ret_on = led_level(shows ? p->shown : p->led, now - since, &next);
  int64_t at = next == INT64_MAX ? INT64_MAX : since + next;
  return shows ? min(at, p->shown_until) : at;
}

static int64_t buzzer_now(struct panel *p, int64_t now, bool *ret_on)
{
  int64_t next;
  *ret_on = buzzer_level(p->buzzer, now - p->buzzer_since, &next);
  int64_t at = next == INT64_MAX ? INT64_MAX : p->buzzer_since + next;
  if (*ret_on && p->buzzer_on) { /* consecutive patterns must not exceed the limit together */
    int64_t end = p->buzzer_on_since + PANEL_BUZZER_MAX_MS;
    *ret_on = now < end;
    next = now < end ? next : INT64_MAX;
    at = now < end ? min(at, end) : INT64_MAX;
  }
  if (!*ret_on && next == INT64_MAX)
    p->buzzer = BUZZER_IDLE;
  return at;
}

static int64_t stuck_now(const struct panel *p, int64_t now, bool *ret_stuck)
{
  int64_t at = gestures_stuck_at(&p->gestures);
  *ret_stuck = now >= at;
  return *ret_stuck ? INT64_MAX : at;
}

static void update_panel(struct panel *p, bool changed)
{
  int64_t now = clock_mono_ms();
  bool led_on, buzzer_on, stuck;
  enum buzzer was = p->buzzer;
  int64_t due = min(led_now(p, now, &led_on), buzzer_now(p, now, &buzzer_on));
  due = min(due, gestures_next_at(&p->gestures));
  due = min(due, stuck_now(p, now, &stuck));
  if (stuck && !p->stuck)
    log_warn("panel_stuck", "held_ms=%" PRId64, now - p->gestures.pressed_at);
  changed |= stuck != p->stuck;
  p->stuck = stuck;
  if (buzzer_on && !p->buzzer_on)
    p->buzzer_on_since = now;
  if (led_on != p->led_on || buzzer_on != p->buzzer_on) {
    p->led_on = led_on;
    p->buzzer_on = buzzer_on;
    if (p->backend->set)
      p->backend->set(p, led_on, buzzer_on);
    changed = true;
  }
  if (due == INT64_MAX) {
    sd_event_source_set_enabled(p->timer, SD_EVENT_OFF);
  } else {
    sd_event_source_set_time(p->timer, (uint64_t)due * 1000);
    sd_event_source_set_enabled(p->timer, SD_EVENT_ONESHOT);
  }
  if ((changed || was != p->buzzer) && p->o.changed)
    p->o.changed(p, p->o.context);
}

static void report_gesture(struct panel *p, enum gesture g)
{
  if (g != GESTURE_NONE && p->o.gesture)
    p->o.gesture(g, p->o.context);
}

static int on_time(sd_event_source *source, uint64_t at_us, void *user)
{
  struct panel *p = user;
  if (p->backend->poll)
    p->backend->poll(p); /* a release in time may still be unread */
  enum gesture g = gestures_advance(&p->gestures, clock_mono_ms());
  update_panel(p, false);
  report_gesture(p, g);
  return 0;
}

/* --- start and stop --- */

static int open_panel(struct panel *p)
{
  int r = sd_event_add_time(p->o.event, &p->timer, CLOCK_BOOTTIME, UINT64_MAX, 1, on_time, p);
  if (r < 0)
    return r;
  r = sd_event_source_set_enabled(p->timer, SD_EVENT_OFF);
  if (r < 0)
    return r;
  return p->backend->open ? p->backend->open(p, p->o.config) : 0;
}

int panel_start(const struct panel_options *o, struct panel **ret)
{
  struct panel *p = xnew(struct panel);
  size_t kind = (size_t)o->config->panel;
  p->o = *o;
  p->backend = kind < array_len(backends) ? backends[kind] : &panel_none;
  int r = open_panel(p);
  if (r < 0) {
    panel_free(p);
    return r;
  }
  update_panel(p, false);
  *ret = p;
  return 0;
}

void panel_free(struct panel *p)
{
  if (!p)
    return;
  if (p->state && p->backend->set)
    p->backend->set(p, false, false);
  if (p->state)
    p->backend->close(p);
  sd_event_source_disable_unref(p->timer);
  free(p->fault);
  free(p);
}

void panel_release(const struct config *c)
{
  if (c->panel == PANEL_GPIO)
    panel_gpio_release(c);
}

/* --- for the daemon --- */

void panel_set_led(struct panel *p, enum led l)
{
  if (l == p->led)
    return;
  p->led = l;
  p->led_since = clock_mono_ms();
  update_panel(p, true);
}

void panel_show_led(struct panel *p, enum led l, int ms)
{
  p->shown = l;
  p->shown_since = clock_mono_ms();
  p->shown_until = p->shown_since + ms;
  update_panel(p, true);
}

void panel_buzz(struct panel *p, enum buzzer b)
{
  p->buzzer = b;
  p->buzzer_since = clock_mono_ms();
  update_panel(p, true);
}

void panel_set_double_press(struct panel *p, bool enabled)
{
  p->double_press = enabled;
}

int panel_press(struct panel *p, int ms)
{
  return p->backend->press ? p->backend->press(p, ms) : -ENOTSUP;
}

static void fault_json(struct buf *b, const struct panel *p)
{
  autobuf struct buf text = {0};
  buf_fmt(&text, "%s%s%s", p->fault ? p->fault : "", p->fault && p->stuck ? "; " : "",
          p->stuck ? "button: held down for too long, as if it were stuck" : "");
  json_str(b, "fault", text.len ? text.data : NULL);
}

void panel_json(struct buf *b, const char *key, const struct panel *p)
{
  bool shows = clock_mono_ms() < p->shown_until;
  json_open(b, key, '{');
  json_str(b, "backend", p->backend->name);
  json_bool(b, "led", p->led_on);
  json_str(b, "led_pattern", led_names[shows ? p->shown : p->led]);
  json_bool(b, "buzzer", p->buzzer_on);
  json_str(b, "buzzer_pattern", buzzer_names[p->buzzer]);
  json_bool(b, "button", p->gestures.pressed);
  fault_json(b, p);
  json_close(b, '}');
}

/* --- for backends --- */

struct sd_event *panel_event(const struct panel *p)
{
  return p->o.event;
}

void **panel_state(struct panel *p)
{
  return &p->state;
}

void panel_edge(struct panel *p, bool pressed, int64_t mono_ms)
{
  bool was = p->gestures.pressed;
  enum gesture g = gestures_edge(&p->gestures, pressed, mono_ms, p->double_press);
  update_panel(p, was != p->gestures.pressed);
  report_gesture(p, g);
}

void panel_set_button(struct panel *p, bool pressed)
{
  bool was = p->gestures.pressed;
  gestures_set_button(&p->gestures, pressed, clock_mono_ms());
  update_panel(p, was != pressed);
}

void panel_set_fault(struct panel *p, const char *why)
{
  if (why && p->fault ? strcmp(why, p->fault) == 0 : !why && !p->fault)
    return;
  free(p->fault);
  p->fault = why ? xstrdup(why) : NULL;
  if (why)
    log_warn("panel_fault", "reason=\"%s\"", why);
  else
    log_info("panel_back", "backend=%s", p->backend->name);
  update_panel(p, true);
}
