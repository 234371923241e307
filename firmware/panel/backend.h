/* backend.h - the interface of the panel's backends: none, sim, gpio. For firmware/panel alone. Loop thread only.
 *
 * A backend reports the button and sets two outputs; panel.c does gestures, patterns and timers.
 */
#ifndef PANEL_BACKEND_H
#define PANEL_BACKEND_H

#include "base/util.h"

struct config;
struct panel;
struct sd_event;

struct panel_backend {
  const char *name;
  int (*open)(struct panel *p, const struct config *c);
  void (*close)(struct panel *p);
  void (*set)(struct panel *p, bool led, bool buzzer);
  void (*poll)(struct panel *p);         /* reports edges that wait to be read; NULL = none ever wait */
  int (*press)(struct panel *p, int ms); /* NULL = a press cannot be simulated */
};
extern const struct panel_backend panel_sim;
extern const struct panel_backend panel_gpio;

struct sd_event *panel_event(const struct panel *p);
void **panel_state(struct panel *p); /* the backend's data */

/* Called by backends. */
void panel_edge(struct panel *p, bool pressed, int64_t mono_ms);
void panel_set_button(struct panel *p, bool pressed);   /* a level without its edge: no gesture */
void panel_set_fault(struct panel *p, const char *why); /* lines are missing; NULL = none is */

/* Turns both outputs off, without a panel. */
void panel_gpio_release(const struct config *c);

#endif
