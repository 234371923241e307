/* sync.c - the thread: sleep until something is to be said or somebody wants something, try, tell the loop how it went.
 *
 * It waits for the network and for the writer, and nobody waits for it but the nightly round and whoever enrols. When
 * to try is pace.c's, what to say sync_plan.c's.
 */
#include "sync/sync.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "config/config.h"
#include "sync/internal.h"

/* ---- to the others ---- */

void sync_event(struct sync *s, struct sync_event *m)
{
  pthread_mutex_lock(&s->lock);
  m->status = s->status;
  pthread_mutex_unlock(&s->lock);
  mailbox_force(s->to_loop, &m->mail);
}

/* ---- how it stands ---- */

static void note_journal(struct sync *s)
{
  struct sync_journal j;
  if (sync_read_journal(s, &j) < 0 || j.n_epochs == 0)
    return; /* as it was */
  const struct journal_epoch *e = &j.epochs[0];
  int64_t acked = max(e->acked, e->first_seq - 1), here = max(e->last_seq - acked, 0);
  pthread_mutex_lock(&s->lock);
  s->status.acked = e->ordinal << 32 | acked;
  s->status.older = max(j.state.pending - here, 0);
  s->pending = j.state.pending + (int64_t)s->plan.n_again;
  pthread_mutex_unlock(&s->lock);
}

static void note_outcome(struct sync *s, const struct exchange *e)
{
  pthread_mutex_lock(&s->lock);
  struct sync_status *t = &s->status;
  s->tries++;
  t->attempts[e->result]++;
  if (e->result != SYNC_STOPPED)
    t->result = e->result;
  if (e->result == SYNC_OK)
    t->last_ok_wall = clock_wall_ms();
  util_copy(t->detail, sizeof t->detail, e->detail);
  t->next_mono = backoff_next(&s->pace);
  if (e->result == SYNC_CREDENTIALS)
    s->why &= ~(1U << SYNC_WAKE_MANUAL); /* who tapped meanwhile has had the answer */
  pthread_mutex_unlock(&s->lock);
}

static void tell(struct sync *s)
{
  struct sync_event *m = xnew(struct sync_event);
  m->kind = SYNC_EVENT_STATUS;
  sync_event(s, m);
}

/* ---- one attempt ---- */

static void compare_on(struct sync *s)
{
  struct sync_journal j;
  pthread_mutex_lock(&s->lock);
  bool asked = s->compare == COMPARE_ASKED;
  s->compare = asked ? COMPARE_RUNS : s->compare;
  pthread_mutex_unlock(&s->lock);
  if (asked && sync_read_journal(s, &j) == 0)
    sync_plan_compare(&s->plan, &j, INT64_MAX);
}

static void compare_done(struct sync *s)
{
  pthread_mutex_lock(&s->lock);
  if (s->compare == COMPARE_RUNS && !s->plan.compare_ordinal)
    s->compare = COMPARE_NOT;
  pthread_cond_broadcast(&s->changed);
  pthread_mutex_unlock(&s->lock);
}

static void attempt(struct sync *s)
{
  struct exchange e;
  enum sync_result before = s->status.result; /* written by this thread alone */
  backoff_try(&s->pace, clock_mono_ms());
  atomic_store(&s->rerouted, false);
  compare_on(s);
  sync_exchange(s, &e);
  if (e.result == SYNC_STOPPED && atomic_load(&s->interrupt))
    return;
  backoff_done(&s->pace, e.result, e.more, e.retry_after_ms, random_below(UINT32_MAX), clock_mono_ms());
  note_journal(s);
  note_outcome(s, &e);
  compare_done(s);
  if (e.result != before || e.result == SYNC_CONFLICT)
    log_line(e.result == SYNC_OK ? 6 : 4, "sync", "outcome=%s detail=\"%s\"", sync_result_names[e.result], e.detail);
  tell(s);
}

static void become(struct sync *s, struct enrol_attempt *ask)
{
  struct sync_event *m = xnew(struct sync_event);
  m->kind = SYNC_EVENT_ENROLLED;
  m->context = ask->context;
  sync_attempt_enrol(s, ask, m);
  free(ask);
  pthread_mutex_lock(&s->lock);
  s->asking = false;
  pthread_mutex_unlock(&s->lock);
  if (m->result == SYNC_OK && !*m->code) {
    s->pace = backoff_start(clock_mono_ms());
    note_journal(s);
  }
  sync_event(s, m);
}

/* ---- the thread ---- */

static struct timespec after_ms(int64_t ms)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  t.tv_sec += ms / 1000;
  t.tv_nsec += ms % 1000 * 1000000;
  t.tv_sec += t.tv_nsec / 1000000000;
  t.tv_nsec %= 1000000000;
  return t;
}

/* Sleeps until there is something to do; false at the end. */
static bool next_work(struct sync *s, struct enrol_attempt **ret_ask)
{
  pthread_mutex_lock(&s->lock);
  for (;;) {
    int64_t now = clock_mono_ms();
    for (enum sync_wake_reason why = SYNC_WAKE_CHANGED; why <= SYNC_WAKE_ROUTE; why++)
      if (s->why & 1U << why)
        backoff_wake(&s->pace, why, now);
    if (s->why & 1U << SYNC_WAKE_ROUTE)
      http_client_reconnect(s->fetch);
    s->why = 0;
    *ret_ask = take(s->ask);
    atomic_store(&s->interrupt, atomic_load(&s->stop));
    int64_t left = s->status.enrolled ? backoff_next(&s->pace) - now : INT32_MAX;
    if (atomic_load(&s->stop) || *ret_ask || left <= 0)
      break;
    struct timespec until = after_ms(left);
    pthread_cond_timedwait(&s->changed, &s->lock, &until);
  }
  pthread_mutex_unlock(&s->lock);
  return !atomic_load(&s->stop);
}

static void *sync_main(void *arg)
{
  struct sync *s = arg;
  struct enrol_attempt *ask;
  while (next_work(s, &ask)) {
    if (ask)
      become(s, ask);
    else
      attempt(s);
  }
  if (ask) { /* told that it is not to be */
    struct sync_event *m = xnew(struct sync_event);
    *m = (struct sync_event){.kind = SYNC_EVENT_ENROLLED, .context = ask->context, .result = SYNC_STOPPED};
    free(ask);
    sync_event(s, m);
  }
  return NULL;
}

/* ---- begin and end ---- */

static void free_sync(struct sync *s)
{
  http_client_free(s->fetch);
  mailbox_free(s->home);
  pthread_cond_destroy(&s->changed);
  pthread_mutex_destroy(&s->lock);
  free(s->state_dir);
  free(s->hubs);
  free(s);
}

static void init_lock(struct sync *s)
{
  pthread_condattr_t attributes;
  pthread_mutex_init(&s->lock, NULL);
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&s->changed, &attributes);
  pthread_condattr_destroy(&attributes);
}

int sync_start(const struct sync_options *o, struct sync **ret)
{
  struct sync *s = xnew(struct sync);
  s->state_dir = xstrdup(o->state_dir);
  s->hubs = xstrdup(o->config->hub);
  s->writer = o->writer;
  s->to_loop = o->to_loop;
  s->home = mailbox_new(SIZE_MAX);
  s->pace = backoff_start(clock_mono_ms());
  s->load = batch_size_start();
  init_lock(s);
  int r = enrolment_load(o->state_dir, &s->enrolment);
  if (r < 0 && r != -ENOENT)
    log_err("enrolment_unreadable", "error=\"%s\"", strerrordesc_np(-r));
  sync_list_hubs(s);
  note_journal(s);
  const struct http_client_options f = {
      .authority = o->config->hub_ca, .stop = &s->interrupt, .rerouted = &s->rerouted};
  s->fetch = http_client_new(&f);
  r = -pthread_create(&s->thread, NULL, sync_main, s);
  if (r < 0) {
    free_sync(s);
    return r;
  }
  *ret = s;
  return 0;
}

void sync_cancel(struct sync *s)
{
  pthread_mutex_lock(&s->lock);
  atomic_store(&s->stop, true);
  atomic_store(&s->interrupt, true);
  pthread_cond_broadcast(&s->changed);
  pthread_mutex_unlock(&s->lock);
  http_client_wake(s->fetch);
}

void sync_stop(struct sync *s)
{
  if (!s)
    return;
  sync_cancel(s);
  pthread_join(s->thread, NULL);
  free_sync(s);
}

/* ---- what others want ---- */

void sync_wake(struct sync *s, enum sync_wake_reason why)
{
  pthread_mutex_lock(&s->lock);
  s->why |= 1U << why;
  if (why == SYNC_WAKE_ROUTE)
    atomic_store(&s->rerouted, true);
  pthread_cond_broadcast(&s->changed);
  pthread_mutex_unlock(&s->lock);
  if (why == SYNC_WAKE_ROUTE)
    http_client_wake(s->fetch);
}

int sync_enrol(struct sync *s, const char *hub, const struct enrol_code *code, const char *name, void *context)
{
  struct enrol_attempt *ask = xnew(struct enrol_attempt);
  *ask = (struct enrol_attempt){.code = *code, .context = context};
  bool fits = util_copy(ask->hub, sizeof ask->hub, hub) && util_copy(ask->name, sizeof ask->name, name);
  pthread_mutex_lock(&s->lock);
  int r = !fits ? -EINVAL : atomic_load(&s->stop) ? -ESHUTDOWN : s->asking ? -EBUSY : 0;
  if (r == 0) {
    s->ask = take(ask);
    s->asking = true;
    atomic_store(&s->interrupt, true);
    pthread_cond_broadcast(&s->changed);
  }
  pthread_mutex_unlock(&s->lock);
  http_client_wake(s->fetch);
  free(ask);
  return r;
}

void sync_status(struct sync *s, struct sync_status *ret)
{
  pthread_mutex_lock(&s->lock);
  *ret = s->status;
  pthread_mutex_unlock(&s->lock);
}

bool sync_enrolled(struct sync *s)
{
  struct sync_status now;
  sync_status(s, &now);
  return now.enrolled;
}

/* ---- the nightly round ---- */

static bool drained(const struct sync *s)
{
  return s->pending == 0;
}

static bool compared(const struct sync *s)
{
  return s->compare == COMPARE_NOT;
}

/* Until it is done, or an attempt that began after we did has failed. Holds the lock. */
static int wait_until(struct sync *s, int64_t within_ms, bool (*done)(const struct sync *s))
{
  int64_t tries = s->tries, until_ms = clock_mono_ms() + within_ms;
  s->why |= 1U << SYNC_WAKE_CHANGED;
  pthread_cond_broadcast(&s->changed);
  for (;;) {
    if (!s->status.enrolled)
      return -ENOENT;
    if (atomic_load(&s->stop))
      return -ESHUTDOWN;
    if (s->tries > tries && s->status.result != SYNC_OK)
      return -EHOSTUNREACH;
    if (s->tries > tries && done(s))
      return 0;
    int64_t left = until_ms - clock_mono_ms();
    if (left <= 0)
      return -ETIME;
    struct timespec until = after_ms(min(left, 1000));
    pthread_cond_timedwait(&s->changed, &s->lock, &until);
  }
}

int sync_drain(struct sync *s, int64_t within_ms)
{
  pthread_mutex_lock(&s->lock);
  int r = wait_until(s, within_ms, drained);
  pthread_mutex_unlock(&s->lock);
  return r;
}

int sync_compare(struct sync *s, int64_t within_ms, int *ret_differ)
{
  pthread_mutex_lock(&s->lock);
  s->differ = 0;
  s->compare = COMPARE_ASKED;
  int r = wait_until(s, within_ms, compared);
  s->compare = COMPARE_NOT;
  if (r == 0)
    *ret_differ = s->differ;
  pthread_mutex_unlock(&s->lock);
  return r;
}
