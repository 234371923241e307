/* treap.c - a treap, because it is the least code that keeps order, counts subtrees and never degenerates in practice.
 *
 * The priority is a mix of the id: no randomness is needed in core, and ids cannot be chosen from outside.
 */
#include "queue/treap.h"

static uint32_t mix(int64_t id)
{
  uint64_t x = (uint64_t)id * UINT64_C(0x9e3779b97f4a7c15);
  x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  return (uint32_t)(x >> 32);
}

static bool before(const struct roll_node *a, const struct roll_node *b)
{
  return a->key != b->key ? a->key < b->key : a->id < b->id;
}

static uint32_t count(const struct roll_node *n)
{
  return n ? n->count : 0;
}
static int64_t least(const struct roll_node *n)
{
  return n ? n->least : INT64_MAX;
}

static void settle(struct roll_node *n)
{
  int64_t below = min(least(n->left), least(n->right));
  n->count = 1 + count(n->left) + count(n->right);
  n->least = min(n->mark, below);
}

static void split(struct roll_node *tree, const struct roll_node *at, struct roll_node **ret_left,
                  struct roll_node **ret_right)
{
  if (!tree) {
    *ret_left = *ret_right = NULL;
    return;
  }
  if (before(tree, at)) {
    split(tree->right, at, &tree->right, ret_right);
    *ret_left = tree;
  } else {
    split(tree->left, at, ret_left, &tree->left);
    *ret_right = tree;
  }
  settle(tree);
}

static struct roll_node *merge(struct roll_node *a, struct roll_node *b)
{
  if (!a || !b)
    return a ? a : b;
  if (a->priority > b->priority) {
    a->right = merge(a->right, b);
    settle(a);
    return a;
  }
  b->left = merge(a, b->left);
  settle(b);
  return b;
}

static struct roll_node *insert(struct roll_node *tree, struct roll_node *n)
{
  if (!tree || n->priority > tree->priority) {
    split(tree, n, &n->left, &n->right);
    settle(n);
    return n;
  }
  struct roll_node **side = before(n, tree) ? &tree->left : &tree->right;
  *side = insert(*side, n);
  settle(tree);
  return tree;
}

static struct roll_node *drop(struct roll_node *tree, const struct roll_node *n)
{
  if (tree == n)
    return merge(tree->left, tree->right);
  struct roll_node **side = before(n, tree) ? &tree->left : &tree->right;
  *side = drop(*side, n);
  settle(tree);
  return tree;
}

void roll_insert(struct roll *r, struct roll_node *n)
{
  n->priority = mix(n->id);
  r->root = insert(r->root, n);
}

void roll_remove(struct roll *r, struct roll_node *n)
{
  r->root = drop(r->root, n);
}

size_t roll_count(const struct roll *r)
{
  return count(r->root);
}

size_t roll_index(const struct roll *r, const struct roll_node *n)
{
  size_t index = 0;
  const struct roll_node *at = r->root;
  while (at != n) {
    bool left = before(n, at);
    index += left ? 0 : 1 + count(at->left);
    at = left ? at->left : at->right;
  }
  return index + count(n->left);
}

struct roll_node *roll_at(const struct roll *r, size_t index)
{
  struct roll_node *n = r->root;
  while (n && index != count(n->left)) {
    bool left = index < count(n->left);
    index -= left ? 0 : 1 + count(n->left);
    n = left ? n->left : n->right;
  }
  return n;
}

struct roll_node *roll_next(const struct roll *r, const struct roll_node *n)
{
  struct roll_node *next = NULL;
  for (struct roll_node *at = r->root; at;) {
    bool left = !n || before(n, at);
    next = left ? at : next;
    at = left ? at->left : at->right;
  }
  return next;
}

struct roll_node *roll_last(const struct roll *r)
{
  struct roll_node *n = r->root;
  while (n && n->right)
    n = n->right;
  return n;
}

struct roll_node *roll_first_marked(const struct roll *r, int64_t most)
{
  struct roll_node *n = r->root;
  while (n && n->least <= most) {
    if (least(n->left) <= most)
      n = n->left;
    else if (n->mark <= most)
      return n;
    else
      n = n->right;
  }
  return NULL;
}
