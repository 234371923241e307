/* cmd_panel.c - button, LED and buzzer. */
#include "base/json_write.h"
#include "boothctl/client.h"
#include "boothctl/cmd_watch.h"
#include "boothctl/format_system.h"

#include <stdio.h>

static int press(struct ctl *c, struct buf *body)
{
  int64_t ms = 0;
  if (c->n_words != 2 || ctl_parse_duration(c->words[1], &ms) < 0)
    return ctl_usage_error("panel press needs a time, as 100ms");
  json_int(body, "ms", ms);
  return 0;
}

static int test(struct ctl *c, struct buf *body)
{
  if (c->n_words != 3 || (strcmp(c->words[1], "led") != 0 && strcmp(c->words[1], "buzzer") != 0))
    return ctl_usage_error("panel test led PATTERN, or panel test buzzer PATTERN");
  json_str(body, c->words[1], c->words[2]);
  return 0;
}

static int show(struct ctl *c)
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

int cmd_panel(struct ctl *c)
{
  static const struct {
    const char *word, *path;
    int (*fill)(struct ctl *c, struct buf *body);
  } actions[] = {{"press", API_SYSTEM "/panel/press", press}, {"test", API_SYSTEM "/panel-test", test}};
  if (c->n_words == 0)
    return show(c);
  if (c->n_words == 1 && strcmp(c->words[0], "watch") == 0)
    return watch_panel(c);
  for (size_t i = 0; i < array_len(actions); i++) {
    if (strcmp(c->words[0], actions[i].word) != 0)
      continue;
    autoanswer struct answer a = {0};
    autobuf struct buf body = {0};
    json_open(&body, NULL, '{');
    int r = actions[i].fill(c, &body);
    json_close(&body, '}');
    return r ? r : client_change_once(c, "POST", actions[i].path, body.data, &a);
  }
  return ctl_usage_error("panel press, panel watch or panel test");
}
