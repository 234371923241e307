/* treap.h - an order-statistic treap over (key, id); intrusive: the caller owns the nodes. Not thread-safe.
 *
 * Insert, remove, index, n-th, next: O(log n), as is finding the first node whose mark is at most a bound. Priorities
 * are derived from the id: the same nodes always make the same tree.
 */
#ifndef QUEUE_TREAP_H
#define QUEUE_TREAP_H

#include "base/util.h"

struct treap_node {
  int64_t key; /* key, id and mark: set by the caller, constant while the node is in a treap */
  int64_t id;
  int64_t mark;
  struct treap_node *left;
  struct treap_node *right;
  int64_t min_mark; /* of the subtree */
  uint32_t priority;
  uint32_t count; /* of the subtree */
};

struct treap {
  struct treap_node *root;
};

void treap_insert(struct treap *t, struct treap_node *n);
void treap_remove(struct treap *t, struct treap_node *n);
size_t treap_count(const struct treap *t);
size_t treap_index(const struct treap *t, const struct treap_node *n);            /* nodes before n */
struct treap_node *treap_at(const struct treap *t, size_t index);                 /* NULL beyond the end */
struct treap_node *treap_next(const struct treap *t, const struct treap_node *n); /* n NULL: the first */
struct treap_node *treap_last(const struct treap *t);
struct treap_node *treap_first_with_mark(const struct treap *t, int64_t max_mark); /* the first with mark <= max_mark */

#endif
