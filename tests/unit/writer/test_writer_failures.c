/* Disks that fill up, fail and lose data: nothing acknowledged is lost, service resumes by itself, and a damaged
 * database is replaced under a new epoch, with a banner.
 */
#include "booth_fixture.h"

#include "store/snapshot.h"

static const struct command issue = {.kind = CMD_ISSUE, .party_size = 2};

static void fails_and_resumes(int fault)
{
  struct booth b;
  booth_make(&b);
  booth_start(&b);
  for (int i = 0; i < 5; i++)
    booth_issue(&b, "a", "민아");
  struct queue *before = queue_clone(b.view);
  int resets = b.resets;

  disk_fault = fault;
  assert_int_equal(booth_do(&b, issue).code, REFUSE_STORAGE);
  assert_false(b.storage_ok);
  assert_int_equal(b.resets, resets + (fault == FAULT_FULL)); /* without a database there is no reset */
  assert_same_queue(before, b.view);
  assert_int_equal(booth_do(&b, issue).code, REFUSE_STORAGE);
  assert_int_equal(booth_do(&b, (struct command){.kind = CMD_CALL, .ticket = 1}).code, REFUSE_STORAGE);
  assert_same_queue(before, b.view);

  disk_fault = FAULT_NONE;
  for (int64_t end = clock_mono_ms() + scaled(20000); clock_mono_ms() < end && !b.storage_ok;) {
    mailbox_wait(b.mailbox, 1, 100000); /* without any request */
    booth_drain(&b);
  }
  assert_true(b.storage_ok);
  /* A commit whose sync failed may be on the disk: its outcome was unknown until now. */
  size_t more = queue_waiting(b.view, -1) - queue_waiting(before, -1);
  assert_true(more == 0 || fault == FAULT_SYNC);
  assert_int_equal(booth_do(&b, (struct command){.kind = CMD_CALL, .ticket = 1}).code, 0);
  assert_int_equal(booth_issue(&b, "a", NULL), 6 + (int64_t)more);
  assert_int_equal(booth_sql(&b, "SELECT count(*) FROM command WHERE boot != 1"), 0);
  booth_restart_unchanged(&b);
  assert_int_equal(booth_sql(&b, "SELECT count(*) = max(id) - (1 << 32) FROM event"), 1);
  booth_stop(&b);
  queue_free(before);
  booth_remove(&b);
}

static void test_full(void **state)
{
  fails_and_resumes(FAULT_FULL);
}

static void test_write_error(void **state)
{
  fails_and_resumes(FAULT_WRITE);
}

static void test_sync_error(void **state)
{
  fails_and_resumes(FAULT_SYNC);
}

/* A start on a full disk shows the queue, and accepts commands when there is room. */
static void test_start_on_full_disk(void **state)
{
  struct booth b;
  booth_make(&b);
  booth_start(&b);
  booth_issue(&b, "a", NULL);
  booth_stop(&b);
  disk_fault = FAULT_FULL;
  booth_start(&b);
  assert_false(b.storage_ok);
  assert_int_equal(queue_waiting(b.view, -1), 1);
  assert_int_equal(booth_do(&b, issue).code, REFUSE_STORAGE);
  disk_fault = FAULT_NONE;
  time_ahead_ms += 1100;
  assert_int_equal(booth_do(&b, issue).code, 0);
  assert_int_equal(booth_sql(&b, "SELECT count(*) FROM event WHERE text LIKE '%booth.started%'"), 2);
  booth_stop(&b);
  booth_remove(&b);
}

/* --- damage --- */

/* Five tickets, a snapshot, three more; then as if not stopped in order. */
static void prepare(struct booth *b, bool snapshot)
{
  booth_make(b);
  booth_start(b);
  for (int i = 0; i < 5; i++)
    booth_issue(b, "a", "민아");
  if (snapshot)
    assert_int_equal(snapshot_rotate(b->dir, clock_wall_ms()), 0);
  for (int i = 0; i < 3; i++)
    booth_issue(b, "a", NULL);
  booth_stop(b);
  booth_sql(b, "DELETE FROM meta WHERE k = 'clean'");
}

static void overwrite(const struct booth *b, const char *name, long at, size_t n)
{
  autofree char *path = booth_path(b, name);
  FILE *f = fopen(path, "r+");
  assert_non_null(f);
  assert_int_equal(fseek(f, at, SEEK_SET), 0);
  while (n--)
    fputc(0xa5, f);
  assert_int_equal(fclose(f), 0);
}

static void restored(struct booth *b, const char *old_epoch, const char *booth)
{
  booth_start(b);
  assert_non_null(b->banner);
  assert_non_null(strstr(b->banner, "booth-000001-"));
  assert_string_not_equal(b->epoch, old_epoch);
  assert_string_equal(writer_booth(b->writer), booth);
  assert_int_equal(queue_waiting(b->view, -1), 5);
  assert_int_equal(b->head >> 32, 2);
  int64_t id = booth_issue(b, "a", NULL);
  assert_int_equal(id, 5 + 1000 + 1);
  assert_string_equal(queue_find(b->view, id)->label, "A-106");
  assert_string_equal(queue_find(b->view, booth_issue(b, "b", NULL))->label, "B-101");
  char parent[320]; /* with all active tickets, without undos */
  snprintf(
      parent, sizeof parent,
      "SELECT text ->> '$.type' = 'epoch.started' AND text ->> '$.parent.epoch' = '%s' AND text ->> '$.parent.seq' = 8"
      " AND json_array_length(text, '$.active') = 5 AND text ->> '$.active[4].undo[0]' = 0 FROM event"
      " WHERE id = (2 << 32) + 1",
      old_epoch);
  assert_int_equal(booth_sql(b, parent), 1);
  autofree char *aside = booth_find(b, "booth.db.damaged-");
  assert_non_null(aside);
  booth_stop(b);
  booth_start(b); /* and the next start is an ordinary one */
  assert_null(b->banner);
  assert_int_equal(queue_waiting(b->view, -1), 7);
  booth_stop(b);
  booth_remove(b);
}

static void flip(struct booth *b)
{
  autofree char *path = booth_path(b, "booth.db");
  struct stat st;
  assert_int_equal(stat(path, &st), 0);
  for (long at = 1024; at < st.st_size; at += 1024)
    overwrite(b, "booth.db", at, 16);
}

static void empty(struct booth *b)
{
  autofree char *path = booth_path(b, "booth.db"), *wal = booth_path(b, "booth.db-wal");
  assert_int_equal(truncate(path, 0), 0);
  assert_int_equal(files_write(b->dir, "booth.db-wal", "whatever"), 0);
}

static void cut(struct booth *b)
{
  autofree char *path = booth_path(b, "booth.db");
  struct stat st;
  assert_int_equal(stat(path, &st), 0);
  assert_int_equal(truncate(path, st.st_size / 2), 0);
}

static void forget(struct booth *b)
{
  autofree char *path = booth_path(b, "booth.db");
  assert_int_equal(unlink(path), 0);
}

static void header(struct booth *b)
{
  overwrite(b, "booth.db", 0, 100);
}

static void test_damaged(void **state)
{
  static void (*const damages[])(struct booth *) = {flip, empty, cut, forget, header};
  for (size_t i = 0; i < array_len(damages); i++) {
    struct booth b;
    char booth[33], epoch[33];
    prepare(&b, true);
    booth_start(&b);
    strcpy(booth, writer_booth(b.writer));
    strcpy(epoch, b.epoch);
    booth_stop(&b);
    booth_sql(&b, "DELETE FROM meta WHERE k = 'clean'");
    damages[i](&b);
    if (damages[i] == forget)
      assert_int_equal(files_write(b.dir, "booth.db-wal", "whatever"), 0);
    if (damages[i] == forget) { /* only the WAL is left to move away */
      booth_start(&b);
      assert_non_null(b.banner);
      assert_int_equal(queue_waiting(b.view, -1), 5);
      booth_stop(&b);
      booth_remove(&b);
    } else {
      restored(&b, epoch, booth);
    }
  }
}

static void test_damaged_without_snapshot(void **state)
{
  struct booth b;
  prepare(&b, false);
  flip(&b);
  booth_start(&b);
  assert_non_null(strstr(b.banner, "starts empty"));
  assert_int_equal(queue_waiting(b.view, -1), 0);
  assert_string_equal(queue_find(b.view, booth_issue(&b, "a", NULL))->label, "A-101");
  booth_stop(&b);
  booth_remove(&b);
}

static void test_bad_snapshot_is_passed_over(void **state)
{
  struct booth b;
  prepare(&b, true);
  booth_start(&b);
  assert_int_equal(snapshot_rotate(b.dir, clock_wall_ms()), 0);
  booth_stop(&b);
  autofree char *folder = booth_path(&b, "snapshots");
  struct dirent *e;
  DIR *d = opendir(folder);
  while ((e = readdir(d)))
    if (strncmp(e->d_name, "booth-000002", 12) == 0) {
      autofree char *name = files_path("snapshots", "%s", e->d_name);
      overwrite(&b, name, 3000, 2000);
    }
  closedir(d);
  flip(&b);
  booth_sql(&b, "SELECT 1");
  booth_start(&b);
  assert_non_null(strstr(b.banner, "booth-000001-"));
  booth_stop(&b);
  booth_remove(&b);
}

static void test_newer_is_refused(void **state)
{
  struct booth b;
  prepare(&b, false);
  booth_sql(&b, "PRAGMA user_version = 99");
  assert_int_equal(booth_try_start(&b), -EPROTO);
  assert_non_null(strstr(b.error, "newer"));
  autofree char *aside = booth_find(&b, "booth.db.");
  assert_null(aside);
  booth_remove(&b);
}

/* --- restoring a backup under load --- */

static void test_restore(void **state)
{
  struct booth b;
  char why[128];
  booth_make(&b);
  booth_start(&b);
  struct writer_request *r = writer_request_new(WRITER_DEVICE_ADD, NULL);
  writer_request_free(booth_call(&b, r));
  for (int i = 0; i < 5; i++)
    booth_issue(&b, "a", NULL);
  autofree char *backup = booth_path(&b, "backup.db");
  assert_int_equal(snapshot_create(b.dir, backup), 0);
  assert_int_equal(snapshot_verify(backup, why), 0);
  for (int i = 0; i < 3; i++)
    booth_issue(&b, "a", NULL);
  r = writer_request_new(WRITER_DEVICE_ADD, NULL);
  strcpy(r->device.name, "later");
  writer_request_free(booth_call(&b, r));
  char epoch[33];
  strcpy(epoch, b.epoch);

  r = writer_request_new(WRITER_RESTORE, NULL);
  r->path = xstrdup(backup);
  r = booth_call(&b, r);
  assert_int_equal(r->refusal, 0);
  writer_request_free(r);
  assert_string_not_equal(epoch, b.epoch);
  assert_non_null(b.banner);
  assert_int_equal(queue_waiting(b.view, -1), 5);
  assert_int_equal(booth_issue(&b, "a", NULL), 1006);
  assert_int_equal(booth_sql(&b, "SELECT count(*) FROM device WHERE id = 2 AND name = 'later'"), 1);
  autofree char *old = booth_find(&b, "booth.db.replaced-");
  assert_non_null(old);
  assert_int_equal(snapshot_verify(old, why), 0);

  /* a file that is no database changes nothing */
  autofree char *junk = booth_path(&b, "junk");
  assert_int_equal(
      files_write(b.dir, "junk", "this is not a database, and it is long enough to look like one for a while"), 0);
  assert_int_equal(snapshot_verify(junk, why), -EUCLEAN);
  strcpy(epoch, b.epoch);
  r = writer_request_new(WRITER_RESTORE, NULL);
  r->path = xstrdup(junk);
  r = booth_call(&b, r);
  assert_int_equal(r->refusal, REFUSE_STORAGE);
  writer_request_free(r);
  assert_string_equal(epoch, b.epoch);
  assert_int_equal(booth_issue(&b, "a", NULL), 1007);
  booth_stop(&b);
  booth_remove(&b);
}

/* The power goes while a backup takes the database's place: one of the two is there then, whole; and what came after
 * the backup is never told again under the old epoch. */
static void test_restore_cut_short(void **state)
{
  static const char *const replaced[] = {"none of it", "main file", "both files", "installed"};
  for (size_t done = 0; done < array_len(replaced); done++) {
    struct booth b;
    char epoch[33];
    prepare(&b, false);
    autofree char *backup = booth_path(&b, "backup.db"), *from = booth_path(&b, "booth.db");
    autofree char *to = booth_path(&b, "booth.db.replaced-then");
    assert_int_equal(snapshot_create(b.dir, backup), 0);
    booth_start(&b);
    strcpy(epoch, b.epoch);
    booth_issue(&b, "a", NULL);
    booth_stop(&b);
    assert_int_equal(snapshot_stage(b.dir, backup), 0);
    if (done == 1)
      assert_int_equal(rename(from, to), 0);
    if (done > 1)
      assert_int_equal(snapshot_move_away(b.dir, "replaced", NULL), 0);
    if (done > 2)
      assert_int_equal(snapshot_install(b.dir), 0);

    print_message("  %s\n", replaced[done]);
    booth_start(&b);
    assert_int_equal(queue_waiting(b.view, -1), done ? 8 : 9);
    assert_true(done ? strcmp(epoch, b.epoch) != 0 && b.banner : strcmp(epoch, b.epoch) == 0 && !b.banner);
    assert_int_equal(booth_issue(&b, "a", NULL), done ? 8 + 1000 + 1 : 10);
    autofree char *staged = booth_find(&b, "booth.db.staged");
    assert_null(staged);
    strcpy(epoch, b.epoch);
    booth_stop(&b);
    booth_start(&b); /* and the next start is an ordinary one */
    assert_null(b.banner);
    assert_string_equal(epoch, b.epoch);
    booth_stop(&b);
    booth_remove(&b);
  }
}

/* --- many, while the disk comes and goes: what was acknowledged is there, once --- */

static void test_acknowledged_is_kept(void **state)
{
  struct booth b;
  autofree bool *acked = xcalloc(20000, sizeof *acked);
  booth_make(&b);
  booth_start(&b);
  srand(7);
  for (int round = 0; round < 6; round++) {
    for (int i = 0; i < 40; i++)
      assert_int_equal(writer_post(b.writer, request_command(issue)), 0);
    disk_fault = round % 2 ? FAULT_NONE : 1 + rand() % 3;
    for (struct writer_request *r = booth_wait(&b, 40), *next; r; r = next) {
      next = (struct writer_request *)r->mail.next;
      if (r->refusal == 0)
        acked[r->ticket.id] = true;
      writer_request_free(r);
    }
    disk_fault = FAULT_NONE;
    time_ahead_ms += 1100;
  }
  booth_drain(&b);
  for (int64_t id = 1; id < 20000; id++)
    assert_true(!acked[id] || queue_find(b.view, id));
  booth_restart_unchanged(&b);
  booth_stop(&b);
  booth_remove(&b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_full),
      cmocka_unit_test(test_write_error),
      cmocka_unit_test(test_sync_error),
      cmocka_unit_test(test_start_on_full_disk),
      cmocka_unit_test(test_damaged),
      cmocka_unit_test(test_damaged_without_snapshot),
      cmocka_unit_test(test_bad_snapshot_is_passed_over),
      cmocka_unit_test(test_newer_is_refused),
      cmocka_unit_test(test_restore),
      cmocka_unit_test(test_restore_cut_short),
      cmocka_unit_test(test_acknowledged_is_kept),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
