/* panel.h - button, LED and buzzer. Loop thread only.
 *
 * A line that is missing is shown as the panel's `fault` and logged once; the others work. The buzzer is never on
 * for longer than PANEL_BUZZER_MAX_MS at a time, and is off on exit.
 */
#ifndef PANEL_PANEL_H
#define PANEL_PANEL_H

#include "base/buf.h"
#include "panel/gestures.h"

struct config;
struct panel;
struct sd_event;

struct panel_options {
  struct sd_event *event;
  const struct config *config; /* panel, button_line, led_line, buzzer_line */
  void (*gesture)(enum gesture g, void *context);
  void (*changed)(const struct panel *p, void *context); /* an output, the button or the fault */
  void *context;
};
int panel_start(const struct panel_options *o, struct panel **ret) must_check;
void panel_free(struct panel *p);           /* NULL allowed */
void panel_release(const struct config *c); /* turns outputs off that a crashed daemon left on; without a loop */

void panel_set_led(struct panel *p, enum led l);
void panel_show_led(struct panel *p, enum led l, int ms); /* for that long, then as set before */
void panel_buzz(struct panel *p, enum buzzer b);
void panel_set_double_press(struct panel *p, bool enabled);
void panel_json(struct buf *b, const char *key, const struct panel *p);
/* Backend sim only: presses for that long. -ENOTSUP with any other. */
int panel_press(struct panel *p, int ms) must_check;

#endif
