/* The stored enrolment, which events are sent next, and when maintenance is due: without a network. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/random.h"
#include "base/seal.h"
#include "config/config.h"
#include "store/files.h"
#include "sync/enrolment.h"
#include "sync/plan.h"
#include "worker/maintenance.h"

/* --- which events are sent next --- */

#define FIT 100

static struct sync_journal journal(int64_t acked, int64_t last, int64_t newest_call)
{
  struct sync_journal j = {.state = {.generation = 7, .ordinal = 3}, .n_epochs = 1, .newest_call = newest_call};
  j.epochs[0] = (struct journal_epoch){
      .ordinal = 3, .id = "e3", .first_seq = 1, .last_seq = last, .head_seq = last, .generation = 7, .acked = acked};
  return j;
}

static void add_epoch(struct sync_journal *j, int64_t ordinal, int64_t first, int64_t last, int64_t acked,
                      int64_t generation)
{
  j->epochs[j->n_epochs++] = (struct journal_epoch){.ordinal = ordinal,
                                                    .first_seq = first,
                                                    .last_seq = last,
                                                    .head_seq = last,
                                                    .acked = acked,
                                                    .generation = generation};
}

static void assert_pick(const struct sync_pick *k, int64_t ordinal, int64_t from, bool some)
{
  assert_non_null(k->epoch);
  assert_int_equal(k->epoch->ordinal, ordinal);
  assert_int_equal(k->from, from);
  assert_int_equal(k->most > 0, some);
}

static void test_empty_request_is_for_the_latest_epoch(void **state)
{
  struct sync_plan p = {0};
  struct sync_journal j = journal(40, 40, 0), none = {0};
  struct sync_pick k = sync_plan_pick(&p, &j, FIT);
  assert_pick(&k, 3, 41, false);
  assert_false(sync_plan_more(&p, &j));
  k = sync_plan_pick(&p, &none, FIT);
  assert_null(k.epoch);
}

static void test_the_latest_epoch_first_then_those_before_it(void **state)
{
  struct sync_plan p = {0};
  struct sync_journal j = journal(10, 12, 0);
  add_epoch(&j, 2, 5, 9, 0, 7); /* events below 5 were compacted */
  add_epoch(&j, 1, 1, 4, 4, 7);
  struct sync_pick k = sync_plan_pick(&p, &j, FIT);
  assert_pick(&k, 3, 11, true);
  j.epochs[0].acked = 12;
  assert_true(sync_plan_more(&p, &j));
  k = sync_plan_pick(&p, &j, FIT);
  assert_pick(&k, 2, 5, true);
  j.epochs[1].acked = 9;
  assert_false(sync_plan_more(&p, &j));
}

/* The hub stores events beyond a gap, and acknowledges the unbroken run. Returns how many events were sent. */
static int64_t send_everything(struct sync_plan *p, struct sync_journal *j, bool has[], int64_t order[], size_t *ret_n)
{
  int64_t sent = 0;
  for (*ret_n = 0; sync_plan_more(p, j) && *ret_n < 64; ++*ret_n) {
    struct sync_pick k = sync_plan_pick(p, j, FIT);
    int64_t most = min(k.most, FIT), next = min(k.from + most, k.epoch->last_seq + 1);
    assert_true(next > k.from);
    order[*ret_n] = k.from;
    sent += next - k.from;
    for (int64_t i = k.from; i < next; i++)
      has[i] = true;
    sync_plan_sent(p, &k, next);
    while (has[j->epochs[0].acked + 1])
      j->epochs[0].acked++;
    if (j->newest_call <= j->epochs[0].acked)
      j->newest_call = 0;
  }
  return sent;
}

static void test_a_call_overtakes_a_backlog(void **state)
{
  struct sync_plan p = {0};
  struct sync_journal j = journal(0, 1000, 990);
  bool has[1100] = {false};
  int64_t order[64];
  size_t n;
  struct sync_pick k = sync_plan_pick(&p, &j, FIT);
  assert_pick(&k, 3, 951, true);
  assert_true(k.tail);
  assert_int_equal(send_everything(&p, &j, has, order, &n), 1000); /* nothing twice */
  assert_int_equal(j.epochs[0].acked, 1000);
  assert_int_equal(order[0], 951);
  assert_int_equal(order[1], 1);
  assert_int_equal(n, 11);
}

static void test_a_call_that_fits_waits_its_turn(void **state)
{
  struct sync_plan p = {0};
  struct sync_journal j = journal(500, 560, 555);
  struct sync_pick k = sync_plan_pick(&p, &j, FIT);
  assert_pick(&k, 3, 501, true);
  assert_false(k.tail);
}

static void test_a_second_call_overtakes_again_and_an_old_one_is_reached(void **state)
{
  struct sync_plan p = {0};
  struct sync_journal j = journal(0, 1000, 700); /* the call lies before the newest half batch */
  struct sync_pick k = sync_plan_pick(&p, &j, FIT);
  assert_pick(&k, 3, 700, true);
  sync_plan_sent(&p, &k, 800);
  k = sync_plan_pick(&p, &j, FIT);
  assert_pick(&k, 3, 1, true); /* the hub has that call */
  j.epochs[0].last_seq = j.epochs[0].head_seq = 1010;
  j.newest_call = 1010;
  k = sync_plan_pick(&p, &j, FIT);
  assert_pick(&k, 3, 961, true);
  sync_plan_sent(&p, &k, 1011);
  bool has[1100] = {false};
  int64_t order[64];
  size_t n;
  for (int i = 700; i < 800; i++)
    has[i] = true;
  for (int i = 961; i <= 1010; i++)
    has[i] = true;
  send_everything(&p, &j, has, order, &n);
  assert_int_equal(j.epochs[0].acked, 1010);
}

static void test_another_hub_is_asked_for_its_cursor(void **state)
{
  struct sync_plan p = {0};
  struct sync_journal j = journal(0, 1000, 0);
  add_epoch(&j, 2, 1, 30, 0, 6);
  j.epochs[0].generation = 6;
  struct sync_pick k = sync_plan_pick(&p, &j, FIT);
  assert_pick(&k, 3, 1, false); /* a long epoch: first fetches the cursor */
  j.epochs[0].generation = 7;
  j.epochs[0].acked = 1000;
  k = sync_plan_pick(&p, &j, FIT);
  assert_pick(&k, 2, 1, true); /* a short one: sent again */
}

static void test_the_hub_may_have_more_of_an_older_epoch(void **state)
{
  struct sync_plan p = {0};
  struct sync_journal j = journal(12, 12, 0);
  add_epoch(&j, 2, 5, 300, 80, 7);
  struct sync_pick k = sync_plan_pick(&p, &j, FIT);
  assert_pick(&k, 2, 81, true);
  assert_int_equal(sync_plan_acked(&j, &k, 181, 7, 90), 90);
  assert_int_equal(sync_plan_acked(&j, &k, 181, 7, 300), 300);
  assert_int_equal(sync_plan_acked(&j, &k, 181, 7, 301), 180); /* not more than was sent */
  assert_int_equal(sync_plan_acked(&j, &k, 181, 8, 301), 0);   /* less was sent to another generation */
  for (int i = 0; i < 8 && sync_plan_more(&p, &j); i++) {
    k = sync_plan_pick(&p, &j, FIT);
    const int64_t next = min(k.from + min(k.most, FIT), 301);
    sync_plan_sent(&p, &k, next);
    j.epochs[1].acked = sync_plan_acked(&j, &k, next, 7, 400);
  }
  assert_int_equal(j.epochs[1].acked, 300);
  assert_false(sync_plan_more(&p, &j));
  sync_plan_again(&p, (struct sync_range){2, 200, 210});
  j.epochs[1].acked = 300;
  k = sync_plan_pick(&p, &j, FIT);
  assert_int_equal(sync_plan_acked(&j, &k, 211, 7, 400), 300); /* not less than before */
  j.epochs[1].acked = 0;
  j.epochs[1].generation = 6;
  k = sync_plan_pick(&p, &j, FIT);
  assert_pick(&k, 2, 5, false); /* asked for its cursor */
  assert_int_equal(sync_plan_acked(&j, &k, k.from, 7, 400), 4);
  k.epoch = &j.epochs[0];
  assert_int_equal(sync_plan_acked(&j, &k, 13, 7, 13), -1); /* a conflict */
}

static void test_days_that_differ_are_sent_again_once(void **state)
{
  struct sync_plan p = {0};
  struct sync_journal j = journal(1000, 1000, 0);
  add_epoch(&j, 2, 1, 80, 80, 7);
  sync_plan_compare(&p, &j, INT64_MAX);
  struct sync_pick k = sync_plan_pick(&p, &j, FIT);
  assert_true(k.compare);
  assert_pick(&k, 3, 1001, false);
  sync_plan_again(&p, (struct sync_range){3, 200, 450});
  sync_plan_again(&p, (struct sync_range){2, 5, 6});
  sync_plan_again(&p, (struct sync_range){3, 6, 5}); /* nonsense */
  sync_plan_compare(&p, &j, 3);
  assert_int_equal(p.compare_ordinal, 2);
  sync_plan_compare(&p, &j, 2);
  assert_int_equal(p.compare_ordinal, 0);
  assert_int_equal(p.n_again, 2);
  const int64_t from[] = {200, 300, 400, 5}, ordinal[] = {3, 3, 3, 2};
  for (size_t i = 0; i < array_len(from); i++) {
    assert_true(sync_plan_more(&p, &j));
    k = sync_plan_pick(&p, &j, FIT);
    assert_pick(&k, ordinal[i], from[i], true);
    sync_plan_sent(&p, &k, k.from + min(k.most, 100));
  }
  assert_false(sync_plan_more(&p, &j));
  sync_plan_again(&p, (struct sync_range){1, 5, 6}); /* a range of an unknown epoch is dropped */
  k = sync_plan_pick(&p, &j, FIT);
  sync_plan_sent(&p, &k, k.from);
  assert_false(sync_plan_more(&p, &j));
}

/* --- when maintenance is due --- */

#define HOUR INT64_C(3600000)
#define NOON (INT64_C(1789000000000) / 86400000 * 86400000 + 12 * HOUR) /* UTC, and local here */

static bool due(bool trusted, int hour, int minute, int64_t last_wall, int64_t last_mono, int64_t mono)
{
  const struct maintenance_window w = {4 * 60, 6 * 60};
  const struct maintenance_times t = {trusted, hour * 60 + minute, NOON + (hour - 12) * HOUR + minute * 60000,
                                      mono,    last_wall,          last_mono};
  return maintenance_due(&w, &t);
}

static void test_by_a_trusted_clock_the_window_counts(void **state)
{
  const int64_t last_night = NOON - 31 * HOUR; /* 5:00 yesterday */
  assert_false(due(true, 3, 59, last_night, 0, 100 * HOUR));
  assert_true(due(true, 4, 0, last_night, 0, HOUR));
  assert_true(due(true, 5, 59, last_night, 0, HOUR));
  assert_false(due(true, 6, 0, last_night, 0, HOUR));
  assert_false(due(true, 5, 0, NOON - 8 * HOUR + 60000, 0, HOUR)); /* done at 4:01 of this night */
  assert_true(due(true, 4, 0, NOON - 9 * HOUR, 0, HOUR));          /* at 3:00, by hand */
  assert_false(due(true, 20, 0, NOON - 35 * HOUR, 0, HOUR));       /* last night was missed: not now */
  assert_true(due(true, 20, 0, NOON - 36 * HOUR, 0, HOUR));        /* now it is */
}

static void test_a_window_spans_midnight(void **state)
{
  const struct maintenance_window w = {23 * 60 + 30, 60};
  struct maintenance_times t = {
      .trusted = true, .now_min = 23 * 60 + 29, .wall_ms = NOON, .last_wall = NOON - 20 * HOUR};
  assert_false(maintenance_due(&w, &t));
  t.now_min = 23 * 60 + 30;
  assert_true(maintenance_due(&w, &t));
  t.now_min = 59;
  assert_true(maintenance_due(&w, &t));
  t.last_wall = NOON - HOUR; /* in this very window */
  assert_false(maintenance_due(&w, &t));
  t.now_min = 60;
  t.last_wall = NOON - 20 * HOUR;
  assert_false(maintenance_due(&w, &t));
}

static void test_without_a_trusted_clock_twenty_hours_count(void **state)
{
  const int64_t now = NOON - 7 * HOUR; /* 5:00 */
  assert_false(due(false, 5, 0, now - 10 * HOUR, 90 * HOUR, 100 * HOUR));
  assert_true(due(false, 5, 0, now - 10 * HOUR, 80 * HOUR, 100 * HOUR));
  assert_false(due(false, 5, 0, now - 10 * HOUR, 0, 19 * HOUR)); /* another boot since */
  assert_true(due(false, 5, 0, now - 20 * HOUR, 0, HOUR));
}

static void test_windows_are_read_strictly(void **state)
{
  int from = -1, to = -1;
  assert_int_equal(config_parse_window("04:00-06:30", &from, &to), 0);
  assert_int_equal(from, 240);
  assert_int_equal(to, 390);
  static const char *const wrong[] = {"",
                                      "04:00",
                                      "4:00-6:00",
                                      "04:00-04:00",
                                      "24:00-06:00",
                                      "04:60-06:00",
                                      "04.00-06:00",
                                      "04:00-06:000",
                                      "-4:00-06:00",
                                      "04:00 06:00"};
  for (size_t i = 0; i < array_len(wrong); i++)
    if (config_parse_window(wrong[i], &from, &to) != -EINVAL)
      fail_msg("\"%s\" was taken", wrong[i]);
  assert_int_equal(from, 240);
}

static void test_addresses_of_hubs(void **state)
{
  static const char *const good[] = {"https://hub.example", "https://hub.example:8443/path", "http://127.0.0.1:80",
                                     "http://[::1]:8080"};
  static const char *const bad[] = {"",
                                    "https://",
                                    "https:///x",
                                    "http://hub.example",
                                    "http://127.0.0.1.evil.example:80",
                                    "http://127.0.0.1",
                                    "ftp://127.0.0.1:1",
                                    "https://a b",
                                    "https://hub.example/?q"};
  for (size_t i = 0; i < array_len(good); i++)
    assert_null(config_check_url(good[i]));
  for (size_t i = 0; i < array_len(bad); i++)
    if (!config_check_url(bad[i]))
      fail_msg("\"%s\" was taken", bad[i]);
}

/* --- the enrolment --- */

static char dir[64];

static int make_dir(void **state)
{
  strcpy(dir, "/tmp/boothd-unit-XXXXXX");
  return random_start() < 0 || !mkdtemp(dir);
}

static int remove_dir(void **state)
{
  char command[80];
  snprintf(command, sizeof command, "rm -rf %s", dir);
  return system(command);
}

/* A hub, a code of it, and its answer to a booth's request. */
struct hub {
  uint8_t sign_public[32], sign_secret[64], open_public[32], open_secret[32];
  struct enrol_code code;
};

static struct hub hub_make(void)
{
  struct hub h;
  seal_make_sign_keys(h.sign_public, h.sign_secret);
  seal_make_open_keys(h.open_public, h.open_secret);
  enrol_code_make(h.sign_public, &h.code);
  return h;
}

static void hub_answer(const struct hub *h, const struct buf *request, struct buf *ret)
{
  struct json *j;
  struct json_error error;
  struct enrol_request r;
  struct enrol_answer a = {.key = 1, .generation = 1789000000000, .booth = {1, 2, 3}};
  assert_int_equal(json_parse(request->data, request->len, &j, &error), 0);
  assert_int_equal(enrol_request_read(j, &r), 0);
  json_free(j);
  memcpy(a.sign_key, h->sign_public, 32);
  memcpy(a.open_key, h->open_public, 32);
  enrol_answer_sign(&a, r.sign_key, h->sign_secret);
  enrol_answer_write(&a, ret);
}

static void test_an_attempt_is_repeated_with_its_keys(void **state)
{
  struct hub hub = hub_make(), other = hub_make();
  struct enrolment first, again, e, loaded;
  autobuf struct buf request = {0}, answer = {0};
  assert_int_equal(enrolment_load(dir, &loaded), -ENOENT);
  assert_int_equal(enrolment_begin(dir, &hub.code, &first), 0);
  assert_int_equal(enrolment_begin(dir, &hub.code, &again), 0); /* the answer was lost */
  assert_memory_equal(&first.own, &again.own, sizeof first.own);
  enrolment_request(&again, &hub.code, "부스", &request);
  hub_answer(&hub, &request, &answer);
  e = again;
  assert_int_equal(enrolment_answer(&e, &other.code, "https://hub.example", answer.data, answer.len), -EBADMSG);
  assert_int_equal(enrolment_answer(&e, &hub.code, "https://hub.example", answer.data, answer.len - 1), -EBADMSG);
  assert_int_equal(enrolment_answer(&e, &hub.code, "https://hub.example", answer.data, answer.len), 0);
  assert_int_equal(enrolment_save(dir, &e), 0);
  enrolment_finish(dir);
  assert_int_equal(enrolment_load(dir, &loaded), 0);
  assert_memory_equal(&loaded, &e, sizeof e);
  autofree char *path = files_path(dir, "enrolment");
  struct stat st;
  assert_int_equal(stat(path, &st), 0);
  assert_int_equal(st.st_mode & 0777, 0600);
  assert_int_equal(enrolment_begin(dir, &hub.code, &again), 0); /* the same code, later */
  assert_memory_equal(&first.own, &again.own, sizeof first.own);
  assert_int_equal(enrolment_begin(dir, &other.code, &again), 0);
  assert_memory_not_equal(&first.own, &again.own, sizeof first.own);
}

static void test_a_damaged_file_is_refused(void **state)
{
  struct enrolment e = {.hub = "https://hub.example", .n_keys = 1}, loaded;
  autofree char *path = files_path(dir, "enrolment");
  bundle_keys_make(&e.own);
  e.keys[0].number = 1;
  assert_int_equal(enrolment_save(dir, &e), 0);
  struct stat st;
  assert_int_equal(stat(path, &st), 0);
  for (off_t n = st.st_size - 2; n >= 0; n -= 37) {
    assert_int_equal(truncate(path, n), 0);
    assert_int_equal(enrolment_load(dir, &loaded), -EBADMSG);
  }
  assert_int_equal(unlink(path), 0);
}

static void test_keys_rotate_forward_only(void **state)
{
  struct enrolment e = {.n_keys = 1, .keys = {{.number = 3, .sign_key = {3}}}};
  struct hub_key k = {.number = 2, .sign_key = {2}};
  assert_int_equal(enrolment_rotate(&e, &k), -EINVAL);
  k = e.keys[0];
  assert_int_equal(enrolment_rotate(&e, &k), 1);
  k.open_key[0] = 9; /* the same number with another key */
  assert_int_equal(enrolment_rotate(&e, &k), -EINVAL);
  for (uint16_t i = 4; i < 12; i++) {
    k = (struct hub_key){.number = i, .sign_key = {(uint8_t)i}};
    assert_int_equal(enrolment_rotate(&e, &k), 0);
    assert_int_equal(enrolment_hub(&e)->number, i);
  }
  assert_int_equal(e.n_keys, LIMIT_HUB_KEYS);
  uint8_t before[32] = {10}, long_ago[32] = {3};
  assert_int_equal(enrolment_sender(&e, before)->number, 10);
  assert_null(enrolment_sender(&e, long_ago));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_empty_request_is_for_the_latest_epoch),
      cmocka_unit_test(test_the_latest_epoch_first_then_those_before_it),
      cmocka_unit_test(test_a_call_overtakes_a_backlog),
      cmocka_unit_test(test_a_call_that_fits_waits_its_turn),
      cmocka_unit_test(test_a_second_call_overtakes_again_and_an_old_one_is_reached),
      cmocka_unit_test(test_another_hub_is_asked_for_its_cursor),
      cmocka_unit_test(test_the_hub_may_have_more_of_an_older_epoch),
      cmocka_unit_test(test_days_that_differ_are_sent_again_once),
      cmocka_unit_test(test_by_a_trusted_clock_the_window_counts),
      cmocka_unit_test(test_a_window_spans_midnight),
      cmocka_unit_test(test_without_a_trusted_clock_twenty_hours_count),
      cmocka_unit_test(test_windows_are_read_strictly),
      cmocka_unit_test(test_addresses_of_hubs),
      cmocka_unit_test(test_an_attempt_is_repeated_with_its_keys),
      cmocka_unit_test(test_a_damaged_file_is_refused),
      cmocka_unit_test(test_keys_rotate_forward_only),
  };
  return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
