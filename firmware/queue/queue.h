/* queue.h - the state machine. Pure: time, ids and randomness are arguments; no I/O, no globals.
 *
 * decide() looks and answers with the changes a command makes; apply() makes one change. Between the two the writer
 * commits. The writer's queue and the loop's read view are both a struct queue fed by the same changes.
 * Costs: O(1) or O(log n) a command; a line's waiting tickets are a balanced tree over (rank, id) that counts.
 * Not thread-safe: each thread has its own.
 */
#ifndef QUEUE_QUEUE_H
#define QUEUE_QUEUE_H

#include "queue/decision.h"

struct queue;

struct queue *queue_new(const struct settings *settings);
void queue_free(struct queue *q);
struct queue *queue_clone(const struct queue *q);

/* 0 and *ret filled, or a positive enum refusal (then only ret->current). The decision must be decision_done()d always.
 * undo: for CMD_UNDO the record it names (NULL = there is none). */
int queue_decide(const struct queue *q, const struct command *c, const struct undo_record *undo,
                 const struct moment *now, struct decision *ret) must_check;
void queue_apply(struct queue *q, const struct change *c);
/* May this record be undone now? For finding "my last one". */
bool queue_can_undo(const struct queue *q, const struct undo_record *undo, const struct moment *now);

/* Loading at start (then CMD_BOOT, which starts all timers again), and a closed ticket fetched from the store before it
 * is commanded: it stays until the next put or change. Takes its own reference. */
void queue_put(struct queue *q, const struct ticket *t);
void queue_set_day(struct queue *q, const struct day *d);
void queue_set_intake(struct queue *q, const struct intake *i);
void queue_set_message(struct queue *q, const struct notice *m);
void queue_set_counts(struct queue *q, int64_t last_id, const uint32_t counts[LIMIT_LINES]); /* per settings->lines */

/* A timer's command that is due (resume, no-show, the day), one at a time; false if none. */
bool queue_due(const struct queue *q, const struct moment *now, struct command *ret);
int64_t queue_next_due(const struct queue *q); /* mono_ms, or INT64_MAX; the day is not foreseen: ask every 30 s */

/* Reading. Pointers are valid until the next change. line: index into settings->lines. */
const struct settings *queue_settings(const struct queue *q);
const struct day *queue_day(const struct queue *q);
const struct intake *queue_intake(const struct queue *q);
const struct notice *queue_message(const struct queue *q); /* the hub's latest; "" = none */
const struct ticket *queue_find(const struct queue *q, int64_t id);
const struct ticket *queue_first(const struct queue *q, int line); /* whom call-next calls; -1 = of any line */
int queue_line(const struct queue *q, const char *id);             /* index, -1 = unknown */
size_t queue_waiting(const struct queue *q, int line);             /* -1 = all */
size_t queue_active(const struct queue *q);
int queue_position(const struct queue *q,
                   const struct ticket *t); /* 1-based among its line's waiting, 0 = not waiting */
bool queue_held(const struct queue *q, const struct ticket *t);
struct estimate queue_estimate(const struct queue *q, int line, int ahead); /* for one with so many before it */
void queue_service_rate(const struct queue *q, int line, int32_t *ret_gap_s,
                        int32_t *ret_last_wait_s); /* -1 = unknown */
/* Walks: waiting by line and order, then called (oldest call first), then closed (newest first). NULL starts and ends.
 */
const struct ticket *queue_next(const struct queue *q, const struct ticket *after);
const struct ticket *
queue_next_called(const struct queue *q); /* where the walk leaves the waiting ones; NULL = nobody */

#endif
