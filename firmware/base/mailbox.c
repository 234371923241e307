/* mailbox.c - a list under a lock, with two ways to wait for it.
 *
 * The eventfd is readable exactly while items wait (or after a close): adding the first item writes it, taking the last
 * one reads it, both under the lock. A receiver that leaves some is therefore called again.
 * The condition is signalled only once as many items wait as the receiver wants, so a batch costs one wake-up.
 */
#include "base/mailbox.h"

#include <errno.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

struct mailbox {
  pthread_mutex_t lock;
  pthread_cond_t enough;
  struct mail *first;
  struct mail **end; /* where the next item is linked */
  size_t size;
  size_t limit;
  size_t want; /* of the receiver that waits; 0 = none */
  int fd;
  bool closed;
};

struct mailbox *mailbox_new(size_t limit)
{
  struct mailbox *m = xnew(struct mailbox);
  *m = (struct mailbox){.end = &m->first, .limit = limit, .fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  pthread_condattr_t monotonic;
  if (m->fd < 0 || pthread_mutex_init(&m->lock, NULL) || pthread_condattr_init(&monotonic) ||
      pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) || pthread_cond_init(&m->enough, &monotonic))
    abort(); /* out of kernel memory or descriptors */
  pthread_condattr_destroy(&monotonic);
  return m;
}

void mailbox_free(struct mailbox *m)
{
  if (!m)
    return;
  close(m->fd);
  pthread_cond_destroy(&m->enough);
  pthread_mutex_destroy(&m->lock);
  free(m);
}

int mailbox_fd(const struct mailbox *m)
{
  return m->fd;
}

static void signal_fd(struct mailbox *m)
{
  if (eventfd_write(m->fd, 1) < 0)
    abort(); /* its counter overflowed, which takes 2^64 writes */
}

static void append_item(struct mailbox *m, struct mail *item)
{
  item->next = NULL;
  *m->end = item;
  m->end = &item->next;
  if (m->size++ == 0)
    signal_fd(m);
  if (m->size >= m->want)
    pthread_cond_signal(&m->enough);
}

int mailbox_put(struct mailbox *m, struct mail *item)
{
  pthread_mutex_lock(&m->lock);
  int r = m->closed ? -ESHUTDOWN : m->size >= m->limit ? -EAGAIN : 0;
  if (r == 0)
    append_item(m, item);
  pthread_mutex_unlock(&m->lock);
  return r;
}

void mailbox_force(struct mailbox *m, struct mail *item)
{
  pthread_mutex_lock(&m->lock);
  append_item(m, item);
  pthread_mutex_unlock(&m->lock);
}

struct mail *mailbox_take_all(struct mailbox *m, size_t most)
{
  pthread_mutex_lock(&m->lock);
  struct mail *taken = m->first, **end = &m->first;
  size_t n = 0;
  for (; *end && (most == 0 || n < most); n++)
    end = &(*end)->next;
  m->first = *end;
  m->size -= n;
  if (!m->first) {
    eventfd_t count;
    m->end = &m->first;
    (void)eventfd_read(m->fd, &count); /* EAGAIN: nothing was there */
  } else if (n) {
    *end = NULL;
  }
  pthread_mutex_unlock(&m->lock);
  return n ? taken : NULL;
}

size_t mailbox_wait(struct mailbox *m, size_t want, int64_t timeout_us)
{
  struct timespec until;
  clock_gettime(CLOCK_MONOTONIC, &until);
  int64_t ns = until.tv_nsec + max(timeout_us, 0) % 1000000 * 1000;
  until.tv_sec += max(timeout_us, 0) / 1000000 + ns / 1000000000;
  until.tv_nsec = ns % 1000000000;

  pthread_mutex_lock(&m->lock);
  m->want = want;
  for (int r = 0; m->size < want && !m->closed && r != ETIMEDOUT;)
    r = timeout_us < 0 ? pthread_cond_wait(&m->enough, &m->lock) : pthread_cond_timedwait(&m->enough, &m->lock, &until);
  m->want = 0;
  size_t size = m->size;
  pthread_mutex_unlock(&m->lock);
  return size;
}

void mailbox_close(struct mailbox *m)
{
  pthread_mutex_lock(&m->lock);
  m->closed = true;
  signal_fd(m);
  pthread_cond_broadcast(&m->enough);
  pthread_mutex_unlock(&m->lock);
}

bool mailbox_closed(struct mailbox *m)
{
  pthread_mutex_lock(&m->lock);
  bool closed = m->closed;
  pthread_mutex_unlock(&m->lock);
  return closed;
}

size_t mailbox_size(struct mailbox *m)
{
  pthread_mutex_lock(&m->lock);
  size_t size = m->size;
  pthread_mutex_unlock(&m->lock);
  return size;
}
