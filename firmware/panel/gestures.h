/* gestures.h - the button's gestures and the patterns of LED and buzzer, decided from edges and time. Pure; all times
 * are mono milliseconds.
 *
 * Short press: shorter than 0.8 s, on release (with double press enabled: 0.3 s later, if no second press came).
 * Long press: at 0.8 s, while still held.
 */
#ifndef PANEL_GESTURES_H
#define PANEL_GESTURES_H

#include "queue/command.h"

#define PANEL_LONG_MS       800
#define PANEL_DOUBLE_MS     300
#define PANEL_STUCK_MS      10000
#define PANEL_BUZZER_MAX_MS 1000 /* longest the buzzer is on without a pause */

enum gesture { GESTURE_NONE, GESTURE_SHORT, GESTURE_LONG, GESTURE_DOUBLE };
extern const char *const gesture_names[];

struct gestures {
  bool pressed;
  bool consumed;       /* this press was reported as a gesture */
  int64_t pressed_at;  /* of this press */
  int64_t released_at; /* of a short press that may become a double one; 0 = none */
};
enum gesture gestures_edge(struct gestures *g, bool pressed, int64_t at_ms, bool double_press);
enum gesture gestures_advance(struct gestures *g, int64_t now_ms);
/* Sets the button without an edge: neither this press nor its release is a gesture. */
void gestures_set_button(struct gestures *g, bool pressed, int64_t at_ms);
int64_t gestures_next_at(const struct gestures *g);  /* when to call gestures_advance(); INT64_MAX = never */
int64_t gestures_stuck_at(const struct gestures *g); /* when the button counts as stuck; INT64_MAX = never */
/* Edges are numbered from 1. True if edges before this one were lost. */
bool gestures_edges_lost(uint32_t *last, uint32_t number);
/* The command of a gesture; false = none. */
bool gesture_command(enum gesture g, struct command *ret);

enum led { LED_OFF, LED_STEADY, LED_SLOW, LED_FAST, LED_BLINK, LED_PATTERNS };
extern const char *const led_names[];
enum buzzer { BUZZER_IDLE, BUZZER_CALL, BUZZER_RECALL, BUZZER_ERROR, BUZZER_PATTERNS };
extern const char *const buzzer_names[];
/* Whether a pattern is on that long after its start. *ret_next: when after its start it changes; INT64_MAX = never. */
bool led_level(enum led l, int64_t elapsed_ms, int64_t *ret_next);
bool buzzer_level(enum buzzer b, int64_t elapsed_ms, int64_t *ret_next);
/* The LED's pattern for the booth's state. */
enum led led_for_state(bool waiting, bool syncing_ok, bool error);

#endif
