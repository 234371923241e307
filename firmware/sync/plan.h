/* plan.h - which events the next bundle carries. Pure but for the journal's state, which it is given.
 *
 * What is not acknowledged goes in order, the latest epoch first. When a call waits behind more than one batch, the
 * newest events go before the backlog: the hub keeps what comes beyond a gap, and acknowledges when the gap is filled.
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
  int64_t ordinal;                               /* of the epoch of which events were sent beyond a gap: */
  int64_t tail_first;                            /* 0 = none */
  int64_t tail_last;                             /* 0 = none */
  struct sync_range again[LIMIT_DIFFERING_DAYS]; /* days that differ, to be sent again */
  size_t n_again;
  int64_t compare_ordinal; /* the epoch that is compared, 0 = none, */
  int32_t compare_day;     /* and the day id to go on with */
};

/* What the journal has. */
struct sync_journal {
  struct journal_state state;
  struct journal_epoch epochs[LIMIT_EPOCHS]; /* the latest first */
  size_t n_epochs;
  int64_t newest_call; /* of the latest epoch, not acknowledged; 0 = none */
};

/* What goes next. */
struct sync_pick {
  const struct journal_epoch *epoch; /* in the sync_journal; NULL = there is none */
  int64_t from;                      /* events from this seq on */
  int64_t most;                      /* 0 = no events: the hub's cursor is fetched */
  bool tail;                         /* beyond a gap */
  bool again;                        /* of plan.again[0] */
  bool compare;                      /* with digests */
};
/* fit: events that one batch holds. */
struct sync_pick sync_plan_pick(const struct sync_plan *p, const struct sync_journal *j, int64_t fit);
/* It went through with the events up to next - 1. */
void sync_plan_sent(struct sync_plan *p, const struct sync_pick *k, int64_t next);
/* Up to where the hub's acked_seq is to be believed after that; -1 = it has more of our latest epoch than we do. Of an
 * older epoch it may have more: a copy of the card, or we before a snapshot was restored, went on in it. Then what was
 * sent and not disputed is acknowledged, and no more. */
int64_t sync_plan_acked(const struct sync_journal *j, const struct sync_pick *k, int64_t next, int64_t generation,
                        int64_t acked);
bool sync_plan_more(const struct sync_plan *p, const struct sync_journal *j); /* is anything left to be sent? */
void sync_plan_again(struct sync_plan *p, struct sync_range r); /* dropped when the list is full: it differs again */
void sync_plan_compare(struct sync_plan *p, const struct sync_journal *j, int64_t below); /* the next epoch below */

#endif
