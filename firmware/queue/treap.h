/* treap.h - nodes in order, counted: a treap over (key, id) whose nodes the caller owns.
 *
 * Insert, remove, index, n-th, next: O(log n). Each node may bear a mark; the treap finds the first whose mark is not
 * above a bound. Priorities are made of the id: the same nodes always make the same tree. One thread.
 */
#ifndef QUEUE_TREAP_H
#define QUEUE_TREAP_H

#include "base/util.h"

struct treap_node {
  int64_t key; /* key, id and mark: set before treap_insert, unchanged until treap_remove */
  int64_t id;
  int64_t mark;
  struct treap_node *left;
  struct treap_node *right;
  int64_t least_mark; /* of its subtree */
  uint32_t priority;
  uint32_t count; /* of its subtree */
};

struct treap {
  struct treap_node *root;
};

void treap_insert(struct treap *t, struct treap_node *n);
void treap_remove(struct treap *t, struct treap_node *n);
size_t treap_count(const struct treap *t);
size_t treap_index(const struct treap *t, const struct treap_node *n);            /* nodes before it */
struct treap_node *treap_at(const struct treap *t, size_t index);                 /* NULL beyond the end */
struct treap_node *treap_next(const struct treap *t, const struct treap_node *n); /* of NULL: the first; ends in NULL */
struct treap_node *treap_last(const struct treap *t);
struct treap_node *treap_first_marked(const struct treap *t, int64_t most); /* the first with mark <= most */

#endif
