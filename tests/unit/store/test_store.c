/* The store without the writer: each field is saved and loaded, JSON columns, the index of keys, the schema. */
#include "booth_fixture.h"

#include "queue/event_json.h"
#include "store/columns_json.h"
#include "store/idempotency.h"
#include "store/migrate.h"
#include "store/sql.h"

static struct store *open_new(struct booth *b)
{
  struct store *s;
  char why[96];
  booth_make(b);
  assert_int_equal(store_open(b->dir, &s, why), 0);
  return s;
}

static void test_every_field(void **state)
{
  struct booth b;
  struct ticket found = {0};
  struct undo_record undo = {0};
  struct store *s = open_new(&b);
  const int64_t id = store_identity(s)->last_event + 1;
  struct decision d = {.n = 1};
  struct ticket t = {.id = 4711,
                     .number = 4294967295,
                     .version = 4000000000,
                     .day = 2147483647,
                     .actor = ACTOR_CLI,
                     .party_size = 65535,
                     .calls = 65534,
                     .state = TICKET_CANCELLED,
                     .source = SOURCE_API,
                     .delivery = DELIVERY_PHONED,
                     .line = "abcdefgh",
                     .label = "가나다라-4294967295",
                     .issued_at = INT64_C(1789124400123),
                     .called_at = INT64_C(1789124400456),
                     .closed_at = -5,
                     .rank = INT64_MIN,
                     .held_at = INT64_C(1) << 53,
                     .call_event = (INT64_C(3) << 32) + 7,
                     .undo = {11, 22, 33},
                     .token = {1, 2, 3, [15] = 255},
                     .person = person_new("이름", "010", "a\nb")};
  d.changes[0] =
      (struct change){.id = id, .cmd = id, .type = EVENT_ISSUED, .actor = ACTOR_CLI, .wall_ms = 1, .ticket = t};
  d.undo = (struct undo_record){.id = id,
                                .ticket = t.id,
                                .prev = 9,
                                .class = UNDO_EDIT,
                                .kind = CMD_EDIT,
                                .actor = ACTOR_CLI,
                                .day = 12,
                                .wall_ms = 1,
                                .mono_ms = 77,
                                .this_boot = true,
                                .fields = 255,
                                .before = t};
  person_ref(t.person);
  const struct idempotency_key key = {{5}, {6}}, reused = {{5}, {7}}, other = {{6}, {6}};
  int64_t event, ticket;
  assert_int_equal(store_begin(s), 0);
  assert_int_equal(store_boot(s), 0);
  assert_int_equal(store_savepoint(s), 0);
  assert_int_equal(store_save(s, CMD_EDIT, &key, &d), 0);
  assert_int_equal(store_release(s), 0);
  assert_int_equal(store_commit(s), 0);

  assert_int_equal(store_load_ticket(s, t.id, &found), 0);
  found.date = t.date; /* of its day, which is not there */
  assert_same_ticket(&t, &found);
  assert_int_equal(store_load_undo(s, id, &undo), 0);
#define SAME(member) assert_int_equal(undo.member, d.undo.member)
  SAME(id), SAME(ticket), SAME(prev), SAME(class), SAME(kind), SAME(actor), SAME(day), SAME(wall_ms), SAME(mono_ms);
  SAME(this_boot), SAME(fields), SAME(before.state), SAME(before.calls), SAME(before.delivery), SAME(before.called_at);
  SAME(before.call_event), SAME(before.closed_at), SAME(before.rank), SAME(before.held_at), SAME(before.party_size);
  SAME(before.undo[UNDO_PHONED]);
#undef SAME
  assert_string_equal(undo.before.person->note, "a\nb");
  assert_int_equal(store_find_key(s, &key, &event, &ticket), 0);
  assert_true(event == id && ticket == t.id);
  assert_int_equal(store_find_key(s, &reused, &event, &ticket), REFUSE_KEY_REUSED);
  assert_int_equal(store_find_key(s, &other, &event, &ticket), REFUSE_NOT_FOUND);
  assert_int_equal(store_load_ticket(s, 4712, &found), REFUSE_NOT_FOUND);
  assert_int_equal(booth_sql(&b, "SELECT count(*) FROM event WHERE text LIKE '%이름%' OR text LIKE '%010\"%'"), 0);

  /* after a rollback the number is given again, and the key finds nothing */
  const struct idempotency_key later = {{8}, {0}};
  d.changes[0].id = d.changes[0].cmd = id + 1;
  assert_int_equal(store_begin(s), 0);
  assert_int_equal(store_savepoint(s), 0);
  assert_int_equal(store_save(s, CMD_EDIT, &later, &d), 0);
  assert_int_equal(store_identity(s)->last_event, id + 1);
  assert_int_equal(store_rollback_to(s), 0);
  assert_int_equal(store_identity(s)->last_event, id);
  store_rollback(s);
  assert_int_equal(store_find_key(s, &later, &event, &ticket), REFUSE_NOT_FOUND);
  person_unref(found.person);
  person_unref(undo.before.person);
  decision_done(&d);
  store_close(s, true);
  booth_remove(&b);
}

static void test_before_image(void **state)
{
  autobuf struct buf b = {0};
  struct ticket t = {.state = TICKET_SEATED, .calls = 3, .party_size = 4, .rank = INT64_MIN}, found;
  columns_json_write_before(&b, &(struct ticket){.id = 1}, 255);
  assert_int_equal(b.len, 0);
  columns_json_write_before(&b, &t, FIELD_STATE | FIELD_PARTY);
  assert_string_equal(b.data, "{\"state\":2,\"party_size\":4}");
  buf_clear(&b);
  columns_json_write_before(&b, &t, 255);
  assert_int_equal(columns_json_read_before(b.data, b.len, &found), 0);
  assert_true(found.rank == INT64_MIN && found.calls == 3 && !found.person);
  assert_int_equal(columns_json_read_before(NULL, 0, &found), 0);
  assert_int_equal(found.state, 0);
  assert_int_equal(columns_json_read_before("{\"what\":1}", 10, &found), -EUCLEAN);
}

static void test_settings(void **state)
{
  struct settings s = booth_settings(), found;
  autobuf struct buf b = {0};
  s.no_show_after_s = 600;
  s.cutover_min = 5 * 60 + 7;
  s.double_press = true;
  strcpy(s.welcome, "어서 오세요\n\"welcome\"");
  settings_json(&b, NULL, &s);
  assert_int_equal(columns_json_read_settings(b.data, b.len, &found), 0);
  assert_memory_equal(&s, &found, sizeof s);
  assert_int_equal(columns_json_read_settings("{}", 2, &found), -EUCLEAN);
}

static void test_keys(void **state)
{
  struct idempotency k = {0};
  uint8_t key[16];
  for (uint32_t i = 1; i <= 10000; i++) {
    memset(key, 0, sizeof key);
    memcpy(key, &(uint32_t){i / 2}, 4); /* each twice: hashes of keys may collide */
    idempotency_add(&k, key, i);
  }
  assert_int_equal(k.n, 10000);
  for (uint32_t i = 1; i < 5000; i++) {
    size_t cursor = 0;
    memset(key, 0, sizeof key);
    memcpy(key, &i, 4);
    int64_t first = idempotency_find(&k, key, &cursor), second = idempotency_find(&k, key, &cursor);
    assert_int_equal(first + second, 4 * (int64_t)i + 1);
    assert_int_equal(idempotency_find(&k, key, &cursor), 0);
  }
  idempotency_done(&k);
}

static void test_schema(void **state)
{
  struct booth b;
  struct store *s = open_new(&b), *again;
  char why[96];
  assert_int_equal(booth_sql(&b, "PRAGMA page_size"), 1024);
  assert_int_equal(booth_sql(&b, "PRAGMA user_version"), migrate_latest());
  assert_int_equal(booth_sql(&b, "PRAGMA application_id"), MIGRATE_APPLICATION);
  assert_int_equal(booth_sql(&b, "SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"), 0);
  char booth[33], key[32];
  strcpy(booth, store_identity(s)->booth);
  memcpy(key, store_identity(s)->key, sizeof key);
  store_close(s, true);
  assert_int_equal(store_open(b.dir, &again, why), 0);
  assert_string_equal(store_identity(again)->booth, booth);
  assert_memory_equal(store_identity(again)->key, key, sizeof key);
  assert_true(store_identity(again)->clean);
  assert_int_equal(store_check(again), 0);
  store_close(again, false);

  /* another program's database is not touched */
  booth_sql(&b, "PRAGMA application_id = 1");
  assert_int_equal(store_open(b.dir, &again, why), -EUCLEAN);
  booth_remove(&b);
}

/* A start loads active tickets, however old, and nothing else of earlier days. */
static void test_days_before(void **state)
{
  struct booth b;
  booth_make(&b);
  booth_start(&b);
  int64_t old = booth_issue(&b, "a", NULL), kept = booth_issue(&b, "a", NULL);
  assert_int_equal(booth_do(&b, (struct command){.kind = CMD_CANCEL, .ticket = old}).code, 0);
  assert_int_equal(booth_do(&b, (struct command){.kind = CMD_DAY}).code, 0);
  assert_int_equal(booth_sql(&b, "SELECT v FROM meta WHERE k = 'open_floor'"), kept);
  int64_t today = booth_issue(&b, "a", NULL);
  assert_string_equal(queue_find(b.view, today)->label, "A-1");
  assert_int_equal(queue_find(b.view, today)->day, 2);
  assert_int_equal(booth_do(&b, (struct command){.kind = CMD_REQUEUE, .ticket = old, .position = POSITION_BACK}).code,
                   REFUSE_NUMBER_TAKEN);
  assert_int_equal(booth_do(&b, (struct command){.kind = CMD_SEAT, .ticket = today}).code, 0);
  assert_int_equal(booth_do(&b, (struct command){.kind = CMD_REQUEUE, .ticket = old, .position = POSITION_BACK}).code,
                   0);
  assert_int_equal(booth_sql(&b, "SELECT v FROM meta WHERE k = 'open_floor'"), old);
  booth_restart_unchanged(&b);
  booth_stop(&b);
  booth_remove(&b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_field), cmocka_unit_test(test_before_image), cmocka_unit_test(test_settings),
      cmocka_unit_test(test_keys),        cmocka_unit_test(test_schema),       cmocka_unit_test(test_days_before),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
