/* cmd_clock.c - the booth's clock. */
#include "base/text.h"
#include "boothctl/client.h"
#include "boothctl/format_system.h"

#include <stdio.h>

static int set_clock(struct ctl *c)
{
  autoanswer struct answer a = {0};
  char time[25] = "", body[48];
  int64_t ms;
  if (c->n_words == 2 && util_copy(time, sizeof time, c->words[1]) && strlen(time) == 20)
    strcpy(time + 19, ".000Z"); /* as date -u +%FT%TZ writes it */
  if (strcmp(c->words[0], "set") != 0 || text_parse_time(time, &ms) < 0)
    return ctl_usage_error("clock, or clock set TIME, as 2026-09-11T10:03:07Z");
  snprintf(body, sizeof body, "{\"now\":\"%s\"}", time);
  int r = client_change(c, "POST", API_SYSTEM "/clock", body, &a);
  if (r == 0 && c->options[OPT_JSON])
    answer_print(&a);
  return r;
}

int cmd_clock(struct ctl *c)
{
  autoanswer struct answer a = {0};
  autobuf struct buf b = {0};
  if (c->n_words)
    return set_clock(c);
  int r = client_get(c, API_SYSTEM, &a);
  if (r || c->options[OPT_JSON])
    return r ? r : answer_print(&a);
  format_clock(&b, json_get(a.json, "clock"));
  puts(b.data);
  return 0;
}
