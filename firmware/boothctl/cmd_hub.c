/* cmd_hub.c - the commands on the hub and on the night's work: they begin it, then look until it is done. */
#include "boothctl/cmd_hub.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/json_write.h"
#include "boothctl/client.h"
#include "boothctl/format_queue.h"

#define SYSTEM     "/api/v1/system"
#define LOOK_MS    200
#define ATTEMPT_MS (10 * 1000) /* a slow hub is still being asked after that, which is an answer too */
#define NIGHT_MS   (40 * 60 * 1000)

void hub_sync_text(struct buf *b, const struct json *sync)
{
  const char *reason = list_text(sync, "reason"), *detail = list_text(sync, "detail");
  int64_t last = list_time(sync, "last_ok_at");
  char text[20];
  buf_fmt(b, "%s, %" PRId64 " pending", list_text(sync, "state"), list_int(sync, "pending"));
  if (last) {
    list_clock(text, last, clock_wall_ms());
    buf_fmt(b, ", last ok %s", text);
  }
  if (*reason) {
    buf_fmt(b, ": %s (", reason);
    term_text(b, detail);
    buf_fmt(b, "), next attempt in %" PRId64 " s", list_int(sync, "next_s"));
  }
}

void hub_nightly_text(struct buf *b, const struct json *nightly)
{
  const struct json *last = json_get(nightly, "last");
  int64_t ended = list_time(last, "ended_at");
  char text[20];
  list_clock(text, ended, clock_wall_ms());
  buf_fmt(b, "%s%s%s", json_true(json_get(nightly, "running")) ? "running, " : "",
          ended ? "last done " : "not done yet", ended ? text : "");
  const struct json *step = json_at(json_get(last, "steps"), 0);
  for (; step; step = json_next(step))
    if (strcmp(list_text(step, "result"), "failed") == 0) {
      buf_fmt(b, ", %s failed: ", list_text(step, "name"));
      term_text(b, list_text(step, "detail"));
    }
}

/* ---- begin, and look until it is done ---- */

static int64_t attempts(const struct json *system)
{
  int64_t n = 0;
  const struct json *hub = json_at(json_get(json_get(system, "sync"), "hubs"), 0);
  for (; hub; hub = json_next(hub))
    n += list_int(hub, "ok") + list_int(hub, "failed");
  return n;
}

static int64_t nights(const struct json *system)
{
  return list_time(json_get(json_get(system, "nightly"), "last"), "ended_at");
}

/* Posts, and asks until the count is another, or for so long. */
static int begin(struct ctl *c, const char *path, const char *body, int64_t (*count)(const struct json *system),
                 int64_t within_ms, struct answer *ret)
{
  autoanswer struct answer begun = {0};
  int64_t until = clock_mono_ms() + within_ms;
  int r = ask_get(c, SYSTEM, ret);
  int64_t before = count(ret->json);
  if (r == 0)
    r = ask_once(c, "POST", path, body, &begun);
  while (r == 0 && clock_mono_ms() < until && count(ret->json) == before) {
    nanosleep(&(struct timespec){.tv_nsec = LOOK_MS * 1000000L}, NULL);
    r = ask_get(c, SYSTEM, ret);
  }
  return r;
}

int ctl_sync(struct ctl *c)
{
  autoanswer struct answer a = {0};
  autobuf struct buf b = {0};
  int r = ask_get(c, SYSTEM, &a);
  if (r == 0 && strcmp(list_text(json_get(a.json, "sync"), "state"), "off") == 0) {
    ctl_complain("this booth is not enrolled with a hub; see: boothctl enrol");
    return CTL_REFUSED;
  }
  if (r == 0)
    r = begin(c, SYSTEM "/sync", NULL, attempts, ATTEMPT_MS, &a);
  if (r || c->options[OPT_JSON])
    return r ? r : ask_print(&a);
  const struct json *sync = json_get(a.json, "sync");
  hub_sync_text(&b, sync);
  puts(b.data);
  return strcmp(list_text(sync, "state"), "stuck") == 0 ? CTL_REFUSED : 0;
}

int ctl_enrol(struct ctl *c)
{
  autoanswer struct answer a = {0};
  autobuf struct buf body = {0}, hub = {0};
  json_open(&body, NULL, '{');
  json_str(&body, "hub", c->words[0]);
  json_str(&body, "code", c->words[1]);
  json_close(&body, '}');
  int r = ask_patiently(c, "POST", SYSTEM "/enrol", body.data, &a);
  if (r || c->options[OPT_JSON])
    return r ? r : ask_print(&a);
  term_text(&hub, list_text(a.json, "hub"));
  printf("enrolled with %s as booth %s\n", hub.data ? hub.data : "", list_text(a.json, "booth"));
  return 0;
}

int ctl_nightly(struct ctl *c)
{
  autoanswer struct answer a = {0};
  autotable struct table t = {.columns = 3};
  const char *body = c->options[OPT_ERASE] ? "{\"erase\":true}" : NULL;
  int r = begin(c, SYSTEM "/nightly", body, nights, NIGHT_MS, &a);
  if (r || c->options[OPT_JSON])
    return r ? r : ask_print(&a);
  const struct json *last = json_get(json_get(a.json, "nightly"), "last");
  for (const struct json *step = json_at(json_get(last, "steps"), 0); step; step = json_next(step)) {
    autobuf struct buf detail = {0};
    term_text(&detail, list_text(step, "detail"));
    table_add(&t, list_text(step, "name"));
    table_add(&t, list_text(step, "result"));
    table_add(&t, detail.data);
  }
  table_print(&t);
  return json_true(json_get(last, "ok")) ? 0 : CTL_REFUSED;
}
