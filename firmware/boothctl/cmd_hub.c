/* cmd_hub.c - the commands on the hub and on the night's work: they begin it, then look until it is done. */

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/json_write.h"
#include "boothctl/client.h"
#include "boothctl/format_queue.h"
#include "boothctl/format_system.h"
#include "boothctl/table.h"
#include "boothctl/term.h"

#define LOOK_MS    200
#define ATTEMPT_MS (10 * 1000) /* a slow hub is still being asked after that, which is an answer too */
#define NIGHT_MS   (40 * 60 * 1000)

/* ---- begin, and look until it is done ---- */

static int64_t attempts(const struct json *system)
{
  int64_t n = 0;
  const struct json *hub = json_at(json_get(json_get(system, "sync"), "hubs"), 0);
  for (; hub; hub = json_next(hub))
    n += json_int_or_zero(hub, "ok") + json_int_or_zero(hub, "failed");
  return n;
}

static int64_t nights(const struct json *system)
{
  return json_time_or_zero(json_get(json_get(system, "nightly"), "last"), "ended_at");
}

/* Posts, and asks until the count is another, or for so long. */
static int begin(struct ctl *c, const char *path, const char *body, int64_t (*count)(const struct json *system),
                 int64_t within_ms, struct answer *ret)
{
  autoanswer struct answer begun = {0};
  int64_t until = clock_mono_ms() + within_ms;
  int r = client_get(c, API_SYSTEM, ret);
  int64_t before = count(ret->json);
  if (r == 0)
    r = client_change_once(c, "POST", path, body, &begun);
  while (r == 0 && clock_mono_ms() < until && count(ret->json) == before) {
    nanosleep(&(struct timespec){.tv_nsec = LOOK_MS * 1000000L}, NULL);
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
    r = begin(c, API_SYSTEM "/sync", NULL, attempts, ATTEMPT_MS, &a);
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
  int r = begin(c, API_SYSTEM "/nightly", body, nights, NIGHT_MS, &a);
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
