/* What comes from the hub, rule by rule: guests who join, defer and leave from afar, what became of a call's push,
 * messages; and what is told to it: refusals, erasures.
 */
#include "queue_fixture.h"

static struct world w;

static int start(void **state)
{
  (void)state;
  struct settings s = world_settings(1);
  world_start(&w, &s);
  assert_int_equal(world_due(&w), 1);
  return 0;
}

static int end(void **state)
{
  (void)state;
  queue_assert_same(w.queue, w.view);
  world_end(&w);
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
  ok(world_do(&w, (struct command){.kind = CMD_ISSUE,
                                   .actor = ACTOR_HUB,
                                   .source = SOURCE_HUB,
                                   .party_size = 2,
                                   .person = person_new(name, NULL, NULL),
                                   .remote = remote("c0ffee")}));
  assert_string_equal(w.last.changes[0].remote->id, "c0ffee");
  return world_main(&w)->id;
}

static int delivery(int64_t ticket, int64_t call, enum delivery d)
{
  return world_do(&w, (struct command){.kind = CMD_DELIVERY,
                                       .actor = ACTOR_HUB,
                                       .ticket = ticket,
                                       .call = call,
                                       .delivery = (uint8_t)d,
                                       .remote = remote("d0")});
}

static const struct ticket *now(int64_t id)
{
  return queue_find(w.queue, id);
}

static void test_call_is_pending(void **state)
{
  (void)state;
  int64_t guest = join("민아"), walk_in = world_issue(&w, "a");
  ok(world_ticket(&w, CMD_CALL, guest));
  assert_int_equal(now(guest)->delivery, DELIVERY_PENDING);
  int64_t call = world_event(&w);
  ok(world_ticket(&w, CMD_CALL, walk_in));
  assert_int_equal(now(walk_in)->delivery, DELIVERY_NONE);
  ok(world_undo(&w, call));
  assert_int_equal(now(guest)->delivery, DELIVERY_NONE);
}

static void test_delivery(void **state)
{
  (void)state;
  int64_t guest = join(NULL);
  ok(world_ticket(&w, CMD_CALL, guest));
  int64_t call = world_event(&w);
  struct ticket called = *now(guest);
  ok(delivery(guest, call, DELIVERY_DELIVERED));
  assert_int_equal(w.last.n, 1);
  assert_int_equal(w.last.changes[0].type, EVENT_DELIVERY);
  assert_string_equal(w.last.changes[0].remote->id, "d0");
  assert_int_equal(w.last.undo.class, UNDO_NEVER);
  called.delivery = DELIVERY_DELIVERED; /* all else, the version too, is as it was */
  assert_true(ticket_same(&called, now(guest)));
  assert_int_equal(delivery(guest, call, DELIVERY_DELIVERED), REFUSE_WRONG_STATE); /* nothing new */
  ok(delivery(guest, call, DELIVERY_FAILED));
  ok(world_ticket(&w, CMD_SEAT, guest));
  ok(delivery(guest, call, DELIVERY_DELIVERED)); /* it may come late */
  assert_int_equal(now(guest)->state, TICKET_SEATED);
}

static void test_delivery_of_another_call(void **state)
{
  (void)state;
  int64_t guest = join(NULL);
  assert_int_equal(delivery(guest, 0, DELIVERY_DELIVERED), REFUSE_WRONG_STATE); /* never called */
  ok(world_ticket(&w, CMD_CALL, guest));
  int64_t first = world_event(&w);
  ok(world_ticket(&w, CMD_CALL, guest));
  int64_t second = world_event(&w);
  assert_int_equal(delivery(guest, first, DELIVERY_FAILED), REFUSE_WRONG_STATE);
  assert_int_equal(now(guest)->delivery, DELIVERY_PENDING);
  ok(delivery(guest, second, DELIVERY_FAILED));
  ok(world_undo(&w, second));
  assert_int_equal(now(guest)->delivery, DELIVERY_PENDING); /* the first call's again */
  ok(delivery(guest, first, DELIVERY_DELIVERED));
  ok(world_requeue(&w, guest, POSITION_BACK, 0));
  assert_int_equal(delivery(guest, first, DELIVERY_FAILED), REFUSE_WRONG_STATE);
  assert_int_equal(now(guest)->delivery, DELIVERY_NONE);
  assert_int_equal(delivery(99, first, DELIVERY_FAILED), REFUSE_NOT_FOUND);
  assert_int_equal(delivery(guest, first, DELIVERY_PHONED), REFUSE_INVALID);
  assert_int_equal(delivery(guest, first, DELIVERY_NONE), REFUSE_INVALID);
}

/* Staff spoke with the guest: no push that failed makes that untrue. */
static void test_phoned_wins(void **state)
{
  (void)state;
  int64_t guest = join(NULL);
  ok(world_ticket(&w, CMD_CALL, guest));
  int64_t call = world_event(&w);
  ok(delivery(guest, call, DELIVERY_FAILED));
  ok(world_ticket(&w, CMD_PHONED, guest));
  int64_t phoned = world_event(&w);
  assert_int_equal(delivery(guest, call, DELIVERY_FAILED), REFUSE_WRONG_STATE);
  assert_int_equal(delivery(guest, call, DELIVERY_DELIVERED), REFUSE_WRONG_STATE);
  assert_int_equal(now(guest)->delivery, DELIVERY_PHONED);
  ok(world_undo(&w, phoned));
  assert_int_equal(now(guest)->delivery, DELIVERY_FAILED);
}

static void test_leave_and_defer(void **state)
{
  (void)state;
  int64_t guest = join(NULL), other = join(NULL);
  struct command defer = {
      .kind = CMD_REQUEUE, .actor = ACTOR_HUB, .ticket = guest, .position = POSITION_AFTER, .after = 1};
  ok(world_do(&w, defer));
  assert_int_equal(queue_position(w.queue, now(guest)), 2);
  assert_int_equal(now(guest)->actor, ACTOR_HUB);
  ok(world_ticket(&w, CMD_CALL, guest));
  ok(world_do(&w, defer)); /* "not just yet" */
  ok(world_do(&w, (struct command){.kind = CMD_CANCEL, .actor = ACTOR_HUB, .ticket = guest, .remote = remote("e0")}));
  assert_int_equal(now(guest)->state, TICKET_CANCELLED);
  assert_int_equal(world_do(&w, defer), REFUSE_WRONG_STATE); /* whoever left does not come back by that */
  ok(world_requeue(&w, guest, POSITION_BACK, 0));            /* unless staff say so */
  ok(world_do(&w, defer));
  assert_int_equal(queue_position(w.queue, now(guest)), 2); /* he was the last, and does not get ahead by deferring */
  ok(world_ticket(&w, CMD_SEAT, other));
  defer.ticket = other;
  assert_int_equal(world_do(&w, defer), REFUSE_WRONG_STATE);
}

static void test_erased(void **state)
{
  (void)state;
  int64_t gone = join("민아"), here = join("지수");
  ok(world_ticket(&w, CMD_CANCEL, gone));
  w.now.date++;
  assert_int_equal(world_due(&w), 1);
  int64_t today = join("하나");
  ok(world_ticket(&w, CMD_CANCEL, today));
  struct command erase = {.kind = CMD_ERASED, .actor = ACTOR_TIMER, .erased = xnew(struct erased)};
  *erase.erased = (struct erased){1, {{1, 20260911}}};
  ok(world_do(&w, erase));
  assert_null(now(gone)->person);
  assert_string_equal(now(here)->person->name, "지수"); /* still waits */
  assert_string_equal(now(today)->person->name, "하나");
  assert_null(queue_find(w.view, gone)->person);
}

static void test_message(void **state)
{
  (void)state;
  assert_string_equal(queue_message(w.queue)->text, "");
  struct command c = {.kind = CMD_MESSAGE, .actor = ACTOR_HUB, .message = xnew(struct notice)};
  util_copy(c.message->text, sizeof c.message->text, "비가 옵니다");
  ok(world_do(&w, c));
  assert_string_equal(queue_message(w.view)->text, "비가 옵니다");
  assert_int_equal(queue_message(w.view)->at, w.now.wall_ms);
  struct queue *clone = queue_clone(w.queue);
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
