/* panel.h - button, LED and buzzer. One backend behind this header, chosen at start. Loop thread only.
 *
 * The backend reports edges of the button and sets two outputs; gestures and patterns are panel/gestures.h's, timers
 * ours. What cannot be had is told in the panel's `fault`, logged once, and the rest goes on; the buzzer is never on
 * for longer than PANEL_BUZZER_MAX_MS at a time and is off on exit.
 */
#ifndef PANEL_PANEL_H
#define PANEL_PANEL_H

#include "base/buf.h"
#include "panel/gestures.h"

struct sd_event;
struct config;
struct panel;

struct panel_options {
  struct sd_event *event;
  const struct config *config;                           /* panel, button_line, led_line, buzzer_line */
  void (*gesture)(enum gesture g, void *context);        /* the user did something */
  void (*changed)(const struct panel *p, void *context); /* an output, the button or the backend's state moved */
  void *context;
};
int panel_start(const struct panel_options *o, struct panel **ret) must_check;
void panel_free(struct panel *p);
void panel_release(const struct config *c); /* without a loop: the outputs off, where a daemon that died left them on */

void panel_set_led(struct panel *p, enum led l);          /* what it says until told otherwise */
void panel_show_led(struct panel *p, enum led l, int ms); /* for a while, then back */
void panel_buzz(struct panel *p, enum buzzer b);
void panel_set_double_press(struct panel *p, bool enabled);
void panel_json(struct buf *b, const char *key, const struct panel *p);
/* Backend sim only: presses for so long. -ENOTSUP with any other. */
int panel_press(struct panel *p, int ms) must_check;

/* What a backend is: none, sim, gpio. Its state hangs off the panel. */
struct panel_backend {
  const char *name;
  int (*open)(struct panel *p, const struct config *c);
  void (*close)(struct panel *p);
  void (*set)(struct panel *p, bool led, bool buzzer);
  void (*look)(struct panel *p);         /* reports what it has not yet; NULL: it has no wires to look at */
  int (*press)(struct panel *p, int ms); /* NULL: only a finger can */
};
struct sd_event *panel_event(const struct panel *p);
void **panel_state(struct panel *p);                             /* the backend's own */
void panel_edge(struct panel *p, bool pressed, int64_t mono_ms); /* a backend's report */
void panel_set_button(struct panel *p, bool pressed);            /* a level that no edge explains; no gesture */
void panel_set_fault(struct panel *p, const char *why);          /* a backend lacks lines; NULL = it has them all */
extern const struct panel_backend panel_none, panel_sim, panel_gpio;
void panel_gpio_release(const struct config *c);

#endif
