#include "api/api.h"
#include "api/handlers.h"
#include "base/clock.h"

#define TEST_MS 5000 /* of the LED or the buzzer; the button commands nothing meanwhile */

void api_panel_get(struct http_request *r)
{
  struct buf body = {0};
  panel_json(&body, NULL, api_of(r)->parts->panel);
  api_json(r, 200, &body);
}

void api_panel_press(struct http_request *r)
{
  struct press_body {
    int64_t ms;
  } body = {0};
  static const struct json_field fields[] = {
      {"ms", JSON_INT, offsetof(struct press_body, ms), .low = 1, .high = 10000, .required = true},
  };
  cleanup(json_freep) struct json *parsed = NULL;
  if (!http_local(r)) {
    http_refuse(r, HTTP_NOT_FOUND, NULL, "A press is simulated through the unix socket only.");
    return;
  }
  if (!http_json_read(r, fields, array_len(fields), &body, &parsed))
    return;
  if (panel_press(api_of(r)->parts->panel, (int)body.ms) < 0)
    http_refuse(r, HTTP_NOT_FOUND, NULL, "This booth has a real panel, or none: there is nothing to simulate.");
  else
    http_reply(r, 202, NULL, NULL, NULL);
}

void api_panel_test(struct http_request *r)
{
  struct test_body {
    int led;
    int buzzer;
  } body = {-1, -1};
  static const struct json_field fields[] = {
      {"led", JSON_ENUM, offsetof(struct test_body, led), .names = led_names},
      {"buzzer", JSON_ENUM, offsetof(struct test_body, buzzer), .names = buzzer_names},
  };
  cleanup(json_freep) struct json *parsed = NULL;
  if (!http_json_read(r, fields, array_len(fields), &body, &parsed))
    return;
  if ((body.led < 0) == (body.buzzer < 0)) {
    http_refuse(r, HTTP_INVALID_FIELD, "led", "Say either led or buzzer.");
    return;
  }
  struct api *api = api_of(r);
  api->testing_until_ms = clock_mono_ms() + TEST_MS;
  if (body.led >= 0)
    panel_show_led(api->parts->panel, (enum led)body.led, TEST_MS);
  else
    panel_buzz(api->parts->panel, (enum buzzer)body.buzzer);
  http_reply(r, 202, NULL, NULL, NULL);
}
