/* internal.h - the insides of a queue and of a decision; for the files of this room only.
 *
 * Each ticket is a node in the table of ids, and in the table of labels while it is active. Its state decides on the
 * rest: waiting, it is in its line's treap; called, in the treap of called tickets and in the list of timers; closed,
 * in the list of closed tickets.
 */
#ifndef QUEUE_INTERNAL_H
#define QUEUE_INTERNAL_H

#include "queue/estimate.h"
#include "queue/queue.h"
#include "queue/treap.h"

#define QUEUE_BUCKETS 8192
#define QUEUE_LINES   (2 * LIMIT_LINES) /* the configured ones, then those removed today that had tickets */

struct ticket_node {
  struct ticket ticket;
  struct treap_node in_treap;
  struct ticket_node *prev; /* in the list of timers, soonest first, or of closed tickets, newest first */
  struct ticket_node *next;
  struct ticket_node *id_next; /* in its bucket */
  struct ticket_node *label_next;
  int line;            /* index into queue.lines; -1 = removed (closed tickets only) */
  int64_t issued_mono; /* -1 = before the daemon started */
};

static inline struct ticket_node *ticket_node_of(struct treap_node *n)
{
  return n ? (struct ticket_node *)((char *)n - offsetof(struct ticket_node, in_treap)) : NULL;
}

struct ticket_list {
  struct ticket_node *first;
  struct ticket_node *last;
};

struct line_state {
  char id[LIMIT_LINE_ID + 1];
  struct treap waiting;
  size_t called;  /* tickets in state called */
  uint32_t count; /* numbers given today */
  int64_t low;    /* the lowest and highest rank ever given */
  int64_t high;
  int64_t last_call;      /* event of the line's last call */
  int64_t last_call_mono; /* its time, for the button's guard */
  struct service_rate service_rate;
};

struct queue {
  struct settings settings;
  struct day day;
  struct intake intake;
  struct notice message;
  struct line_state lines[QUEUE_LINES]; /* the first settings.n_lines are those of settings.lines */
  size_t n_lines;
  size_t active;
  size_t n_closed;
  int64_t last_id;
  bool trusted;          /* whether the clock was, at the last event */
  bool issued_untrusted; /* tickets were issued since the clock lost trust */
  struct treap called;
  struct ticket_list timers;
  struct ticket_list closed;
  struct ticket_node *ids[QUEUE_BUCKETS];
  struct ticket_node *labels[QUEUE_BUCKETS];
};

/* queue.c: NULL = none. */
struct ticket_node *queue_node(const struct queue *q, int64_t id);
struct ticket_node *queue_first_node(const struct queue *q, int line);                 /* -1 = of any line */
const struct ticket_node *queue_label_owner(const struct queue *q, const char *label); /* active tickets only */

/* timers.c: whether the open day stays, gets another date, or ends. */
enum day_change { DAY_UNCHANGED, DAY_REDATED, DAY_STARTS };
enum day_change day_change_due(const struct queue *q, const struct moment *now);

/* rank.c: the rank at the end and at the head of a line. */
int64_t rank_back(const struct line_state *line);
int64_t rank_front(const struct line_state *line);
/* A ticket that gets another rank, to make room. */
struct rank_shift {
  const struct ticket *ticket;
  int64_t rank;
};
/* The rank behind the first `after` waiting tickets other than `moved`. ret: the neighbours to shift, nearest first;
 * returns how many, at most LIMIT_EVENTS - 2. */
size_t rank_after(const struct line_state *line, const struct ticket_node *moved, size_t after, int64_t *ret_rank,
                  struct rank_shift ret[static LIMIT_EVENTS]);

/* The arguments of queue_decide(). */
struct decide_ctx {
  const struct queue *q;
  const struct command *c;
  const struct undo_record *undo;
  const struct moment *now;
  struct decision *ret;
};
/* decide.c: appends an event to the decision; t NULL = it concerns no ticket. */
struct change *decide_emit(const struct decide_ctx *d, enum event_type type, const struct ticket *t);
/* decide_system.c: 0 or a refusal. */
int decide_intake(const struct decide_ctx *d);
int decide_day(const struct decide_ctx *d);
int decide_clock(const struct decide_ctx *d);
int decide_settings(const struct decide_ctx *d);
int decide_boot(const struct decide_ctx *d);
int decide_epoch(const struct decide_ctx *d);
int decide_delivery(const struct decide_ctx *d);
int decide_refused(const struct decide_ctx *d);
int decide_erased(const struct decide_ctx *d);
int decide_message(const struct decide_ctx *d);

#endif
