/* internal.h - what a queue is made of, and what decides over it; for the files of this room only.
 *
 * A ticket is a node in the table of ids, in that of labels while it is active, and by its state: in its line's treap
 * of the waiting; or in the treap of the called and, by called_mono, among the timers; or in the list of the closed.
 */
#ifndef QUEUE_INTERNAL_H
#define QUEUE_INTERNAL_H

#include "queue/estimate.h"
#include "queue/queue.h"
#include "queue/treap.h"

#define QUEUE_BUCKETS 8192
#define QUEUE_LINES   (2 * LIMIT_LINES) /* lines as set, then those removed today whose count must be remembered */

struct ticket_node {
  struct ticket ticket;
  struct treap_node in_treap;
  struct ticket_node *prev; /* of timers, soonest first, or of the closed, newest first */
  struct ticket_node *next;
  struct ticket_node *id_next; /* of its bucket */
  struct ticket_node *label_next;
  int line;            /* index into queue.lines; -1: its line is gone (closed tickets only) */
  int64_t issued_mono; /* -1 = before this start */
};

static inline struct ticket_node *node_of(struct treap_node *n)
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
  size_t called;  /* tickets called */
  uint32_t count; /* numbers given today */
  int64_t low;    /* ranks ever given */
  int64_t high;
  int64_t last_call;      /* event of the line's last call */
  int64_t last_call_mono; /* when it was, for the button */
  struct service_rate service_rate;
};

struct queue {
  struct settings settings;
  struct day day;
  struct intake intake;
  struct notice message;
  struct line_state lines[QUEUE_LINES]; /* the first settings.n_lines are settings.lines */
  size_t n_lines;
  size_t active;
  size_t n_closed;
  int64_t last_id;
  bool trusted; /* the clock was, at the last event */
  bool guessed; /* tickets were issued since it was not */
  struct treap called;
  struct ticket_list timers;
  struct ticket_list closed;
  struct ticket_node *ids[QUEUE_BUCKETS];
  struct ticket_node *labels[QUEUE_BUCKETS];
};

/* queue.c; NULL = none. */
struct ticket_node *queue_node(const struct queue *q, int64_t id);
struct ticket_node *queue_first_node(const struct queue *q, int line);                 /* -1 = of any line */
const struct ticket_node *queue_label_owner(const struct queue *q, const char *label); /* among the active */

/* timers.c: whether the open day goes on, gets another date, or is over. */
enum day_change { DAY_UNCHANGED, DAY_REDATED, DAY_STARTS };
enum day_change day_change_due(const struct queue *q, const struct moment *now);

/* rank.c: behind everybody, before everybody. */
int64_t rank_back(const struct line_state *line);
int64_t rank_front(const struct line_state *line);
/* Behind the first `after` of the others that wait. ret: neighbours that have to move for it, nearest first; returns
 * how many, at most LIMIT_EVENTS - 2. */
struct rank_shift {
  const struct ticket *ticket;
  int64_t rank;
};
size_t rank_after(const struct line_state *line, const struct ticket_node *moved, size_t after, int64_t *ret_rank,
                  struct rank_shift ret[static LIMIT_EVENTS]);

/* What each decide_ function gets: queue, command, undo record (NULL = none), moment, and where its decision goes. */
struct decide_ctx {
  const struct queue *q;
  const struct command *c;
  const struct undo_record *undo;
  const struct moment *now;
  struct decision *ret;
};
/* decide.c: the next event of the decision; t NULL = it is of no ticket. */
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
