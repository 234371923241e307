/* Deadline, wake and end of a thread. */
#include "unit.h"

#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/thread.h"

struct counter {
  struct thread thread;
  int wanted; /* under the lock, as is rounds */
  int rounds;
  int64_t pause_ms;
};

static void *count(void *argument)
{
  struct counter *c = argument;
  int64_t next_ms = clock_mono_ms() + c->pause_ms;
  thread_lock(&c->thread);
  while (!thread_stopping(&c->thread)) {
    if (!c->wanted && clock_mono_ms() < next_ms) {
      thread_wait(&c->thread, next_ms);
      continue;
    }
    c->wanted = 0;
    c->rounds++;
    next_ms = clock_mono_ms() + c->pause_ms;
    thread_wake(&c->thread);
  }
  thread_unlock(&c->thread);
  return NULL;
}

static void wait_for_round(struct counter *c)
{
  const int64_t until_ms = clock_mono_ms() + scaled(10000);
  while (!c->rounds && clock_mono_ms() < until_ms)
    thread_wait(&c->thread, until_ms);
  assert_true(c->rounds > 0);
}

static void start(struct counter *c, int64_t pause_ms)
{
  *c = (struct counter){.pause_ms = pause_ms};
  thread_init(&c->thread);
  assert_int_equal(thread_start(&c->thread, count, c), 0);
}

static void test_deadline(void **state)
{
  struct counter c;
  int64_t began_ms = clock_mono_ms();
  start(&c, 50);
  thread_lock(&c.thread);
  wait_for_round(&c);
  thread_unlock(&c.thread);
  assert_true(clock_mono_ms() - began_ms >= 50);
  thread_stop(&c.thread);
  assert_int_equal(thread_join(&c.thread, -1), 0);
  thread_done(&c.thread);
}

static void test_wake(void **state)
{
  struct counter c;
  start(&c, INT64_C(3600) * 1000);
  thread_lock(&c.thread);
  c.wanted = 1;
  thread_wake(&c.thread);
  wait_for_round(&c);
  thread_unlock(&c.thread);
  thread_stop(&c.thread);
  assert_int_equal(thread_join(&c.thread, -1), 0);
  thread_done(&c.thread);
}

static void *hang(void *argument)
{
  char c;
  return read(*(int *)argument, &c, 1) < 0 ? argument : NULL;
}

/* A thread that does not end in time is detached. */
static void test_bounded_join(void **state)
{
  static int ends[2];
  static struct thread t;
  assert_int_equal(pipe(ends), 0);
  thread_init(&t);
  assert_int_equal(thread_start(&t, hang, &ends[0]), 0);
  thread_stop(&t);
  assert_int_equal(thread_join(&t, 20), -ETIMEDOUT);
  close(ends[1]);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_deadline),
      cmocka_unit_test(test_wake),
      cmocka_unit_test(test_bounded_join),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
