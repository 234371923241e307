/* journal_reader.h - what the sync and maintenance threads read beside the writer: epochs, batches of events, digests.
 *
 * Opened anew for each use (0.2 ms), read-only, one transaction from open to close: close soon, a long reader keeps the
 * WAL from being reused. Any thread, one at a time. 0 or negative errno (sql.h). Text is added to the caller's buffers.
 */
#ifndef STORE_JOURNAL_READER_H
#define STORE_JOURNAL_READER_H

#include "base/buf.h"

struct journal;
int journal_open(const char *state_dir, struct journal **ret) must_check;
void journal_close(struct journal *j); /* NULL allowed */

/* --- epochs --- */

struct journal_epoch {
  int64_t ordinal;    /* 1, 2, 3.. in this database */
  char id[33];        /* hex */
  char parent[33];    /* hex, "" = none */
  int64_t parent_seq; /* the parent's last event */
  int64_t first_seq;  /* first to last: what is held and may be sent; compaction took what is below, */
  int64_t last_seq;   /* and first > last = nothing is held */
  int64_t head_seq;   /* its latest event, also if it is not to be sent any more */
  int64_t generation; /* the hub's, in which acked was received */
  int64_t acked;      /* 0 unless generation is the one that is known */
};
/* The latest epoch first, at most `most`; if there are more, rather those with events that are not acknowledged. */
int journal_epochs(struct journal *j, struct journal_epoch *to, size_t most, size_t *ret_n) must_check;

struct journal_state {
  int64_t generation; /* the hub's, 0 = none known */
  int64_t inbox;      /* the last item passed in it */
  int64_t pending;    /* events that may be sent and are not acknowledged, of all epochs */
  int64_t ordinal;    /* of the latest epoch */
};
int journal_state(struct journal *j, struct journal_state *ret) must_check;

/* --- what an exchange sends --- */

/* Events of one epoch from from_seq on, until `most` of them are there or their texts with what belongs to them are
 * `bytes` long; at least one if from_seq is held. events: `"text","text"`; people: `{"ticket",..},{..}`, those of the
 * tickets in these events. ret_next: the seq after the last one; from_seq itself if there was none. */
int journal_batch(struct journal *j, int64_t ordinal, int64_t from_seq, size_t most, size_t bytes, struct buf *events,
                  struct buf *people, int64_t *ret_next) must_check;

/* `{"day","first_seq","last_seq","count","hash"},..` of the closed days (ids) from from_day on, as far as they are in
 * this epoch and held; at most `most` days. ret_next_day: where to go on; 0 = that was all. */
int journal_digests(struct journal *j, int64_t ordinal, int32_t from_day, size_t most, struct buf *digests,
                    int32_t *ret_next_day) must_check;

/* Calls of the latest epoch that the hub does not know of: their seqs, the newest first, at most `most`. */
int journal_calls(struct journal *j, int64_t *to, size_t most, size_t *ret_n) must_check;

/* --- maintenance --- */

/* What WRITER_MAINTENANCE_REPORT saved last; nothing is added if there is none. */
int journal_maintenance_report(struct journal *j, struct buf *ret) must_check;
/* Is the database whole? 0, -EUCLEAN, or what kept it from being read; why in words. Takes seconds on a long one. */
int journal_check(struct journal *j, char ret_why[static 128]) must_check;

#endif
