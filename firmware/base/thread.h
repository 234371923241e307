/* thread.h - a thread with a lock and a condition: it sleeps until a deadline or thread_wake().
 *
 * Its owner embeds it; the lock guards what the owner shares with other threads. A thread that waits at a mailbox or a
 * descriptor instead needs only thread_start() and thread_join().
 *
 *   thread_lock(t);
 *   while (!thread_stopping(t)) { if (nothing to do) { thread_wait(t, until_ms); continue; } ... }
 *   thread_unlock(t);
 */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/util.h"

struct thread {
  pthread_t id;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  _Atomic bool stopping;
};

void thread_init(struct thread *t); /* the lock can be used from here on */
void thread_done(struct thread *t); /* after it has ended */
int thread_start(struct thread *t, void *(*body)(void *), void *argument) must_check;

void thread_lock(struct thread *t);
void thread_unlock(struct thread *t);
void thread_wake(struct thread *t); /* all waiters; the lock may be held or not */
/* With the lock held: sleeps until thread_wake() or clock_mono_ms() >= until_ms. May return earlier. */
void thread_wait(struct thread *t, int64_t until_ms);

void thread_stop(struct thread *t); /* requests its end, and wakes it */
bool thread_stopping(struct thread *t);
/* Waits for its end, at most within_ms (-1 = for ever). -ETIMEDOUT: it is detached, and still uses its memory. */
int thread_join(struct thread *t, int64_t within_ms);

#endif
