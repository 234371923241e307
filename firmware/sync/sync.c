/* sync.c - the thread: sleep until there is something to send or a request, try, report to the loop.
 *
 * It waits for the network and for the writer; only maintenance and enrolments wait for it. backoff.c decides when to
 * try, plan.c what to send.
 */
#include "sync/sync.h"

#include <errno.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "config/config.h"
#include "sync/internal.h"

/* --- status --- */

void sync_post_event(struct sync *s, struct sync_event *e)
{
  thread_lock(&s->thread);
  e->status = s->status;
  thread_unlock(&s->thread);
  mailbox_force(s->to_loop, &e->mail);
}

static void update_from_journal(struct sync *s)
{
  struct sync_journal j;
  if (sync_read_journal(s, &j) < 0 || j.n_epochs == 0)
    return;
  const struct journal_epoch *e = &j.epochs[0];
  int64_t acked = max(e->acked, e->first_seq - 1), here = max(e->last_seq - acked, 0);
  thread_lock(&s->thread);
  s->status.acked = e->ordinal << 32 | acked;
  s->status.older = max(j.state.pending - here, 0);
  s->pending = j.state.pending + (int64_t)s->plan.n_again;
  thread_unlock(&s->thread);
}

static void update_from_result(struct sync *s, const struct exchange_result *e)
{
  thread_lock(&s->thread);
  struct sync_status *t = &s->status;
  s->attempts++;
  t->attempts[e->result]++;
  if (e->result != SYNC_STOPPED)
    t->result = e->result;
  if (e->result == SYNC_OK)
    t->last_ok_wall = clock_wall_ms();
  util_copy(t->detail, sizeof t->detail, e->detail);
  t->next_mono = backoff_next(&s->backoff);
  if (e->result == SYNC_CREDENTIALS)
    s->wake_reasons &= ~(1U << SYNC_WAKE_MANUAL); /* a tap during the attempt is answered by it */
  thread_unlock(&s->thread);
}

static void post_status(struct sync *s)
{
  struct sync_event *e = xnew(struct sync_event);
  e->kind = SYNC_EVENT_STATUS;
  sync_post_event(s, e);
}

/* --- one attempt --- */

static void begin_compare(struct sync *s)
{
  struct sync_journal j;
  thread_lock(&s->thread);
  bool wanted = s->compare == COMPARE_WANTED;
  if (wanted)
    s->compare = COMPARE_RUNNING;
  thread_unlock(&s->thread);
  if (wanted && sync_read_journal(s, &j) == 0)
    sync_plan_compare(&s->plan, &j, INT64_MAX);
}

static void end_compare(struct sync *s)
{
  thread_lock(&s->thread);
  if (s->compare == COMPARE_RUNNING && !s->plan.compare_ordinal)
    s->compare = COMPARE_NONE;
  thread_wake(&s->thread);
  thread_unlock(&s->thread);
}

static void attempt_exchange(struct sync *s)
{
  struct exchange_result e;
  enum sync_result before = s->status.result; /* written by this thread alone */
  backoff_try(&s->backoff, clock_mono_ms());
  atomic_store(&s->rerouted, false);
  begin_compare(s);
  sync_exchange(s, &e);
  if (e.result == SYNC_STOPPED && atomic_load(&s->interrupt))
    return;
  backoff_done(&s->backoff, e.result, e.more, e.retry_after_ms, random_below(UINT32_MAX), clock_mono_ms());
  update_from_journal(s);
  update_from_result(s, &e);
  end_compare(s);
  if (e.result != before || e.result == SYNC_CONFLICT)
    log_line(e.result == SYNC_OK ? 6 : 4, "sync", "outcome=%s detail=\"%s\"", sync_result_names[e.result], e.detail);
  post_status(s);
}

static void attempt_enrol(struct sync *s, struct enrol_attempt *a)
{
  struct sync_event *e = xnew(struct sync_event);
  e->kind = SYNC_EVENT_ENROLLED;
  e->context = a->context;
  sync_attempt_enrol(s, a, e);
  free(a);
  thread_lock(&s->thread);
  s->enrolling = false;
  thread_unlock(&s->thread);
  if (e->result == SYNC_OK && !*e->code) {
    s->backoff = backoff_start(clock_mono_ms());
    update_from_journal(s);
  }
  sync_post_event(s, e);
}

/* --- the thread --- */

/* The caller holds the lock. */
static void handle_wake_reasons(struct sync *s, int64_t now)
{
  for (enum sync_wake_reason why = SYNC_WAKE_CHANGED; why <= SYNC_WAKE_ROUTE; why++)
    if (s->wake_reasons & 1U << why)
      backoff_wake(&s->backoff, why, now);
  if (s->wake_reasons & 1U << SYNC_WAKE_ROUTE)
    http_client_reconnect(s->http);
  s->wake_reasons = 0;
}

/* Sleeps until there is something to do; false = stop. */
static bool wait_for_work(struct sync *s, struct enrol_attempt **ret_attempt)
{
  thread_lock(&s->thread);
  for (;;) {
    int64_t now = clock_mono_ms();
    handle_wake_reasons(s, now);
    *ret_attempt = take(s->attempt);
    atomic_store(&s->interrupt, thread_stopping(&s->thread));
    int64_t next = s->status.enrolled ? backoff_next(&s->backoff) : INT64_MAX;
    if (thread_stopping(&s->thread) || *ret_attempt || next <= now)
      break;
    thread_wait(&s->thread, next);
  }
  thread_unlock(&s->thread);
  return !thread_stopping(&s->thread);
}

static void *sync_main(void *arg)
{
  struct sync *s = arg;
  struct enrol_attempt *a;
  while (wait_for_work(s, &a)) {
    if (a)
      attempt_enrol(s, a);
    else
      attempt_exchange(s);
  }
  if (a) {
    struct sync_event *e = xnew(struct sync_event);
    *e = (struct sync_event){.kind = SYNC_EVENT_ENROLLED, .context = a->context, .result = SYNC_STOPPED};
    free(a);
    sync_post_event(s, e);
  }
  return NULL;
}

/* --- start and stop --- */

static void free_sync(struct sync *s)
{
  http_client_free(s->http);
  mailbox_free(s->home);
  thread_done(&s->thread);
  free(s->state_dir);
  free(s->configured_hubs);
  free(s);
}

int sync_start(const struct sync_options *o, struct sync **ret)
{
  struct sync *s = xnew(struct sync);
  s->state_dir = xstrdup(o->state_dir);
  s->configured_hubs = xstrdup(o->config->hub);
  s->writer = o->writer;
  s->to_loop = o->to_loop;
  s->home = mailbox_new(SIZE_MAX);
  s->backoff = backoff_start(clock_mono_ms());
  s->batch_size = batch_size_start();
  thread_init(&s->thread);
  int r = enrolment_load(o->state_dir, &s->enrolment);
  if (r < 0 && r != -ENOENT)
    log_err("enrolment_unreadable", "error=\"%s\"", strerrordesc_np(-r));
  sync_list_hubs(s);
  update_from_journal(s);
  const struct http_client_options f = {
      .authority = o->config->hub_ca, .stop = &s->interrupt, .rerouted = &s->rerouted};
  s->http = http_client_new(&f);
  r = thread_start(&s->thread, sync_main, s);
  if (r < 0) {
    free_sync(s);
    return r;
  }
  *ret = s;
  return 0;
}

void sync_cancel(struct sync *s)
{
  thread_stop(&s->thread);
  atomic_store(&s->interrupt, true); /* in this order: the thread clears it unless it is to stop */
  http_client_wake(s->http);
}

void sync_stop(struct sync *s)
{
  if (!s)
    return;
  sync_cancel(s);
  thread_join(&s->thread, -1);
  free_sync(s);
}

/* --- any thread --- */

void sync_wake(struct sync *s, enum sync_wake_reason why)
{
  thread_lock(&s->thread);
  s->wake_reasons |= 1U << why;
  if (why == SYNC_WAKE_ROUTE)
    atomic_store(&s->rerouted, true);
  thread_wake(&s->thread);
  thread_unlock(&s->thread);
  if (why == SYNC_WAKE_ROUTE)
    http_client_wake(s->http);
}

int sync_enrol(struct sync *s, const char *hub, const struct enrol_code *code, const char *name, void *context)
{
  autofree struct enrol_attempt *a = xnew(struct enrol_attempt);
  *a = (struct enrol_attempt){.code = *code, .context = context};
  if (!util_copy(a->hub, sizeof a->hub, hub) || !util_copy(a->name, sizeof a->name, name))
    return -EINVAL;
  int r = 0;
  thread_lock(&s->thread);
  if (thread_stopping(&s->thread)) {
    r = -ESHUTDOWN;
  } else if (s->enrolling) {
    r = -EBUSY;
  } else {
    s->attempt = take(a);
    s->enrolling = true;
    atomic_store(&s->interrupt, true);
    thread_wake(&s->thread);
  }
  thread_unlock(&s->thread);
  http_client_wake(s->http);
  return r;
}

void sync_status(struct sync *s, struct sync_status *ret)
{
  thread_lock(&s->thread);
  *ret = s->status;
  thread_unlock(&s->thread);
}

bool sync_enrolled(struct sync *s)
{
  struct sync_status now;
  sync_status(s, &now);
  return now.enrolled;
}

/* --- maintenance --- */

static bool is_drained(const struct sync *s)
{
  return s->pending == 0;
}

static bool is_compared(const struct sync *s)
{
  return s->compare == COMPARE_NONE;
}

/* Waits until done() is true after an attempt from now on, or such an attempt failed. The caller holds the lock. */
static int wait_for_attempts(struct sync *s, int64_t within_ms, bool (*done)(const struct sync *s))
{
  int64_t before = s->attempts, until_ms = clock_mono_ms() + within_ms;
  s->wake_reasons |= 1U << SYNC_WAKE_CHANGED;
  thread_wake(&s->thread);
  for (;;) {
    if (!s->status.enrolled)
      return -ENOENT;
    if (thread_stopping(&s->thread))
      return -ESHUTDOWN;
    if (s->attempts > before && s->status.result != SYNC_OK)
      return -EHOSTUNREACH;
    if (s->attempts > before && done(s))
      return 0;
    int64_t now = clock_mono_ms();
    if (now >= until_ms)
      return -ETIME;
    thread_wait(&s->thread, min(until_ms, now + 1000));
  }
}

int sync_drain(struct sync *s, int64_t within_ms)
{
  thread_lock(&s->thread);
  int r = wait_for_attempts(s, within_ms, is_drained);
  thread_unlock(&s->thread);
  return r;
}

int sync_compare(struct sync *s, int64_t within_ms, int *ret_differing)
{
  thread_lock(&s->thread);
  s->differing_days = 0;
  s->compare = COMPARE_WANTED;
  int r = wait_for_attempts(s, within_ms, is_compared);
  s->compare = COMPARE_NONE;
  if (r == 0)
    *ret_differing = s->differing_days;
  thread_unlock(&s->thread);
  return r;
}
