/* rank.c - ranks: sparse 64-bit numbers that order a line, so that a ticket can move without renumbering the others.
 *
 * A rank between two tickets is nearly always free. "Behind N parties" goes close behind its left neighbour, so that a
 * party that is put off again and again approaches its right neighbour in steps of 2^20. When no rank is left there,
 * the nearest tickets behind are spread over a wider interval: a handful of tickets get new ranks, nobody changes
 * order, and the next time is many thousand commands away.
 */
#include "queue/internal.h"

#define RANK_STEP  (INT64_C(1) << 40)
#define RANK_CLOSE (INT64_C(1) << 20)
#define RANK_NEAR  (INT64_C(1) << 10)
#define RANK_END   (INT64_C(1) << 62) /* 4 million steps away; then the id decides */

int64_t rank_back(const struct line_state *line)
{
  return min(line->high + RANK_STEP, RANK_END);
}
int64_t rank_front(const struct line_state *line)
{
  return max(line->low - RANK_STEP, -RANK_END);
}

/* The tickets that wait in the line, except the one to move. */
struct other_tickets {
  const struct treap *treap;
  size_t n;
  size_t skip; /* index of the one to move; SIZE_MAX = it is not waiting */
};

static const struct ticket *other_at(const struct other_tickets *o, size_t i)
{
  const struct ticket_node *n = ticket_node_of(treap_at(o->treap, i < o->skip ? i : i + 1));
  return n ? &n->ticket : NULL;
}

static int64_t other_rank(const struct other_tickets *o, size_t i)
{
  const struct ticket *t = other_at(o, i);
  return t ? t->rank : RANK_END;
}

static uint64_t room_behind(const struct other_tickets *o, int64_t left, size_t i)
{
  return (uint64_t)other_rank(o, i) - (uint64_t)left;
}

/* The distance to the left neighbour when the right one is `gap` away; 0 = no rank is free. In a narrow gap, close to
 * the right one: more are likely to follow, and need the room. */
static int64_t step_behind(uint64_t gap)
{
  if (gap > (uint64_t)RANK_CLOSE)
    return RANK_CLOSE;
  return gap < 2 ? 0 : (int64_t)(gap - min(gap / 2, (uint64_t)RANK_NEAR));
}

/* How many tickets from i on to shift so that all get enough room behind left; ret_gap: for each, 0 = impossible. */
static size_t shifts_needed(const struct other_tickets *o, int64_t left, size_t i, int64_t *ret_gap)
{
  size_t best = 0;
  *ret_gap = 0;
  for (size_t k = 1; k <= LIMIT_EVENTS - 2 && i + k <= o->n && *ret_gap < RANK_CLOSE; k++) {
    int64_t gap = (int64_t)min(room_behind(o, left, i + k) / (k + 2), (uint64_t)RANK_STEP);
    if (gap > *ret_gap) {
      *ret_gap = gap;
      best = k;
    }
  }
  return best;
}

size_t rank_after(const struct line_state *line, const struct ticket_node *moved, size_t after, int64_t *ret_rank,
                  struct rank_shift ret[static LIMIT_EVENTS])
{
  struct other_tickets o = {&line->waiting, treap_count(&line->waiting), SIZE_MAX};
  if (moved->ticket.state == TICKET_WAITING) {
    o.skip = treap_index(o.treap, &moved->in_treap);
    o.n--;
  }
  size_t i = min(after, o.n);
  if (i == 0) {
    *ret_rank = after ? rank_back(line) : rank_front(line);
    return 0;
  }
  int64_t left = other_rank(&o, i - 1);
  int64_t gap = step_behind(room_behind(&o, left, i));
  size_t shifted = gap ? 0 : shifts_needed(&o, left, i, &gap);
  for (size_t k = 0; k < shifted; k++)
    ret[k] = (struct rank_shift){other_at(&o, i + k), left + (int64_t)(k + 2) * gap};
  for (; !gap && i < o.n; i++) { /* more tickets than ranks: the nearest free rank behind them */
    left = other_rank(&o, i);
    gap = step_behind(room_behind(&o, left, i + 1));
  }
  *ret_rank = left + gap;
  return shifted;
}
