/* Every former schema, from tests/fixtures: migration gives the schema of a new database, loses nothing, and the booth
 * works. Each snapshot of the rotation can be restored.
 */
#include "promises.h"

#include <glob.h>

#include "base/buf.h"
#include "store/migrate.h"
#include "store/snapshot.h"

static void load(const struct booth *b, const char *file)
{
  autofree char *path = booth_path(b, "booth.db");
  autobuf struct buf sql = {0};
  sqlite3 *db = NULL;
  FILE *f = fopen(file, "re");
  char block[4096];
  assert_non_null(f);
  for (size_t n; (n = fread(block, 1, sizeof block, f)) > 0;)
    buf_add(&sql, block, n);
  fclose(f);
  assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db, "PRAGMA page_size = 1024", NULL, NULL, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db, sql.data, NULL, NULL, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static int add_column(void *to, int n, char **values, char **columns)
{
  for (int i = 0; i < n; i++)
    buf_fmt(to, "%s|", values[i] ? values[i] : "");
  buf_str(to, "\n");
  return 0;
}

static void read_schema(const struct booth *b, struct buf *to)
{
  static const char question[] = "PRAGMA user_version; PRAGMA application_id;"
                                 "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name";
  autofree char *path = booth_path(b, "booth.db");
  sqlite3 *db = NULL;
  assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db, question, add_column, to, NULL), SQLITE_OK);
  sqlite3_close(db);
}

static void check_fixture(const char *file, const char *fresh)
{
  struct booth b;
  autobuf struct buf schema = {0};
  static struct promises none;
  booth_make(&b);
  load(&b, file);
  int64_t tickets = booth_sql(&b, "SELECT count(*) FROM ticket"), head = booth_sql(&b, "SELECT max(id) FROM event");
  assert_true(tickets > 3);
  booth_start(&b);
  assert_null(b.banner);
  read_schema(&b, &schema);
  assert_string_equal(schema.data, fresh);
  assert_int_equal(booth_sql(&b, "SELECT count(*) FROM ticket"), tickets);
  assert_true(b.head > head);
  none = (struct promises){.random = 1};
  promises_post(&none, &b, 5);
  const char *broken = booth_broken_rule(&b);
  if (broken)
    fail_msg("%s: %s", file, broken);
  booth_stop(&b);
  booth_remove(&b);
}

static void test_fixtures(void **state)
{
  struct booth b;
  glob_t found;
  autobuf struct buf fresh = {0};
  booth_make(&b);
  booth_start(&b);
  read_schema(&b, &fresh);
  booth_stop(&b);
  booth_remove(&b);
  assert_int_equal(glob("tests/fixtures/schema-*.sql", 0, NULL, &found), 0);
  assert_int_equal(found.gl_pathc, migrate_latest()); /* tests/fixtures/make */
  for (size_t i = 0; i < found.gl_pathc; i++)
    check_fixture(found.gl_pathv[i], fresh.data);
  globfree(&found);
}

static void test_each_snapshot(void **state)
{
  struct booth b;
  booth_make(&b);
  booth_start(&b);
  for (int i = 0; i < LIMIT_SNAPSHOTS + 2; i++) { /* the first two will be gone */
    booth_issue(&b, "a", "민아");
    assert_int_equal(snapshot_rotate(b.dir, clock_wall_ms()), 0);
  }
  glob_t found;
  autofree char *pattern = booth_path(&b, "snapshots/booth-*.db");
  assert_int_equal(glob(pattern, 0, NULL, &found), 0);
  assert_int_equal(found.gl_pathc, LIMIT_SNAPSHOTS);
  for (size_t i = 0; i < found.gl_pathc; i++) {
    char epoch[33];
    memcpy(epoch, b.epoch, sizeof epoch);
    struct writer_request *r = writer_request_new(WRITER_RESTORE, NULL);
    r->path = xstrdup(found.gl_pathv[i]);
    r = booth_call(&b, r);
    assert_int_equal(r->refusal, REFUSE_NONE);
    writer_request_free(r);
    assert_int_equal(queue_waiting(b.view, -1), 3 + i);
    assert_string_equal(queue_find(b.view, 1)->person->name, "민아");
    assert_string_not_equal(b.epoch, epoch);
    booth_issue(&b, "a", NULL);
    booth_stop(&b);
    booth_start(&b);
    assert_int_equal(queue_waiting(b.view, -1), 4 + i);
    assert_int_equal(booth_sql(&b, examination[0]), 1);
  }
  globfree(&found);
  booth_stop(&b);
  booth_remove(&b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_fixtures), cmocka_unit_test(test_each_snapshot)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
