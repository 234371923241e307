/* A treap against a sorted list. */
#include "unit.h"

#include "queue/treap.h"

static void test_treap(void **state)
{
  enum { N = 500 };
  static struct treap_node nodes[N];
  struct treap r = {0};
  for (int i = 0; i < N; i++) { /* keys in pairs, in no order */
    nodes[i] = (struct treap_node){.key = i * 7 % N / 2, .id = i + 1, .mark = i % 3 ? 9 : i};
    treap_insert(&r, &nodes[i]);
  }
  for (int removed = 0; removed < N; removed++) {
    assert_int_equal(treap_count(&r), N - removed);
    const struct treap_node *was = NULL, *marked = NULL;
    size_t i = 0;
    for (const struct treap_node *n = NULL; removed % 50 == 0 && (n = treap_next(&r, n)); was = n, i++) {
      assert_true(!was || was->key < n->key || (was->key == n->key && was->id < n->id));
      assert_int_equal(treap_index(&r, n), i);
      assert_ptr_equal(treap_at(&r, i), n);
      marked = !marked && n->mark <= 8 ? n : marked;
    }
    if (removed % 50 == 0) {
      assert_int_equal(i, N - removed);
      assert_ptr_equal(treap_last(&r), was);
      assert_ptr_equal(treap_first_with_mark(&r, 8), marked);
    }
    treap_remove(&r, &nodes[removed * 3 % N]);
  }
  assert_null(treap_at(&r, 0));
  assert_null(treap_last(&r));
  assert_null(treap_next(&r, NULL));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_treap),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
