/* When to speak with the hub, how much at once, and what its answers mean: arithmetic and tables, without waiting. */
#include "unit.h"

#include "sync/backoff.h"

#define NOW INT64_C(1000000000)

/* ---- pauses ---- */

static void fail_at(struct backoff *p, int64_t now, uint32_t random)
{
  backoff_try(p, now);
  backoff_done(p, SYNC_NO_ANSWER, true, 0, random, now);
}

static void test_pauses_double_within_their_bounds(void **state)
{
  (void)state;
  struct backoff p = backoff_start(NOW);
  int64_t now = NOW, low = BACKOFF_MIN_MS / 2, high = BACKOFF_MIN_MS;
  assert_int_equal(backoff_next(&p), NOW);
  for (int i = 0; i < 12; i++) {
    struct backoff least = p, most = p;
    fail_at(&least, now, 0);
    assert_int_equal(backoff_next(&least) - now, low);
    fail_at(&most, now, (uint32_t)(high / 2));
    assert_int_equal(backoff_next(&most) - now, high);
    fail_at(&p, now, (uint32_t)i * 2654435761U);
    assert_in_range(backoff_next(&p) - now, low, high);
    now = backoff_next(&p);
    high = min(high * 2, BACKOFF_MAX_MS);
    low = high / 2;
  }
  assert_int_equal(high, BACKOFF_MAX_MS);
  backoff_done(&p, SYNC_OK, false, 0, 0, now);
  fail_at(&p, now, 0);
  assert_int_equal(backoff_next(&p) - now, BACKOFF_MIN_MS / 2); /* a success forgets them */
}

static struct backoff after_many_failures(int64_t now)
{
  struct backoff p = backoff_start(now);
  for (int i = 0; i < 10; i++)
    fail_at(&p, now, UINT32_MAX);
  assert_true(backoff_next(&p) > now + BACKOFF_MAX_MS / 3);
  return p;
}

static void test_events_gather_and_wait_for_the_pause(void **state)
{
  (void)state;
  struct backoff p = backoff_start(NOW);
  backoff_try(&p, NOW);
  backoff_done(&p, SYNC_OK, false, 0, 0, NOW);
  backoff_wake(&p, SYNC_WAKE_CHANGED, NOW);
  backoff_wake(&p, SYNC_WAKE_CHANGED, NOW + 900); /* company does not put it off */
  assert_int_equal(backoff_next(&p), NOW + BACKOFF_GATHER_MS);
  backoff_wake(&p, SYNC_WAKE_CALL, NOW + 950);
  assert_int_equal(backoff_next(&p), NOW + 950);

  p = after_many_failures(NOW);
  int64_t due = backoff_next(&p);
  backoff_wake(&p, SYNC_WAKE_CHANGED, NOW + 1);
  assert_int_equal(backoff_next(&p), due);
}

static void test_a_call_cuts_the_pause_short_every_15_s(void **state)
{
  (void)state;
  struct backoff p = after_many_failures(NOW);
  backoff_wake(&p, SYNC_WAKE_CALL, NOW + 1);
  assert_int_equal(backoff_next(&p), NOW + 1);
  fail_at(&p, NOW + 1, UINT32_MAX);
  assert_in_range(backoff_next(&p), NOW + 1 + BACKOFF_MIN_MS / 2, NOW + 1 + BACKOFF_MIN_MS);
  for (int i = 0; i < 8; i++)
    fail_at(&p, NOW + 1, UINT32_MAX);
  for (int i = 0; i < 5; i++)
    backoff_wake(&p, SYNC_WAKE_CALL, NOW + 100 + i);
  assert_int_equal(backoff_next(&p), NOW + 1 + BACKOFF_CALL_MS);
  for (int i = 0; i < 10; i++)
    fail_at(&p, NOW + 1 + BACKOFF_CALL_MS, UINT32_MAX);
  backoff_wake(&p, SYNC_WAKE_CALL, NOW + 2 + BACKOFF_CALL_MS);
  assert_int_equal(backoff_next(&p), NOW + 1 + 2 * BACKOFF_CALL_MS);
}

static void test_a_route_and_a_tap_begin_anew(void **state)
{
  (void)state;
  for (enum sync_wake_reason why = SYNC_WAKE_MANUAL; why <= SYNC_WAKE_ROUTE; why++) {
    struct backoff p = after_many_failures(NOW);
    backoff_wake(&p, why, NOW + 5000);
    assert_int_equal(backoff_next(&p), NOW + 5000);
    fail_at(&p, NOW + 5000, 0);
    assert_int_equal(backoff_next(&p), NOW + 5000 + BACKOFF_MIN_MS / 2);
  }
  struct backoff p = backoff_start(NOW);
  fail_at(&p, NOW, 0);
  for (int i = 0; i < 20; i++)
    backoff_wake(&p, SYNC_WAKE_MANUAL, NOW + i);
  assert_int_equal(backoff_next(&p), NOW + BACKOFF_TAP_MS); /* a drumming finger is no flood */
}

static void test_what_the_hub_asks_for_only_a_tap_cuts_short(void **state)
{
  (void)state;
  static const struct {
    enum sync_result result;
    int64_t retry_after_ms, least;
  } cases[] = {{SYNC_BUSY, 600000, 600000}, {SYNC_CREDENTIALS, 0, BACKOFF_REFUSED_MS}};
  for (size_t i = 0; i < array_len(cases); i++) {
    struct backoff p = backoff_start(NOW);
    backoff_try(&p, NOW);
    backoff_done(&p, cases[i].result, true, cases[i].retry_after_ms, 0, NOW);
    assert_int_equal(backoff_next(&p), NOW + cases[i].least);
    backoff_wake(&p, SYNC_WAKE_CALL, NOW + 20000);
    backoff_wake(&p, SYNC_WAKE_ROUTE, NOW + 20000);
    assert_int_equal(backoff_next(&p), NOW + cases[i].least);
    backoff_wake(&p, SYNC_WAKE_MANUAL, NOW + 30000);
    assert_true(backoff_next(&p) <= NOW + 30000);
  }
  struct backoff p = backoff_start(NOW);
  backoff_done(&p, SYNC_BUSY, true, 0, 0, NOW);
  assert_int_equal(backoff_next(&p), NOW + BACKOFF_MIN_MS / 2); /* busy, and nothing said */
}

static void test_asks_the_hub_often_while_something_happens(void **state)
{
  (void)state;
  struct backoff p = backoff_start(NOW);
  backoff_done(&p, SYNC_OK, true, 0, 0, NOW + 10);
  assert_int_equal(backoff_next(&p), NOW + 10); /* a backlog goes on at once */
  backoff_done(&p, SYNC_OK, false, 0, 0, NOW + BACKOFF_ACTIVE_MS - 1);
  assert_int_equal(backoff_next(&p), NOW + BACKOFF_ACTIVE_MS - 1 + BACKOFF_POLL_MS);
  backoff_done(&p, SYNC_OK, false, 0, 0, NOW + BACKOFF_ACTIVE_MS);
  assert_int_equal(backoff_next(&p), NOW + BACKOFF_ACTIVE_MS + BACKOFF_IDLE_MS);
}

/* ---- how much ---- */

/* A link of so many bytes per second and a hub that needs 50 ms. */
static int64_t carry(struct batch_size *l, int64_t rate, size_t backlog)
{
  size_t text = min(batch_size_text(l), backlog), packed = text * 2 / 10 + 300;
  int64_t took_ms = (int64_t)packed * 1000 / rate + 50;
  batch_size_sent(l, (int64_t)text / 400, text, packed, (int64_t)packed + 600, took_ms);
  return took_ms;
}

static void test_batches_grow_to_20_s_of_the_link(void **state)
{
  (void)state;
  static const int64_t rates[] = {500, 3000, 25000, 1000000};
  for (size_t i = 0; i < array_len(rates); i++) {
    struct batch_size l = batch_size_start();
    int64_t took_ms = 0;
    for (int k = 0; k < 8; k++)
      took_ms = carry(&l, rates[i], SIZE_MAX);
    assert_true(took_ms < BATCH_SIZE_TARGET_MS * 5 / 4);
    assert_true(took_ms > BATCH_SIZE_TARGET_MS * 3 / 4 || batch_size_text(&l) >= 3 * 1024 * 1024);
    assert_true(batch_size_text(&l) <= 3 * 1024 * 1024);
  }
}

static void test_small_ones_tell_little_and_failures_halve(void **state)
{
  (void)state;
  struct batch_size l = batch_size_start();
  size_t first = batch_size_text(&l);
  for (int i = 0; i < 5; i++)
    carry(&l, 1000000, 0);
  assert_int_equal(batch_size_text(&l), first);
  batch_size_failed(&l);
  assert_in_range(batch_size_text(&l), first / 2 - 8, first / 2 + 8);
  for (int i = 0; i < 20; i++)
    batch_size_failed(&l);
  assert_true(batch_size_text(&l) >= 4096); /* a few events go through any link */
}

/* ---- who answered ---- */

#define BUNDLE  "application/vnd.boothd.bundle"
#define PROBLEM "application/problem+json"

static void test_answers_are_told_apart(void **state)
{
  (void)state;
  static const struct {
    enum http_client_end end;
    int status;
    const char *type, *body;
    enum sync_result result;
    const char *code;
  } cases[] = {
      {HTTP_CLIENT_ANSWERED, 200, BUNDLE, "x", SYNC_OK, ""},
      {HTTP_CLIENT_ANSWERED, 200, "text/html", "<title>Welcome</title>", SYNC_CAPTIVE, ""},
      {HTTP_CLIENT_ANSWERED, 204, "", "", SYNC_CAPTIVE, ""},
      {HTTP_CLIENT_TOO_LARGE, 200, "text/html", "x", SYNC_CAPTIVE, ""},
      {HTTP_CLIENT_TOO_LARGE, 403, PROBLEM, "{", SYNC_BLOCKED, ""},
      {HTTP_CLIENT_ANSWERED, 302, "text/html", "", SYNC_CAPTIVE, ""},
      {HTTP_CLIENT_ANSWERED, 511, "text/html", "", SYNC_CAPTIVE, ""},
      {HTTP_CLIENT_ANSWERED, 403, "text/html", "Blocked", SYNC_BLOCKED, ""},
      {HTTP_CLIENT_ANSWERED, 403, PROBLEM, "{\"title\":\"no\"}", SYNC_BLOCKED, ""},
      {HTTP_CLIENT_ANSWERED, 403, PROBLEM, "{\"code\":\"revoked\"", SYNC_BLOCKED, ""},
      {HTTP_CLIENT_ANSWERED, 403, PROBLEM, "{\"code\":\"revoked\"}", SYNC_CREDENTIALS, "revoked"},
      {HTTP_CLIENT_ANSWERED, 401, PROBLEM, "{\"code\":\"unknown_key\"}", SYNC_CREDENTIALS, "unknown_key"},
      {HTTP_CLIENT_ANSWERED, 401, "text/html", "", SYNC_BLOCKED, ""},
      {HTTP_CLIENT_ANSWERED, 407, "text/html", "", SYNC_BLOCKED, ""},
      {HTTP_CLIENT_ANSWERED, 429, PROBLEM, "{\"code\":\"rate_limited\"}", SYNC_BUSY, "rate_limited"},
      {HTTP_CLIENT_ANSWERED, 503, "text/plain", "", SYNC_BUSY, ""},
      {HTTP_CLIENT_ANSWERED, 400, PROBLEM, "{\"code\":\"bad_bundle\"}", SYNC_HUB_ERROR, "bad_bundle"},
      {HTTP_CLIENT_ANSWERED, 502, "text/html", "", SYNC_HUB_ERROR, ""},
      {HTTP_CLIENT_ANSWERED, 404, "text/html", "", SYNC_HUB_ERROR, ""},
      {HTTP_CLIENT_CERTIFICATE, 0, "", "", SYNC_CERTIFICATE, ""},
      {HTTP_CLIENT_NO_ROUTE, 0, "", "", SYNC_NO_ROUTE, ""},
      {HTTP_CLIENT_NO_ANSWER, 200, BUNDLE, "x", SYNC_NO_ANSWER, ""},
      {HTTP_CLIENT_STOPPED, 0, "", "", SYNC_STOPPED, ""},
  };
  for (size_t i = 0; i < array_len(cases); i++) {
    struct http_client_response a = {.end = cases[i].end, .status = cases[i].status};
    char code[40];
    strcpy(a.type, cases[i].type);
    buf_str(&a.body, cases[i].body);
    enum sync_result o = sync_result_of(&a, BUNDLE, code);
    if (o != cases[i].result || strcmp(code, cases[i].code) != 0)
      fail_msg("case %zu: %s \"%s\"", i, sync_result_names[o], code);
    http_client_response_done(&a);
  }
}

static void test_another_address_is_tried_unless_the_hub_spoke(void **state)
{
  (void)state;
  for (enum sync_result o = SYNC_OK; o < SYNC_RESULTS; o++)
    assert_int_equal(sync_result_try_next(o), o >= SYNC_NO_ROUTE && o <= SYNC_CERTIFICATE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_pauses_double_within_their_bounds),
      cmocka_unit_test(test_events_gather_and_wait_for_the_pause),
      cmocka_unit_test(test_a_call_cuts_the_pause_short_every_15_s),
      cmocka_unit_test(test_a_route_and_a_tap_begin_anew),
      cmocka_unit_test(test_what_the_hub_asks_for_only_a_tap_cuts_short),
      cmocka_unit_test(test_asks_the_hub_often_while_something_happens),
      cmocka_unit_test(test_batches_grow_to_20_s_of_the_link),
      cmocka_unit_test(test_small_ones_tell_little_and_failures_halve),
      cmocka_unit_test(test_answers_are_told_apart),
      cmocka_unit_test(test_another_address_is_tried_unless_the_hub_spoke),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
