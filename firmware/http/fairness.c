#include "http/fairness.h"

#define ALONE_MS 1000 /* without a request of another client, a client counts as the only one */

static struct fairness_share *share_of(struct fairness *f, const struct fairness_entry *e)
{
  return &f->shares[e->client % LIMIT_FAIR_CLIENTS];
}

static bool share_allows(const struct fairness *f, struct fairness_share *share, int64_t now_ms)
{
  if (share->ms != now_ms)
    share->handled = 0;
  share->ms = now_ms;
  return share->handled++ < LIMIT_FAIR_REQUESTS || now_ms - f->mixed_ms >= ALONE_MS;
}

static void append_entry(struct fairness_entry **head, struct fairness_entry **tail, struct fairness_entry *e)
{
  e->next = NULL;
  *(*tail ? &(*tail)->next : head) = e;
  *tail = e;
}

bool fairness_admit(struct fairness *f, struct fairness_entry *e, int64_t now_ms)
{
  struct fairness_share *share = share_of(f, e);
  if (f->last_client != e->client)
    f->mixed_ms = now_ms;
  f->last_client = e->client;
  if (e->released || (!share->waiting && share_allows(f, share, now_ms)))
    return true;
  share->waiting++;
  append_entry(&f->head, &f->tail, e);
  return false;
}

struct fairness_entry *fairness_release(struct fairness *f, int64_t now_ms)
{
  struct fairness_entry *e = f->head;
  struct fairness_entry *released = NULL;
  struct fairness_entry *last = NULL;
  f->head = f->tail = NULL;
  for (struct fairness_entry *next; e; e = next) {
    struct fairness_share *share = share_of(f, e);
    next = e->next;
    if (!share_allows(f, share, now_ms)) {
      append_entry(&f->head, &f->tail, e);
      continue;
    }
    share->waiting--;
    e->released = true;
    append_entry(&released, &last, e);
  }
  return released;
}
