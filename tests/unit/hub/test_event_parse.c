/* Parsing events and booths' requests: what is accepted and what is refused. */
#include "unit.h"

#include <stdio.h>

#include "hub/ingest/event_parse.h"
#include "hub/ingest/exchange_request.h"
#include "queue/event_json.h"

#define BOOT "90a3d0e5-f81b-4aa8-9dce-7f0848a15d4b"
#define WHEN "\"boot\":\"" BOOT "\",\"mono_ms\":1500,\"wall\":\"2026-09-11T10:03:07.250Z\",\"trusted\":true"
#define WALL INT64_C(1789120987250)
#define TICKET                                                                                                         \
  "{\"id\":7,\"number\":\"A-7\",\"n\":7,\"line\":\"a\",\"day\":2,\"state\":\"called\",\"version\":3,\"party_size\":4," \
  "\"source\":\"hub\",\"calls\":1,\"delivery\":null,\"issued_at\":\"2026-09-11T10:03:07.250Z\",\"called_at\":null,"    \
  "\"closed_at\":null,\"rank\":\"-9223372036854775808\",\"held_at\":0,\"call_event\":4294967305,\"undo\":[0,0,0]}"

static const char *parse(const char *text, int64_t seq, struct parsed_event *ret)
{
  return event_parse(text, strlen(text), seq, ret);
}

/* All members of a booth's event are parsed. */
static void test_of_a_booth(void **state)
{
  autobuf struct buf text = {0};
  struct parsed_event e;
  struct change c = {.id = INT64_C(1) << 32 | 9,
                     .cmd = INT64_C(1) << 32 | 9,
                     .type = EVENT_ISSUED,
                     .actor = 3,
                     .wall_ms = WALL,
                     .mono_ms = 1500,
                     .trusted = true};
  c.ticket = (struct ticket){.id = 7,
                             .number = 7,
                             .version = 1,
                             .day = 2,
                             .date = 20260911,
                             .party_size = 4,
                             .state = TICKET_WAITING,
                             .source = SOURCE_STAFF,
                             .line = "a",
                             .label = "A-7",
                             .issued_at = WALL,
                             .rank = INT64_MAX,
                             .held_at = INT64_C(1) << 32 | 4,
                             .token = {0xab, [15] = 0xcd}};
  change_json(&text, &c, BOOT);
  assert_null(parse(text.data, 9, &e));
  assert_int_equal(e.kind, KIND_ISSUED);
  assert_string_equal(e.type, "ticket.issued");
  assert_string_equal(e.boot, BOOT);
  assert_int_equal(e.mono_ms, 1500);
  assert_int_equal(e.wall_ms, WALL);
  assert_true(e.trusted && !e.has_remote && !e.json);
  const struct parsed_ticket *t = &e.ticket;
  assert_int_equal(t->id, 7);
  assert_int_equal(t->version, 1);
  assert_int_equal(t->day, 2);
  assert_int_equal(t->party_size, 4);
  assert_int_equal(t->issued_at, WALL);
  assert_int_equal(t->called_at, 0);
  assert_int_equal(t->rank, INT64_MAX);
  assert_int_equal(t->held_at, c.ticket.held_at);
  assert_string_equal(t->number, "A-7");
  assert_string_equal(t->state, "waiting");
  assert_string_equal(t->source, "staff");
  assert_string_equal(t->delivery, "");
  assert_true(t->has_token);
  assert_memory_equal(t->token, c.ticket.token, sizeof t->token);
}

static void test_kinds(void **state)
{
  static const struct {
    const char *text;
    enum event_kind kind;
    bool json, remote;
  } rows[] = {
      {"{\"seq\":9,\"type\":\"ticket.called\"," WHEN ",\"ticket\":" TICKET "}", KIND_CALLED, false, false},
      {"{\"seq\":9,\"type\":\"ticket.seated\"," WHEN ",\"ticket\":" TICKET ",\"new\":{\"a\":[1]}}", KIND_OTHER, false,
       false},
      {"{\"seq\":9,\"type\":\"what.comes.later\"," WHEN ",\"ticket\":null}", KIND_OTHER, false, false},
      {"{\"seq\":9,\"type\":\"booth.started\"," WHEN "}", KIND_OTHER, false, false},
      {"{\"seq\":9,\"type\":\"day.started\"," WHEN ",\"ticket\":null,\"day\":{\"id\":1}}", KIND_DAY, true, false},
      {"{\"seq\":9,\"type\":\"people.erased\"," WHEN ",\"days\":[]}", KIND_ERASED, true, false},
      {"{\"seq\":9,\"type\":\"remote.refused\"," WHEN ",\"remote\":\"000102030405060708090a0b0c0d0e0f\"}", KIND_REFUSED,
       true, true},
  };
  for (size_t i = 0; i < array_len(rows); i++) {
    struct parsed_event e;
    assert_null(parse(rows[i].text, 9, &e));
    assert_int_equal(e.kind, rows[i].kind);
    assert_int_equal(e.json != NULL, rows[i].json);
    assert_int_equal(e.has_remote, rows[i].remote);
    if (e.has_remote)
      assert_int_equal(e.remote[15], 15);
    parsed_event_done(&e);
  }
}

#define EVENT(ticket) "{\"seq\":9,\"type\":\"ticket.called\"," WHEN ",\"ticket\":" ticket "}"

/* A refused event leaves the result zeroed. */
static void test_refused(void **state)
{
  static const char *const texts[] = {
      "",
      "{}",
      "[]",
      "7",
      "{\"seq\":8,\"type\":\"x\"," WHEN "}",
      "{\"seq\":\"9\",\"type\":\"x\"," WHEN "}",
      "{\"seq\":9," WHEN "}",
      "{\"seq\":9,\"type\":7," WHEN "}",
      "{\"seq\":9,\"type\":\"a.type.that.is.longer.than.any.of.ours\"," WHEN "}",
      "{\"seq\":9,\"type\":\"x\"}",
      "{\"seq\":9,\"type\":\"x\",\"boot\":\"b\",\"mono_ms\":-1,\"wall\":null}",
      "{\"seq\":9,\"type\":\"x\",\"boot\":\"b\",\"mono_ms\":1,\"wall\":\"yesterday\"}",
      "{\"seq\":9,\"type\":\"x\"," WHEN ",\"remote\":\"00\"}",
      "{\"seq\":9,\"type\":\"x\"," WHEN ",\"remote\":7}",
      EVENT("7"),
      EVENT("{\"id\":7}"),
      EVENT("{\"id\":1.5}"),
  };
  static const struct parsed_event nothing;
  struct parsed_event e;
  for (size_t i = 0; i < array_len(texts); i++) {
    const char *why = parse(texts[i], 9, &e);
    if (!why)
      print_error("accepted: %s\n", texts[i]);
    assert_non_null(why);
    assert_memory_equal(&e, &nothing, sizeof e);
  }
  /* Each member of a ticket is needed as it is: without it, or as something else, there is no ticket. */
  static const char *const members[] = {"\"id\":7",
                                        "\"number\":\"A-7\"",
                                        "\"line\":\"a\"",
                                        "\"day\":2",
                                        "\"state\":\"called\"",
                                        "\"version\":3",
                                        "\"party_size\":4",
                                        "\"calls\":1",
                                        "\"source\":\"hub\"",
                                        "\"delivery\":null",
                                        "\"held_at\":0",
                                        "\"rank\":\"-9223372036854775808\"",
                                        "\"call_event\":4294967305"};
  for (size_t i = 0; i < array_len(members); i++)
    for (int how = 0; how < 2; how++) {
      autobuf struct buf text = {0};
      const char *whole = EVENT(TICKET), *at = strstr(whole, members[i]), *colon = strchr(members[i], ':');
      assert_non_null(at);
      buf_add(&text, whole, (size_t)(at - whole));
      if (how == 0)
        buf_str(&text, "\"other\":1");
      else
        buf_fmt(&text, "%.*s:[]", (int)(colon - members[i]), members[i]);
      buf_str(&text, at + strlen(members[i]));
      assert_non_null(parse(text.data, 9, &e));
    }
  assert_null(parse(EVENT(TICKET), 9, &e));
}

/* --- the request of an exchange --- */

static const char *read_request(const char *old, const char *new, struct exchange_request *ret, struct json **ret_json)
{
  static const char whole[] =
      "{\"epoch\":\"000102030405060708090a0b0c0d0e0f\",\"boot\":\"b\",\"sent_mono_ms\":5,\"first_seq\":11,"
      "\"head_seq\":20,\"cursor\":10,\"oldest_seq\":3,\"inbox_ack\":2,\"generation\":9,\"version\":\"1.0\","
      "\"events\":[\"a\",\"b\"],\"people\":[],\"digests\":[],\"parent\":null,\"later\":[{}]}";
  autobuf struct buf text = {0};
  struct json_error e;
  const char *at = strstr(whole, old);
  assert_non_null(at);
  buf_add(&text, whole, (size_t)(at - whole));
  buf_fmt(&text, "%s%s", new, at + strlen(old));
  assert_int_equal(json_parse(text.data, text.len, ret_json, &e), 0);
  return exchange_request_read(*ret_json, ret);
}

static void test_request(void **state)
{
  struct json *j = NULL;
  struct exchange_request q;
  assert_null(read_request("later", "later", &q, &j));
  assert_int_equal(q.n_events, 2);
  assert_int_equal(q.last_seq, 12);
  assert_int_equal(q.oldest_seq, 3);
  assert_int_equal(q.epoch[15], 15);
  assert_false(q.has_parent);
  json_free(j);
  assert_null(read_request("\"oldest_seq\":3", "\"oldest_seq\":999999", &q, &j));
  assert_int_equal(q.oldest_seq, 21); /* a gap ends where the journal does */
  json_free(j);
  assert_null(read_request("null", "{\"epoch\":\"ff0102030405060708090a0b0c0d0e0f\",\"seq\":4}", &q, &j));
  assert_true(q.has_parent && q.parent[0] == 0xff && q.parent_seq == 4);
  json_free(j);
}

static void test_request_refused(void **state)
{
  static const struct {
    const char *old, *new, *wrong;
  } rows[] = {
      {"\"epoch\":\"00", "\"epoch\":\"0x", "epoch"},
      {"\"boot\":\"b\"", "\"boot\":1", "boot"},
      {"\"cursor\":10", "\"cursor\":-1", "cursor"},
      {"\"cursor\":10", "\"cursor\":\"10\"", "cursor"},
      {"\"first_seq\":11", "\"first_seq\":9007199254740992", "first_seq"},
      {"\"head_seq\":20", "\"head_seq\":11", "head_seq"},
      {"\"generation\":9,", "", "generation"},
      {"[\"a\",\"b\"]", "[\"a\",7]", "events"},
      {"null", "{\"epoch\":\"00\",\"seq\":4}", "parent"},
      {"null", "7", "parent"},
  };
  for (size_t i = 0; i < array_len(rows); i++) {
    struct json *j = NULL;
    struct exchange_request q;
    const char *wrong = read_request(rows[i].old, rows[i].new, &q, &j);
    assert_non_null(wrong);
    assert_string_equal(wrong, rows[i].wrong);
    json_free(j);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_of_a_booth), cmocka_unit_test(test_kinds),           cmocka_unit_test(test_refused),
      cmocka_unit_test(test_request),    cmocka_unit_test(test_request_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
