/* internal.h - what a queue is made of; only for queue.c and what decides. A ticket is a node in the table of ids,
 * in that of labels while active, and by its state: in its lane's roll, or called and timers (by called_mono), or
 * closed.
 */
#ifndef QUEUE_INTERNAL_H
#define QUEUE_INTERNAL_H

#include "queue/estimate.h"
#include "queue/queue.h"
#include "queue/treap.h"

#define QUEUE_BUCKETS 8192
#define QUEUE_LANES   (2 * LIMIT_LINES) /* lines as set, then those removed today whose count must be remembered */

struct node {
  struct ticket ticket;
  struct roll_node roll;
  struct node *prev, *next, *id_next, *label_next; /* timers, soonest first, or closed, newest first; buckets */
  int lane;                                        /* -1: its line is gone (closed tickets only) */
  int64_t issued_mono;                             /* -1 = before this start */
};

struct nodes {
  struct node *first, *last;
};

struct lane {
  char id[LIMIT_LINE_ID + 1];
  struct roll waiting;
  size_t called;                     /* tickets called */
  uint32_t count;                    /* numbers given today */
  int64_t low, high;                 /* ranks ever given */
  int64_t last_call, last_call_mono; /* event of the line's last call; when, for the button */
  struct pace pace;
};

struct queue {
  struct settings settings;
  struct day day;
  struct intake intake;
  struct notice message;
  struct lane lanes[QUEUE_LANES]; /* the first settings.n_lines are settings.lines */
  size_t n_lanes, active, n_closed;
  int64_t last_id;
  bool trusted, guessed; /* the clock was, at the last event; tickets were issued since it was not */
  struct roll called;
  struct nodes timers, closed;
  struct node *ids[QUEUE_BUCKETS], *labels[QUEUE_BUCKETS];
};

static inline struct node *node_of(struct roll_node *r)
{
  return r ? (struct node *)((char *)r - offsetof(struct node, roll)) : NULL;
}

struct node *queue_node(const struct queue *q, int64_t id);
struct node *queue_first_node(const struct queue *q, int line);
const struct node *queue_bearer(const struct queue *q, const char *label); /* the active ticket that bears it */

#endif
