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

static int day_path(const char *date, const char *suffix, char *ret_path, size_t size)
{
  int32_t parsed;
  if (text_parse_date(date, &parsed) < 0)
    return ctl_usage_error("%s is no date such as 2026-09-11", date);
  snprintf(ret_path, size, "/api/v1/days/%s%s", date, suffix);
  return 0;
}

static void print_totals(const struct json *day)
{
  autotable struct table t = {.columns = 7, .right = 0x7e};
  table_add(&t, "DATE");
  for (size_t i = 0; i < array_len(totals); i++)
    table_add(&t, totals[i]);
  table_add(&t, json_text_or_empty(day, "date"));
  add_totals(&t, json_get(day, "totals"));
  table_print(&t);
}

static void print_rates(const struct json *day)
{
  const struct json *wait = json_get(day, "wait_s");
  double no_show_rate = json_number(json_get(day, "no_show_rate"));
  char median[24], p90[24];
  if (json_get(wait, "median")) {
    term_duration(median, json_int_or_zero(wait, "median") * 1000);
    term_duration(p90, json_int_or_zero(wait, "p90") * 1000);
    printf("waited %s (median), %s (nine of ten)\n", median, p90);
  }
  if (no_show_rate > 0)
    printf("missed %.0f%%\n", 100 * no_show_rate);
}

static void print_hours(const struct json *day)
{
  static const char *const columns[] = {"hour", "issued", "called", "seated"};
  autotable struct table t = {.columns = array_len(columns), .right = 0xf};
  for (size_t i = 0; i < array_len(columns); i++)
    table_add(&t, columns[i]);
  for (const struct json *hour = json_at(json_get(day, "hours"), 0); hour; hour = json_next(hour)) {
    table_add(&t, json_text_or_empty(hour, "hour"));
    for (size_t i = 1; i < array_len(columns); i++)
      table_fmt(&t, "%" PRId64, json_int_or_zero(hour, columns[i]));
  }
  table_print(&t);
}

static int show_day(struct ctl *c)
{
  autoanswer struct answer a = {0};
  char path[64];
  int r = day_path(c->words[0], "", path, sizeof path);
  if (r == 0)
    r = client_get(c, path, &a);
  if (r || c->options[OPT_JSON])
    return r ? r : answer_print(&a);
  print_totals(a.json);
  print_rates(a.json);
  print_hours(a.json);
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
  return strcmp(c->words[0], "new") == 0 ? start_day(c) : show_day(c);
}

/* The open day by default, which is not the date: it goes on after midnight, and this machine may use another time
 * zone. */
int cmd_export(struct ctl *c)
{
  autoanswer struct answer queue = {0};
  char path[64];
  int r = c->n_words ? 0 : client_get(c, API_QUEUE, &queue);
  if (r == 0)
    r = day_path(c->n_words ? c->words[0] : json_text_or_empty(queue.json, "day"), "/export.csv", path, sizeof path);
  return r ? r : client_download(c, path, c->options[OPT_OUTPUT]);
}
