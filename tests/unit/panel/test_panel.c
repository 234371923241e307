/* The panel in a real event loop: gestures of a simulated button, patterns of simulated outputs. */
#include "unit.h"

#include <errno.h>
#include <systemd/sd-event.h>

#include "base/clock.h"
#include "config/config.h"
#include "panel/backend.h"
#include "panel/panel.h"

static sd_event *loop;
static struct panel *panel;
static enum gesture last;
static int gestures, changes, buzzes;
/* On a busy machine the loop may miss parts of a pattern: one try in five must be right. */
#define TRIES 5

static int64_t began, buzzed_ms, buzzing_since;
static bool led;

static void on_gesture(enum gesture g, void *context)
{
  assert_ptr_equal(context, &panel);
  last = g;
  gestures++;
}

static bool has(const char *text)
{
  autobuf struct buf b = {0};
  panel_json(&b, NULL, panel);
  return strstr(b.data, text) != NULL;
}

static void on_changed(const struct panel *p, void *context)
{
  autobuf struct buf b = {0};
  changes++;
  panel_json(&b, NULL, p);
  led = strstr(b.data, "\"led\":true") != NULL;
  bool on = strstr(b.data, "\"buzzer\":true") != NULL;
  if (on && !buzzing_since) {
    buzzing_since = clock_mono_ms();
    buzzes++;
  } else if (!on && buzzing_since) {
    buzzed_ms += clock_mono_ms() - buzzing_since;
    buzzing_since = 0;
  }
}

static void begin_with(const struct config *config)
{
  struct panel_options o = {
      .event = loop, .config = config, .gesture = on_gesture, .changed = on_changed, .context = &panel};
  assert_int_equal(panel_start(&o, &panel), 0);
}

static void begin(int kind)
{
  begin_with(&(struct config){.panel = kind});
}

static int start(void **state)
{
  assert_int_equal(sd_event_new(&loop), 0);
  last = GESTURE_NONE;
  gestures = changes = buzzes = 0;
  buzzed_ms = buzzing_since = 0;
  led = false;
  began = clock_mono_ms();
  return 0;
}

static int stop(void **state)
{
  panel_free(panel);
  panel = NULL;
  loop = sd_event_unref(loop);
  return 0;
}

static void turns(int ms)
{
  for (int64_t end = clock_mono_ms() + ms; clock_mono_ms() < end;)
    assert_true(sd_event_run(loop, 1000) >= 0);
  while (sd_event_run(loop, 0) > 0) /* events that are due by now, on a busy machine */
    ;
}

static void until_gesture(int n)
{
  for (int64_t end = clock_mono_ms() + scaled(20000); gestures < n && clock_mono_ms() < end;)
    assert_true(sd_event_run(loop, 1000) >= 0);
  assert_int_equal(gestures, n);
}

static void test_gestures(void **state)
{
  begin(PANEL_SIM);
  assert_true(has("{\"backend\":\"sim\",\"led\":false,\"led_pattern\":\"off\",\"buzzer\":false,"
                  "\"buzzer_pattern\":\"idle\",\"button\":false,\"fault\":null}"));
  assert_int_equal(panel_press(panel, 50), 0);
  assert_true(has("\"button\":true"));
  until_gesture(1);
  assert_int_equal(last, GESTURE_SHORT);
  assert_true(clock_mono_ms() - began >= 50 && clock_mono_ms() - began < scaled(250));
  assert_true(has("\"button\":false"));
  int64_t at = clock_mono_ms();
  assert_int_equal(panel_press(panel, 900), 0);
  until_gesture(2);
  assert_int_equal(last, GESTURE_LONG); /* while still held */
  assert_true(clock_mono_ms() - at >= PANEL_LONG_MS);
  assert_true(has("\"button\":true"));
  turns(150);
  assert_true(has("\"button\":false"));
  assert_int_equal(gestures, 2);
  panel_set_double_press(panel, true);
  bool right = false;
  for (int i = 0; i < TRIES && !right; i++) {
    int was = gestures;
    assert_int_equal(panel_press(panel, 30), 0);
    turns(60);
    bool waits = gestures == was; /* for a second one */
    assert_int_equal(panel_press(panel, 30), 0);
    until_gesture(was + 1);
    right = waits && last == GESTURE_DOUBLE;
    turns(right ? 60 : 600);
  }
  assert_true(right);
  assert_int_equal(panel_press(panel, 30), 0);
  until_gesture(gestures + 1);
  assert_int_equal(last, GESTURE_SHORT);
}

static void test_outputs(void **state)
{
  begin(PANEL_SIM);
  panel_set_led(panel, LED_STEADY);
  assert_true(led);
  panel_show_led(panel, LED_OFF, 60);
  assert_false(led);
  assert_true(has("\"led_pattern\":\"off\""));
  turns(100);
  assert_true(led);
  assert_true(has("\"led_pattern\":\"steady\""));
  bool right = false;
  for (int i = 0; i < TRIES && !right; i++) {
    buzzes = 0;
    buzzed_ms = 0;
    panel_buzz(panel, BUZZER_CALL);
    assert_true(has("\"buzzer\":true,\"buzzer_pattern\":\"call\""));
    turns(800);
    assert_true(has("\"buzzer\":false,\"buzzer_pattern\":\"idle\""));
    right = buzzes == 3 && buzzed_ms >= 350 && buzzed_ms < scaled(600);
  }
  assert_true(right);
}

static void test_buzzer_never_sticks(void **state)
{
  begin(PANEL_SIM);
  bool right = false;
  for (int i = 0; i < TRIES && !right; i++) {
    buzzes = 0;
    buzzed_ms = 0;
    for (int j = 0; j < 15; j++) { /* each starts before the last one has ended */
      panel_buzz(panel, BUZZER_ERROR);
      turns(100);
    }
    right = buzzes >= 2 && buzzed_ms >= PANEL_BUZZER_MAX_MS && buzzed_ms < PANEL_BUZZER_MAX_MS + scaled(100);
    turns(700);
    assert_true(has("\"buzzer\":false,\"buzzer_pattern\":\"idle\""));
  }
  assert_true(right);
}

static void test_none(void **state)
{
  begin(PANEL_NONE);
  assert_true(has("\"backend\":\"none\""));
  assert_int_equal(panel_press(panel, 50), -ENOTSUP);
  panel_set_led(panel, LED_FAST);
  panel_buzz(panel, BUZZER_CALL);
  turns(50);
  panel_set_fault(panel, "test");
  panel_set_fault(panel, "test");
  panel_set_fault(panel, NULL);
  assert_int_equal(gestures, 0);
}

static void test_faults(void **state)
{
  begin(PANEL_SIM);
  int was = changes;
  panel_set_fault(panel, "LED: test");
  panel_set_fault(panel, "LED: test");
  assert_int_equal(changes, was + 1);
  assert_true(has("\"fault\":\"LED: test\""));
  panel_set_fault(panel, "buzzer: test");
  assert_int_equal(changes, was + 2);
  panel_edge(panel, true, clock_mono_ms() - PANEL_STUCK_MS + 100);
  until_gesture(1);
  assert_true(has("\"fault\":\"buzzer: test\""));
  was = changes;
  turns(150);
  assert_int_equal(changes, was + 1);
  assert_true(has("\"fault\":\"buzzer: test; button: held down"));
  panel_set_fault(panel, NULL);
  assert_true(has("\"fault\":\"button: held down"));
  panel_set_button(panel, false);
  assert_true(has("\"button\":false,\"fault\":null"));
  assert_int_equal(gestures, 1); /* its long press alone */
  panel_set_button(panel, true);
  assert_true(has("\"button\":true"));
  panel_edge(panel, false, clock_mono_ms());
  assert_int_equal(gestures, 1);
}

/* Chips that do not exist: the fault is shown, and everything else works. */
static void test_gpio_absent(void **state)
{
  char button[] = "*/boothd-none-1", none[] = "", buzzer[] = "boothd-none-2/x,low";
  struct config config = {.panel = PANEL_GPIO, .button_line = button, .led_line = none, .buzzer_line = buzzer};
  begin_with(&config);
  assert_true(has("{\"backend\":\"gpio\""));
  assert_true(has("\"fault\":\"button: ") && has("boothd-none-1; buzzer: ") && !has("LED: "));
  panel_set_led(panel, LED_STEADY);
  panel_buzz(panel, BUZZER_CALL);
  assert_true(has("\"led\":true") && has("\"buzzer\":true"));
  assert_int_equal(panel_press(panel, 50), -ENOTSUP);
  int was = changes;
  turns(1200); /* the line was requested again: the pattern has moved on, the fault is the same */
  assert_true(changes > was && has("boothd-none-1; buzzer: "));
  assert_int_equal(gestures, 0);
  panel_release(&config);
}

static void test_gpio_unnamed(void **state)
{
  char none[] = "";
  begin_with(&(struct config){.panel = PANEL_GPIO, .button_line = none, .led_line = none, .buzzer_line = none});
  assert_true(has("\"fault\":\"no line is named in boothd.conf\""));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
      TEST(test_gestures), TEST(test_outputs),     TEST(test_buzzer_never_sticks), TEST(test_none),
      TEST(test_faults),   TEST(test_gpio_absent), TEST(test_gpio_unnamed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
