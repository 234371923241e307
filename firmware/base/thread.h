/* thread.h - a thread with a lock, which sleeps until a deadline or until somebody wakes it.
 *
 * Its owner embeds it; the lock guards whatever the owner shares with others. A thread that waits at a mailbox or a
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
void thread_done(struct thread *t); /* it must not run */
int thread_start(struct thread *t, void *(*body)(void *), void *argument) must_check;

void thread_lock(struct thread *t);
void thread_unlock(struct thread *t);
void thread_wake(struct thread *t); /* all that wait, with or without the lock */
/* Holding the lock: until it is woken or clock_mono_ms() reaches until_ms. May return earlier. */
void thread_wait(struct thread *t, int64_t until_ms);

void thread_stop(struct thread *t); /* asks it to end, and wakes it */
bool thread_stopping(struct thread *t);
/* Waits for its end, at most so long (-1 = for ever). -ETIMEDOUT: it is detached, and its memory is still in use. */
int thread_join(struct thread *t, int64_t within_ms);

#endif
