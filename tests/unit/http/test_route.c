/* Route tables and the decoding of paths. */
#include "unit.h"

#include "http/route.h"

static const struct http_route routes[] = {
    {"GET", "/", NULL},
    {"GET", "/items", NULL},
    {"POST", "/items", NULL, .arg = 7},
    {"GET", "/items/{id}", NULL},
    {"POST", "/items/{id}/do/{what}", NULL},
    {"POST", "/items/{id}/do/it", NULL},
};

static const struct http_route *find(const char *method, const char *path, struct http_span spans[static HTTP_PARAMS],
                                     struct buf *allow)
{
  buf_clear(allow);
  return http_route_find(routes, array_len(routes), method, path, spans, allow);
}

static void test_find(void **state)
{
  autobuf struct buf allow = {0};
  struct http_span spans[HTTP_PARAMS];
  assert_ptr_equal(find("GET", "/", spans, &allow), &routes[0]);
  assert_ptr_equal(find("POST", "/items", spans, &allow), &routes[2]);
  assert_int_equal(spans[0].n, 0);
  assert_ptr_equal(find("GET", "/items/12", spans, &allow), &routes[3]);
  assert_int_equal(spans[0].at, strlen("/items/"));
  assert_int_equal(spans[0].n, 2);
  assert_int_equal(spans[1].n, 0);
  assert_ptr_equal(find("POST", "/items/1/do/it", spans, &allow), &routes[4]); /* the first row that matches */
  assert_int_equal(spans[1].at, strlen("/items/1/do/"));
  assert_int_equal(spans[1].n, 2);
}

static void test_find_none(void **state)
{
  static const char *const paths[] = {"",          "/item", "/items/", "/items/1/", "/items/1/do", "/items//do/it",
                                      "/items/1/2"};
  autobuf struct buf allow = {0};
  struct http_span spans[HTTP_PARAMS];
  for (size_t i = 0; i < array_len(paths); i++) {
    assert_null(find("GET", paths[i], spans, &allow));
    assert_int_equal(allow.len, 0);
  }
  assert_null(find("PUT", "/items", spans, &allow));
  assert_string_equal(allow.data, "GET, HEAD, POST");
}

static void test_decode(void **state)
{
  static const struct {
    const char *from;
    const char *to; /* NULL = invalid */
  } rows[] = {
      {"/", "/"},          {"/a/b-c_d.e", "/a/b-c_d.e"},
      {"/%61%62", "/ab"},  {"/%EB%8C%80", "/대"},
      {"/a%2Eb", "/a.b"},  {"/..a", "/..a"},
      {"", NULL},          {"a", NULL},
      {"*", NULL},         {"/a//b", NULL},
      {"//", NULL},        {"/.", NULL},
      {"/..", NULL},       {"/a/../b", NULL},
      {"/%2e%2e/b", NULL}, {"/a%2fb", NULL},
      {"/a%00", NULL},     {"/a%0ab", NULL},
      {"/a%7f", NULL},     {"/a\\b", NULL},
      {"/a%", NULL},       {"/a%4", NULL},
      {"/a%4g", NULL},     {"/%ff", NULL},
  };
  for (size_t i = 0; i < array_len(rows); i++) {
    char to[32] = "";
    size_t n = http_path_decode(to, rows[i].from, strlen(rows[i].from));
    if (n != (rows[i].to ? strlen(rows[i].to) : 0) || (rows[i].to && strcmp(to, rows[i].to) != 0))
      fail_msg("%s: %zu bytes, %s", rows[i].from, n, to);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_find),
      cmocka_unit_test(test_find_none),
      cmocka_unit_test(test_decode),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
