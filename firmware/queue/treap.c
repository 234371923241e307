/* treap.c - a treap, because it is the least code that keeps order, counts subtrees and never degenerates in practice.
 *
 * The priority is a mix of the id: no randomness is needed here, and ids cannot be chosen from outside.
 */
#include "queue/treap.h"

static uint32_t mix(int64_t id)
{
  uint64_t x = (uint64_t)id * UINT64_C(0x9e3779b97f4a7c15);
  x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  return (uint32_t)(x >> 32);
}

static bool before(const struct treap_node *a, const struct treap_node *b)
{
  return a->key != b->key ? a->key < b->key : a->id < b->id;
}

static uint32_t count(const struct treap_node *n)
{
  return n ? n->count : 0;
}
static int64_t least_mark(const struct treap_node *n)
{
  return n ? n->least_mark : INT64_MAX;
}

static void update(struct treap_node *n)
{
  int64_t below = min(least_mark(n->left), least_mark(n->right));
  n->count = 1 + count(n->left) + count(n->right);
  n->least_mark = min(n->mark, below);
}

static void split(struct treap_node *tree, const struct treap_node *at, struct treap_node **ret_left,
                  struct treap_node **ret_right)
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
  update(tree);
}

static struct treap_node *merge(struct treap_node *a, struct treap_node *b)
{
  if (!a || !b)
    return a ? a : b;
  if (a->priority > b->priority) {
    a->right = merge(a->right, b);
    update(a);
    return a;
  }
  b->left = merge(a, b->left);
  update(b);
  return b;
}

static struct treap_node *insert(struct treap_node *tree, struct treap_node *n)
{
  if (!tree || n->priority > tree->priority) {
    split(tree, n, &n->left, &n->right);
    update(n);
    return n;
  }
  struct treap_node **side = before(n, tree) ? &tree->left : &tree->right;
  *side = insert(*side, n);
  update(tree);
  return tree;
}

static struct treap_node *drop(struct treap_node *tree, const struct treap_node *n)
{
  if (tree == n)
    return merge(tree->left, tree->right);
  struct treap_node **side = before(n, tree) ? &tree->left : &tree->right;
  *side = drop(*side, n);
  update(tree);
  return tree;
}

void treap_insert(struct treap *t, struct treap_node *n)
{
  n->priority = mix(n->id);
  t->root = insert(t->root, n);
}

void treap_remove(struct treap *t, struct treap_node *n)
{
  t->root = drop(t->root, n);
}

size_t treap_count(const struct treap *t)
{
  return count(t->root);
}

size_t treap_index(const struct treap *t, const struct treap_node *n)
{
  size_t index = 0;
  const struct treap_node *at = t->root;
  while (at != n) {
    bool left = before(n, at);
    index += left ? 0 : 1 + count(at->left);
    at = left ? at->left : at->right;
  }
  return index + count(n->left);
}

struct treap_node *treap_at(const struct treap *t, size_t index)
{
  struct treap_node *n = t->root;
  while (n && index != count(n->left)) {
    bool left = index < count(n->left);
    index -= left ? 0 : 1 + count(n->left);
    n = left ? n->left : n->right;
  }
  return n;
}

struct treap_node *treap_next(const struct treap *t, const struct treap_node *n)
{
  struct treap_node *next = NULL;
  for (struct treap_node *at = t->root; at;) {
    bool left = !n || before(n, at);
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

struct treap_node *treap_first_marked(const struct treap *t, int64_t most)
{
  struct treap_node *n = t->root;
  while (n && n->least_mark <= most) {
    if (least_mark(n->left) <= most)
      n = n->left;
    else if (n->mark <= most)
      return n;
    else
      n = n->right;
  }
  return NULL;
}
