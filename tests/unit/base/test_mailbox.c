/* Order, bounds, the eventfd, and several threads. */
#include "unit.h"

#include "base/clock.h"
#include "base/mailbox.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

struct item {
  struct mail mail;
  int n;
};

static int number(const struct mail *m)
{
  return ((const struct item *)(const void *)m)->n;
}

static bool readable(const struct mailbox *m)
{
  struct pollfd p = {.fd = mailbox_fd(m), .events = POLLIN};
  return poll(&p, 1, 0) == 1;
}

static void test_order_and_limit(void **state)
{
  struct mailbox *m = mailbox_new(2);
  struct item items[4] = {{.n = 0}, {.n = 1}, {.n = 2}, {.n = 3}};
  assert_null(mailbox_take_all(m, 0));
  assert_false(readable(m));
  assert_int_equal(mailbox_put(m, &items[0].mail), 0);
  assert_true(readable(m));
  assert_int_equal(mailbox_put(m, &items[1].mail), 0);
  assert_int_equal(mailbox_put(m, &items[2].mail), -EAGAIN);
  mailbox_force(m, &items[2].mail);
  assert_int_equal(mailbox_size(m), 3);

  struct mail *first = mailbox_take_all(m, 2);
  assert_int_equal(number(first), 0);
  assert_int_equal(number(first->next), 1);
  assert_null(first->next->next);
  assert_true(readable(m)); /* one is left */
  assert_int_equal(mailbox_put(m, &items[3].mail), 0);
  first = mailbox_take_all(m, 9);
  assert_int_equal(number(first), 2);
  assert_int_equal(number(first->next), 3);
  assert_null(first->next->next);
  assert_false(readable(m));
  assert_int_equal(mailbox_put(m, &items[0].mail), 0); /* the tail is right */
  assert_ptr_equal(mailbox_take_all(m, 1), &items[0].mail);
  assert_false(readable(m));
  mailbox_free(m);
  mailbox_free(NULL);
}

static void test_close(void **state)
{
  struct mailbox *m = mailbox_new(8);
  struct item a = {.n = 1}, b = {.n = 2};
  assert_int_equal(mailbox_put(m, &a.mail), 0);
  assert_false(mailbox_closed(m));
  mailbox_close(m);
  assert_true(mailbox_closed(m));
  assert_int_equal(mailbox_put(m, &b.mail), -ESHUTDOWN);
  assert_int_equal(mailbox_wait(m, 5, -1), 1); /* items stay, and waiting for more ends */
  assert_ptr_equal(mailbox_take_all(m, 0), &a.mail);
  assert_false(readable(m));
  assert_int_equal(mailbox_wait(m, 1, -1), 0);
  mailbox_free(m);
}

static void test_timeout(void **state)
{
  struct mailbox *m = mailbox_new(8);
  struct item a = {.n = 1};
  int64_t start = clock_mono_us();
  assert_int_equal(mailbox_wait(m, 1, 20000), 0);
  assert_true(clock_mono_us() - start >= 20000);
  assert_int_equal(mailbox_wait(m, 1, 0), 0);
  assert_int_equal(mailbox_wait(m, 0, -1), 0);
  assert_int_equal(mailbox_put(m, &a.mail), 0);
  assert_int_equal(mailbox_wait(m, 1, -1), 1);
  assert_int_equal(mailbox_wait(m, 2, 1000), 1);
  (void)mailbox_take_all(m, 0);
  mailbox_free(m);
}

enum { SENT = 20000, SENDERS = 2 };

struct sender {
  struct mailbox *m;
  struct item *items;
  pthread_t thread;
  int refused;
};

static void *send_all(void *arg)
{
  struct sender *s = arg;
  for (int i = 0; i < SENT; i++) {
    s->items[i].n = i;
    while (mailbox_put(s->m, &s->items[i].mail) == -EAGAIN) {
      s->refused++;
      usleep(50);
    }
  }
  return NULL;
}

/* Each sender's items arrive once and in its order, whether the receiver blocks or watches the descriptor. */
static void receive(bool by_fd)
{
  struct mailbox *m = mailbox_new(64);
  struct sender senders[SENDERS];
  int next[SENDERS] = {0}, got = 0;
  for (int i = 0; i < SENDERS; i++) {
    senders[i] = (struct sender){.m = m, .items = xcalloc(SENT, sizeof(struct item))};
    assert_int_equal(pthread_create(&senders[i].thread, NULL, send_all, &senders[i]), 0);
  }
  while (got < SENDERS * SENT) {
    struct pollfd p = {.fd = mailbox_fd(m), .events = POLLIN};
    if (by_fd)
      assert_int_equal(poll(&p, 1, (int)scaled(20000)), 1);
    else
      assert_true(mailbox_wait(m, 1, scaled(20000) * 1000) > 0);
    for (struct mail *mail = mailbox_take_all(m, 7); mail; got++) {
      struct mail *following = mail->next;
      int from =
          (struct item *)(void *)mail >= senders[1].items && (struct item *)(void *)mail < senders[1].items + SENT;
      assert_int_equal(number(mail), next[from]++);
      mail = following;
    }
  }
  for (int i = 0; i < SENDERS; i++) {
    pthread_join(senders[i].thread, NULL);
    free(senders[i].items);
  }
  assert_false(readable(m));
  mailbox_free(m);
}

static void test_threads(void **state)
{
  receive(false);
  receive(true);
}

static void *close_later(void *arg)
{
  usleep(10000);
  mailbox_close(arg);
  return NULL;
}

static void test_close_wakes(void **state)
{
  struct mailbox *m = mailbox_new(8);
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, close_later, m), 0);
  assert_int_equal(mailbox_wait(m, 1, -1), 0);
  assert_true(mailbox_closed(m));
  pthread_join(thread, NULL);
  assert_true(readable(m));
  mailbox_free(m);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_order_and_limit), cmocka_unit_test(test_close),       cmocka_unit_test(test_timeout),
      cmocka_unit_test(test_threads),         cmocka_unit_test(test_close_wakes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
