/* cmd_days.c - business days, and their export. */
#include "base/text.h"
#include "boothctl/client.h"
#include "boothctl/table.h"
#include "boothctl/term.h"

#include <inttypes.h>
#include <stdio.h>

static const char *const totals[] = {"issued", "seated", "no_show", "cancelled", "active", "guests"};

static void add_totals(struct table *t, const struct json *object)
{
  for (size_t i = 0; i < array_len(totals); i++)
    table_fmt(t, "%" PRId64, json_int_or_zero(object, totals[i]));
}

static int list_days(struct ctl *c)
{
  autoanswer struct answer a = {0};
  autotable struct table t = {.columns = 8, .right = 0x7e};
  int r = client_get(c, "/api/v1/days", &a);
  if (r || c->options[OPT_JSON])
    return r ? r : answer_print(&a);
  table_add(&t, "DATE");
  for (size_t i = 0; i < array_len(totals); i++)
    table_add(&t, totals[i]);
  table_add(&t, "");
  for (const struct json *day = json_at(json_get(a.json, "days"), 0); day; day = json_next(day)) {
    table_add(&t, json_text_or_empty(day, "date"));
    add_totals(&t, day);
    table_add(&t, json_true(json_get(day, "trusted")) ? "" : "[clock not trusted]");
  }
  table_print(&t);
  return 0;
}

static int path_of_day(const char *date, const char *what, char *ret_path, size_t size)
{
  int32_t parsed;
  if (text_parse_date(date, &parsed) < 0)
    return ctl_usage_error("%s is no date such as 2026-09-11", date);
  snprintf(ret_path, size, "/api/v1/days/%s%s", date, what);
  return 0;
}

static int show_one_day(struct ctl *c)
{
  autoanswer struct answer a = {0};
  autotable struct table t = {.columns = 7, .right = 0x7e}, hours = {.columns = 4, .right = 0xf};
  static const char *const by_hour[] = {"hour", "issued", "called", "seated"};
  char path[64], median[24], p90[24];
  int r = path_of_day(c->words[0], "", path, sizeof path);
  if (r == 0)
    r = client_get(c, path, &a);
  if (r || c->options[OPT_JSON])
    return r ? r : answer_print(&a);
  table_add(&t, "DATE");
  for (size_t i = 0; i < array_len(totals); i++)
    table_add(&t, totals[i]);
  table_add(&t, json_text_or_empty(a.json, "date"));
  add_totals(&t, json_get(a.json, "totals"));
  table_print(&t);
  const struct json *wait = json_get(a.json, "wait_s");
  if (json_get(wait, "median")) {
    term_duration(median, json_int_or_zero(wait, "median") * 1000);
    term_duration(p90, json_int_or_zero(wait, "p90") * 1000);
    printf("waited %s (median), %s (nine of ten)\n", median, p90);
  }
  if (json_number(json_get(a.json, "no_show_rate")) > 0)
    printf("missed %.0f%%\n", 100 * json_number(json_get(a.json, "no_show_rate")));
  for (size_t i = 0; i < array_len(by_hour); i++)
    table_add(&hours, by_hour[i]);
  for (const struct json *hour = json_at(json_get(a.json, "hours"), 0); hour; hour = json_next(hour)) {
    table_add(&hours, json_text_or_empty(hour, "hour"));
    for (size_t i = 1; i < array_len(by_hour); i++)
      table_fmt(&hours, "%" PRId64, json_int_or_zero(hour, by_hour[i]));
  }
  table_print(&hours);
  return 0;
}

static int start_day(struct ctl *c)
{
  autoanswer struct answer a = {0};
  int r = client_change(c, "POST", "/api/v1/days", NULL, &a);
  if (r || c->options[OPT_JSON])
    return r ? r : answer_print(&a);
  printf("a new day has begun  (seq %" PRId64 ")\n", json_int_or_zero(a.json, "seq"));
  return 0;
}

int cmd_days(struct ctl *c)
{
  if (c->n_words == 0)
    return list_days(c);
  return strcmp(c->words[0], "new") == 0 ? start_day(c) : show_one_day(c);
}

/* The open day by default: an evening goes on after midnight, and the machine may be of another time zone. */
int cmd_export(struct ctl *c)
{
  autoanswer struct answer queue = {0};
  char path[64];
  int r = c->n_words ? 0 : client_get(c, API_QUEUE, &queue);
  if (r == 0)
    r = path_of_day(c->n_words ? c->words[0] : json_text_or_empty(queue.json, "day"), "/export.csv", path, sizeof path);
  return r ? r : client_download(c, path, c->options[OPT_OUTPUT]);
}
