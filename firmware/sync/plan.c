/* plan.c - the order in which events are sent. Any may be sent again: the hub ignores those that it has. */
#include "sync/plan.h"

static bool has_events(const struct journal_epoch *e)
{
  return e->first_seq <= e->last_seq;
}

static int64_t next_seq(const struct journal_epoch *e)
{
  return max(e->acked + 1, e->first_seq);
}

static bool is_pending(const struct journal_epoch *e)
{
  return has_events(e) && next_seq(e) <= e->last_seq;
}

/* The hub was replaced or restored since it acknowledged this epoch. */
static bool hub_changed(const struct sync_journal *j, const struct journal_epoch *e)
{
  return j->state.generation && e->generation != j->state.generation && is_pending(e);
}

/* Half a batch of the newest events, at least from the call on. */
static bool pick_tail(const struct sync_plan *p, const struct sync_journal *j, int64_t fit, struct sync_pick *ret)
{
  const struct journal_epoch *e = &j->epochs[0];
  int64_t sent = p->ordinal == e->ordinal ? p->tail_last : 0;
  if (!j->newest_call || !is_pending(e) || j->newest_call <= sent || j->newest_call < next_seq(e) + fit)
    return false;
  int64_t first = max(max(sent + 1, next_seq(e)), e->last_seq - fit / 2 + 1);
  ret->epoch = e;
  ret->from = min(first, j->newest_call);
  ret->most = LIMIT_BATCH_EVENTS;
  ret->tail = true;
  return true;
}

static struct sync_pick pick_in_order(const struct sync_plan *p, const struct journal_epoch *e)
{
  struct sync_pick k = {.epoch = e, .from = next_seq(e), .most = LIMIT_BATCH_EVENTS};
  if (p->ordinal == e->ordinal && p->tail_first > k.from)
    k.most = min(k.most, p->tail_first - k.from); /* the hub has what comes after that */
  return k;
}

static bool pick_again(const struct sync_plan *p, const struct sync_journal *j, struct sync_pick *ret)
{
  for (size_t i = 0; i < j->n_epochs && p->n_again > 0; i++) {
    const struct journal_epoch *e = &j->epochs[i];
    if (e->ordinal != p->again[0].ordinal)
      continue;
    int64_t left = p->again[0].last - p->again[0].first + 1;
    *ret = (struct sync_pick){
        .epoch = e, .from = p->again[0].first, .most = min(left, (int64_t)LIMIT_BATCH_EVENTS), .again = true};
    return true;
  }
  return false;
}

struct sync_pick sync_plan_pick(const struct sync_plan *p, const struct sync_journal *j, int64_t fit)
{
  struct sync_pick k = {0};
  if (j->n_epochs == 0 || pick_tail(p, j, fit, &k))
    return k;
  for (size_t i = 0; i < j->n_epochs; i++)
    if (hub_changed(j, &j->epochs[i]) && j->epochs[i].last_seq - j->epochs[i].first_seq >= fit)
      return (struct sync_pick){.epoch = &j->epochs[i], .from = next_seq(&j->epochs[i])};
  for (size_t i = 0; i < j->n_epochs; i++)
    if (is_pending(&j->epochs[i]))
      return pick_in_order(p, &j->epochs[i]);
  if (pick_again(p, j, &k))
    return k;
  k.epoch = &j->epochs[0];
  for (size_t i = 0; i < j->n_epochs; i++)
    if (p->compare_ordinal && j->epochs[i].ordinal == p->compare_ordinal) {
      k.epoch = &j->epochs[i];
      k.compare = true;
    }
  k.from = k.epoch->head_seq + 1;
  return k;
}

void sync_plan_sent(struct sync_plan *p, const struct sync_pick *k, int64_t next)
{
  if (k->tail) {
    if (p->ordinal != k->epoch->ordinal || k->from != p->tail_last + 1)
      p->tail_first = k->from;
    p->ordinal = k->epoch->ordinal;
    p->tail_last = next - 1;
  } else if (k->again) {
    p->again[0].first = next;
    if (next > p->again[0].last || next == k->from)
      memmove(p->again, p->again + 1, --p->n_again * sizeof *p->again);
  } else if (k->most == 0) { /* nothing was left to send: the days to repeat were compacted */
    p->n_again = 0;
  }
}

int64_t sync_plan_acked(const struct sync_journal *j, const struct sync_pick *k, int64_t next, int64_t generation,
                        int64_t acked)
{
  const struct journal_epoch *e = k->epoch;
  if (acked <= e->head_seq)
    return acked;
  if (e == j->epochs)
    return -1;
  const int64_t known = generation == j->state.generation ? e->acked : 0;
  return k->from <= max(known + 1, e->first_seq) ? max(known, next - 1) : known;
}

bool sync_plan_more(const struct sync_plan *p, const struct sync_journal *j)
{
  for (size_t i = 0; i < j->n_epochs; i++)
    if (is_pending(&j->epochs[i]))
      return true;
  return p->n_again > 0 || p->compare_ordinal;
}

void sync_plan_again(struct sync_plan *p, struct sync_range r)
{
  if (p->n_again < array_len(p->again) && r.first <= r.last)
    p->again[p->n_again++] = r;
}

void sync_plan_compare(struct sync_plan *p, const struct sync_journal *j, int64_t below)
{
  p->compare_ordinal = p->compare_day = 0;
  for (size_t i = 0; i < j->n_epochs && !p->compare_ordinal; i++)
    if (j->epochs[i].ordinal < below && has_events(&j->epochs[i]))
      p->compare_ordinal = j->epochs[i].ordinal;
}
