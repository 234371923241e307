/* The writer for the hub: items of its inbox are done once and in order, cursors only rise, a new epoch takes over all
 * active tickets, and the sync thread reads from the journal what was written.
 */
#include "one_booth.h"

#include "base/buf.h"
#include "base/json.h"
#include "store/journal_reader.h"

static int start(void **state)
{
  return one_begin(state, booth_make);
}

static int64_t head_event(void)
{
  return booth_sql(&b, "SELECT max(id) FROM event");
}

static struct journal_state state_now(void)
{
  struct journal *j;
  struct journal_state s;
  assert_int_equal(journal_open(b.dir, &j), 0);
  assert_int_equal(journal_state(j, &s), 0);
  journal_close(j);
  return s;
}

static struct outcome outcome_now(struct writer_request *r)
{
  return outcome_of(booth_call(&b, r));
}

static void ok(struct writer_request *r)
{
  assert_int_equal(outcome_now(r).code, 0);
}

/* --- the inbox --- */

static void test_join(void **state)
{
  struct outcome first = outcome_now(hub_join(5, 1, 1));
  assert_int_equal(first.code, 0);
  const struct ticket *t = queue_find(b.view, first.ticket);
  assert_int_equal(t->source, SOURCE_HUB);
  assert_int_equal(t->actor, ACTOR_HUB);
  assert_string_equal(t->person->name, "먼손님");
  assert_last("text ->> '$.type' = 'ticket.issued' AND text ->> '$.remote' = '01010101010101010101010101010101'"
              " AND text ->> '$.actor' = 'hub' AND length(text ->> '$.ticket.token') = 32"
              " AND text NOT LIKE '%먼손님%'");
  struct journal_state s = state_now();
  assert_int_equal(s.generation, 5);
  assert_int_equal(s.inbox, 1);

  int64_t before = head_event();
  assert_true(outcome_now(hub_join(5, 1, 1)).replayed); /* the acknowledgement was lost */
  ok(hub_join(6, 1, 1));                                /* a restored hub sends the same item under another number */
  assert_int_equal(head_event(), before);
  assert_int_equal(state_now().generation, 6);
  booth_stop(&b);
  booth_start(&b);
  ok(hub_join(6, 2, 1));
  assert_int_equal(head_event(), before + 1); /* booth.started */
  assert_int_equal(state_now().inbox, 2);
  assert_int_equal(queue_waiting(b.view, -1), 1);
}

static void test_order(void **state)
{
  assert_int_equal(outcome_now(hub_join(5, 2, 1)).code, REFUSE_STALE); /* the first is missing */
  ok(hub_join(5, 1, 1));
  assert_int_equal(outcome_now(hub_join(5, 3, 3)).code, REFUSE_STALE);
  assert_int_equal(outcome_now(hub_join(4, 1, 4)).code, REFUSE_STALE); /* of an older generation */
  assert_int_equal(outcome_now(hub_join(6, 2, 4)).code, REFUSE_STALE); /* another generation begins at 1 */
  assert_int_equal(outcome_now(hub_join(0, 1, 4)).code, REFUSE_STALE);
  ok(hub_join(5, 2, 2));
  ok(hub_join(6, 1, 6));
  assert_int_equal(queue_waiting(b.view, -1), 3);
}

static void test_about_a_join(void **state)
{
  int64_t guest = outcome_now(hub_join(5, 1, 1)).ticket, other = booth_issue(&b, "a", NULL);
  struct command defer = {.kind = CMD_REQUEUE, .position = POSITION_AFTER, .after = 1};
  assert_int_equal(outcome_now(hub_about(5, 2, 2, 1, defer)).ticket, guest);
  assert_int_equal(queue_position(b.view, queue_find(b.view, guest)), 2);
  assert_int_equal(outcome_now(hub_about(5, 3, 3, 1, (struct command){.kind = CMD_CANCEL})).ticket, guest);
  assert_int_equal(queue_find(b.view, guest)->state, TICKET_CANCELLED);
  assert_last("text ->> '$.type' = 'ticket.cancelled' AND text ->> '$.remote' = '03030303030303030303030303030303'");

  struct outcome late = outcome_now(hub_about(5, 4, 4, 1, defer)); /* a refusal is an event, and the item is passed */
  assert_int_equal(late.code, 0);
  assert_int_equal(late.ticket, 0);
  assert_last("text ->> '$.type' = 'remote.refused' AND text ->> '$.item' = 'remote.defer'"
              " AND text ->> '$.code' = 'wrong_state' AND text ->> '$.actor' = 'hub'");
  ok(hub_about(5, 5, 5, 77, (struct command){.kind = CMD_CANCEL}));
  assert_last("text ->> '$.code' = 'not_found'");
  assert_int_equal(queue_find(b.view, other)->state, TICKET_WAITING);
  assert_int_equal(state_now().inbox, 5);
}

static void test_refused(void **state)
{
  assert_int_equal(booth_do(&b, (struct command){.kind = CMD_INTAKE, .intake = INTAKE_CLOSED}).code, 0);
  ok(hub_join(5, 1, 1));
  assert_last("text ->> '$.code' = 'intake_closed' AND text ->> '$.remote' = '01010101010101010101010101010101'");
  assert_int_equal(booth_do(&b, (struct command){.kind = CMD_INTAKE, .intake = INTAKE_OPEN}).code, 0);
  int64_t before = head_event();
  ok(hub_join(6, 1, 1)); /* the refusal stays */
  assert_int_equal(head_event(), before);
  ok(hub_about(6, 2, 2, 1, (struct command){.kind = CMD_CANCEL}));
  assert_last("text ->> '$.code' = 'not_found'");

  struct writer_request *r = hub_item(6, 3, 3, "remote.dance", (struct command){.kind = CMD_KINDS});
  util_copy(r->item.refused, sizeof r->item.refused, "unknown_type");
  ok(r);
  assert_last("text ->> '$.item' = 'remote.dance' AND text ->> '$.code' = 'unknown_type'");
  ok(hub_item(6, 4, 4, "remote.settings", (struct command){.kind = CMD_SETTINGS})); /* no command for a hub */
  assert_last("text ->> '$.code' = 'bad_item'");
  before = head_event();
  ok(hub_item(6, 5, 5, "hub.keys", (struct command){.kind = CMD_KINDS})); /* passed without an event */
  assert_int_equal(head_event(), before);
  assert_int_equal(state_now().inbox, 5);
}

static void test_valid_until(void **state)
{
  struct writer_request *r = hub_join(5, 1, 1);
  r->item.valid_until = clock_wall_ms() - 1;
  ok(r);
  assert_last("text ->> '$.type' = 'remote.refused' AND text ->> '$.code' = 'expired'");
  r = hub_join(5, 2, 2);
  r->item.valid_until = clock_wall_ms() + 60000;
  ok(r);
  assert_int_equal(queue_waiting(b.view, -1), 1);
  clock_set(clock_offset_ms(), false); /* an untrusted clock expires nothing */
  r = hub_join(5, 3, 3);
  r->item.valid_until = clock_wall_ms() - 1;
  ok(r);
  assert_int_equal(queue_waiting(b.view, -1), 2);
}

static struct writer_request *delivery(int64_t n, uint8_t id, int64_t ticket, int64_t call, enum delivery d)
{
  struct writer_request *r =
      hub_item(5, n, id, "delivery", (struct command){.kind = CMD_DELIVERY, .ticket = ticket, .delivery = (uint8_t)d});
  assert_int_equal(util_unhex(r->item.call_epoch, 16, b.epoch), 0);
  r->item.call_seq = EVENT_SEQ(call);
  return r;
}

static void test_delivery(void **state)
{
  int64_t guest = outcome_now(hub_join(5, 1, 1)).ticket;
  int64_t call = booth_do(&b, (struct command){.kind = CMD_CALL, .ticket = guest}).event;
  uint32_t version = queue_find(b.view, guest)->version;
  assert_int_equal(queue_find(b.view, guest)->delivery, DELIVERY_PENDING);
  ok(delivery(2, 2, guest, call, DELIVERY_FAILED));
  assert_int_equal(queue_find(b.view, guest)->delivery, DELIVERY_FAILED);
  assert_int_equal(queue_find(b.view, guest)->version, version);
  assert_last("text ->> '$.type' = 'delivery.updated' AND text ->> '$.ticket.delivery' = 'failed'");
  assert_int_equal(booth_sql(&b, "SELECT last FROM ticket"), call); /* deliveries are not in the history */
  int64_t before = head_event();
  ok(delivery(3, 3, guest, call - 1, DELIVERY_DELIVERED)); /* not this guest's call: passed without an event */
  struct writer_request *r = delivery(4, 4, guest, call, DELIVERY_DELIVERED);
  memset(r->item.call_epoch, 0xee, 16);
  ok(r);
  ok(delivery(5, 5, 99, call, DELIVERY_DELIVERED));
  assert_int_equal(head_event(), before);
  assert_int_equal(state_now().inbox, 5);
  booth_stop(&b);
  booth_start(&b);
  assert_int_equal(queue_find(b.view, guest)->delivery, DELIVERY_FAILED);
  assert_int_equal(booth_do(&b, (struct command){.kind = CMD_UNDO, .undo = call}).code, 0);
  assert_int_equal(queue_find(b.view, guest)->delivery, DELIVERY_NONE);
}

static void test_message(void **state)
{
  struct command c = {.kind = CMD_MESSAGE, .message = xnew(struct notice)};
  util_copy(c.message->text, sizeof c.message->text, "오늘은\n\"비\"가 옵니다");
  ok(hub_item(5, 1, 1, "message", c));
  assert_last("text ->> '$.type' = 'message.received' AND text NOT LIKE '%옵니다%'");
  booth_stop(&b);
  booth_start(&b);
  assert_string_equal(queue_message(b.view)->text, "오늘은\n\"비\"가 옵니다");
  assert_true(queue_message(b.view)->at > 0);
}

/* A request with a home returns there, after the loop got its changes. */
static void test_home(void **state)
{
  struct mailbox *home = mailbox_new(4);
  for (uint8_t i = 1; i <= 3; i++) {
    struct writer_request *r = hub_join(5, i, i);
    r->home = home;
    assert_int_equal(writer_post(b.writer, r), 0);
    assert_int_equal(writer_post(b.writer, writer_request_new(WRITER_PROBE, NULL)), 0);
  }
  for (struct writer_request *r = booth_wait(&b, 3), *next; r; r = next) {
    next = (struct writer_request *)r->mail.next;
    assert_int_equal(r->kind, WRITER_PROBE);
    writer_request_free(r);
  }
  for (int i = 1; i <= 3; i++) {
    assert_true(mailbox_wait(home, 1, 20000000) > 0);
    struct writer_request *r = (struct writer_request *)mailbox_take_all(home, 1);
    assert_int_equal(r->item.n, i);
    assert_int_equal(r->refusal, 0);
    writer_request_free(r);
  }
  booth_drain(&b);
  assert_int_equal(queue_waiting(b.view, -1), 3);
  mailbox_free(home);
}

/* A failed commit leaves neither ticket nor position; repeating the request does both once. */
static void test_failed_commit(void **state)
{
  disk_fail(FAULT_FULL, 1, LONG_MAX);
  struct writer_request *r = booth_call(&b, hub_join(5, 1, 1));
  assert_int_equal(r->refusal, REFUSE_STORAGE);
  disk_heal();
  time_ahead_ms += 1100;
  assert_int_equal(booth_do(&b, (struct command){.kind = CMD_INTAKE, .intake = INTAKE_CLOSED}).code, 0);
  assert_int_equal(state_now().inbox, 0);
  disk_fail(FAULT_FULL, 1, LONG_MAX);
  r = booth_call(&b, r); /* now it would be a refusal */
  assert_int_equal(r->refusal, REFUSE_STORAGE);
  disk_heal();
  time_ahead_ms += 1100;
  assert_int_equal(booth_do(&b, (struct command){.kind = CMD_INTAKE, .intake = INTAKE_OPEN}).code, 0);
  r = booth_call(&b, r); /* and now it is a join again */
  assert_int_equal(r->refusal, 0);
  assert_true(r->ticket.id > 0);
  writer_request_free(r);
  assert_int_equal(queue_waiting(b.view, -1), 1);
  assert_int_equal(state_now().inbox, 1);
}

/* --- cursors --- */

static struct journal_epoch epoch_now(size_t i)
{
  struct journal *j;
  struct journal_epoch e[8];
  size_t n;
  assert_int_equal(journal_open(b.dir, &j), 0);
  assert_int_equal(journal_epochs(j, e, array_len(e), &n), 0);
  journal_close(j);
  assert_true(i < n);
  return e[i];
}

static void test_cursor(void **state)
{
  for (int i = 0; i < 5; i++)
    booth_issue(&b, "a", NULL);
  assert_int_equal(state_now().pending, 8);
  static const struct {
    int64_t ordinal, generation, acked;
    int code;
    int64_t then;
  } rows[] = {
      {1, 5, 3, REFUSE_NONE, 3},     {1, 5, 2, REFUSE_NONE, 3},      {1, 5, 6, REFUSE_NONE, 6},
      {1, 4, 8, REFUSE_STALE, 6},    {2, 5, 1, REFUSE_NOT_FOUND, 6}, {1, 5, 10, REFUSE_INVALID, 6},
      {1, 6, 10, REFUSE_INVALID, 6}, {1, 0, 7, REFUSE_INVALID, 6},   {1, 5, -1, REFUSE_INVALID, 6},
      {1, 7, 2, REFUSE_NONE, 2},     {1, 7, 8, REFUSE_NONE, 8},
  };
  ok(hub_join(5, 1, 1));
  for (size_t i = 0; i < array_len(rows); i++) {
    assert_int_equal(hub_cursor(&b, rows[i].ordinal, rows[i].generation, rows[i].acked), rows[i].code);
    assert_int_equal(epoch_now(0).acked, rows[i].then);
  }
  assert_int_equal(state_now().generation, 7);
  assert_int_equal(state_now().inbox, 0); /* restarts */
  assert_int_equal(state_now().pending, 1);
  ok(hub_join(8, 1, 2)); /* in another generation its cursor is unknown */
  assert_int_equal(epoch_now(0).acked, 0);
  assert_int_equal(state_now().pending, 10);
  ok(writer_request_new(WRITER_SYNC_RESET, NULL));
  assert_int_equal(state_now().generation, 0);
  assert_int_equal(state_now().pending, 10);
  assert_int_equal(hub_cursor(&b, 1, 1, 9), 0); /* another hub, another count */
}

/* --- a new epoch --- */

static struct writer_request *fork_request(int64_t ordinal, int64_t closed_seq)
{
  struct writer_request *r = writer_request_new(WRITER_EPOCH, NULL);
  r->fork = (struct epoch_fork){
      .ordinal = ordinal, .closed_seq = closed_seq, .why = "The hub knows another history of this booth."};
  return r;
}

static void test_epoch(void **state)
{
  char first[33];
  int64_t guest = outcome_now(hub_join(5, 1, 1)).ticket;
  int64_t call = booth_do(&b, (struct command){.kind = CMD_CALL, .ticket = guest}).event;
  booth_issue(&b, "a", "민아");
  assert_int_equal(hub_cursor(&b, 1, 5, 2), 0);
  memcpy(first, b.epoch, sizeof first);
  int64_t last = head_event();
  struct outcome o = outcome_now(fork_request(1, 5));
  assert_int_equal(o.code, 0);
  assert_false(o.replayed);
  assert_string_not_equal(b.epoch, first);
  assert_string_equal(b.banner, "The hub knows another history of this booth.");
  assert_int_equal(b.head >> 32, 2);
  char condition[300];
  snprintf(condition, sizeof condition,
           "SELECT text ->> '$.parent.epoch' = '%s' AND text ->> '$.parent.seq' = %d AND"
           " json_array_length(text, '$.active') = 2 AND length(text ->> '$.active[0].token') = 32 AND"
           " text NOT LIKE '%%민아%%' FROM event WHERE id = (2 << 32) + 1",
           first, (int)EVENT_SEQ(last));
  assert_int_equal(booth_sql(&b, condition), 1);
  assert_int_equal(epoch_now(1).last_seq, 4);
  assert_true(booth_issue(&b, "a", NULL) > 1000);
  assert_true(outcome_now(fork_request(1, 5)).replayed); /* repeated */
  assert_int_equal(b.head >> 32, 2);
  ok(fork_request(1, 7)); /* a closed epoch is never extended */

  struct journal_epoch old = epoch_now(1);
  assert_string_equal(old.id, first);
  assert_int_equal(old.last_seq, 4); /* the rest is never sent */
  assert_int_equal(old.head_seq, EVENT_SEQ(last));
  assert_int_equal(old.acked, 2);
  struct journal *j;
  autobuf struct buf events = {0}, people = {0};
  int64_t next;
  assert_int_equal(journal_open(b.dir, &j), 0);
  assert_int_equal(journal_batch(j, 1, 1, 100, 100000, &events, &people, &next), 0);
  journal_close(j);
  assert_int_equal(next, 5);
  ok(fork_request(1, 4));
  assert_int_equal(epoch_now(1).last_seq, 3); /* but it can be shortened */
  assert_string_equal(epoch_now(0).parent, first);
  assert_int_equal(epoch_now(0).parent_seq, EVENT_SEQ(last));
  assert_int_equal(state_now().pending, 1 + EVENT_SEQ(b.head));

  /* items and calls of the former epoch are still known */
  assert_int_equal(outcome_now(hub_about(5, 2, 2, 1, (struct command){.kind = CMD_REQUEUE})).ticket, guest);
  assert_int_equal(booth_do(&b, (struct command){.kind = CMD_UNDO, .undo = call}).code, REFUSE_NOTHING_TO_UNDO);
  booth_stop(&b);
  booth_start(&b);
  assert_null(b.banner);
  assert_int_equal(queue_active(b.view), 3);
}

/* A cursor of an epoch is not applied to another one that got its ordinal later. */
static void test_another_epoch_of_the_same_ordinal(void **state)
{
  for (int i = 0; i < 5; i++)
    booth_issue(&b, "a", NULL);
  static const char *const ids[] = {"0123456789abcdef0123456789abcdef", "nonsense"};
  for (size_t i = 0; i < array_len(ids); i++) {
    struct writer_request *r = writer_request_new(WRITER_CURSOR, NULL);
    r->cursor = (struct cursor){.ordinal = 1, .generation = 5, .acked = 4};
    util_copy(r->cursor.epoch, sizeof r->cursor.epoch, ids[i]);
    assert_int_equal(outcome_now(r).code, REFUSE_NOT_FOUND);
    r = fork_request(1, 3);
    util_copy(r->fork.epoch, sizeof r->fork.epoch, ids[i]);
    assert_int_equal(outcome_now(r).code, REFUSE_NOT_FOUND);
  }
  assert_int_equal(epoch_now(0).acked, 0);
  assert_int_equal(epoch_now(0).ordinal, 1);
  assert_int_equal(epoch_now(0).last_seq, epoch_now(0).head_seq);
  assert_int_equal(state_now().generation, 0);
  struct writer_request *r = writer_request_new(WRITER_CURSOR, NULL);
  r->cursor = (struct cursor){.ordinal = 1, .generation = 5, .acked = 4};
  memcpy(r->cursor.epoch, b.epoch, sizeof b.epoch);
  ok(r);
  assert_int_equal(epoch_now(0).acked, 4);
  r = fork_request(1, 0);
  memcpy(r->fork.epoch, b.epoch, sizeof b.epoch);
  ok(r);
  assert_int_equal(epoch_now(0).ordinal, 2);
}

/* However many epochs there are, an old unacknowledged one is read. */
static void test_more_epochs_than_are_read(void **state)
{
  struct journal *j;
  struct journal_epoch e[3];
  size_t n;
  for (int64_t i = 1; i <= 6; i++)
    ok(fork_request(i, 0));
  assert_int_equal(hub_cursor(&b, 1, 5, 1), 0);
  static const struct {
    int64_t acked, shown[3];
  } rows[] = {{7, {7, 6, 5}}, {6, {7, 5, 4}}, {4, {7, 5, 3}}, {5, {7, 3, 2}}, {3, {7, 2, 1}}, {2, {7, 6, 1}}};
  for (size_t i = 0; i < array_len(rows); i++) {
    assert_int_equal(hub_cursor(&b, rows[i].acked, 5, 2), 0); /* each has two events */
    assert_int_equal(journal_open(b.dir, &j), 0);
    assert_int_equal(journal_epochs(j, e, array_len(e), &n), 0);
    journal_close(j);
    assert_int_equal(n, 3);
    for (size_t k = 0; k < n; k++)
      assert_int_equal(e[k].ordinal, rows[i].shown[k]);
  }
}

/* After a failed commit the epoch still begins once, with the right parent. */
static void test_epoch_on_a_bad_disk(void **state)
{
  char first[33];
  booth_issue(&b, "a", NULL);
  memcpy(first, b.epoch, sizeof first);
  static const enum fault faults[] = {FAULT_FULL, FAULT_SYNC};
  for (size_t i = 0; i < array_len(faults); i++) {
    disk_fail(faults[i], 1, LONG_MAX);
    assert_int_equal(outcome_now(fork_request((int64_t)i + 1, 0)).code, REFUSE_STORAGE);
    assert_string_equal(b.epoch, first);
    disk_heal();
    time_ahead_ms += 1100;
    assert_int_equal(outcome_now(fork_request((int64_t)i + 1, 0)).code, 0);
    booth_issue(&b, "a", NULL);
    assert_int_equal(b.head >> 32, i + 2);
    assert_string_equal(epoch_now(0).parent, first);
    memcpy(first, b.epoch, sizeof first);
  }
  assert_int_equal(booth_sql(&b, "SELECT count(*) FROM epoch"), 3);
}

static void test_machine_id(void **state)
{
  char first[33];
  memcpy(first, b.epoch, sizeof first);
  booth_issue(&b, "a", NULL);
  static const struct {
    const char *machine_id;
    bool another;
  } starts[] = {{"10000000abcdef01", false}, {"10000000abcdef01", false}, {NULL, false},
                {"10000000ffffffff", true},  {"10000000ffffffff", false}, {"10000000abcdef01", true}};
  for (size_t i = 0; i < array_len(starts); i++) {
    booth_stop(&b);
    b.machine_id = starts[i].machine_id;
    booth_start(&b);
    assert_int_equal(strcmp(b.epoch, first) != 0, starts[i].another);
    assert_int_equal(b.banner != NULL, starts[i].another);
    memcpy(first, b.epoch, sizeof first);
    assert_int_equal(queue_waiting(b.view, -1), 1);
  }
  assert_non_null(strstr(b.banner, "another machine"));
  assert_false(booth_contains(&b, "", "10000000abcdef01")); /* but a hash of it */
  b.machine_id = NULL;
}

#define RULE(name) cmocka_unit_test_setup_teardown(name, start, one_end)

int main(void)
{
  const struct CMUnitTest tests[] = {
      RULE(test_join),
      RULE(test_order),
      RULE(test_about_a_join),
      RULE(test_refused),
      RULE(test_valid_until),
      RULE(test_delivery),
      RULE(test_message),
      RULE(test_home),
      RULE(test_failed_commit),
      RULE(test_cursor),
      RULE(test_epoch),
      RULE(test_epoch_on_a_bad_disk),
      RULE(test_machine_id),
      RULE(test_another_epoch_of_the_same_ordinal),
      RULE(test_more_epochs_than_are_read),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
