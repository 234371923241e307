/* Maintenance: personal data is erased everywhere in the state directory, compacting does not change any report,
 * nightly snapshots are made; and the journal as the sync thread reads it, with its gaps.
 */
#include "one_booth.h"

#include <glob.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/json.h"
#include "store/journal_reader.h"
#include "store/snapshot.h"
#include "store/sql.h"
#include "worker/worker.h"

static int start(void **state)
{
  return one_begin(state, booth_make_quick);
}

static int64_t issue_named(const char *name)
{
  return booth_issue(&b, "a", name);
}

static struct outcome command(enum command_kind kind, int64_t ticket)
{
  struct outcome o = booth_do(&b, (struct command){.kind = kind, .ticket = ticket});
  assert_int_equal(o.code, 0);
  return o;
}

static int64_t edit(int64_t ticket, const char *name)
{
  struct outcome o = booth_do(
      &b,
      (struct command){.kind = CMD_EDIT, .ticket = ticket, .edits = EDIT_NAME, .person = person_new(name, NULL, NULL)});
  assert_int_equal(o.code, 0);
  return o.event;
}

/* --- erasing --- */

/* The names are ASCII, so that they are the same bytes in the files. */
static void test_erase(void **state)
{
  int64_t gone = issue_named("Gone-before"), waits = issue_named("Still-here"), moved = issue_named("Ferdinand");
  edit(gone, "Gone-after");
  int64_t edited = edit(moved, NULL); /* leaves a name only in an undo record */
  command(CMD_CANCEL, gone);
  command(CMD_CANCEL, moved);
  command(CMD_CALL, waits);
  hub_days_pass(&b, 1);
  int64_t recent = issue_named("Of-today");
  command(CMD_CANCEL, recent);
  assert_int_equal(hub_steps(&b, WRITER_ERASE, 0, false), 1); /* the day ended less than 24 hours ago */
  assert_string_equal(queue_find(b.view, gone)->person->name, "Gone-after");
  clock_set(clock_offset_ms(), false);
  hub_days_pass(&b, 3);
  assert_int_equal(hub_steps(&b, WRITER_ERASE, 0, false), -REFUSE_WRONG_STATE); /* the clock is not trusted */
  clock_set(clock_offset_ms(), true);
  hub_days_pass(&b, 0);
  assert_int_equal(hub_steps(&b, WRITER_ERASE, 0, false), 1);
  assert_last("text ->> '$.type' = 'people.erased' AND text ->> '$.actor' = 'timer' AND"
              " json_array_length(text, '$.days') = 2 AND text ->> '$.days[0].id' = 1 AND"
              " text ->> '$.days[0].date' LIKE '20__-__-__'");
  static const char *const names[] = {"Gone-before", "Gone-after", "Ferdinand", "Of-today"};
  for (size_t i = 0; i < array_len(names); i++)
    if (booth_contains(&b, "", names[i]))
      fail_msg("%s is still there", names[i]);
  assert_true(booth_contains(&b, "", "Still-here"));
  assert_null(queue_find(b.view, gone)->person);
  assert_string_equal(queue_find(b.view, waits)->person->name, "Still-here");

  assert_int_equal(booth_do(&b, (struct command){.kind = CMD_UNDO, .undo = edited}).code, REFUSE_NOTHING_TO_UNDO);
  assert_int_equal(booth_do(&b, (struct command){.kind = CMD_REQUEUE, .ticket = gone}).code, 0);
  assert_null(queue_find(b.view, gone)->person);
  int64_t head = b.head;
  assert_int_equal(hub_steps(&b, WRITER_ERASE, 0, false), 1); /* nothing is left to erase */
  assert_int_equal(b.head, head);
  booth_stop(&b);
  booth_start(&b);
  assert_null(queue_find(b.view, gone)->person);
}

/* A person may request erasure; the open day is spared even then. */
static void test_erase_by_hand(void **state)
{
  clock_set(clock_offset_ms(), false);
  int64_t first = issue_named("Ada"), second;
  command(CMD_CANCEL, first);
  assert_int_equal(booth_do(&b, (struct command){.kind = CMD_DAY}).code, 0);
  second = issue_named("Bea");
  command(CMD_CANCEL, second);
  assert_int_equal(hub_steps(&b, WRITER_ERASE, INT32_MAX, false), 1);
  assert_null(queue_find(b.view, first)->person);
  assert_string_equal(queue_find(b.view, second)->person->name, "Bea");
  assert_false(booth_contains(&b, "", "Ada"));
}

/* A day with an untrusted date is not older than the next trusted one. */
static void test_erase_of_guessed_days(void **state)
{
  issue_named(NULL);
  clock_set(clock_offset_ms() - INT64_C(86400000) * 100, false); /* no battery */
  hub_days_pass(&b, 0);
  time_ahead_ms += 20000; /* without CMD_CLOCK */
  assert_int_equal(booth_do(&b, (struct command){.kind = CMD_DAY}).code, 0);
  int64_t id = issue_named("Clio");
  command(CMD_CANCEL, id);
  assert_int_equal(booth_do(&b, (struct command){.kind = CMD_DAY}).code, 0);
  assert_int_equal(booth_sql(&b, "SELECT count(*) FROM day x JOIN day y ON y.id = x.id + 1 WHERE y.date < x.date"), 1);
  clock_set(0, true);
  writer_request_free(booth_call(&b, request_command((struct command){.kind = CMD_CLOCK, .actor = ACTOR_TIMER})));
  hub_days_pass(&b, 0);
  assert_int_equal(hub_steps(&b, WRITER_ERASE, 0, false), 1);
  assert_string_equal(queue_find(b.view, id)->person->name, "Clio"); /* it was this evening */
  hub_days_pass(&b, 1);
  hub_days_pass(&b, 1);
  assert_int_equal(hub_steps(&b, WRITER_ERASE, 0, false), 1);
  assert_null(queue_find(b.view, id)->person);
}

static void test_erase_in_steps(void **state)
{
  const int n = LIMIT_ERASE + 10;
  for (int i = 0; i < n; i++)
    command(CMD_CANCEL, issue_named("Legion"));
  hub_days_pass(&b, 1);
  hub_days_pass(&b, 1);
  assert_int_equal(hub_steps(&b, WRITER_ERASE, 0, false), 2);
  assert_int_equal(booth_sql(&b, "SELECT count(*) FROM person"), 0);
  assert_int_equal(booth_sql(&b, "SELECT count(*) FROM event WHERE text LIKE '%people.erased%'"), 2);
  assert_false(booth_contains(&b, "", "Legion"));
}

/* While somebody reads, the WAL cannot be truncated: that is done afterwards. */
static void test_erase_beside_a_reader(void **state)
{
  struct journal *j;
  struct journal_state s;
  int64_t took[2];
  for (int beside = 0; beside < 2; beside++) {
    command(CMD_CANCEL, issue_named("Odysseus"));
    hub_days_pass(&b, 1);
    hub_days_pass(&b, 1);
    if (beside) {
      assert_int_equal(journal_open(b.dir, &j), 0);
      assert_int_equal(journal_state(j, &s), 0);
    }
    int64_t from = clock_mono_ms();
    assert_int_equal(hub_steps(&b, WRITER_ERASE, 0, false), 1);
    took[beside] = clock_mono_ms() - from;
  }
  assert_true(took[1] - took[0] < SQL_BUSY_MS); /* nobody waits for a reader */
  assert_true(booth_contains(&b, "", "Odysseus"));
  journal_close(j);
  writer_request_free(booth_call(&b, writer_request_new(WRITER_PROBE, NULL)));
  assert_false(booth_contains(&b, "", "Odysseus"));
}

/* --- nightly snapshots --- */

static size_t files(const char *pattern)
{
  autofree char *path = booth_path(&b, pattern);
  glob_t found;
  int r = glob(path, 0, NULL, &found);
  size_t n = r == 0 ? found.gl_pathc : 0;
  if (r == 0)
    globfree(&found);
  return n;
}

static void test_snapshots(void **state)
{
  issue_named("Penelope");
  int64_t gone = issue_named("Telemachus");
  assert_int_equal(snapshot_rotate(b.dir, clock_wall_ms()), 0);
  assert_true(booth_contains(&b, "snapshots", "Telemachus")); /* still waited then */
  command(CMD_CANCEL, gone);
  hub_days_pass(&b, 1);
  hub_days_pass(&b, 1);
  assert_int_equal(hub_steps(&b, WRITER_ERASE, 0, false), 1);
  for (int i = 0; i < LIMIT_SNAPSHOTS_NIGHTLY + 2; i++)
    assert_int_equal(snapshot_rotate_nightly(b.dir, clock_wall_ms()), 0);
  assert_int_equal(files("snapshots/booth-nightly-*.db"), LIMIT_SNAPSHOTS_NIGHTLY);
  assert_int_equal(files("snapshots/booth-nightly-000001-*.db"), 0);
  assert_int_equal(files("snapshots/booth-0*.db"), 1); /* the two series are separate */
  assert_int_equal(files("snapshots/*"), LIMIT_SNAPSHOTS_NIGHTLY + 1);
  assert_false(booth_contains(&b, "snapshots", "Telemachus"));
  assert_true(booth_contains(&b, "snapshots", "Penelope"));

  autofree char *newest = NULL, *only = NULL;
  assert_int_equal(snapshot_newest(b.dir, &newest), 0);
  assert_non_null(strstr(newest, "/booth-000001-"));
  assert_int_equal(unlink(newest), 0);
  assert_int_equal(snapshot_newest(b.dir, &only), 0);
  assert_non_null(strstr(only, "/booth-nightly-000009-"));
  assert_false(booth_contains(&b, "snapshots", "Penelope")); /* nightly ones have no names */
}

/* --- compacting --- */

struct worker_booth {
  struct mailbox *done;
  struct worker *worker;
};

static void report(struct worker_booth *d, enum work_kind kind, int64_t ticket, int32_t date, struct buf *to)
{
  struct work_item *j = work_item_new(kind, NULL);
  j->ticket = ticket;
  j->date = date;
  assert_int_equal(worker_post(d->worker, j), 0);
  assert_int_equal(mailbox_wait(d->done, 1, 20000000), 1);
  assert_ptr_equal(mailbox_take_all(d->done, 0), j);
  assert_int_equal(j->refusal, 0);
  buf_add(to, j->text.data, j->text.len);
  work_item_free(j);
}

static void all_reports(int32_t date, int64_t tickets, struct buf *to)
{
  struct worker_booth d = {.done = mailbox_new(0)};
  assert_int_equal(worker_start(b.dir, d.done, &d.worker), 0);
  report(&d, WORK_DAYS, 0, 0, to);
  report(&d, WORK_DAY, 0, date, to);
  report(&d, WORK_CSV, 0, date, to);
  for (int64_t id = 1; id <= tickets; id++)
    report(&d, WORK_TICKET, id, 0, to);
  worker_stop(d.worker);
  mailbox_free(d.done);
}

static void evening(void)
{
  for (int i = 0; i < 20; i++) {
    int64_t id = issue_named("Nobody");
    if (i % 5 == 4)
      assert_int_equal(booth_do(&b, (struct command){.kind = CMD_UNDO}).code, 0); /* the issue */
    else
      command(CMD_CALL, id);
    if (i % 3 == 0 && i % 5 != 4)
      assert_int_equal(booth_do(&b, (struct command){.kind = CMD_UNDO}).code, 0);
    if (i % 5 != 4)
      command(CMD_SEAT, id);
  }
}

static int64_t first_seq(void)
{
  return EVENT_SEQ(booth_sql(&b, "SELECT min(id) FROM event"));
}

static void test_compact(void **state)
{
  autobuf struct buf before = {0}, after = {0};
  int32_t date = queue_day(b.view)->date;
  struct writer_request *r = request_command((struct command){.kind = CMD_ISSUE, .party_size = 2, .actor = 7});
  r->has_key = true;
  writer_request_free(booth_call(&b, r));
  evening();
  int64_t day_end = b.head;
  hub_days_pass(&b, 29);
  int64_t waits = issue_named("Somebody");
  all_reports(date, 21, &before);
  assert_non_null(strstr(before.data, "ticket.cancelled"));
  assert_int_equal(hub_steps(&b, WRITER_COMPACT, 0, true), 1);
  assert_int_equal(first_seq(), 1); /* not yet */
  hub_days_pass(&b, 3);
  int64_t head = b.head;
  assert_int_equal(hub_steps(&b, WRITER_COMPACT, 0, false), 1);
  assert_int_equal(first_seq(), 1); /* nothing is acknowledged */
  assert_int_equal(hub_cursor(&b, 1, 5, 40), 0);
  assert_int_equal(hub_steps(&b, WRITER_COMPACT, 0, false), 2);
  assert_int_equal(first_seq(), 41);
  assert_int_equal(hub_cursor(&b, 1, 6, 12), 0); /* the hub was restored: what it acknowledged before is void */
  assert_int_equal(hub_steps(&b, WRITER_COMPACT, 0, false), 1);
  assert_int_equal(hub_cursor(&b, 1, 6, EVENT_SEQ(head)), 0);
  writer_request_free(booth_call(&b, hub_join(7, 1, 1))); /* another generation: the cursor is void */
  assert_int_equal(hub_steps(&b, WRITER_COMPACT, 0, false), 1);
  assert_int_equal(first_seq(), 41);
  assert_int_equal(hub_cursor(&b, 1, 7, EVENT_SEQ(head)), 0);
  assert_int_equal(hub_steps(&b, WRITER_COMPACT, 0, false), 2);
  assert_int_equal(first_seq(), EVENT_SEQ(day_end) + 1);
  all_reports(date, 21, &after);
  /* WORK_DAYS has a day more now */
  assert_string_equal(strstr(after.data, "{\"date\":"), strstr(before.data, "{\"date\":"));
  assert_int_equal(booth_sql(&b, "SELECT count(key) FROM command WHERE actor <> -3"), 0);
  assert_int_equal(booth_sql(&b, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);

  booth_stop(&b);
  booth_start(&b);
  assert_null(b.banner);
  assert_true(b.head > head);
  assert_int_equal(queue_find(b.view, waits)->state, TICKET_WAITING);
  r = request_command((struct command){.kind = CMD_ISSUE, .party_size = 2, .actor = 7});
  r->has_key = true; /* the key was compacted: a new request */
  assert_false(outcome_of(booth_call(&b, r)).replayed);
}

/* Steps are small; without a hub all old events are deleted, but never the open day's. */
static void test_compact_in_steps(void **state)
{
  for (int i = 0; i < 5; i++)
    evening();
  assert_true(EVENT_SEQ(b.head) > LIMIT_COMPACT);
  hub_days_pass(&b, 60);
  int64_t today = booth_sql(&b, "SELECT first_event FROM day ORDER BY id DESC LIMIT 1");
  assert_int_equal(hub_steps(&b, WRITER_COMPACT, 0, true), EVENT_SEQ(today - 1) / LIMIT_COMPACT + 2);
  assert_int_equal(booth_sql(&b, "SELECT min(id) FROM event"), today);
  clock_set(clock_offset_ms(), false);
  hub_days_pass(&b, 60);
  assert_int_equal(hub_steps(&b, WRITER_COMPACT, 0, true), -REFUSE_WRONG_STATE);
}

/* --- the journal --- */

static struct json *parse(const struct buf *inner)
{
  autobuf struct buf text = {0};
  struct json *j;
  buf_fmt(&text, "[%s]", inner->data ? inner->data : "");
  assert_int_equal(json_parse_answer(text.data, text.len, &j), 0);
  return j;
}

static void test_journal_walk(void **state)
{
  struct journal *j;
  struct journal_epoch e;
  size_t n;
  int64_t seq = 1;
  issue_named("First");
  booth_sql(&b,
            "WITH RECURSIVE n (i) AS (SELECT 5 UNION ALL SELECT i + 1 FROM n WHERE i < 20004)"
            " INSERT INTO event SELECT (1 << 32) + i, json_object('seq', i, 'ticket', json_object('id', i)) FROM n");
  assert_int_equal(journal_open(b.dir, &j), 0);
  assert_int_equal(journal_epochs(j, &e, 1, &n), 0);
  assert_int_equal(e.first_seq, 1);
  assert_int_equal(e.last_seq, 20004);
  for (int batches = 0; seq <= e.last_seq; batches++) {
    autobuf struct buf events = {0}, people = {0};
    int64_t next;
    assert_int_equal(journal_batch(j, e.ordinal, seq, 500, 30000, &events, &people, &next), 0);
    assert_true(next > seq && next <= seq + 500);
    assert_true(events.len < 40000);
    struct json *list = parse(&events);
    assert_int_equal(json_size(list), next - seq);
    struct json *event;
    const char *text = json_string(json_at(list, 0));
    assert_int_equal(json_parse_answer(text, strlen(text), &event), 0);
    assert_int_equal((int64_t)json_number(json_get(event, "seq")), seq);
    json_free(event);
    json_free(list);
    assert_int_equal(people.len > 0, seq == 1);
    seq = next;
    assert_true(batches < 500);
  }
  autobuf struct buf events = {0}, people = {0};
  assert_int_equal(journal_batch(j, e.ordinal, seq, 500, 30000, &events, &people, &seq), 0);
  assert_int_equal(seq, 20005); /* that was all */
  assert_int_equal(events.len, 0);
  assert_int_equal(journal_batch(j, e.ordinal, 3, 500, 1, &events, &people, &seq), 0);
  assert_int_equal(seq, 4); /* at least one, however small the budget */
  journal_close(j);
}

/* Events come with the present people of their tickets. */
static void test_journal_people(void **state)
{
  int64_t a = issue_named("Ann");
  issue_named(NULL);
  edit(a, "Anna");
  struct journal *j;
  autobuf struct buf events = {0}, people = {0};
  int64_t next;
  assert_int_equal(journal_open(b.dir, &j), 0);
  assert_int_equal(journal_batch(j, 1, 1, 100, 1 << 20, &events, &people, &next), 0);
  journal_close(j);
  assert_int_equal(next, 7);
  assert_string_equal(people.data,
                      "{\"ticket\":1,\"version\":2,\"name\":\"Anna\",\"phone\":\"010-1234-5678\",\"note\":null}");
  assert_null(strstr(events.data, "Ann"));

  struct writer_request *r = writer_request_new(WRITER_EPOCH, NULL);
  r->fork = (struct epoch_fork){.ordinal = 1, .why = "A new epoch."};
  writer_request_free(booth_call(&b, r));
  buf_clear(&people);
  assert_int_equal(journal_open(b.dir, &j), 0);
  assert_int_equal(journal_batch(j, 2, 1, 1, 1 << 20, &events, &people, &next), 0);
  journal_close(j);
  assert_non_null(strstr(people.data, "\"name\":\"Anna\"")); /* of an active ticket at the epoch's start */
}

static void test_journal_calls(void **state)
{
  struct journal *j;
  int64_t calls[8];
  size_t n;
  int64_t first = command(CMD_CALL, issue_named(NULL)).event, second = command(CMD_CALL, issue_named(NULL)).event;
  issue_named(NULL);
  assert_int_equal(journal_open(b.dir, &j), 0);
  assert_int_equal(journal_calls(j, calls, array_len(calls), &n), 0);
  assert_int_equal(n, 2);
  assert_int_equal(calls[0], EVENT_SEQ(second));
  assert_int_equal(calls[1], EVENT_SEQ(first));
  assert_int_equal(journal_calls(j, calls, 1, &n), 0);
  assert_int_equal(n, 1);
  journal_close(j);
  assert_int_equal(hub_cursor(&b, 1, 5, EVENT_SEQ(first)), 0);
  assert_int_equal(journal_open(b.dir, &j), 0);
  assert_int_equal(journal_calls(j, calls, array_len(calls), &n), 0);
  assert_int_equal(n, 1);
  assert_int_equal(calls[0], EVENT_SEQ(second));
  journal_close(j);
}

/* Each day's hash of the texts as sent; of a partly compacted day, of the rest. */
static void test_journal_digests(void **state)
{
  struct journal *j;
  int32_t next_day;
  for (int day = 0; day < 3; day++) {
    evening();
    hub_days_pass(&b, 1);
  }
  booth_sql(&b, "DELETE FROM event WHERE id < (1 << 32) + 20");
  autobuf struct buf digests = {0}, rest = {0};
  assert_int_equal(journal_open(b.dir, &j), 0);
  assert_int_equal(journal_digests(j, 1, 1, 2, &digests, &next_day), 0);
  assert_int_equal(next_day, 3);
  assert_int_equal(journal_digests(j, 1, next_day, 2, &rest, &next_day), 0);
  assert_int_equal(next_day, 0); /* the fourth is open */
  buf_fmt(&digests, ",%s", rest.data);
  struct json *list = parse(&digests);
  assert_int_equal(json_size(list), 3);
  int64_t seq = 20;
  for (size_t i = 0; i < 3; i++) {
    const struct json *d = json_at(list, i);
    int64_t last = (int64_t)json_number(json_get(d, "last_seq")), next;
    assert_int_equal((int64_t)json_number(json_get(d, "day")), i + 1);
    assert_int_equal((int64_t)json_number(json_get(d, "first_seq")), seq);
    assert_int_equal((int64_t)json_number(json_get(d, "count")), last - seq + 1);
    autobuf struct buf events = {0}, people = {0}, text = {0};
    assert_int_equal(journal_batch(j, 1, seq, (size_t)(last - seq + 1), 1 << 30, &events, &people, &next), 0);
    struct json *texts = parse(&events);
    for (size_t k = 0; k < json_size(texts); k++)
      buf_fmt(&text, "%s\n", json_string(json_at(texts, k)));
    uint8_t sum[HASH_SUM];
    char hex[2 * HASH_SUM + 1];
    hash_sum(sum, text.data, text.len);
    util_hex(hex, sum, sizeof sum);
    assert_string_equal(json_string(json_get(d, "hash")), hex);
    json_free(texts);
    seq = last + 1;
  }
  json_free(list);
  journal_close(j);
  booth_sql(&b, "UPDATE epoch SET closed = 30"); /* closed there: later events are not compared */
  buf_clear(&digests);
  assert_int_equal(journal_open(b.dir, &j), 0);
  assert_int_equal(journal_digests(j, 1, 1, 9, &digests, &next_day), 0);
  journal_close(j);
  list = parse(&digests);
  int64_t last = 0;
  for (const struct json *d = json_at(list, 0); d; d = json_next(d))
    last = (int64_t)json_number(json_get(d, "last_seq"));
  assert_int_equal(last, 29);
  json_free(list);
}

static void test_maintenance_report(void **state)
{
  struct journal *j;
  autobuf struct buf note = {0};
  char why[128];
  assert_int_equal(journal_open(b.dir, &j), 0);
  assert_int_equal(journal_maintenance_report(j, &note), 0);
  assert_int_equal(note.len, 0);
  assert_int_equal(journal_check(j, why), 0);
  journal_close(j);
  struct writer_request *r = writer_request_new(WRITER_MAINTENANCE_REPORT, NULL);
  r->report = xstrdup("{\"ok\":true}");
  writer_request_free(booth_call(&b, r));
  booth_stop(&b);
  booth_start(&b);
  assert_int_equal(journal_open(b.dir, &j), 0);
  assert_int_equal(journal_maintenance_report(j, &note), 0);
  journal_close(j);
  assert_string_equal(note.data, "{\"ok\":true}");
}

#define RULE(name) cmocka_unit_test_setup_teardown(name, start, one_end)

int main(void)
{
  const struct CMUnitTest tests[] = {
      RULE(test_erase),
      RULE(test_erase_by_hand),
      RULE(test_erase_of_guessed_days),
      RULE(test_erase_in_steps),
      RULE(test_erase_beside_a_reader),
      RULE(test_snapshots),
      RULE(test_compact),
      RULE(test_compact_in_steps),
      RULE(test_journal_walk),
      RULE(test_journal_people),
      RULE(test_journal_calls),
      RULE(test_journal_digests),
      RULE(test_maintenance_report),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
