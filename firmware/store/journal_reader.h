/* journal_reader.h - reads the journal for the sync and maintenance threads: epochs, batches of events, digests.
 *
 * Open one for each use (0.2 ms). It is read-only, in one transaction from open to close: close soon, a long reader
 * keeps the WAL from being reused. Any thread, one at a time. 0 or negative errno (sql.h). Text is appended to the
 * caller's buffers.
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
  int64_t first_seq;  /* first event that is stored and may be sent; earlier ones were compacted */
  int64_t last_seq;   /* last one; first > last = there is none */
  int64_t head_seq;   /* its latest event, even if it must not be sent any more */
  int64_t generation; /* the hub's, in which acked was received */
  int64_t acked;      /* 0 unless generation is the hub's latest known one */
};
/* The latest epoch first, at most `most`; if there are more, those with unacknowledged events are preferred. */
int journal_epochs(struct journal *j, struct journal_epoch *to, size_t most, size_t *ret_n) must_check;

struct journal_state {
  int64_t generation; /* the hub's, 0 = none known */
  int64_t inbox;      /* number of the last item that was passed in that generation */
  int64_t pending;    /* unacknowledged events that may be sent, of all epochs */
  int64_t ordinal;    /* of the latest epoch */
};
int journal_state(struct journal *j, struct journal_state *ret) must_check;

/* --- for an exchange --- */

/* Events of one epoch from from_seq on: at most `most`, with texts and people of about `bytes`, but at least one if
 * from_seq is stored. events: `"text","text"`; people: `{"ticket",..},{..}`, of the tickets in these events.
 * ret_next: the seq after the last event; from_seq if there was none. */
int journal_batch(struct journal *j, int64_t ordinal, int64_t from_seq, size_t most, size_t bytes, struct buf *events,
                  struct buf *people, int64_t *ret_next) must_check;

/* `{"day","first_seq","last_seq","count","hash"},..` of closed days (ids) from from_day on: of their events in this
 * epoch that are stored; at most `most` days. ret_next_day: where to continue; 0 = that was all. */
int journal_digests(struct journal *j, int64_t ordinal, int32_t from_day, size_t most, struct buf *digests,
                    int32_t *ret_next_day) must_check;

/* The seqs of unacknowledged calls of the latest epoch, newest first, at most `most`. */
int journal_calls(struct journal *j, int64_t *to, size_t most, size_t *ret_n) must_check;

/* --- maintenance --- */

/* Appends the report that WRITER_MAINTENANCE_REPORT saved last, if any. */
int journal_maintenance_report(struct journal *j, struct buf *ret) must_check;
/* Integrity check: 0, -EUCLEAN (damaged), or why it cannot be read; ret_why in words. Takes seconds on a large one. */
int journal_check(struct journal *j, char ret_why[static 128]) must_check;

#endif
