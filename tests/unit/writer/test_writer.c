/* The writer with a real database: answered commands are there once after a restart, and the view agrees. */
#include "booth_fixture.h"

#include "base/json.h"
#include "base/text.h"
#include "queue/event_json.h"

static void test_evening_survives(void **state)
{
  struct booth b;
  booth_make(&b);
  booth_start(&b);
  assert_null(b.banner);
  assert_int_equal(EVENT_SEQ(booth_sql(&b, "SELECT max(id) FROM event")), 3); /* epoch, boot, day */
  assert_int_equal(queue_day(b.view)->id, 1);

  int64_t ids[12];
  for (int i = 0; i < 12; i++)
    ids[i] = booth_issue(&b, i % 3 ? "a" : "b", i % 2 ? "민아" : NULL);
  assert_int_equal(booth_do(&b, (struct command){.kind = CMD_CALL_NEXT, .line = "a"}).ticket, ids[1]);
  assert_int_equal(booth_do(&b, (struct command){.kind = CMD_SEAT, .ticket = ids[1]}).code, 0);
  assert_int_equal(booth_do(&b, (struct command){.kind = CMD_CALL, .ticket = ids[4]}).code, 0);
  assert_int_equal(booth_do(&b, (struct command){.kind = CMD_PHONED, .ticket = ids[4]}).code, 0);
  assert_int_equal(booth_do(&b, (struct command){.kind = CMD_REQUEUE, .ticket = ids[4]}).code, 0);
  assert_int_equal(
      booth_do(&b, (struct command){.kind = CMD_REQUEUE, .ticket = ids[2], .position = POSITION_AFTER, .after = 2})
          .code,
      0);
  assert_int_equal(booth_do(&b, (struct command){.kind = CMD_CANCEL, .ticket = ids[0]}).code, 0);
  assert_int_equal(booth_do(&b, (struct command){.kind = CMD_CALL, .ticket = ids[3]}).code, 0);
  assert_int_equal(
      booth_do(&b, (struct command){.kind = CMD_INTAKE, .intake = INTAKE_PAUSED, .resume_after_s = 600}).code, 0);
  assert_int_equal(booth_do(&b, (struct command){.kind = CMD_SEAT, .ticket = 999}).code, REFUSE_NOT_FOUND);

  struct queue *before = queue_clone(b.view);
  struct writer_stats n;
  writer_stats(b.writer, &n);
  assert_int_equal(n.commands[CMD_ISSUE], 12);
  assert_int_equal(n.refused, 1);
  assert_true(n.db_bytes > 0);
  char booth[33];
  strcpy(booth, writer_booth(b.writer));
  booth_stop(&b);

  booth_start(&b);
  assert_string_equal(booth, writer_booth(b.writer));
  assert_same_queue(before, b.view);
  assert_int_equal(queue_intake(b.view)->state, INTAKE_PAUSED);
  int64_t left = queue_intake(b.view)->resume_mono - clock_mono_ms();
  assert_true(left > 590000 && left <= 600000);
  assert_int_equal(booth_do(&b, (struct command){.kind = CMD_INTAKE, .intake = INTAKE_OPEN}).code, 0);
  int64_t next = booth_issue(&b, "a", NULL);
  assert_int_equal(next, ids[11] + 1);
  assert_string_equal(queue_find(b.view, next)->label, "A-9");
  booth_stop(&b);
  queue_free(before);
  booth_remove(&b);
}

static struct writer_request *keyed(struct command c, uint8_t key, uint8_t fingerprint)
{
  struct writer_request *r = request_command(c);
  r->command.actor = 7;
  r->has_key = true;
  memset(r->key.hash, key, sizeof r->key.hash);
  memset(r->key.fingerprint, fingerprint, sizeof r->key.fingerprint);
  return r;
}

static void test_keys(void **state)
{
  struct booth b;
  booth_make(&b);
  booth_start(&b);
  const struct command issue = {.kind = CMD_ISSUE, .party_size = 2};
  /* twice at once: most likely one batch, and correct if not */
  assert_int_equal(writer_post(b.writer, keyed(issue, 1, 1)), 0);
  assert_int_equal(writer_post(b.writer, keyed(issue, 1, 1)), 0);
  struct writer_request *both = booth_wait(&b, 2), *second = (struct writer_request *)both->mail.next;
  struct outcome x = outcome_of(both), y = outcome_of(second);
  assert_true(x.code == 0 && y.code == 0 && x.event == y.event && x.ticket == y.ticket && x.replayed != y.replayed);
  assert_int_equal(queue_waiting(b.view, -1), 1);

  /* an error is not stored; a key of another request is refused; a repeat returns the present ticket */
  assert_int_equal(outcome_of(booth_call(&b, keyed((struct command){.kind = CMD_SEAT, .ticket = 5}, 2, 2))).code,
                   REFUSE_NOT_FOUND);
  assert_int_equal(outcome_of(booth_call(&b, keyed(issue, 1, 3))).code, REFUSE_KEY_REUSED);
  assert_int_equal(booth_do(&b, (struct command){.kind = CMD_CALL, .ticket = x.ticket}).code, 0);
  booth_stop(&b);
  booth_start(&b);
  struct writer_request *again = booth_call(&b, keyed(issue, 1, 1));
  assert_true(again->replayed && again->refusal == 0 && again->event == x.event);
  assert_int_equal(again->ticket.state, TICKET_CALLED);
  writer_request_free(again);
  assert_int_equal(outcome_of(booth_call(&b, keyed(issue, 2, 2))).replayed, false);
  /* the key is checked before if-match: the version has changed, and that is no mismatch */
  struct command call = {.kind = CMD_CALL, .ticket = x.ticket, .if_match = 2};
  assert_int_equal(outcome_of(booth_call(&b, keyed(call, 3, 3))).code, 0);
  assert_true(outcome_of(booth_call(&b, keyed(call, 3, 3))).replayed);
  assert_int_equal(outcome_of(booth_call(&b, keyed(call, 4, 3))).code, REFUSE_STALE);
  booth_stop(&b);
  booth_remove(&b);
}

static struct outcome undo(struct booth *b, int64_t event)
{
  return booth_do(b, (struct command){.kind = CMD_UNDO, .undo = event});
}

static void test_undo_after_start(void **state)
{
  struct booth b;
  booth_make(&b);
  booth_start(&b);
  int64_t id = booth_issue(&b, "a", "민아");
  struct ticket was[4];
  struct outcome did[4];
  const struct command commands[] = {
      {.kind = CMD_CALL, .ticket = id},
      {.kind = CMD_EDIT, .ticket = id, .edits = EDIT_NAME | EDIT_NOTE | EDIT_PARTY, .party_size = 5},
      {.kind = CMD_REQUEUE, .ticket = id, .position = POSITION_FRONT},
      {.kind = CMD_CANCEL, .ticket = id},
  };
  for (size_t i = 0; i < array_len(commands); i++) {
    was[i] = *queue_find(b.view, id);
    person_ref(was[i].person);
    struct command c = commands[i];
    if (c.kind == CMD_EDIT)
      c.person = person_new("지수", NULL, "창가\n자리");
    did[i] = booth_do(&b, c);
    assert_int_equal(did[i].code, 0);
  }
  /* so many later ones that only the store still has it */
  for (int i = 0; i < LIMIT_CLOSED + 5; i++)
    assert_int_equal(
        booth_do(&b, (struct command){.kind = CMD_CANCEL, .ticket = booth_issue(&b, "a", NULL), .actor = 8}).code, 0);
  assert_null(queue_find(b.view, id));
  booth_stop(&b);
  booth_start(&b);
  assert_null(queue_find(b.view, id));

  static const int order[] = {3, 2, 1, 0}; /* the edit between them blocks nothing and can be undone at any time */
  for (int i = 0; i < 4; i++) {
    const struct ticket *before = &was[order[i]];
    assert_int_equal(undo(&b, i % 2 ? 0 : did[order[i]].event).code, 0); /* by seq, and "my last one" */
    const struct ticket *now = queue_find(b.view, id);
    assert_int_equal(now->state, before->state);
    assert_int_equal(now->rank, before->rank);
    assert_int_equal(now->calls, before->calls);
    assert_int_equal(now->called_at, before->called_at);
    assert_int_equal(now->call_event, before->call_event);
    assert_int_equal(now->party_size, before->party_size);
    assert_string_equal(now->person->name, before->person->name);
    assert_int_equal(!now->person->note, !before->person->note);
    person_unref(before->person);
  }
  assert_int_equal(undo(&b, did[3].event).code, REFUSE_NOTHING_TO_UNDO);
  assert_int_equal(undo(&b, 0).code, 0); /* its issue */
  assert_int_equal(queue_find(b.view, id)->state, TICKET_CANCELLED);
  assert_int_equal(undo(&b, 0).code, REFUSE_NOTHING_TO_UNDO);
  booth_stop(&b);
  booth_remove(&b);
}

/* --- many threads --- */

enum { THREADS = 64, EACH = 20 };

static void *post_many(void *writer)
{
  for (int i = 0; i < EACH; i++) {
    struct writer_request *r =
        request_command((struct command){.kind = i % 2 ? CMD_CALL_NEXT : CMD_ISSUE, .party_size = 1, .actor = 1});
    while (writer_post(writer, r) < 0)
      usleep(100);
  }
  return NULL;
}

static void test_group_commit(void **state)
{
  struct booth b;
  pthread_t threads[THREADS];
  booth_make(&b);
  booth_start(&b);
  struct writer_stats before, after;
  writer_stats(b.writer, &before);
  for (size_t i = 0; i < THREADS; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, post_many, b.writer), 0);
  struct writer_request *all = booth_wait(&b, THREADS * EACH);
  for (size_t i = 0; i < THREADS; i++)
    pthread_join(threads[i], NULL);

  size_t called = 0, issued = 0;
  autofree bool *seen = xcalloc(THREADS * EACH + 1, sizeof *seen);
  for (struct writer_request *r = all, *next; r; r = next) {
    next = (struct writer_request *)r->mail.next;
    issued += r->refusal == 0 && r->command.kind == CMD_ISSUE;
    if (r->refusal == 0 && r->command.kind == CMD_CALL_NEXT) {
      called++;
      assert_false(seen[r->ticket.id]);
      seen[r->ticket.id] = true;
    }
    writer_request_free(r);
  }
  assert_int_equal(issued, THREADS * EACH / 2);
  writer_stats(b.writer, &after);
  assert_true(after.fsyncs - before.fsyncs < THREADS * EACH / 2); /* a commit carries many */
  booth_stop(&b);
  assert_int_equal(booth_sql(&b, "SELECT max(id) - (1 << 32) - count(*) FROM event"), 0);
  assert_int_equal(booth_sql(&b, "SELECT count(*) FROM ticket WHERE calls > 0"), (int64_t)called);
  booth_remove(&b);
}

/* --- replaying the journal gives the same tickets --- */

struct replayed {
  int64_t id, n, day, version, party_size, calls, held_at, call_event;
  const char *number, *line, *delivery, *issued_at, *called_at, *closed_at, *rank, *token;
  const struct json *undo;
  int state, source;
};

#define MEMBER(name, kind, ...) {#name, JSON_##kind, offsetof(struct replayed, name), __VA_ARGS__}
static const struct json_field ticket_fields[] = {
    MEMBER(id, INT, .high = INT64_MAX),
    MEMBER(n, INT, .high = INT64_MAX),
    MEMBER(day, INT, .high = INT64_MAX),
    MEMBER(version, INT, .high = INT64_MAX),
    MEMBER(party_size, INT, .high = LIMIT_PARTY),
    MEMBER(calls, INT, .high = INT64_MAX),
    MEMBER(held_at, INT, .high = INT64_MAX),
    MEMBER(call_event, INT, .high = INT64_MAX),
    MEMBER(number, STRING, .high = 32),
    MEMBER(line, STRING, .high = 8),
    MEMBER(delivery, STRING, .high = 32, .nullable = true),
    MEMBER(issued_at, STRING, .high = 24, .nullable = true),
    MEMBER(called_at, STRING, .high = 24, .nullable = true),
    MEMBER(closed_at, STRING, .high = 24, .nullable = true),
    MEMBER(rank, STRING, .high = 24),
    MEMBER(token, STRING, .high = 32),
    MEMBER(undo, ARRAY, .high = 3),
    MEMBER(state, ENUM, .names = ticket_state_names),
    MEMBER(source, ENUM, .names = source_names),
};

static void compare_replayed(const char *text, const struct ticket *t)
{
  struct json *j;
  struct json_error e;
  struct replayed p = {0};
  char issued[25], called[25];
  assert_int_equal(json_parse(text, strlen(text), &j, &e), 0);
  if (json_read(j, ticket_fields, array_len(ticket_fields), &p, &e) < 0)
    fail_msg("%s: %s", e.field, e.detail);
  text_time(issued, t->issued_at);
  text_time(called, t->called_at);
  assert_int_equal(p.id, t->id);
  assert_int_equal(p.n, t->number);
  assert_int_equal(p.version, t->version);
  assert_int_equal(p.state, t->state);
  assert_int_equal(p.party_size, t->party_size);
  assert_int_equal(p.calls, t->calls);
  assert_int_equal(p.held_at, t->held_at);
  assert_int_equal(p.call_event, t->call_event);
  assert_int_equal(strtoll(p.rank, NULL, 10), t->rank);
  assert_string_equal(p.number, t->label);
  assert_string_equal(p.issued_at, issued);
  assert_true(p.called_at ? strcmp(p.called_at, called) == 0 : !t->called_at);
  json_free(j);
}

static void test_journal_replays(void **state)
{
  struct booth b;
  booth_make(&b);
  booth_start(&b);
  srand(4);
  for (int i = 0; i < 30; i++)
    booth_issue(&b, i % 2 ? "a" : "b", NULL);
  for (int i = 0; i < 300; i++) {
    static const enum command_kind kinds[] = {CMD_CALL,   CMD_SEAT, CMD_NO_SHOW, CMD_CANCEL,   CMD_REQUEUE,
                                              CMD_PHONED, CMD_EDIT, CMD_UNDO,    CMD_CALL_NEXT};
    struct command c = {.kind = kinds[rand() % (int)array_len(kinds)], .ticket = 1 + rand() % 30, .actor = 7};
    c.position = (enum position)(rand() % 4);
    c.edits = c.kind == CMD_EDIT ? EDIT_PARTY : 0;
    c.party_size = (uint16_t)(1 + rand() % 9);
    c.ticket = c.kind == CMD_UNDO || c.kind == CMD_CALL_NEXT ? 0 : c.ticket;
    (void)booth_do(&b, c);
  }
  autofree char *path = booth_path(&b, "booth.db");
  sqlite3 *db;
  sqlite3_stmt *s;
  int n = 0;
  assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_prepare_v2(db,
                                      "SELECT json_extract(text, '$.ticket'), max(id) FROM event"
                                      " WHERE json_extract(text, '$.ticket.id') IS NOT NULL"
                                      " GROUP BY json_extract(text, '$.ticket.id')",
                                      -1, &s, NULL),
                   SQLITE_OK);
  for (; sqlite3_step(s) == SQLITE_ROW; n++) {
    const char *text = (const char *)sqlite3_column_text(s, 0);
    compare_replayed(text, queue_find(b.view, strtoll(strchr(text, ':') + 1, NULL, 10)));
  }
  assert_int_equal(n, 30);
  sqlite3_finalize(s);
  sqlite3_close(db);
  booth_restart_unchanged(&b);
  booth_stop(&b);
  booth_remove(&b);
}

/* --- costs --- */

static void test_syncs(void **state)
{
  struct booth b;
  booth_make(&b);
  booth_start(&b);
  booth_issue(&b, "a", NULL);
  int before = disk_syncs;
  for (int i = 0; i < 50; i++)
    booth_issue(&b, "a", NULL);
  assert_true(disk_syncs - before <= 51);
  booth_stop(&b);
  before = disk_syncs;
  booth_start(&b);
  assert_true(disk_syncs - before <= 1); /* plus sqlite's of the directory */
  booth_stop(&b);
  booth_remove(&b);
}

static void test_timers(void **state)
{
  struct booth b;
  booth_make(&b);
  booth_start(&b);
  struct command c = {.kind = CMD_INTAKE, .intake = INTAKE_PAUSED, .resume_after_s = 1};
  assert_int_equal(booth_do(&b, c).code, 0);
  for (int64_t end = clock_mono_ms() + scaled(20000);
       clock_mono_ms() < end && queue_intake(b.view)->state != INTAKE_OPEN;) {
    mailbox_wait(b.mailbox, 1, 100000);
    booth_drain(&b);
  }
  assert_int_equal(queue_intake(b.view)->state, INTAKE_OPEN);
  booth_stop(&b);
  booth_remove(&b);
}

static void test_devices(void **state)
{
  struct booth b;
  struct device found[LIMIT_DEVICES];
  booth_make(&b);
  booth_start(&b);
  for (int i = 0; i < 3; i++) {
    struct writer_request *r = writer_request_new(WRITER_DEVICE_ADD, NULL);
    r->device =
        (struct device){.manager = i == 1, .created_at = 5, .seen_at = 100 + i, .token_hash = {[31] = (uint8_t)i}};
    snprintf(r->device.name, sizeof r->device.name, "폰 %d", i);
    r = booth_call(&b, r);
    assert_int_equal(r->device.id, i + 1);
    writer_request_free(r);
  }
  struct writer_request *r = writer_request_new(WRITER_DEVICE_REMOVE, NULL);
  r->device.id = 3;
  assert_int_equal(outcome_of(booth_call(&b, r)).code, 0);
  r = writer_request_new(WRITER_DEVICE_REMOVE, NULL);
  r->device.id = 3;
  assert_int_equal(outcome_of(booth_call(&b, r)).code, REFUSE_NOT_FOUND);
  booth_stop(&b);
  booth_start(&b);
  assert_int_equal(writer_devices(b.writer, found), 2);
  assert_string_equal(found[0].name, "폰 1");
  assert_true(found[0].manager && !found[1].manager && found[0].token_hash[31] == 1 && found[0].seen_at == 101);
  r = writer_request_new(WRITER_DEVICE_ADD, NULL);
  r = booth_call(&b, r);
  assert_int_equal(r->device.id, 4); /* never given twice */
  writer_request_free(r);
  booth_stop(&b);
  booth_remove(&b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_evening_survives), cmocka_unit_test(test_keys),
      cmocka_unit_test(test_undo_after_start), cmocka_unit_test(test_group_commit),
      cmocka_unit_test(test_journal_replays),  cmocka_unit_test(test_syncs),
      cmocka_unit_test(test_timers),           cmocka_unit_test(test_devices),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
