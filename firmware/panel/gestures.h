/* gestures.h - the button's gestures and the patterns of LED and buzzer, decided from edges and time. Pure.
 *
 * Short press: shorter than 0.8 s, on release (with double press enabled: 0.3 s later, when no second came).
 * Long press: at 0.8 s, while still held. All times are mono milliseconds.
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
  bool pressed, consumed; /* consumed: this press has had its gesture */
  int64_t since;          /* of the press */
  int64_t released;       /* of a short press that waits for its second; 0 = none */
};
enum gesture gestures_edge(struct gestures *g, bool pressed, int64_t at_ms, bool double_press);
enum gesture gestures_advance(struct gestures *g, int64_t now_ms);
/* The button as it is found, by no edge that was seen: nothing is meant by it, nor by letting go. */
void gestures_set_button(struct gestures *g, bool pressed, int64_t at_ms);
int64_t gestures_next_at(const struct gestures *g);  /* when to call gestures_advance; INT64_MAX = not */
int64_t gestures_stuck_at(const struct gestures *g); /* from when on no finger holds it so long; INT64_MAX = never */
/* Edges are numbered from 1: whether some before this one never came. */
bool gestures_edges_lost(uint32_t *last, uint32_t number);

enum led { LED_OFF, LED_STEADY, LED_SLOW, LED_FAST, LED_BLINK, LED_PATTERNS };
enum buzzer { BUZZER_IDLE, BUZZER_CALL, BUZZER_RECALL, BUZZER_ERROR, BUZZER_PATTERNS };
extern const char *const led_names[], *const buzzer_names[];
/* Level of a pattern so long after its start; *ret_next: when after its start it changes next, INT64_MAX = not. */
bool led_level(enum led l, int64_t elapsed_ms, int64_t *ret_next);
bool buzzer_level(enum buzzer b, int64_t elapsed_ms, int64_t *ret_next);
/* What the LED says when nothing else does. */
enum led led_for_state(bool waiting, bool syncing_ok, bool error);

/* The command of a gesture; false = none. */
bool gesture_command(enum gesture g, struct command *ret);

#endif
