/* Commands from the hub, rule by rule: guests who join, defer and leave remotely, delivery reports, messages; and
 * events for it: refusals, erasures.
 */
#include "queue_fixture.h"

static struct fixture fx;

static int start(void **state)
{
  struct settings s = fixture_settings(1);
  fixture_start(&fx, &s);
  assert_int_equal(fixture_due(&fx), 1);
  return 0;
}

static int end(void **state)
{
  queue_assert_same(fx.queue, fx.view);
  fixture_end(&fx);
  return 0;
}

static void ok(int code)
{
  assert_int_equal(code, REFUSE_NONE);
}

static struct remote *remote(const char *id)
{
  struct remote *r = xnew(struct remote);
  util_copy(r->id, sizeof r->id, id);
  return r;
}

static int64_t join(const char *name)
{
  ok(fixture_do(&fx, (struct command){.kind = CMD_ISSUE,
                                      .actor = ACTOR_HUB,
                                      .source = SOURCE_HUB,
                                      .party_size = 2,
                                      .person = person_new(name, NULL, NULL),
                                      .remote = remote("c0ffee")}));
  assert_string_equal(fx.last.changes[0].remote->id, "c0ffee");
  return fixture_main(&fx)->id;
}

static int delivery(int64_t ticket, int64_t call, enum delivery d)
{
  return fixture_do(&fx, (struct command){.kind = CMD_DELIVERY,
                                          .actor = ACTOR_HUB,
                                          .ticket = ticket,
                                          .call = call,
                                          .delivery = (uint8_t)d,
                                          .remote = remote("d0")});
}

static const struct ticket *now(int64_t id)
{
  return queue_find(fx.queue, id);
}

static void test_call_is_pending(void **state)
{
  int64_t guest = join("민아"), walk_in = fixture_issue(&fx, "a");
  ok(fixture_ticket(&fx, CMD_CALL, guest));
  assert_int_equal(now(guest)->delivery, DELIVERY_PENDING);
  int64_t call = fixture_event(&fx);
  ok(fixture_ticket(&fx, CMD_CALL, walk_in));
  assert_int_equal(now(walk_in)->delivery, DELIVERY_NONE);
  ok(fixture_undo(&fx, call));
  assert_int_equal(now(guest)->delivery, DELIVERY_NONE);
}

static void test_delivery(void **state)
{
  int64_t guest = join(NULL);
  ok(fixture_ticket(&fx, CMD_CALL, guest));
  int64_t call = fixture_event(&fx);
  struct ticket called = *now(guest);
  ok(delivery(guest, call, DELIVERY_DELIVERED));
  assert_int_equal(fx.last.n, 1);
  assert_int_equal(fx.last.changes[0].type, EVENT_DELIVERY);
  assert_string_equal(fx.last.changes[0].remote->id, "d0");
  assert_int_equal(fx.last.undo.class, UNDO_NEVER);
  called.delivery = DELIVERY_DELIVERED; /* nothing else changes, not even the version */
  assert_true(ticket_same(&called, now(guest)));
  assert_int_equal(delivery(guest, call, DELIVERY_DELIVERED), REFUSE_WRONG_STATE); /* nothing new */
  ok(delivery(guest, call, DELIVERY_FAILED));
  ok(fixture_ticket(&fx, CMD_SEAT, guest));
  ok(delivery(guest, call, DELIVERY_DELIVERED)); /* a report may come late */
  assert_int_equal(now(guest)->state, TICKET_SEATED);
}

static void test_delivery_of_another_call(void **state)
{
  int64_t guest = join(NULL);
  assert_int_equal(delivery(guest, 0, DELIVERY_DELIVERED), REFUSE_WRONG_STATE); /* never called */
  ok(fixture_ticket(&fx, CMD_CALL, guest));
  int64_t first = fixture_event(&fx);
  ok(fixture_ticket(&fx, CMD_CALL, guest));
  int64_t second = fixture_event(&fx);
  assert_int_equal(delivery(guest, first, DELIVERY_FAILED), REFUSE_WRONG_STATE);
  assert_int_equal(now(guest)->delivery, DELIVERY_PENDING);
  ok(delivery(guest, second, DELIVERY_FAILED));
  ok(fixture_undo(&fx, second));
  assert_int_equal(now(guest)->delivery, DELIVERY_PENDING); /* of the first call again */
  ok(delivery(guest, first, DELIVERY_DELIVERED));
  ok(fixture_requeue(&fx, guest, POSITION_BACK, 0));
  assert_int_equal(delivery(guest, first, DELIVERY_FAILED), REFUSE_WRONG_STATE);
  assert_int_equal(now(guest)->delivery, DELIVERY_NONE);
  assert_int_equal(delivery(99, first, DELIVERY_FAILED), REFUSE_NOT_FOUND);
  assert_int_equal(delivery(guest, first, DELIVERY_PHONED), REFUSE_INVALID);
  assert_int_equal(delivery(guest, first, DELIVERY_NONE), REFUSE_INVALID);
}

/* Staff spoke with the guest: a failed push does not change that. */
static void test_phoned_wins(void **state)
{
  int64_t guest = join(NULL);
  ok(fixture_ticket(&fx, CMD_CALL, guest));
  int64_t call = fixture_event(&fx);
  ok(delivery(guest, call, DELIVERY_FAILED));
  ok(fixture_ticket(&fx, CMD_PHONED, guest));
  int64_t phoned = fixture_event(&fx);
  assert_int_equal(delivery(guest, call, DELIVERY_FAILED), REFUSE_WRONG_STATE);
  assert_int_equal(delivery(guest, call, DELIVERY_DELIVERED), REFUSE_WRONG_STATE);
  assert_int_equal(now(guest)->delivery, DELIVERY_PHONED);
  ok(fixture_undo(&fx, phoned));
  assert_int_equal(now(guest)->delivery, DELIVERY_FAILED);
}

static void test_leave_and_defer(void **state)
{
  int64_t guest = join(NULL), other = join(NULL);
  struct command defer = {
      .kind = CMD_REQUEUE, .actor = ACTOR_HUB, .ticket = guest, .position = POSITION_AFTER, .after = 1};
  ok(fixture_do(&fx, defer));
  assert_int_equal(queue_position(fx.queue, now(guest)), 2);
  assert_int_equal(now(guest)->actor, ACTOR_HUB);
  ok(fixture_ticket(&fx, CMD_CALL, guest));
  ok(fixture_do(&fx, defer)); /* "not just yet" */
  ok(fixture_do(&fx,
                (struct command){.kind = CMD_CANCEL, .actor = ACTOR_HUB, .ticket = guest, .remote = remote("e0")}));
  assert_int_equal(now(guest)->state, TICKET_CANCELLED);
  assert_int_equal(fixture_do(&fx, defer), REFUSE_WRONG_STATE); /* a guest who left cannot come back */
  ok(fixture_requeue(&fx, guest, POSITION_BACK, 0));            /* but staff can reopen */
  ok(fixture_do(&fx, defer));
  assert_int_equal(queue_position(fx.queue, now(guest)), 2); /* the last one does not get ahead by deferring */
  ok(fixture_ticket(&fx, CMD_SEAT, other));
  defer.ticket = other;
  assert_int_equal(fixture_do(&fx, defer), REFUSE_WRONG_STATE);
}

static void test_erased(void **state)
{
  int64_t gone = join("민아"), here = join("지수");
  ok(fixture_ticket(&fx, CMD_CANCEL, gone));
  fx.now.date++;
  assert_int_equal(fixture_due(&fx), 1);
  int64_t today = join("하나");
  ok(fixture_ticket(&fx, CMD_CANCEL, today));
  struct command erase = {.kind = CMD_ERASED, .actor = ACTOR_TIMER, .erased = xnew(struct erased_days)};
  *erase.erased = (struct erased_days){1, {{1, 20260911}}};
  ok(fixture_do(&fx, erase));
  assert_null(now(gone)->person);
  assert_string_equal(now(here)->person->name, "지수"); /* still waits */
  assert_string_equal(now(today)->person->name, "하나");
  assert_null(queue_find(fx.view, gone)->person);
}

static void test_message(void **state)
{
  assert_string_equal(queue_message(fx.queue)->text, "");
  struct command c = {.kind = CMD_MESSAGE, .actor = ACTOR_HUB, .message = xnew(struct notice)};
  util_copy(c.message->text, sizeof c.message->text, "비가 옵니다");
  ok(fixture_do(&fx, c));
  assert_string_equal(queue_message(fx.view)->text, "비가 옵니다");
  assert_int_equal(queue_message(fx.view)->at, fx.now.wall_ms);
  struct queue *clone = queue_clone(fx.queue);
  assert_string_equal(queue_message(clone)->text, "비가 옵니다");
  queue_free(clone);
}

#define RULE(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
  const struct CMUnitTest tests[] = {
      RULE(test_call_is_pending), RULE(test_delivery),        RULE(test_delivery_of_another_call),
      RULE(test_phoned_wins),     RULE(test_leave_and_defer), RULE(test_erased),
      RULE(test_message),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
