/* plan.h - which events the next bundle carries. Pure: the journal's state is an argument.
 *
 * Unacknowledged events are sent in order, the latest epoch first. When a call waits behind more than one batch, the
 * newest events (the tail) are sent before the backlog: the hub stores events beyond a gap, and acknowledges them when
 * the gap is filled.
 */
#ifndef SYNC_PLAN_H
#define SYNC_PLAN_H

#include "store/journal_reader.h"

struct sync_range {
  int64_t ordinal;
  int64_t first;
  int64_t last;
};

struct sync_plan {
  int64_t ordinal;    /* of the epoch whose tail was sent */
  int64_t tail_first; /* the seqs of the tail; 0 = none */
  int64_t tail_last;
  struct sync_range again[LIMIT_DIFFERING_DAYS]; /* days that differ, to be sent again */
  size_t n_again;
  int64_t compare_ordinal; /* the epoch being compared; 0 = none */
  int32_t compare_day;     /* id of the next day to compare */
};

/* What the journal has. */
struct sync_journal {
  struct journal_state state;
  struct journal_epoch epochs[LIMIT_EPOCHS]; /* the latest first */
  size_t n_epochs;
  int64_t newest_call; /* of the latest epoch, not acknowledged; 0 = none */
};

/* What to send next. */
struct sync_pick {
  const struct journal_epoch *epoch; /* in the sync_journal; NULL = there is none */
  int64_t from;                      /* the first seq */
  int64_t most;                      /* number of events; 0 = none, only fetches the hub's cursor */
  bool tail;                         /* of the tail, beyond a gap */
  bool again;                        /* of plan.again[0] */
  bool compare;                      /* with digests */
};
/* fit: number of events that fit into one batch. */
struct sync_pick sync_plan_pick(const struct sync_plan *p, const struct sync_journal *j, int64_t fit);
/* The bundle was answered; it had the events up to next - 1. */
void sync_plan_sent(struct sync_plan *p, const struct sync_pick *k, int64_t next);
/* The seq to accept as acknowledged; -1 = conflict, the hub has more of our latest epoch than we do. Of an older epoch
 * it may have more, from a copy of the card or from before a snapshot was restored: then only what was sent and not
 * disputed is acknowledged. */
int64_t sync_plan_acked(const struct sync_journal *j, const struct sync_pick *k, int64_t next, int64_t generation,
                        int64_t acked);
bool sync_plan_more(const struct sync_plan *p, const struct sync_journal *j); /* whether anything is left to send */
void sync_plan_again(struct sync_plan *p, struct sync_range r);               /* ignored when the list is full */
void sync_plan_compare(struct sync_plan *p, const struct sync_journal *j, int64_t below); /* the next epoch below */

#endif
