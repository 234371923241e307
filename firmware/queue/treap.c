/* treap.c - a treap: the least code that keeps order, counts subtrees and never degenerates in practice.
 *
 * The priority is a hash of the id instead of a random number: nobody outside can choose ids.
 */
#include "queue/treap.h"

static uint32_t id_priority(int64_t id)
{
  uint64_t x = (uint64_t)id * UINT64_C(0x9e3779b97f4a7c15);
  x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  return (uint32_t)(x >> 32);
}

static bool node_before(const struct treap_node *a, const struct treap_node *b)
{
  return a->key != b->key ? a->key < b->key : a->id < b->id;
}

static uint32_t subtree_count(const struct treap_node *n)
{
  return n ? n->count : 0;
}
static int64_t subtree_min_mark(const struct treap_node *n)
{
  return n ? n->min_mark : INT64_MAX;
}

static void update_node(struct treap_node *n)
{
  int64_t below = min(subtree_min_mark(n->left), subtree_min_mark(n->right));
  n->count = 1 + subtree_count(n->left) + subtree_count(n->right);
  n->min_mark = min(n->mark, below);
}

static void split_tree(struct treap_node *tree, const struct treap_node *at, struct treap_node **ret_left,
                       struct treap_node **ret_right)
{
  if (!tree) {
    *ret_left = *ret_right = NULL;
    return;
  }
  if (node_before(tree, at)) {
    split_tree(tree->right, at, &tree->right, ret_right);
    *ret_left = tree;
  } else {
    split_tree(tree->left, at, ret_left, &tree->left);
    *ret_right = tree;
  }
  update_node(tree);
}

static struct treap_node *merge_trees(struct treap_node *a, struct treap_node *b)
{
  if (!a || !b)
    return a ? a : b;
  if (a->priority > b->priority) {
    a->right = merge_trees(a->right, b);
    update_node(a);
    return a;
  }
  b->left = merge_trees(a, b->left);
  update_node(b);
  return b;
}

static struct treap_node *insert_node(struct treap_node *tree, struct treap_node *n)
{
  if (!tree || n->priority > tree->priority) {
    split_tree(tree, n, &n->left, &n->right);
    update_node(n);
    return n;
  }
  struct treap_node **side = node_before(n, tree) ? &tree->left : &tree->right;
  *side = insert_node(*side, n);
  update_node(tree);
  return tree;
}

static struct treap_node *remove_node(struct treap_node *tree, const struct treap_node *n)
{
  if (tree == n)
    return merge_trees(tree->left, tree->right);
  struct treap_node **side = node_before(n, tree) ? &tree->left : &tree->right;
  *side = remove_node(*side, n);
  update_node(tree);
  return tree;
}

void treap_insert(struct treap *t, struct treap_node *n)
{
  n->priority = id_priority(n->id);
  t->root = insert_node(t->root, n);
}

void treap_remove(struct treap *t, struct treap_node *n)
{
  t->root = remove_node(t->root, n);
}

size_t treap_count(const struct treap *t)
{
  return subtree_count(t->root);
}

size_t treap_index(const struct treap *t, const struct treap_node *n)
{
  size_t index = 0;
  const struct treap_node *at = t->root;
  while (at != n) {
    bool left = node_before(n, at);
    index += left ? 0 : 1 + subtree_count(at->left);
    at = left ? at->left : at->right;
  }
  return index + subtree_count(n->left);
}

struct treap_node *treap_at(const struct treap *t, size_t index)
{
  struct treap_node *n = t->root;
  while (n && index != subtree_count(n->left)) {
    bool left = index < subtree_count(n->left);
    index -= left ? 0 : 1 + subtree_count(n->left);
    n = left ? n->left : n->right;
  }
  return n;
}

struct treap_node *treap_next(const struct treap *t, const struct treap_node *n)
{
  struct treap_node *next = NULL;
  for (struct treap_node *at = t->root; at;) {
    bool left = !n || node_before(n, at);
    next = left ? at : next;
    at = left ? at->left : at->right;
  }
  return next;
}

struct treap_node *treap_last(const struct treap *t)
{
  struct treap_node *n = t->root;
  while (n && n->right)
    n = n->right;
  return n;
}

struct treap_node *treap_first_with_mark(const struct treap *t, int64_t max_mark)
{
  struct treap_node *n = t->root;
  while (n && n->min_mark <= max_mark) {
    if (subtree_min_mark(n->left) <= max_mark)
      n = n->left;
    else if (n->mark <= max_mark)
      return n;
    else
      n = n->right;
  }
  return NULL;
}
