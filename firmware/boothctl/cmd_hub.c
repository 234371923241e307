/* cmd_hub.c - commands that start work in the daemon (sync, maintenance) and poll until it is done; and enrolment. */
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/json_write.h"
#include "boothctl/client.h"
#include "boothctl/format_system.h"
#include "boothctl/table.h"
#include "boothctl/term.h"

#define POLL_MS    200
#define SYNC_MS    (10 * 1000) /* then the state is shown as it is, although the hub has not answered yet */
#define NIGHTLY_MS (40 * 60 * 1000)

/* How many exchanges have ended. */
static int64_t exchange_count(const struct json *system)
{
  int64_t n = 0;
  const struct json *hub = json_at(json_get(json_get(system, "sync"), "hubs"), 0);
  for (; hub; hub = json_next(hub))
    n += json_int_or_zero(hub, "ok") + json_int_or_zero(hub, "failed");
  return n;
}

/* When the last maintenance ended. */
static int64_t nightly_end(const struct json *system)
{
  return json_time_or_zero(json_get(json_get(system, "nightly"), "last"), "ended_at");
}

/* Posts, and polls GET /system until `progress` of it changes, or for so long. */
static int start_and_poll(struct ctl *c, const char *path, const char *body,
                          int64_t (*progress)(const struct json *system), int64_t timeout_ms, struct answer *ret)
{
  autoanswer struct answer started = {0};
  int64_t until = clock_mono_ms() + timeout_ms;
  int r = client_get(c, API_SYSTEM, ret);
  int64_t before = progress(ret->json);
  if (r == 0)
    r = client_change_once(c, "POST", path, body, &started);
  while (r == 0 && clock_mono_ms() < until && progress(ret->json) == before) {
    nanosleep(&(struct timespec){.tv_nsec = POLL_MS * 1000000L}, NULL);
    r = client_get(c, API_SYSTEM, ret);
  }
  return r;
}

int cmd_sync(struct ctl *c)
{
  autoanswer struct answer a = {0};
  autobuf struct buf b = {0};
  int r = client_get(c, API_SYSTEM, &a);
  if (r == 0 && strcmp(json_text_or_empty(json_get(a.json, "sync"), "state"), "off") == 0) {
    ctl_print_error("this booth is not enrolled with a hub; see: boothctl enrol");
    return CTL_REFUSED;
  }
  if (r == 0)
    r = start_and_poll(c, API_SYSTEM "/sync", NULL, exchange_count, SYNC_MS, &a);
  if (r || c->options[OPT_JSON])
    return r ? r : answer_print(&a);
  const struct json *sync = json_get(a.json, "sync");
  format_sync(&b, sync);
  puts(b.data);
  return strcmp(json_text_or_empty(sync, "state"), "stuck") == 0 ? CTL_REFUSED : 0;
}

int cmd_enrol(struct ctl *c)
{
  autoanswer struct answer a = {0};
  autobuf struct buf body = {0}, hub = {0};
  json_open(&body, NULL, '{');
  json_str(&body, "hub", c->words[0]);
  json_str(&body, "code", c->words[1]);
  json_close(&body, '}');
  int r = client_change_slowly(c, "POST", API_SYSTEM "/enrol", body.data, &a);
  if (r || c->options[OPT_JSON])
    return r ? r : answer_print(&a);
  term_text(&hub, json_text_or_empty(a.json, "hub"));
  printf("enrolled with %s as booth %s\n", hub.data ? hub.data : "", json_text_or_empty(a.json, "booth"));
  return 0;
}

int cmd_nightly(struct ctl *c)
{
  autoanswer struct answer a = {0};
  autotable struct table t = {.columns = 3};
  const char *body = c->options[OPT_ERASE] ? "{\"erase\":true}" : NULL;
  int r = start_and_poll(c, API_SYSTEM "/nightly", body, nightly_end, NIGHTLY_MS, &a);
  if (r || c->options[OPT_JSON])
    return r ? r : answer_print(&a);
  const struct json *last = json_get(json_get(a.json, "nightly"), "last");
  for (const struct json *step = json_at(json_get(last, "steps"), 0); step; step = json_next(step)) {
    autobuf struct buf detail = {0};
    term_text(&detail, json_text_or_empty(step, "detail"));
    table_add(&t, json_text_or_empty(step, "name"));
    table_add(&t, json_text_or_empty(step, "result"));
    table_add(&t, detail.data);
  }
  table_print(&t);
  return json_true(json_get(last, "ok")) ? 0 : CTL_REFUSED;
}
