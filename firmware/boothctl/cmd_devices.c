/* cmd_devices.c - signed-in phones. */
#include "boothctl/client.h"
#include "boothctl/table.h"
#include "boothctl/term.h"

#include <inttypes.h>
#include <stdio.h>

static int revoke_device(struct ctl *c)
{
  autoanswer struct answer a = {0};
  char path[64];
  int64_t id = 0;
  if (c->n_words != 2 || strcmp(c->words[0], "revoke") != 0 || util_parse_i64(c->words[1], 1, INT64_MAX, &id) < 0)
    return ctl_usage_error("devices, or devices revoke ID");
  snprintf(path, sizeof path, API_SYSTEM "/devices/%" PRId64, id);
  return client_change_once(c, "DELETE", path, NULL, &a);
}

int cmd_devices(struct ctl *c)
{
  static const char *const headings[] = {"ID", "NAME", "ROLE", "SIGNED IN", "LAST SEEN", "VIEWS"};
  autoanswer struct answer a = {0};
  autotable struct table t = {.columns = array_len(headings), .right = 1 << 0 | 1 << 5};
  if (c->n_words)
    return revoke_device(c);
  int r = client_get(c, API_SYSTEM "/devices", &a);
  if (r || c->options[OPT_JSON])
    return r ? r : answer_print(&a);
  for (size_t i = 0; i < array_len(headings); i++)
    table_add(&t, headings[i]);
  for (const struct json *d = json_at(json_get(a.json, "devices"), 0); d; d = json_next(d)) {
    char text[20];
    table_fmt(&t, "%" PRId64, json_int_or_zero(d, "id"));
    table_add(&t, json_text_or_empty(d, "name"));
    table_add(&t, json_text_or_empty(d, "role"));
    term_time(text, json_time_or_zero(d, "created_at"), a.date_ms);
    table_add(&t, text);
    term_time(text, json_time_or_zero(d, "last_seen_at"), a.date_ms);
    table_add(&t, text);
    table_fmt(&t, "%" PRId64, json_int_or_zero(d, "streams"));
  }
  table_print(&t);
  return 0;
}
