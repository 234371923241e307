/* cmd_panel.c - button, LED and buzzer. */
#include "base/json_write.h"
#include "boothctl/client.h"
#include "boothctl/cmd_watch.h"
#include "boothctl/format_system.h"

#include <stdio.h>

static int show_panel(struct ctl *c)
{
  autoanswer struct answer a = {0};
  autobuf struct buf b = {0};
  int r = client_get(c, API_SYSTEM "/panel", &a);
  if (r || c->options[OPT_JSON])
    return r ? r : answer_print(&a);
  format_panel(&b, a.json);
  puts(b.data);
  return 0;
}

static int press_button(struct ctl *c)
{
  autoanswer struct answer a = {0};
  char body[32];
  int64_t ms = 0;
  if (c->n_words != 2 || ctl_parse_duration(c->words[1], &ms) < 0)
    return ctl_usage_error("panel press needs a time, as 100ms");
  snprintf(body, sizeof body, "{\"ms\":%lld}", (long long)ms);
  return client_change_once(c, "POST", API_SYSTEM "/panel/press", body, &a);
}

static int test_output(struct ctl *c)
{
  autoanswer struct answer a = {0};
  autobuf struct buf body = {0};
  if (c->n_words != 3 || (strcmp(c->words[1], "led") != 0 && strcmp(c->words[1], "buzzer") != 0))
    return ctl_usage_error("panel test led PATTERN, or panel test buzzer PATTERN");
  json_open(&body, NULL, '{');
  json_str(&body, c->words[1], c->words[2]);
  json_close(&body, '}');
  return client_change_once(c, "POST", API_SYSTEM "/panel-test", body.data, &a);
}

int cmd_panel(struct ctl *c)
{
  const char *action = c->n_words ? c->words[0] : "";
  if (c->n_words == 0)
    return show_panel(c);
  if (c->n_words == 1 && strcmp(action, "watch") == 0)
    return watch_panel(c);
  if (strcmp(action, "press") == 0)
    return press_button(c);
  if (strcmp(action, "test") == 0)
    return test_output(c);
  return ctl_usage_error("panel press, panel watch or panel test");
}
