/* maintenance.c - a table of steps, run in order. After a failed step the next one still runs: only compacting depends
 * on another, and it deletes only acknowledged events.
 */
#include "worker/maintenance.h"

#include <errno.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/json_write.h"
#include "base/log.h"
#include "base/text.h"
#include "base/thread.h"
#include "config/config.h"
#include "store/journal_reader.h"
#include "store/snapshot.h"
#include "sync/sync.h"
#include "writer/client.h"

#define CHECK_MS    60000 /* how often it checks whether a round is due */
#define DRAIN_MS    (10 * 60 * 1000)
#define COMPARE_MS  (5 * 60 * 1000)
#define REPORT_MOST (4 * 1024)

struct maintenance {
  struct maintenance_options o;
  char *state_dir;
  struct maintenance_window window;
  int32_t keep_h;
  struct mailbox *home; /* requests come back from the writer */
  struct thread thread;

  /* the thread's own */
  int64_t last_wall;
  int64_t last_mono;
  bool erase; /* all days but the open one */

  /* under its lock */
  bool wanted; /* a round now */
  bool erase_wanted;
  bool running;
  struct buf report; /* of the last round, as JSON; empty = none yet */
};

/* --- when --- */

static bool due_by_window(const struct maintenance_window *w, const struct maintenance_times *t)
{
  int length = (w->to_min - w->from_min + 1440) % 1440;
  int into = (t->now_min - w->from_min + 1440) % 1440;
  int64_t opened = t->wall_ms - (into + 1) * INT64_C(60000); /* or up to a minute earlier */
  return into < length && t->last_wall < opened;
}

bool maintenance_due(const struct maintenance_window *w, const struct maintenance_times *t)
{
  int64_t ago = t->wall_ms - t->last_wall;
  if (t->trusted)
    return due_by_window(w, t) || ago >= MAINTENANCE_LATE_MS;
  return t->mono_ms - t->last_mono >= MAINTENANCE_AGAIN_MS || ago >= MAINTENANCE_AGAIN_MS;
}

/* --- the steps --- */

enum step_result { STEP_OK, STEP_SKIPPED, STEP_FAILED };
static const char *const step_result_names[] = {"ok", "skipped", "failed"};

struct step_report {
  enum step_result result;
  char detail[128]; /* for people; "" = nothing to add */
};

static struct step_report printf_like(2, 3) report(enum step_result result, const char *format, ...)
{
  struct step_report d = {.result = result};
  va_list args;
  va_start(args, format);
  vsnprintf(d.detail, sizeof d.detail, format, args);
  va_end(args);
  return d;
}

static struct step_report report_errno(int r)
{
  return r == 0 ? report(STEP_OK, "%s", "") : report(STEP_FAILED, "%s", strerrordesc_np(-r));
}

static struct step_report report_sync(int r)
{
  switch (r) {
  case -ENOENT:
    return report(STEP_SKIPPED, "no hub");
  case -EHOSTUNREACH:
    return report(STEP_FAILED, "the hub is not reached");
  case -ETIME:
    return report(STEP_FAILED, "not done in time");
  default:
    return report_errno(r);
  }
}

static struct step_report step_exchange(struct maintenance *m)
{
  return report_sync(sync_drain(m->o.sync, DRAIN_MS));
}

static struct step_report step_compare(struct maintenance *m)
{
  int differ = 0;
  int r = sync_compare(m->o.sync, COMPARE_MS, &differ);
  if (r < 0 || differ == 0)
    return report_sync(r);
  log_warn("days_differ", "days=%d", differ);
  r = sync_drain(m->o.sync, DRAIN_MS);
  return r < 0 ? report_sync(r) : report(STEP_OK, "%d sent again", differ);
}

/* Sends small requests to the writer until nothing is left, so that commands can run in between. */
static struct step_report repeat_request(struct maintenance *m, struct writer_request *(*make)(struct maintenance *m))
{
  enum refusal refusal = REFUSE_NONE;
  bool more = true;
  while (more && refusal == REFUSE_NONE && !thread_stopping(&m->thread)) {
    struct writer_request *q = writer_call(m->o.writer, m->home, make(m));
    refusal = q->refusal;
    more = q->more;
    writer_request_free(q);
  }
  if (refusal == REFUSE_WRONG_STATE)
    return report(STEP_SKIPPED, "the clock is not trusted");
  return refusal == REFUSE_NONE ? report(STEP_OK, "%s", "") : report(STEP_FAILED, "%s", refusal_names[refusal]);
}

static struct writer_request *make_erase(struct maintenance *m)
{
  struct writer_request *q = writer_request_new(WRITER_ERASE, NULL);
  q->erasure.keep_h = m->keep_h;
  q->erasure.through_day = m->erase ? INT32_MAX : 0;
  return q;
}

static struct writer_request *make_compact(struct maintenance *m)
{
  struct writer_request *q = writer_request_new(WRITER_COMPACT, NULL);
  q->compaction.no_hub = !sync_enrolled(m->o.sync);
  return q;
}

static struct step_report step_erase(struct maintenance *m)
{
  return repeat_request(m, make_erase);
}

static struct step_report step_compact(struct maintenance *m)
{
  return repeat_request(m, make_compact);
}

static struct step_report step_check(struct maintenance *m)
{
  struct journal *j = NULL;
  char why[128] = "";
  int r = journal_open(m->state_dir, &j);
  if (r == 0)
    r = journal_check(j, why);
  journal_close(j);
  if (r < 0)
    log_err("nightly_check", "error=\"%s\"", *why ? why : strerrordesc_np(-r));
  return r == 0 ? report(STEP_OK, "%s", "") : report(STEP_FAILED, "%s", *why ? why : strerrordesc_np(-r));
}

static struct step_report step_snapshot(struct maintenance *m)
{
  return report_errno(snapshot_rotate_nightly(m->state_dir, clock_wall_ms()));
}

static const struct {
  const char *name;
  struct step_report (*run)(struct maintenance *m);
} steps[] = {
    {"exchange", step_exchange}, {"compare", step_compare},   {"erase", step_erase},
    {"check", step_check},       {"snapshot", step_snapshot}, {"compact", step_compact},
};

/* --- a round --- */

static void save_report(struct maintenance *m, const struct buf *text)
{
  struct writer_request *q = writer_request_new(WRITER_MAINTENANCE_REPORT, NULL);
  q->report = xstrdup(text->data);
  q = writer_call(m->o.writer, m->home, q);
  if (q->refusal != REFUSE_NONE)
    log_warn("nightly_report_failed", "code=%s", refusal_names[q->refusal]);
  writer_request_free(q);
  thread_lock(&m->thread);
  buf_clear(&m->report);
  buf_add(&m->report, text->data, text->len);
  thread_unlock(&m->thread);
}

static void run_round(struct maintenance *m)
{
  autobuf struct buf text = {0};
  int64_t began = clock_wall_ms();
  int64_t began_mono = clock_mono_ms();
  bool ok = true;
  json_open(&text, NULL, '{');
  json_open(&text, "steps", '[');
  for (size_t i = 0; i < array_len(steps) && !thread_stopping(&m->thread); i++) {
    struct step_report d = steps[i].run(m);
    ok &= d.result != STEP_FAILED;
    json_open(&text, NULL, '{');
    json_str(&text, "name", steps[i].name);
    json_str(&text, "result", step_result_names[d.result]);
    json_str(&text, "detail", *d.detail ? d.detail : NULL);
    json_close(&text, '}');
  }
  json_close(&text, ']');
  if (thread_stopping(&m->thread))
    return; /* the next start begins a new round */
  m->last_wall = clock_wall_ms();
  m->last_mono = clock_mono_ms();
  json_time(&text, "began_at", began);
  json_time(&text, "ended_at", m->last_wall);
  json_bool(&text, "ok", ok);
  json_close(&text, '}');
  log_line(ok ? 6 : 4, "nightly", "ok=%d ms=%lld", ok, (long long)(m->last_mono - began_mono));
  save_report(m, &text);
}

/* Reads when the last round before this start ended; if there was none, time counts from now. */
static void load_report(struct maintenance *m)
{
  struct journal *j = NULL;
  autobuf struct buf text = {0};
  struct json *parsed = NULL;
  struct json_error unused;
  m->last_wall = clock_wall_ms();
  int r = journal_open(m->state_dir, &j);
  if (r == 0)
    r = journal_maintenance_report(j, &text);
  journal_close(j);
  if (r < 0 || text.len == 0 || text.len > REPORT_MOST || json_parse(text.data, text.len, &parsed, &unused) < 0)
    return;
  const char *ended = json_string(json_get(parsed, "ended_at"));
  if (ended && text_parse_time(ended, &m->last_wall) == 0) {
    thread_lock(&m->thread);
    buf_add(&m->report, text.data, text.len);
    thread_unlock(&m->thread);
  }
  json_free(parsed);
}

/* --- the thread --- */

static bool is_due(const struct maintenance *m)
{
  struct maintenance_times t = {.trusted = clock_trusted(),
                                .wall_ms = clock_wall_ms(),
                                .mono_ms = clock_mono_ms(),
                                .last_wall = m->last_wall,
                                .last_mono = m->last_mono};
  char local[20]; /* "2026-09-11 19:03:07" */
  int hour = 0, minute = 0;
  clock_local_text(local, t.wall_ms);
  (void)sscanf(local + 11, "%d:%d", &hour, &minute);
  t.now_min = hour * 60 + minute;
  return maintenance_due(&m->window, &t);
}

static void *maintenance_main(void *arg)
{
  struct maintenance *m = arg;
  load_report(m);
  thread_lock(&m->thread);
  while (!thread_stopping(&m->thread)) {
    if (!m->wanted && !is_due(m)) {
      thread_wait(&m->thread, clock_mono_ms() + CHECK_MS);
      continue;
    }
    m->erase = m->erase_wanted;
    m->wanted = m->erase_wanted = false;
    m->running = true;
    thread_unlock(&m->thread);
    run_round(m);
    thread_lock(&m->thread);
    m->running = false;
  }
  thread_unlock(&m->thread);
  return NULL;
}

static void free_maintenance(struct maintenance *m)
{
  mailbox_free(m->home);
  buf_done(&m->report);
  thread_done(&m->thread);
  free(m->state_dir);
  free(m);
}

int maintenance_start(const struct maintenance_options *o, struct maintenance **ret)
{
  struct maintenance *m = xnew(struct maintenance);
  int64_t keep_h = 0;
  m->o = *o;
  m->state_dir = xstrdup(o->state_dir);
  m->home = mailbox_new(SIZE_MAX);
  thread_init(&m->thread);
  int r = config_parse_window(o->config->nightly, &m->window.from_min, &m->window.to_min);
  if (r == 0)
    r = util_parse_i64(o->config->pii_keep_h, 0, INT32_MAX, &keep_h);
  m->keep_h = (int32_t)keep_h;
  if (r == 0)
    r = thread_start(&m->thread, maintenance_main, m);
  if (r < 0) {
    free_maintenance(m);
    return r;
  }
  *ret = m;
  return 0;
}

void maintenance_stop(struct maintenance *m)
{
  if (!m)
    return;
  thread_stop(&m->thread);
  thread_join(&m->thread, -1);
  free_maintenance(m);
}

void maintenance_wake(struct maintenance *m, bool erase)
{
  thread_lock(&m->thread);
  m->wanted = true;
  m->erase_wanted |= erase;
  thread_wake(&m->thread);
  thread_unlock(&m->thread);
}

void maintenance_json(struct maintenance *m, struct buf *b, const char *key)
{
  thread_lock(&m->thread);
  json_open(b, key, '{');
  json_bool(b, "running", m->running || m->wanted);
  json_raw(b, "last", m->report.len ? m->report.data : "null");
  json_close(b, '}');
  thread_unlock(&m->thread);
}
