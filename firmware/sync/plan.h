/* plan.h - which events the next bundle carries. Pure but for the journal that it is told of.
 *
 * What is not acknowledged goes in order, the latest epoch first. When a call waits behind more than one batch, the
 * newest events go before the backlog: the hub keeps what comes beyond a gap, and acknowledges when the gap is filled.
 */
#ifndef SYNC_PLAN_H
#define SYNC_PLAN_H

#include "store/journal_reader.h"

struct sync_range {
  int64_t ordinal, first, last;
};

struct sync_plan {
  int64_t ordinal, tail_first, tail_last; /* sent beyond a gap, in this epoch; 0 = none */
  struct sync_range again[LIMIT_DIFFERS]; /* days that differ, to be sent again */
  size_t n_again;
  int64_t compare_ordinal; /* comparing: the epoch, 0 = nothing; and the day id to go on with */
  int32_t compare_day;
};

/* What the journal has, as the plan looks at it. */
struct sync_journal {
  struct journal_state state;
  struct journal_epoch epochs[LIMIT_EPOCHS]; /* the latest first */
  size_t n_epochs;
  int64_t newest_call; /* of the latest epoch, not acknowledged; 0 = none */
};

struct sync_pick {
  const struct journal_epoch *epoch; /* in the sync_journal; NULL = there is none */
  int64_t from, most;                /* events from this seq on; 0 = none, the hub's cursor is asked */
  bool tail;                         /* beyond a gap */
  bool again;                        /* of plan.again[0] */
  bool compare;                      /* with digests */
};
/* fit: events that one batch holds. */
struct sync_pick sync_plan_pick(const struct sync_plan *p, const struct sync_journal *j, int64_t fit);
/* It went through with the events up to next - 1. */
void sync_plan_sent(struct sync_plan *p, const struct sync_pick *k, int64_t next);
/* Up to where the hub's acked_seq counts as an answer to that; -1 = it has more of our latest epoch than we do. Of one
 * that was left it may: a copy of the card, or we before we were put back to a snapshot, went on in it. Then what was
 * sent and not disputed is acknowledged, and no more. */
int64_t sync_plan_acked(const struct sync_journal *j, const struct sync_pick *k, int64_t next, int64_t generation,
                        int64_t acked);
bool sync_plan_more(const struct sync_plan *p, const struct sync_journal *j); /* is anything left to be said? */
void sync_plan_again(struct sync_plan *p, struct sync_range r); /* a full list forgets it: it will differ again */
void sync_plan_compare(struct sync_plan *p, const struct sync_journal *j, int64_t below); /* the next epoch below */

#endif
