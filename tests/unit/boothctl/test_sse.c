/* Server-sent events, however the stream is cut up. */
#include "unit.h"

#include "boothctl/sse.c"

static void collect(void *arg, const char *event, const char *data)
{
  buf_fmt(arg, "<%s|%s>", event, data);
}

static void test_events(void **state)
{
  static const char text[] =
      ": hello\n\nevent: change\nid: 1\ndata: {\"a\":1}\n\ndata:x\r\ndata: y\r\n\r\nevent: none\n\n"
      "event: cut\ndata: never ends";
  for (size_t piece = 1; piece < sizeof text; piece++) {
    struct sse s = {0};
    autobuf struct buf got = {0};
    for (size_t at = 0; at < strlen(text); at += piece)
      assert_int_equal(sse_feed(&s, text + at, min(piece, strlen(text) - at), collect, &got), 0);
    assert_string_equal(got.data, "<change|{\"a\":1}><message|x\ny>");
    sse_done(&s);
  }
  struct sse s = {0};
  autofree char *much = xcalloc(MOST_EVENT + 1, 1);
  assert_int_equal(sse_feed(&s, much, MOST_EVENT + 1, collect, NULL), -EMSGSIZE);
  sse_done(&s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_events),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
