/* maintenance.c - a table of steps, done in its order; each says in a word how it went. A step that fails does not keep
 * the next from its work, since none builds on another but the cut of the journal, which takes only what is
 * acknowledged.
 */
#include "worker/maintenance.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/json_write.h"
#include "base/log.h"
#include "base/text.h"
#include "config/config.h"
#include "store/journal_reader.h"
#include "store/snapshot.h"
#include "sync/sync.h"
#include "writer/client.h"

#define LOOK_MS    60000
#define DRAIN_MS   (10 * 60 * 1000)
#define COMPARE_MS (5 * 60 * 1000)
#define NOTE_MOST  (4 * 1024)

enum result { RESULT_OK, RESULT_SKIPPED, RESULT_FAILED };
static const char *const result_names[] = {"ok", "skipped", "failed"};

struct maintenance {
  struct maintenance_options o;
  char *state_dir;
  struct maintenance_window window;
  int32_t keep_h;
  struct mailbox *home;
  pthread_t thread;
  _Atomic bool stop;
  int64_t last_wall, last_mono; /* the thread's own, as is */
  bool erase;                   /* all that may go */

  pthread_mutex_t lock; /* of these: */
  pthread_cond_t changed;
  bool poked, erase_asked, running;
  struct buf last; /* the note as JSON; empty = none yet */
};

/* ---- when ---- */

static bool due_by_window(const struct maintenance_window *w, const struct maintenance_times *t)
{
  int length = (w->to_min - w->from_min + 1440) % 1440, into = (t->now_min - w->from_min + 1440) % 1440;
  int64_t opened = t->wall_ms - (into + 1) * INT64_C(60000); /* or a minute before */
  return into < length && t->last_wall < opened;
}

bool maintenance_due(const struct maintenance_window *w, const struct maintenance_times *t)
{
  int64_t ago = t->wall_ms - t->last_wall;
  if (t->trusted)
    return due_by_window(w, t) || ago >= MAINTENANCE_LATE_MS;
  return t->mono_ms - t->last_mono >= MAINTENANCE_AGAIN_MS || ago >= MAINTENANCE_AGAIN_MS;
}

/* ---- the steps: 0 or what kept it, with a word for people ---- */

struct step_done {
  enum result result;
  char detail[128];
};

static struct step_done printf_like(2, 3) done(enum result result, const char *format, ...)
{
  struct step_done d = {.result = result};
  va_list args;
  va_start(args, format);
  vsnprintf(d.detail, sizeof d.detail, format, args);
  va_end(args);
  return d;
}

static struct step_done of_hub(int r)
{
  static const struct {
    int r;
    enum result result;
    const char *words;
  } rows[] = {{0, RESULT_OK, ""},
              {-ENOENT, RESULT_SKIPPED, "no hub"},
              {-EHOSTUNREACH, RESULT_FAILED, "the hub is not reached"},
              {-ETIME, RESULT_FAILED, "not done in time"}};
  for (size_t i = 0; i < array_len(rows); i++)
    if (rows[i].r == r)
      return done(rows[i].result, "%s", rows[i].words);
  return done(RESULT_FAILED, "%s", strerrordesc_np(-r));
}

static struct step_done exchange(struct maintenance *n)
{
  return of_hub(sync_drain(n->o.sync, DRAIN_MS));
}

static struct step_done compare(struct maintenance *n)
{
  int differ = 0;
  int r = sync_compare(n->o.sync, COMPARE_MS, &differ);
  if (r < 0 || differ == 0)
    return of_hub(r);
  log_warn("days_differ", "days=%d", differ);
  r = sync_drain(n->o.sync, DRAIN_MS);
  return r < 0 ? of_hub(r) : done(RESULT_OK, "%d sent again", differ);
}

/* Small steps of the writer until there are no more; commands go between them. */
static struct step_done repeat(struct maintenance *n, struct request *(*make)(struct maintenance *n))
{
  int code = REFUSE_NONE, steps = 0;
  for (bool more = true; more && code == REFUSE_NONE && !atomic_load(&n->stop); steps++) {
    struct request *r = writer_call(n->o.writer, n->home, make(n));
    code = r->refusal;
    more = r->more;
    request_free(r);
  }
  if (code == REFUSE_WRONG_STATE)
    return done(RESULT_SKIPPED, "the clock is not trusted");
  return code == REFUSE_NONE ? done(RESULT_OK, "%s", "") : done(RESULT_FAILED, "%s", refusal_names[code]);
}

static struct request *make_erase(struct maintenance *n)
{
  struct request *r = request_new(REQUEST_ERASE, NULL);
  r->erasure.keep_h = n->keep_h;
  r->erasure.through_day = n->erase ? INT32_MAX : 0;
  return r;
}

static struct request *make_compact(struct maintenance *n)
{
  struct request *r = request_new(REQUEST_COMPACT, NULL);
  r->compaction.no_hub = !sync_enrolled(n->o.sync);
  return r;
}

static struct step_done erase(struct maintenance *n)
{
  return repeat(n, make_erase);
}

static struct step_done compact(struct maintenance *n)
{
  return repeat(n, make_compact);
}

static struct step_done check(struct maintenance *n)
{
  struct journal *j = NULL;
  char why[128] = "";
  int r = journal_open(n->state_dir, &j);
  if (r == 0)
    r = journal_check(j, why);
  journal_close(j);
  if (r < 0)
    log_err("nightly_check", "error=\"%s\"", *why ? why : strerrordesc_np(-r));
  return r == 0 ? done(RESULT_OK, "%s", "") : done(RESULT_FAILED, "%s", *why ? why : strerrordesc_np(-r));
}

static struct step_done snapshot(struct maintenance *n)
{
  int r = snapshot_rotate_nightly(n->state_dir, clock_wall_ms());
  return r == 0 ? done(RESULT_OK, "%s", "") : done(RESULT_FAILED, "%s", strerrordesc_np(-r));
}

static const struct {
  const char *name;
  struct step_done (*run)(struct maintenance *n);
} steps[] = {{"exchange", exchange}, {"compare", compare},   {"erase", erase},
             {"check", check},       {"snapshot", snapshot}, {"compact", compact}};

/* ---- a round ---- */

static void keep_note(struct maintenance *n, struct buf *note)
{
  struct request *r = request_new(REQUEST_MAINTENANCE_REPORT, NULL);
  r->report = xstrdup(note->data);
  r = writer_call(n->o.writer, n->home, r);
  if (r->refusal != REFUSE_NONE)
    log_warn("nightly_not_noted", "code=%s", refusal_names[r->refusal]);
  request_free(r);
  pthread_mutex_lock(&n->lock);
  buf_clear(&n->last);
  buf_add(&n->last, note->data, note->len);
  pthread_mutex_unlock(&n->lock);
}

static void round_once(struct maintenance *n)
{
  autobuf struct buf note = {0};
  int64_t began = clock_wall_ms(), began_mono = clock_mono_ms();
  bool ok = true;
  json_open(&note, NULL, '{');
  json_open(&note, "steps", '[');
  for (size_t i = 0; i < array_len(steps) && !atomic_load(&n->stop); i++) {
    struct step_done d = steps[i].run(n);
    ok &= d.result != RESULT_FAILED;
    json_open(&note, NULL, '{');
    json_str(&note, "name", steps[i].name);
    json_str(&note, "result", result_names[d.result]);
    json_str(&note, "detail", *d.detail ? d.detail : NULL);
    json_close(&note, '}');
  }
  json_close(&note, ']');
  if (atomic_load(&n->stop))
    return; /* another time */
  n->last_wall = clock_wall_ms();
  n->last_mono = clock_mono_ms();
  json_time(&note, "began_at", began);
  json_time(&note, "ended_at", n->last_wall);
  json_bool(&note, "ok", ok);
  json_close(&note, '}');
  log_line(ok ? 6 : 4, "nightly", "ok=%d ms=%lld", ok, (long long)(n->last_mono - began_mono));
  keep_note(n, &note);
}

/* What the last round before this start left; if there was none, counting begins now. */
static void read_note(struct maintenance *n)
{
  struct journal *j = NULL;
  autobuf struct buf note = {0};
  struct json *parsed = NULL;
  struct json_error unused;
  n->last_wall = clock_wall_ms();
  int r = journal_open(n->state_dir, &j);
  if (r == 0)
    r = journal_maintenance_report(j, &note);
  journal_close(j);
  if (r < 0 || note.len == 0 || note.len > NOTE_MOST || json_parse(note.data, note.len, &parsed, &unused) < 0)
    return;
  const char *ended = json_string(json_get(parsed, "ended_at"));
  if (ended && text_parse_time(ended, &n->last_wall) == 0) {
    pthread_mutex_lock(&n->lock);
    buf_add(&n->last, note.data, note.len);
    pthread_mutex_unlock(&n->lock);
  }
  json_free(parsed);
}

/* ---- the thread ---- */

static bool is_due(const struct maintenance *n)
{
  struct maintenance_times t = {.trusted = clock_trusted(),
                                .wall_ms = clock_wall_ms(),
                                .mono_ms = clock_mono_ms(),
                                .last_wall = n->last_wall,
                                .last_mono = n->last_mono};
  char local[20]; /* "2026-09-11 19:03:07" */
  int hour = 0, minute = 0;
  clock_local_text(local, t.wall_ms);
  (void)sscanf(local + 11, "%d:%d", &hour, &minute);
  t.now_min = hour * 60 + minute;
  return maintenance_due(&n->window, &t);
}

static void *nightly_main(void *arg)
{
  struct maintenance *n = arg;
  read_note(n);
  pthread_mutex_lock(&n->lock);
  while (!atomic_load(&n->stop)) {
    if (!n->poked && !is_due(n)) {
      struct timespec until;
      clock_gettime(CLOCK_MONOTONIC, &until);
      until.tv_sec += LOOK_MS / 1000;
      pthread_cond_timedwait(&n->changed, &n->lock, &until);
      continue;
    }
    n->erase = n->erase_asked;
    n->poked = n->erase_asked = false;
    n->running = true;
    pthread_mutex_unlock(&n->lock);
    round_once(n);
    pthread_mutex_lock(&n->lock);
    n->running = false;
  }
  pthread_mutex_unlock(&n->lock);
  return NULL;
}

static void free_nightly(struct maintenance *n)
{
  mailbox_free(n->home);
  buf_done(&n->last);
  pthread_cond_destroy(&n->changed);
  pthread_mutex_destroy(&n->lock);
  free(n->state_dir);
  free(n);
}

int maintenance_start(const struct maintenance_options *o, struct maintenance **ret)
{
  struct maintenance *n = xnew(struct maintenance);
  pthread_condattr_t attributes;
  int64_t keep_h = 0;
  n->o = *o;
  n->state_dir = xstrdup(o->state_dir);
  n->home = mailbox_new(SIZE_MAX);
  pthread_mutex_init(&n->lock, NULL);
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&n->changed, &attributes);
  pthread_condattr_destroy(&attributes);
  int r = config_parse_window(o->config->nightly, &n->window.from_min, &n->window.to_min);
  if (r == 0)
    r = util_parse_i64(o->config->pii_keep_h, 0, INT32_MAX, &keep_h);
  n->keep_h = (int32_t)keep_h;
  if (r == 0)
    r = -pthread_create(&n->thread, NULL, nightly_main, n);
  if (r < 0) {
    free_nightly(n);
    return r;
  }
  *ret = n;
  return 0;
}

void maintenance_stop(struct maintenance *n)
{
  if (!n)
    return;
  pthread_mutex_lock(&n->lock);
  atomic_store(&n->stop, true);
  pthread_cond_broadcast(&n->changed);
  pthread_mutex_unlock(&n->lock);
  pthread_join(n->thread, NULL);
  free_nightly(n);
}

void maintenance_wake(struct maintenance *n, bool erase)
{
  pthread_mutex_lock(&n->lock);
  n->poked = true;
  n->erase_asked |= erase;
  pthread_cond_broadcast(&n->changed);
  pthread_mutex_unlock(&n->lock);
}

void maintenance_json(struct maintenance *n, struct buf *b, const char *key)
{
  pthread_mutex_lock(&n->lock);
  json_open(b, key, '{');
  json_bool(b, "running", n->running || n->poked);
  json_raw(b, "last", n->last.len ? n->last.data : "null");
  json_close(b, '}');
  pthread_mutex_unlock(&n->lock);
}
