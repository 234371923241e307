/* Static files: names, encodings, caching, headers. */
#include "http_fixture.h"

#include "http/static_files.h"

static char folder[] = "/tmp/boothd-unit-XXXXXX";
static struct static_files *files;

static void write_file(const char *name, const char *text)
{
  char path[128];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *f = fopen(path, "we");
  assert_non_null(f);
  fputs(text, f);
  fclose(f);
}

static void on_other(struct http_request *r)
{
  static_files_reply(files, r);
}

static int start(void **state)
{
  char error[160];
  strcpy(folder, "/tmp/boothd-unit-XXXXXX");
  assert_non_null(mkdtemp(folder));
  write_file("index.html", "<!doctype html>staff");
  write_file("index.html.br", "BR");
  write_file("index.html.gz", "GZ");
  write_file("board.html", "board");
  write_file("app-0123456789ab.js", "js");
  write_file("app-0123456789ab.js.gz", "js GZ");
  write_file("icon.svg", "");
  write_file("notes.txt", "not ours to serve");
  write_file(".hidden.html", "nor this");
  assert_int_equal(sd_event_new(&loop), 0);
  assert_int_equal(static_files_load(folder, &files), 0);
  struct http_options o = {.event = loop, .listen = "127.0.0.1:0", .other = on_other};
  return http_start(&o, &server, error);
}

static int stop(void **state)
{
  char command[64];
  http_free(take(server));
  static_files_free(take(files));
  loop = sd_event_unref(loop);
  snprintf(command, sizeof command, "rm -r %s", folder);
  return system(command);
}

static const char *get(const char *path, const char *headers)
{
  char request[256];
  snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: x\r\n%s\r\n", path, headers);
  return exchange(request);
}

static void test_names(void **state)
{
  const char *a = get("/", "");
  assert_non_null(strstr(a, "\r\n\r\n<!doctype html>staff"));
  assert_non_null(strstr(a, "\r\nContent-Type: text/html; charset=utf-8\r\n"));
  assert_non_null(strstr(a, "\r\nContent-Security-Policy: default-src 'none'; script-src 'self';"));
  assert_non_null(strstr(a, "\r\nCache-Control: no-cache\r\n"));
  assert_non_null(strstr(a, "\r\nX-Frame-Options: DENY\r\n"));
  assert_non_null(strstr(a, "\r\nX-Content-Type-Options: nosniff\r\n"));
  assert_non_null(strstr(get("/board", ""), "\r\n\r\nboard"));
  a = get("/app-0123456789ab.js", "");
  assert_non_null(strstr(a, "\r\n\r\njs"));
  assert_non_null(strstr(a, "\r\nCache-Control: public, max-age=31536000, immutable\r\n"));
  assert_non_null(strstr(get("/icon.svg", ""), "\r\nContent-Type: image/svg+xml\r\n"));
  static const char *const nothing[] = {"/index.html", "/board.html", "/notes.txt", "/.hidden", "/index.html.br", "/x"};
  for (size_t i = 0; i < array_len(nothing); i++)
    assert_int_equal(status_of(get(nothing[i], "")), 404);
}

static void test_codings(void **state)
{
  static const struct {
    const char *accept, *body;
  } cases[] = {
      {"", "<!doctype html>staff"},
      {"Accept-Encoding: gzip, deflate, br\r\n", "BR"},
      {"Accept-Encoding: GZIP\r\n", "GZ"},
      {"Accept-Encoding: br;q=0, gzip;q=0.5\r\n", "GZ"},
      {"Accept-Encoding: br; q=0.000,gzip ; q=0.0\r\n", "<!doctype html>staff"},
      {"Accept-Encoding: brotli, gzipped\r\n", "<!doctype html>staff"},
      {"Accept-Encoding: br;q=0.001\r\n", "BR"},
      {"Accept-Encoding: gzip;q=0, br\r\n", "BR"},
      {"Accept-Encoding: ,;q=,,\r\n", "<!doctype html>staff"},
  };
  for (size_t i = 0; i < array_len(cases); i++) {
    const char *a = get("/", cases[i].accept), *body = strstr(a, "\r\n\r\n") + 4;
    assert_string_equal(body, cases[i].body);
    assert_true((strstr(a, "\r\nContent-Encoding: br\r\n") != NULL) == (strcmp(body, "BR") == 0));
    assert_true((strstr(a, "\r\nContent-Encoding: gzip\r\n") != NULL) == (strcmp(body, "GZ") == 0));
    assert_non_null(strstr(a, "\r\nVary: Accept-Encoding\r\n"));
  }
  assert_non_null(strstr(get("/app-0123456789ab.js", "Accept-Encoding: br, gzip\r\n"), "\r\n\r\njs GZ"));
}

static void test_revalidation(void **state)
{
  char tag[64], header[128];
  assert_int_equal(sscanf(strstr(get("/", ""), "ETag: "), "ETag: %63s", tag), 1);
  snprintf(header, sizeof header, "If-None-Match: %s\r\n", tag);
  assert_int_equal(status_of(get("/", header)), 304);
  assert_int_equal(status_of(get("/board", header)), 200);
  snprintf(header, sizeof header, "If-None-Match: %s\r\nAccept-Encoding: br\r\n", tag);
  assert_int_equal(status_of(get("/", header)), 200); /* other bytes, another ETag */
}

static void test_bad_folders(void **state)
{
  struct static_files *f = NULL;
  char name[32];
  assert_int_equal(static_files_load("/nonexistent", &f), -ENOENT);
  write_file("sub.js", "");
  for (int i = 0; i < LIMIT_STATIC_FILES; i++) {
    snprintf(name, sizeof name, "f%d.css", i);
    write_file(name, "");
  }
  assert_int_equal(static_files_load(folder, &f), -E2BIG);
  char path[64];
  snprintf(path, sizeof path, "%s/index.html", folder);
  unlink(path);
  for (int i = 0; i < LIMIT_STATIC_FILES; i++) {
    snprintf(path, sizeof path, "%s/f%d.css", folder, i);
    unlink(path);
  }
  assert_int_equal(static_files_load(folder, &f), -ENOENT); /* no index.html */
  snprintf(path, sizeof path, "%s/index.html", folder);
  mkdir(path, 0700);
  assert_int_equal(static_files_load(folder, &f), -EFBIG);
  assert_null(f);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
      TEST(test_names),
      TEST(test_codings),
      TEST(test_revalidation),
      TEST(test_bad_folders),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
