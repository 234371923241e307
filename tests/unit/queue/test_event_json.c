/* The JSON of tickets and events, byte for byte, because hubs hash it. */
#include "unit.h"

#include "queue/event_json.h"

#include <errno.h>

static struct ticket sample(void)
{
  struct ticket t = {
      .id = 1042,
      .number = 12,
      .version = 3,
      .day = 2,
      .date = 20260911,
      .actor = 7,
      .party_size = 4,
      .calls = 1,
      .state = TICKET_CALLED,
      .source = SOURCE_STAFF,
      .delivery = DELIVERY_FAILED,
      .line = "a",
      .label = "A-12",
      .issued_at = INT64_C(1789120987250),
      .called_at = INT64_C(1789121000000),
      .rank = INT64_C(-4611686018427387904),
      .call_event = (INT64_C(1) << 32) | 57,
      .undo = {(INT64_C(1) << 32) | 57, 0, 0},
      .token = {0xab, 0xcd},
  };
  return t;
}

static void assert_text(struct buf *b, const char *expected)
{
  assert_string_equal(b->data, expected);
  buf_clear(b);
}

static void test_views(void **state)
{
  autobuf struct buf b = {0};
  struct ticket t = sample();
  t.person = person_new("민\"아", NULL, "x");
  ticket_json(&b, NULL, &t, TICKET_STAFF, NULL);
  assert_text(&b, "{\"id\":1042,\"number\":\"A-12\",\"line\":\"a\",\"day\":\"2026-09-11\",\"state\":\"called\","
                  "\"version\":3,\"party_size\":4,\"name\":\"민\\\"아\",\"phone\":null,\"note\":\"x\","
                  "\"source\":\"staff\",\"position\":null,\"calls\":1,\"delivery\":\"failed\","
                  "\"issued_at\":\"2026-09-11T10:03:07.250Z\",\"called_at\":\"2026-09-11T10:03:20.000Z\","
                  "\"closed_at\":null,\"estimate\":null,\"held\":false,\"undo_seq\":57,\"actor\":\"device:7\","
                  "\"by\":null,\"token\":\"abcd0000000000000000000000000000\"}");
  t.state = TICKET_WAITING;
  t.undo[UNDO_TRANSITION] = 0;
  struct ticket_context context = {.position = 3, .held = true, .estimate = {600, 900}, .by = "Mina"};
  ticket_json(&b, "ticket", &t, TICKET_STAFF, &context);
  assert_non_null(strstr(b.data, "\"position\":3,"));
  assert_non_null(strstr(b.data, "\"estimate\":{\"low_s\":600,\"high_s\":900},\"held\":true,\"undo_seq\":null,"));
  assert_non_null(strstr(b.data, "\"by\":\"Mina\""));
  buf_clear(&b);
  ticket_json(&b, NULL, &t, TICKET_BOARD, &context);
  assert_text(&b, "{\"id\":1042,\"number\":\"A-12\",\"line\":\"a\",\"state\":\"waiting\",\"calls\":1,"
                  "\"called_at\":\"2026-09-11T10:03:20.000Z\",\"call_seq\":57}");
  person_unref(t.person);
}

#define HEAD(type)                                                                                                     \
  "{\"seq\":58,\"cmd\":57,\"type\":\"" type "\",\"boot\":\"b0\",\"mono_ms\":9000,"                                     \
  "\"wall\":\"2026-09-11T10:03:20.000Z\",\"trusted\":false,\"actor\":\"timer\",\"ticket\":"
#define JOURNAL                                                                                                        \
  "{\"id\":1042,\"number\":\"A-12\",\"n\":12,\"line\":\"a\",\"day\":2,\"state\":\"called\",\"version\":3,"             \
  "\"party_size\":4,\"source\":\"staff\",\"calls\":1,\"delivery\":\"failed\","                                         \
  "\"issued_at\":\"2026-09-11T10:03:07.250Z\",\"called_at\":\"2026-09-11T10:03:20.000Z\",\"closed_at\":null,"          \
  "\"rank\":\"-4611686018427387904\",\"held_at\":0,\"call_event\":4294967353,\"undo\":[4294967353,0,0]"

static struct change event(enum event_type type)
{
  return (struct change){.id = (INT64_C(1) << 32) | 58,
                         .cmd = (INT64_C(1) << 32) | 57,
                         .type = type,
                         .actor = ACTOR_TIMER,
                         .wall_ms = INT64_C(1789121000000),
                         .mono_ms = 9000};
}

static void test_events(void **state)
{
  autobuf struct buf b = {0};
  struct change c = event(EVENT_CALLED);
  c.ticket = sample();
  c.ticket.person = person_new("Mina", "010", "secret");
  change_json(&b, &c, "b0");
  assert_text(&b, HEAD("ticket.called") JOURNAL "}}"); /* no personal data, no token */
  c.type = EVENT_RESTORED;
  c.undoes = (INT64_C(1) << 32) | 50;
  change_json(&b, &c, "b0");
  assert_text(&b, HEAD("ticket.restored") JOURNAL "},\"undoes\":50}");
  c.type = EVENT_ISSUED;
  c.undoes = 0;
  change_json(&b, &c, "b0");
  assert_text(&b, HEAD("ticket.issued") JOURNAL ",\"token\":\"abcd0000000000000000000000000000\"}}");
  change_done(&c);

  c = event(EVENT_INTAKE);
  c.intake = (struct intake){.state = INTAKE_PAUSED, .resume_at = INT64_C(1789121600000), .resume_mono = 1};
  change_json(&b, &c, "b0");
  assert_text(&b, HEAD("intake.changed") "null,\"intake\":{\"state\":\"paused\",\"resume_at\":"
                                         "\"2026-09-11T10:13:20.000Z\"}}");
  c = event(EVENT_DAY);
  c.day = (struct day){.id = 3, .date = 20260912, .trusted = true};
  change_json(&b, &c, "b0");
  assert_text(&b, HEAD("day.started") "null,\"day\":{\"id\":3,\"date\":\"2026-09-12\",\"trusted\":true}}");
  c = event(EVENT_CLOCK);
  c.detail = INT64_C(1789121600000);
  change_json(&b, &c, "b0");
  assert_text(&b, HEAD("clock.stepped") "null,\"old\":\"2026-09-11T10:13:20.000Z\"}");
  c = event(EVENT_EPOCH);
  c.epoch_snapshot = xcalloc(1, sizeof(struct epoch_snapshot) + sizeof(struct ticket));
  change_json(&b, &c, "b0");
  assert_text(&b, HEAD("epoch.started") "null,\"parent\":null,\"active\":[]}");
  util_copy(c.epoch_snapshot->parent, sizeof c.epoch_snapshot->parent, "0badcafe");
  c.epoch_snapshot->parent_seq = 99;
  c.epoch_snapshot->n = 1;
  c.epoch_snapshot->active[0] = sample();
  change_json(&b, &c, "b0");
  assert_text(&b, HEAD("epoch.started") "null,\"parent\":{\"epoch\":\"0badcafe\",\"seq\":99},\"active\":[" JOURNAL
                                        ",\"token\":\"abcd0000000000000000000000000000\"}]}");
  change_done(&c);
  c = event(EVENT_BOOTED);
  change_json(&b, &c, "b0");
  assert_text(&b, HEAD("booth.started") "null}");
}

/* Events for the hub. */
static void test_hub_events(void **state)
{
  autobuf struct buf b = {0};
  struct change c = event(EVENT_ISSUED);
  c.actor = ACTOR_HUB;
  c.ticket = sample();
  c.remote = xnew(struct remote);
  util_copy(c.remote->id, sizeof c.remote->id, "c0ffee");
  change_json(&b, &c, "b0");
  assert_non_null(strstr(b.data, "\"actor\":\"hub\",\"ticket\":" JOURNAL
                                 ",\"token\":\"abcd0000000000000000000000000000\"},\"remote\":\"c0ffee\"}"));
  buf_clear(&b);
  c.type = EVENT_REFUSED;
  c.actor = ACTOR_TIMER;
  c.ticket = (struct ticket){0};
  util_copy(c.remote->item, sizeof c.remote->item, "remote.join");
  util_copy(c.remote->code, sizeof c.remote->code, "queue_full");
  change_json(&b, &c, "b0");
  assert_text(&b, HEAD("remote.refused") "null,\"remote\":\"c0ffee\",\"item\":\"remote.join\","
                                         "\"code\":\"queue_full\"}");
  c.type = EVENT_MESSAGE;
  c.message = xnew(struct notice);
  util_copy(c.message->text, sizeof c.message->text, "to be seen at the booth only");
  change_json(&b, &c, "b0");
  assert_text(&b, HEAD("message.received") "null,\"remote\":\"c0ffee\"}");
  change_done(&c);

  c = event(EVENT_ERASED);
  c.erased = xnew(struct erased_days);
  *c.erased = (struct erased_days){2, {{3, 20260911}, {4, 20260912}}};
  change_json(&b, &c, "b0");
  assert_text(&b, HEAD("people.erased") "null,\"days\":[{\"id\":3,\"date\":\"2026-09-11\"},"
                                        "{\"id\":4,\"date\":\"2026-09-12\"}]}");
  change_done(&c);
}

static void test_settings_text(void **state)
{
  autobuf struct buf b = {0};
  struct settings s = {.name = "주막",
                       .welcome = "hi",
                       .lines = {{"a", "2인석", "A"}, {"b", "포장", ""}},
                       .n_lines = 2,
                       .languages = {"ko"},
                       .double_press = true,
                       .no_show_after_s = 300,
                       .cutover_min = 365};
  struct change c = event(EVENT_SETTINGS);
  c.settings = &s;
  change_json(&b, &c, "b0");
  assert_text(&b, HEAD("settings.changed") "null,\"settings\":{\"name\":\"주막\",\"lines\":[{\"id\":\"a\",\"name\":"
                                           "\"2인석\",\"prefix\":\"A\"},{\"id\":\"b\",\"name\":\"포장\",\"prefix\":"
                                           "\"\"}],\"no_show_after_s\":300,\"cutover\":\"06:05\",\"languages\":["
                                           "\"ko\"],\"texts\":{\"welcome\":\"hi\",\"closed\":\"\"},\"panel\":{"
                                           "\"double_press\":true}}}");
}

static void test_actors(void **state)
{
  static const int32_t actors[] = {ACTOR_NONE, ACTOR_BUTTON, ACTOR_TIMER, ACTOR_HUB, ACTOR_CLI, 1, 7, INT32_MAX};
  for (size_t i = 0; i < array_len(actors); i++) {
    char text[24];
    int32_t back = 99;
    actor_text(text, actors[i]);
    assert_int_equal(actor_parse(text, &back), 0);
    assert_int_equal(back, actors[i]);
  }
  static const char *const wrong[] = {"",      "device:",  "device:0", "device:-1", "device:2147483648",
                                      "Timer", "device:7 "};
  for (size_t i = 0; i < array_len(wrong); i++) {
    int32_t back = 99;
    assert_int_equal(actor_parse(wrong[i], &back), -EINVAL);
    assert_int_equal(back, 99);
  }
}

static void test_names(void **state)
{
  for (int i = 0; i < EVENT_TYPES; i++)
    assert_non_null(event_names[i]);
  for (int i = 0; i < CMD_KINDS; i++)
    assert_non_null(command_specs[i].name);
  struct person *p = person_new(NULL, NULL, NULL);
  assert_null(p);
  person_unref(person_ref(p));
  p = person_new("", NULL, "b");
  assert_string_equal(p->name, "");
  assert_null(p->phone);
  assert_string_equal(p->note, "b");
  person_unref(person_ref(p));
  person_unref(p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_views),         cmocka_unit_test(test_events), cmocka_unit_test(test_hub_events),
      cmocka_unit_test(test_settings_text), cmocka_unit_test(test_actors), cmocka_unit_test(test_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
