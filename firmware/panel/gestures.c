/* gestures.c - tables and arithmetic, so that real and simulated panels behave alike. */
#include "panel/gestures.h"

const char *const gesture_names[] = {
    [GESTURE_NONE] = "none", [GESTURE_SHORT] = "short", [GESTURE_LONG] = "long", [GESTURE_DOUBLE] = "double", NULL};
const char *const led_names[] = {
    [LED_OFF] = "off", [LED_STEADY] = "steady", [LED_SLOW] = "slow", [LED_FAST] = "fast", [LED_BLINK] = "blink", NULL};
const char *const buzzer_names[] = {
    [BUZZER_IDLE] = "idle", [BUZZER_CALL] = "call", [BUZZER_RECALL] = "recall", [BUZZER_ERROR] = "error", NULL};

static enum gesture press_edge(struct gestures *g, int64_t at_ms)
{
  bool second = g->released_at && at_ms - g->released_at < PANEL_DOUBLE_MS;
  enum gesture late = g->released_at ? GESTURE_SHORT : GESTURE_NONE; /* gestures_advance() was not called in time */
  *g = (struct gestures){.pressed = true, .consumed = second, .pressed_at = at_ms};
  return second ? GESTURE_DOUBLE : late;
}

static enum gesture release_edge(struct gestures *g, int64_t at_ms, bool double_press)
{
  enum gesture late = gestures_advance(g, at_ms);
  bool waits = !g->consumed && double_press;
  enum gesture gesture = g->consumed || waits ? late : GESTURE_SHORT;
  *g = (struct gestures){.released_at = waits ? at_ms : 0};
  return gesture;
}

enum gesture gestures_edge(struct gestures *g, bool is_pressed, int64_t at_ms, bool double_press)
{
  if (g->pressed == is_pressed)
    return GESTURE_NONE;
  return is_pressed ? press_edge(g, at_ms) : release_edge(g, at_ms, double_press);
}

enum gesture gestures_advance(struct gestures *g, int64_t now_ms)
{
  if (now_ms < gestures_next_at(g))
    return GESTURE_NONE;
  if (!g->pressed) {
    g->released_at = 0;
    return GESTURE_SHORT;
  }
  g->consumed = true;
  return GESTURE_LONG;
}

int64_t gestures_next_at(const struct gestures *g)
{
  if (g->pressed)
    return g->consumed ? INT64_MAX : g->pressed_at + PANEL_LONG_MS;
  return g->released_at ? g->released_at + PANEL_DOUBLE_MS : INT64_MAX;
}

void gestures_set_button(struct gestures *g, bool is_pressed, int64_t at_ms)
{
  if (g->pressed != is_pressed)
    *g = (struct gestures){.pressed = is_pressed, .consumed = is_pressed, .pressed_at = at_ms};
}

int64_t gestures_stuck_at(const struct gestures *g)
{
  return g->pressed ? g->pressed_at + PANEL_STUCK_MS : INT64_MAX;
}

bool gestures_edges_lost(uint32_t *last, uint32_t number)
{
  uint32_t expected = *last + 1;
  *last = number;
  return number != expected;
}

struct pattern {
  int on_ms;
  int off_ms;
  int times; /* 0 = for ever */
};

static const struct pattern leds[LED_PATTERNS] = {
    [LED_OFF] = {0, 0, 1},      [LED_STEADY] = {1, 0, 0},   [LED_SLOW] = {1000, 1000, 0},
    [LED_FAST] = {125, 125, 0}, [LED_BLINK] = {80, 120, 3},
};
static const struct pattern buzzers[BUZZER_PATTERNS] = {
    [BUZZER_IDLE] = {0, 0, 1},
    [BUZZER_CALL] = {120, 100, 3},
    [BUZZER_RECALL] = {300, 200, 2},
    [BUZZER_ERROR] = {600, 0, 1},
};

static bool pattern_level(const struct pattern *p, int64_t elapsed_ms, int64_t *ret_next)
{
  int64_t period = p->on_ms + p->off_ms;
  int64_t end = p->times ? p->times * period - p->off_ms : INT64_MAX; /* the last pause does not count */
  *ret_next = INT64_MAX;
  if (elapsed_ms >= end)
    return false;
  int64_t into = elapsed_ms % period;
  bool on = into < p->on_ms;
  if (p->off_ms || p->times)
    *ret_next = elapsed_ms - into + (on ? p->on_ms : period);
  return on;
}

bool led_level(enum led l, int64_t elapsed_ms, int64_t *ret_next)
{
  return pattern_level(&leds[l], elapsed_ms, ret_next);
}

bool buzzer_level(enum buzzer b, int64_t elapsed_ms, int64_t *ret_next)
{
  return pattern_level(&buzzers[b], elapsed_ms, ret_next);
}

enum led led_for_state(bool waiting, bool syncing_ok, bool error)
{
  if (error)
    return LED_FAST;
  if (!syncing_ok)
    return LED_SLOW;
  return waiting ? LED_STEADY : LED_OFF;
}

bool gesture_command(enum gesture g, struct command *ret)
{
  static const struct {
    bool is;
    enum command_kind kind;
  } meaning[] = {
      [GESTURE_NONE] = {false, CMD_ISSUE},
      [GESTURE_SHORT] = {true, CMD_CALL_NEXT},
      [GESTURE_LONG] = {true, CMD_SEAT},
      [GESTURE_DOUBLE] = {true, CMD_UNDO},
  };
  *ret = (struct command){.kind = meaning[g].kind, .actor = ACTOR_BUTTON};
  return meaning[g].is;
}
