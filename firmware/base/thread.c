/* thread.c - deadlines are mono_ms (CLOCK_BOOTTIME), which conditions do not support, so the time that is left is
 * waited for on CLOCK_MONOTONIC.
 */
#include "base/thread.h"

#include <errno.h>
#include <time.h>

#include "base/clock.h"

#define LONGEST_MS (3600 * 1000)

static struct timespec monotonic_in(int64_t ms)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  t.tv_sec += ms / 1000;
  t.tv_nsec += ms % 1000 * 1000000;
  t.tv_sec += t.tv_nsec / 1000000000;
  t.tv_nsec %= 1000000000;
  return t;
}

void thread_init(struct thread *t)
{
  pthread_condattr_t monotonic;
  *t = (struct thread){0};
  if (pthread_mutex_init(&t->lock, NULL) || pthread_condattr_init(&monotonic) ||
      pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) || pthread_cond_init(&t->changed, &monotonic))
    abort(); /* out of memory */
  pthread_condattr_destroy(&monotonic);
}

void thread_done(struct thread *t)
{
  pthread_cond_destroy(&t->changed);
  pthread_mutex_destroy(&t->lock);
}

int thread_start(struct thread *t, void *(*body)(void *), void *argument)
{
  return -pthread_create(&t->id, NULL, body, argument);
}

void thread_lock(struct thread *t)
{
  pthread_mutex_lock(&t->lock);
}

void thread_unlock(struct thread *t)
{
  pthread_mutex_unlock(&t->lock);
}

void thread_wake(struct thread *t)
{
  pthread_cond_broadcast(&t->changed);
}

void thread_wait(struct thread *t, int64_t until_ms)
{
  const int64_t left = until_ms - clock_mono_ms();
  if (left <= 0)
    return;
  const struct timespec until = monotonic_in(min(left, LONGEST_MS));
  pthread_cond_timedwait(&t->changed, &t->lock, &until);
}

void thread_stop(struct thread *t)
{
  thread_lock(t);
  atomic_store(&t->stopping, true);
  thread_wake(t);
  thread_unlock(t);
}

bool thread_stopping(struct thread *t)
{
  return atomic_load(&t->stopping);
}

int thread_join(struct thread *t, int64_t within_ms)
{
  if (within_ms < 0)
    return -pthread_join(t->id, NULL);
  const struct timespec until = monotonic_in(within_ms);
  int r = pthread_clockjoin_np(t->id, NULL, CLOCK_MONOTONIC, &until);
  if (r == ETIMEDOUT)
    pthread_detach(t->id);
  return -r;
}
