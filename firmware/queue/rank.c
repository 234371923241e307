/* rank.c - ranks: how a ticket comes to stand between two others without moving anybody.
 *
 * Ranks are 64-bit and far apart, so a place is nearly always free. "Behind N teams" goes close behind its left
 * neighbour, so that a group that is put off again and again walks towards its right neighbour in 2^20 steps. When it
 * has arrived, the neighbours behind are spread over the room up to one that is far enough: a handful of tickets move
 * by a rank, nobody changes order, and the next such moment is many thousand commands away.
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

/* The tickets that wait in the line, without the one that is moved. */
struct others {
  const struct treap *treap;
  size_t n, gap; /* where moved stands itself */
};

static const struct ticket *other(const struct others *o, size_t i)
{
  const struct ticket_node *n = node_of(treap_at(o->treap, i < o->gap ? i : i + 1));
  return n ? &n->ticket : NULL;
}

static int64_t rank(const struct others *o, size_t i)
{
  const struct ticket *t = other(o, i);
  return t ? t->rank : RANK_END;
}

static uint64_t room(const struct others *o, int64_t left, size_t i)
{
  return (uint64_t)rank(o, i) - (uint64_t)left;
}

/* How far behind its left neighbour, when the next one is so far away; 0 = no place. Close behind it as a rule. But
 * where somebody was just put there, more are likely to follow, and room is left for them. */
static int64_t step(uint64_t gap)
{
  if (gap > (uint64_t)RANK_CLOSE)
    return RANK_CLOSE;
  return gap < 2 ? 0 : (int64_t)(gap - min(gap / 2, (uint64_t)RANK_NEAR));
}

/* How many from i on have to move so that everyone gets decent room behind left; ret_gap: what each gets, 0 = none. */
static size_t shifts_needed(const struct others *o, int64_t left, size_t i, int64_t *ret_gap)
{
  size_t best = 0;
  *ret_gap = 0;
  for (size_t k = 1; k <= LIMIT_EVENTS - 2 && i + k <= o->n && *ret_gap < RANK_CLOSE; k++) {
    int64_t gap = (int64_t)min(room(o, left, i + k) / (k + 2), (uint64_t)RANK_STEP);
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
  struct others o = {&line->waiting, treap_count(&line->waiting), SIZE_MAX};
  if (moved->ticket.state == TICKET_WAITING) {
    o.gap = treap_index(o.treap, &moved->in_treap);
    o.n--;
  }
  size_t i = min(after, o.n);
  if (i == 0) {
    *ret_rank = after ? rank_back(line) : rank_front(line);
    return 0;
  }
  int64_t left = rank(&o, i - 1), gap = step(room(&o, left, i));
  size_t shifted = gap ? 0 : shifts_needed(&o, left, i, &gap);
  for (size_t k = 0; k < shifted; k++)
    ret[k] = (struct rank_shift){other(&o, i + k), left + (int64_t)(k + 2) * gap};
  for (; !gap && i < o.n; i++) { /* more tickets than ranks: the nearest place behind them */
    left = rank(&o, i);
    gap = step(room(&o, left, i + 1));
  }
  *ret_rank = left + gap;
  return shifted;
}
