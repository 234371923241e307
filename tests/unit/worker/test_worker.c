/* Reports and snapshots, made by the worker from a booth's evening. */
#include "booth_fixture.h"

#include "store/snapshot.h"
#include "worker/worker.h"

struct worker_booth {
  struct booth booth;
  struct mailbox *done;
  struct worker *worker;
  int32_t date;
};

static void worker_booth_start(struct worker_booth *d)
{
  booth_make(&d->booth);
  booth_start(&d->booth);
  d->done = mailbox_new(0);
  d->date = queue_day(d->booth.view)->date;
  assert_int_equal(worker_start(d->booth.dir, d->done, &d->worker), 0);
}

static void worker_booth_stop(struct worker_booth *d)
{
  worker_stop(d->worker);
  mailbox_free(d->done);
  booth_stop(&d->booth);
  booth_remove(&d->booth);
}

static struct work_item *run_item(struct worker_booth *d, struct work_item *j)
{
  assert_int_equal(worker_post(d->worker, j), 0);
  assert_int_equal(mailbox_wait(d->done, 1, 20000000), 1);
  assert_ptr_equal(mailbox_take_all(d->done, 0), j);
  return j;
}

static int64_t issue(struct worker_booth *d, const char *name, const char *phone, const char *note)
{
  struct command c = {.kind = CMD_ISSUE, .party_size = 3, .person = person_new(name, phone, note)};
  return booth_do(&d->booth, c).ticket;
}

static void command(struct worker_booth *d, enum command_kind kind, int64_t ticket)
{
  assert_int_equal(booth_do(&d->booth, (struct command){.kind = kind, .ticket = ticket, .actor = 1}).code, 0);
}

static void assert_has(const struct work_item *j, const char *part)
{
  if (!j->text.data || !strstr(j->text.data, part))
    fail_msg("%s\n  is not in\n%s", part, j->text.data ? j->text.data : "(nothing)");
}

static void test_ticket(void **state)
{
  struct worker_booth d;
  worker_booth_start(&d);
  struct writer_request *r = writer_request_new(WRITER_DEVICE_ADD, NULL);
  strcpy(r->device.name, "민아 폰");
  writer_request_free(booth_call(&d.booth, r));
  int64_t id = issue(&d, "지수", NULL, NULL);
  issue(&d, NULL, NULL, NULL);
  command(&d, CMD_CALL, id);
  assert_int_equal(booth_do(&d.booth, (struct command){.kind = CMD_UNDO, .actor = 1}).code, 0);
  command(&d, CMD_SEAT, id);

  struct work_item *j = work_item_new(WORK_TICKET, NULL);
  j->ticket = id;
  run_item(&d, j);
  assert_int_equal(j->refusal, 0);
  assert_int_equal(j->found.state, TICKET_SEATED);
  assert_string_equal(j->found.person->name, "지수");
  const char *parts[] = {"[{\"seq\":4,\"type\":\"ticket.issued\",\"at\":\"",
                         "\"actor\":\"device:7\",\"by\":null,\"undone\":false}",
                         "{\"seq\":6,\"type\":\"ticket.called\"",
                         "\"actor\":\"device:1\",\"by\":\"민아 폰\",\"undone\":true}",
                         "{\"seq\":7,\"type\":\"ticket.restored\"",
                         "{\"seq\":8,\"type\":\"ticket.seated\""};
  for (size_t i = 0; i < array_len(parts); i++)
    assert_has(j, parts[i]);
  assert_null(strstr(j->text.data, "\"seq\":5,"));
  work_item_free(j);
  j = work_item_new(WORK_TICKET, NULL);
  j->ticket = 77;
  assert_int_equal(run_item(&d, j)->refusal, REFUSE_NOT_FOUND);
  work_item_free(j);
  worker_booth_stop(&d);
}

static void test_day(void **state)
{
  struct worker_booth d;
  worker_booth_start(&d);
  int64_t a = issue(&d, "=1+1", "+82 10", "a \"quoted\", note\nof two lines"), b = issue(&d, NULL, NULL, NULL),
          c = issue(&d, NULL, NULL, NULL);
  issue(&d, NULL, NULL, NULL);
  command(&d, CMD_CALL, a);
  command(&d, CMD_SEAT, a);
  command(&d, CMD_CALL, b);
  command(&d, CMD_NO_SHOW, b);
  command(&d, CMD_CANCEL, c);
  booth_sql(&d.booth, "UPDATE command SET wall = wall + 90000 WHERE kind = 1 AND ticket = 1");

  struct work_item *j = run_item(&d, work_item_new(WORK_DAYS, NULL));
  assert_has(j, "{\"days\":[{\"id\":1,\"date\":\"");
  assert_has(j,
             "\"trusted\":true,\"issued\":4,\"seated\":1,\"no_show\":1,\"cancelled\":1,\"active\":1,\"guests\":3}]}");
  work_item_free(j);

  j = work_item_new(WORK_DAY, NULL);
  j->date = d.date;
  run_item(&d, j);
  assert_has(j, "\"totals\":{\"issued\":4,\"seated\":1,\"no_show\":1,\"cancelled\":1,\"active\":1,\"guests\":3}");
  assert_has(j, "\"wait_s\":{\"median\":45,\"p90\":90,\"mean\":45}");
  assert_has(j, "\"no_show_rate\":0.5,");
  assert_has(j, "\"hours\":[{\"hour\":\"");
  assert_has(j, "\"tickets\":[{\"id\":1,\"number\":\"A-1\"");
  work_item_free(j);
  j = work_item_new(WORK_DAY, NULL);
  j->date = 20010101;
  assert_int_equal(run_item(&d, j)->refusal, REFUSE_NOT_FOUND);
  work_item_free(j);

  j = work_item_new(WORK_CSV, NULL);
  j->date = d.date;
  run_item(&d, j);
  assert_has(
      j,
      "\xef\xbb\xbfnumber,line,state,party_size,name,phone,note,source,calls,issued_at,called_at,closed_at,wait_s\r\n"
      "A-1,a,seated,3,'=1+1,'+82 10,\"a \"\"quoted\"\", note\nof two lines\",staff,1,");
  assert_has(j, ",90\r\nA-2,a,no_show,3,,,,staff,1,");
  assert_has(j, "\r\nA-4,a,waiting,3,,,,staff,0,");
  work_item_free(j);
  worker_booth_stop(&d);
}

static bool file_has(const char *path, const char *needle)
{
  struct stat st;
  assert_int_equal(stat(path, &st), 0);
  autofree char *bytes = xcalloc((size_t)st.st_size, 1);
  FILE *f = fopen(path, "r");
  assert_int_equal(fread(bytes, 1, (size_t)st.st_size, f), st.st_size);
  fclose(f);
  return memmem(bytes, (size_t)st.st_size, needle, strlen(needle));
}

static int count_files(const char *folder)
{
  int n = 0;
  DIR *dir = opendir(folder);
  for (const struct dirent *e; (e = readdir(dir));)
    n += e->d_name[0] != '.';
  closedir(dir);
  return n;
}

static void test_snapshots(void **state)
{
  struct worker_booth d;
  char why[128];
  worker_booth_start(&d);
  autofree char *folder = booth_path(&d.booth, "snapshots");
  int64_t closed = issue(&d, "Closed-Name", "010-9999", "Closed-Note");
  issue(&d, "Active-Name", NULL, NULL);
  struct command edit = {
      .kind = CMD_EDIT, .ticket = closed, .edits = EDIT_NAME, .person = person_new("Edited-Name", NULL, NULL)};
  assert_int_equal(booth_do(&d.booth, edit).code, 0);
  command(&d, CMD_SEAT, closed);

  struct work_item *j = run_item(&d, work_item_new(WORK_BACKUP, NULL));
  assert_int_equal(j->refusal, 0);
  struct stat st;
  assert_int_equal(stat(j->path, &st), 0);
  assert_int_equal(st.st_mode & 0777, 0600);
  assert_int_equal(snapshot_verify(j->path, why), 0);
  assert_true(file_has(j->path, "Active-Name"));
  assert_false(file_has(j->path, "Closed-N"));
  assert_false(file_has(j->path, "Edited-N"));
  work_item_free(j);

  for (int i = 0; i < LIMIT_SNAPSHOTS + 2; i++) {
    for (int again = 0; again < 2; again++) /* the second time nothing has changed */
      work_item_free(run_item(&d, work_item_new(WORK_SNAPSHOT, NULL)));
    assert_int_equal(count_files(folder), min(i + 1, LIMIT_SNAPSHOTS));
    issue(&d, NULL, NULL, NULL);
  }
  autofree char *newest = NULL;
  assert_int_equal(snapshot_newest(d.booth.dir, &newest), 0);
  assert_non_null(strstr(newest, "/booth-000006-"));
  assert_int_equal(stat(newest, &st), 0);
  assert_int_equal(st.st_mode & 0777, 0600);
  autofree char *database = booth_path(&d.booth, "booth.db"), *wal = booth_path(&d.booth, "booth.db-wal");
  assert_int_equal(stat(database, &st), 0);
  assert_int_equal(st.st_mode & 0777, 0600);
  assert_int_equal(stat(wal, &st), 0);
  assert_int_equal(st.st_mode & 0777, 0600);

  j = work_item_new(WORK_VERIFY, NULL);
  j->path = xstrdup(newest);
  assert_int_equal(run_item(&d, j)->refusal, 0);
  work_item_free(j);
  j = work_item_new(WORK_VERIFY, NULL);
  j->path = booth_path(&d.booth, "identity");
  assert_int_equal(run_item(&d, j)->refusal, REFUSE_INVALID);
  assert_true(*j->detail);
  work_item_free(j);
  j = work_item_new(WORK_FILE, NULL);
  j->path = booth_path(&d.booth, "secrets");
  buf_str(&j->text, "pin\n");
  assert_int_equal(run_item(&d, j)->refusal, 0);
  assert_true(file_has(j->path, "pin\n"));
  work_item_free(j);
  worker_booth_stop(&d);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_ticket),
      cmocka_unit_test(test_day),
      cmocka_unit_test(test_snapshots),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
