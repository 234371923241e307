/* treap.h - an ordered roll of nodes that the caller owns: a treap over (key, id) that counts.
 *
 * Insert, remove, index, n-th, next: O(log n). Each node may bear a mark; the roll finds the first whose mark is not
 * above a bound. Priorities come from the id: the same nodes always make the same tree. One thread.
 */
#ifndef QUEUE_TREAP_H
#define QUEUE_TREAP_H

#include "base/util.h"

struct roll_node {
  int64_t key, id, mark; /* set before roll_insert, then not changed until roll_remove */
  struct roll_node *left, *right;
  int64_t least; /* mark of its subtree */
  uint32_t priority, count;
};

struct roll {
  struct roll_node *root;
};

void roll_insert(struct roll *r, struct roll_node *n);
void roll_remove(struct roll *r, struct roll_node *n);
size_t roll_count(const struct roll *r);
size_t roll_index(const struct roll *r, const struct roll_node *n);           /* nodes before it */
struct roll_node *roll_at(const struct roll *r, size_t index);                /* NULL beyond the end */
struct roll_node *roll_next(const struct roll *r, const struct roll_node *n); /* NULL: the first; ends in NULL */
struct roll_node *roll_last(const struct roll *r);
struct roll_node *roll_first_marked(const struct roll *r, int64_t most); /* the first with mark <= most */

#endif
