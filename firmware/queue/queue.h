/* queue.h - the state machine. Pure: time, ids and randomness are arguments; no I/O, no globals.
 *
 * queue_decide() returns the changes that a command makes, the writer commits them, queue_apply() makes them. The
 * writer's queue and the loop's read view are both a struct queue to which the same changes are applied.
 * A command costs O(1) or O(log n): a line's waiting tickets are an order-statistic treap over (rank, id).
 * Not thread-safe: each thread has its own.
 */
#ifndef QUEUE_QUEUE_H
#define QUEUE_QUEUE_H

#include "queue/decision.h"

struct queue;

struct queue *queue_new(const struct settings *settings);
void queue_free(struct queue *q);
struct queue *queue_clone(const struct queue *q);

/* 0 and *ret; or a positive enum refusal and ret->current. The caller calls decision_done() in both cases.
 * undo: the record that CMD_UNDO names; NULL = none. */
int queue_decide(const struct queue *q, const struct command *c, const struct undo_record *undo,
                 const struct moment *now, struct decision *ret) must_check;
void queue_apply(struct queue *q, const struct change *c);
/* Whether this record may be undone now; for finding an actor's last command. */
bool queue_can_undo(const struct queue *q, const struct undo_record *undo, const struct moment *now);

/* For loading at start (CMD_BOOT then restarts all timers), and for a closed ticket that the store fetched for a
 * command: it stays until the next put or change. Takes its own reference. */
void queue_put(struct queue *q, const struct ticket *t);
void queue_set_day(struct queue *q, const struct day *d);
void queue_set_intake(struct queue *q, const struct intake *i);
void queue_set_message(struct queue *q, const struct notice *m);
void queue_set_counts(struct queue *q, int64_t last_id, const uint32_t counts[LIMIT_LINES]); /* per settings->lines */

/* The next command of a timer that is due (resume, no-show, day change); false if none. */
bool queue_due_command(const struct queue *q, const struct moment *now, struct command *ret);
int64_t queue_next_due(const struct queue *q); /* mono_ms, or INT64_MAX; without the day change: poll that every 30 s */

/* Pointers are valid until the next change. line: index into settings->lines; -1 where it means any or all. */
const struct settings *queue_settings(const struct queue *q);
const struct day *queue_day(const struct queue *q);
const struct intake *queue_intake(const struct queue *q);
const struct notice *queue_message(const struct queue *q); /* the hub's latest message; text "" = none */
const struct ticket *queue_find(const struct queue *q, int64_t id);
const struct ticket *queue_first(const struct queue *q, int line); /* the ticket that call-next calls */
int queue_line(const struct queue *q, const char *id);             /* index, -1 = unknown */
size_t queue_waiting(const struct queue *q, int line);
size_t queue_active(const struct queue *q);
/* 1 = first of its line's waiting tickets; 0 = not waiting. */
int queue_position(const struct queue *q, const struct ticket *t);
bool queue_held(const struct queue *q, const struct ticket *t);
struct estimate queue_estimate(const struct queue *q, int line, int ahead); /* ahead: parties before this one */
/* -1 = unknown. */
void queue_service_rate(const struct queue *q, int line, int32_t *ret_gap_s, int32_t *ret_last_wait_s);
/* Iterates: waiting by line and order, called (oldest call first), closed (newest first). NULL starts and ends. */
const struct ticket *queue_next(const struct queue *q, const struct ticket *after);
const struct ticket *queue_after_waiting(const struct queue *q); /* the first that is not waiting; NULL = none */

#endif
