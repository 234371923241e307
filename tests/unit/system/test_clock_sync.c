/* Which source of time wins: the hub, the kernel, an RTC, a phone, the saved time; and that setting the kernel's clock
 * causes no step.
 */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <systemd/sd-event.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "config/config.h"
#include "system/clock_sync.h"
#include "system/privop_client.h"

#define HOUR INT64_C(3600000)
#define DAY  (24 * HOUR)
#define NEAR 1000

/* The kernel: how far its clock is ahead of this machine's, and whether it says that it is right. */
static int64_t kernel_ahead_ms;
static bool kernel_synchronised;
static int64_t armed_s; /* the time that the timer was set to */

int clock_gettime(clockid_t clock, struct timespec *ret)
{
  int r = (int)syscall(SYS_clock_gettime, clock, ret);
  if (clock == CLOCK_REALTIME)
    ret->tv_sec += kernel_ahead_ms / 1000;
  return r;
}

int adjtimex(struct timex *t)
{
  t->status = kernel_synchronised ? 0 : STA_UNSYNC;
  return kernel_synchronised ? TIME_OK : TIME_ERROR;
}

/* A wait for the clock to be set also ends without that. */
int timerfd_settime(int fd, int flags, const struct itimerspec *to, struct itimerspec *old)
{
  struct itimerspec often = {.it_value.tv_nsec = 5000000, .it_interval.tv_nsec = 5000000};
  bool waits = flags & TFD_TIMER_CANCEL_ON_SET;
  armed_s = waits ? to->it_value.tv_sec : armed_s;
  return (int)syscall(SYS_timerfd_settime, fd, waits ? 0 : flags, waits ? &often : to, old);
}

struct fixture {
  sd_event *event;
  struct clock_sync *clock;
  int steps;
  int64_t old_wall_ms;
};

static void on_step(void *context, int64_t old_wall_ms)
{
  struct fixture *fx = context;
  fx->steps++;
  fx->old_wall_ms = old_wall_ms;
}

static struct fixture *begin(int trust)
{
  struct fixture *fx = xnew(struct fixture);
  clock_set(0, trust == TRUST_YES);
  assert_true(sd_event_new(&fx->event) >= 0);
  assert_int_equal(clock_sync_start(fx->event, trust, on_step, fx, &fx->clock), 0);
  return fx;
}

static void end(struct fixture *fx)
{
  clock_sync_free(fx->clock);
  sd_event_unref(fx->event);
  free(fx);
}

/* Anchors to an answer 2 s old, which is ahead of the kernel by ahead_ms. */
static int anchor(struct fixture *fx, int64_t ahead_ms)
{
  int64_t kernel_ms = clock_wall_ms() - clock_offset_ms();
  return clock_sync_anchor(fx->clock, kernel_ms + ahead_ms - 2000, clock_mono_ms() - 2000, 100);
}

/* --- a machine's folder --- */

static char root[64];

static void write_number(const char *name, int64_t n)
{
  char path[128], text[32];
  snprintf(path, sizeof path, "%s/%s", root, name);
  int length = snprintf(text, sizeof text, "%lld\n", (long long)n);
  assert_int_equal(file_write_atomic(path, text, (size_t)length, 0600), 0);
}

/* Runs a shell command in the folder. */
static void run_shell(const char *what)
{
  char command[256];
  snprintf(command, sizeof command, "cd %s && %s", root, what);
  assert_int_equal(system(command), 0);
}

static int machine(void **state)
{
  kernel_ahead_ms = 0;
  kernel_synchronised = false;
  strcpy(root, "/tmp/test_clock_sync-XXXXXX");
  assert_non_null(mkdtemp(root));
  run_shell("mkdir -p sys/class/rtc/rtc0 privops");
  char socket[80];
  snprintf(socket, sizeof socket, "%s/sock", root);
  privop_client_start(socket);
  return 0;
}

static int no_machine(void **state)
{
  clock_sync_init(TRUST_NO, "", "/nowhere"); /* resets what the last test found */
  run_shell("rm -r \"$PWD\"");
  return 0;
}

static int64_t kernel_now(void)
{
  return clock_wall_ms() - clock_offset_ms();
}

/* Starts with an RTC and a saved time that are so far ahead of the kernel; hctosys: the RTC has set the kernel. */
static void start_with_rtc(int64_t rtc_ahead_ms, int hctosys, int64_t saved_ahead_ms, int trust)
{
  write_number("sys/class/rtc/rtc0/since_epoch", (kernel_now() + rtc_ahead_ms) / 1000);
  write_number("sys/class/rtc/rtc0/hctosys", hctosys);
  write_number("clock", kernel_now() + saved_ahead_ms);
  clock_sync_init(trust, root, root);
}

/* The time that boothd-root was requested to set; 0 = none. */
static int64_t requested_ms(void)
{
  char path[128];
  autobuf struct buf text = {0};
  int64_t n = 0;
  snprintf(path, sizeof path, "%s/privops/clock-set", root);
  if (file_read(path, 32, &text) < 0)
    return 0;
  text.data[strcspn(text.data, "\n")] = '\0';
  assert_int_equal(util_parse_i64(text.data, 1, INT64_MAX, &n), 0);
  unlink(path);
  return n;
}

static void assert_near(int64_t a, int64_t b)
{
  assert_in_range(a - b + NEAR, 0, 2 * NEAR);
}

static void test_the_hub_makes_a_clock_right_and_trusted(void **state)
{
  struct fixture *fx = begin(TRUST_NO);
  int64_t before = clock_wall_ms();
  assert_int_equal(anchor(fx, 5 * HOUR), 0);
  assert_true(clock_trusted());
  assert_near(clock_offset_ms(), 5 * HOUR);
  assert_int_equal(fx->steps, 1);
  assert_near(fx->old_wall_ms, before);
  assert_int_equal(anchor(fx, 5 * HOUR + 50), 1); /* the next answer says the same */
  assert_int_equal(anchor(fx, 5 * HOUR - 1500), 1);
  assert_int_equal(fx->steps, 1);
  assert_int_equal(clock_sync_offer(fx->clock, clock_wall_ms() + HOUR), 1); /* a phone cannot change it */
  assert_int_equal(anchor(fx, -30 * HOUR), 0);                              /* back, too */
  assert_near(clock_offset_ms(), -30 * HOUR);
  assert_int_equal(fx->steps, 2);
  assert_near(requested_ms(), clock_wall_ms()); /* another time, another privop */
  end(fx);
}

static void check_clock(struct fixture *fx)
{
  const int64_t until = clock_mono_ms() + 40;
  for (int turns = 0; turns < 8 || clock_mono_ms() < until; turns++) /* at least eight, however slow this machine is */
    assert_true(sd_event_run(fx->event, 5000) >= 0);
}

static bool source_is(const struct fixture *fx, const char *name)
{
  autobuf struct buf b = {0};
  char member[40];
  snprintf(member, sizeof member, "\"source\":\"%s\"", name);
  clock_sync_json(&b, NULL, fx->clock);
  return strstr(b.data, member) != NULL;
}

/* Starts as boothd does: clock_sync_init() first, then the loop. */
static struct fixture *start_loop(int trust)
{
  struct fixture *fx = xnew(struct fixture);
  assert_true(sd_event_new(&fx->event) >= 0);
  assert_int_equal(clock_sync_start(fx->event, trust, on_step, fx, &fx->clock), 0);
  return fx;
}

static void test_the_kernels_clock_is_set_without_a_step(void **state)
{
  struct fixture *fx = begin(TRUST_AUTO);
  assert_int_equal(anchor(fx, 5 * HOUR), 0);
  assert_int_equal(fx->steps, 1);
  assert_near(requested_ms(), clock_wall_ms());
  assert_int_equal(anchor(fx, 5 * HOUR), 1);
  assert_int_equal(requested_ms(), 0); /* once is enough for a while */
  int64_t before = clock_wall_ms();
  kernel_ahead_ms = 5 * HOUR - 3000; /* boothd-root took 3 s */
  check_clock(fx);
  assert_near(clock_wall_ms(), before);
  assert_near(clock_offset_ms(), 3000);
  assert_int_equal(fx->steps, 1);
  assert_true(clock_trusted() && source_is(fx, "hub"));
  kernel_ahead_ms += 7 * HOUR; /* set by somebody else, not by the network */
  check_clock(fx);
  assert_near(clock_wall_ms(), before);
  assert_int_equal(fx->steps, 1);
  kernel_ahead_ms = 5 * HOUR;
  kernel_synchronised = true;
  check_clock(fx);
  assert_int_equal(clock_offset_ms(), 0);
  assert_int_equal(fx->steps, 1 + (clock_wall_ms() - before > 2000)); /* less than a step */
  assert_true(clock_trusted() && source_is(fx, "kernel"));
  end(fx);
}

static void test_a_kernel_that_is_right_is_left_alone(void **state)
{
  struct fixture *fx = begin(TRUST_AUTO);
  assert_int_equal(anchor(fx, 800), 0);
  assert_int_equal(requested_ms(), 0);
  end(fx);
  kernel_synchronised = true;
  fx = begin(TRUST_AUTO);
  assert_int_equal(anchor(fx, 5 * HOUR), 1);
  assert_int_equal(requested_ms(), 0);
  end(fx);
}

static void test_which_rtc_is_trusted(void **state)
{
  static const struct {
    int64_t rtc_ahead_ms, saved_ahead_ms;
    int hctosys, trust;
    bool right;
  } cases[] = {
      {0, -DAY, 1, TRUST_AUTO, true},         {0, -400 * DAY, 1, TRUST_AUTO, true}, /* a year in storage */
      {-30000, -DAY, 1, TRUST_AUTO, true},                                          /* it drifts */
      {0, 30000, 1, TRUST_AUTO, true},        /* it was saved a moment ago, by a better clock */
      {0, 2 * HOUR, 1, TRUST_AUTO, false},    /* its battery was empty for that long, at least */
      {0, -DAY, 0, TRUST_AUTO, false},        /* the kernel was not set by it */
      {-DAY, -2 * DAY, 1, TRUST_AUTO, false}, /* or was set again later */
      {DAY, -DAY, 1, TRUST_AUTO, false},      /* likewise */
      {0, -DAY, 1, TRUST_NO, false},          /* it is not consulted */
  };
  for (size_t i = 0; i < array_len(cases); i++) {
    start_with_rtc(cases[i].rtc_ahead_ms, cases[i].hctosys, cases[i].saved_ahead_ms, cases[i].trust);
    if (clock_trusted() != cases[i].right)
      fail_msg("case %zu", i);
    assert_near(clock_offset_ms(), max(cases[i].saved_ahead_ms, 0)); /* a boot never goes back */
    struct fixture *fx = start_loop(cases[i].trust);
    check_clock(fx);
    assert_int_equal(clock_trusted(), cases[i].right);
    assert_int_equal(source_is(fx, "rtc"), cases[i].right);
    assert_int_equal(fx->steps, 0);
    end(fx);
  }
}

static void test_an_rtc_that_lost_its_power_is_not_trusted(void **state)
{
  static const int64_t starts_ms[] = {1000, INT64_C(946684800000), INT64_C(1609459200000)}; /* 1970, 2000, 2021 */
  for (size_t i = 0; i < array_len(starts_ms); i++) {
    kernel_ahead_ms = 0;
    kernel_ahead_ms = starts_ms[i] - kernel_now();
    start_with_rtc(0, 1, -1000, TRUST_AUTO); /* the first start ever: nothing better was saved */
    assert_false(clock_trusted());
  }
}

static void test_without_rtc_or_saved_time(void **state)
{
  run_shell("rm -r sys");
  clock_sync_init(TRUST_AUTO, root, root);
  assert_false(clock_trusted());
  assert_int_equal(clock_offset_ms(), 0);
  write_number("clock", kernel_now() + DAY);
  clock_sync_init(TRUST_AUTO, root, root);
  assert_near(clock_offset_ms(), DAY);
}

/* Invalid times on the card and in the RTC. */
static void test_invalid_times(void **state)
{
  write_number("clock", LIMIT_CLOCK_LATEST_MS + 1);
  clock_sync_init(TRUST_AUTO, root, root);
  assert_int_equal(clock_offset_ms(), 0);
  kernel_ahead_ms = LIMIT_CLOCK_LATEST_MS;
  struct fixture *fx = start_loop(TRUST_AUTO);
  assert_true(armed_s > kernel_now() / 1000); /* else the timer would fire all the time */
  end(fx);
}

static void test_better_sources_come_before_an_rtc(void **state)
{
  start_with_rtc(0, 1, -DAY, TRUST_AUTO);
  struct fixture *fx = start_loop(TRUST_AUTO);
  assert_int_equal(clock_sync_offer(fx->clock, clock_wall_ms() + HOUR), 1); /* no phone */
  assert_int_equal(anchor(fx, 500), 1);                                     /* the hub says the same */
  assert_true(source_is(fx, "hub"));
  assert_int_equal(fx->steps, 0);
  assert_int_equal(anchor(fx, HOUR), 0);
  assert_int_equal(fx->steps, 1);
  assert_near(requested_ms(), clock_wall_ms());
  end(fx);

  start_with_rtc(0, 1, -DAY, TRUST_AUTO);
  fx = start_loop(TRUST_AUTO);
  kernel_synchronised = true;
  check_clock(fx);
  assert_true(source_is(fx, "kernel"));
  end(fx);
}

/* Its driver is a module that is loaded after boothd started. */
static void test_an_rtc_that_comes_late(void **state)
{
  run_shell("rm -r sys");
  write_number("clock", kernel_now() + 3 * DAY);
  clock_sync_init(TRUST_AUTO, root, root);
  struct fixture *fx = start_loop(TRUST_AUTO);
  assert_true(source_is(fx, "saved"));
  run_shell("mkdir -p sys/class/rtc/rtc0");
  kernel_ahead_ms = 10 * DAY;
  write_number("sys/class/rtc/rtc0/since_epoch", kernel_now() / 1000);
  write_number("sys/class/rtc/rtc0/hctosys", 1);
  check_clock(fx);
  assert_true(clock_trusted() && source_is(fx, "rtc"));
  assert_int_equal(clock_offset_ms(), 0); /* the ten days include the three */
  assert_int_equal(fx->steps, 1);
  end(fx);
}

/* Without a network, by a person at the keyboard. */
static void test_a_clock_set_by_hand(void **state)
{
  write_number("clock", kernel_now() + 3 * DAY);
  clock_sync_init(TRUST_NO, root, root);
  struct fixture *fx = start_loop(TRUST_NO);
  kernel_ahead_ms = 2 * DAY; /* less than the known time */
  check_clock(fx);
  assert_near(clock_offset_ms(), DAY);
  assert_int_equal(fx->steps, 0);
  kernel_ahead_ms = 5 * DAY;
  check_clock(fx);
  assert_int_equal(clock_offset_ms(), 0);
  assert_int_equal(fx->steps, 1);
  kernel_ahead_ms = 4 * DAY; /* a person may set it back */
  check_clock(fx);
  assert_int_equal(clock_offset_ms(), 0);
  assert_int_equal(fx->steps, 2);
  assert_false(clock_trusted());
  end(fx);
}

static void test_a_clock_that_is_right_gains_trust_alone(void **state)
{
  struct fixture *fx = begin(TRUST_NO);
  assert_int_equal(anchor(fx, 800), 0);
  assert_true(clock_trusted());
  assert_int_equal(clock_offset_ms(), 0);
  assert_int_equal(fx->steps, 1);
  assert_near(fx->old_wall_ms, clock_wall_ms());
  end(fx);
}

static void test_a_phones_time_is_replaced(void **state)
{
  struct fixture *fx = begin(TRUST_NO);
  assert_int_equal(clock_sync_offer(fx->clock, clock_wall_ms() + 7 * HOUR), 0);
  assert_int_equal(anchor(fx, 2 * HOUR), 0);
  assert_near(clock_offset_ms(), 2 * HOUR);
  end(fx);
}

static void test_the_systems_own_trust_comes_first(void **state)
{
  struct fixture *fx = begin(TRUST_YES);
  assert_int_equal(anchor(fx, 5 * HOUR), 1);
  assert_int_equal(clock_offset_ms(), 0);
  assert_int_equal(fx->steps, 0);
  end(fx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_the_hub_makes_a_clock_right_and_trusted, machine, no_machine),
      cmocka_unit_test_setup_teardown(test_the_kernels_clock_is_set_without_a_step, machine, no_machine),
      cmocka_unit_test_setup_teardown(test_a_kernel_that_is_right_is_left_alone, machine, no_machine),
      cmocka_unit_test_setup_teardown(test_which_rtc_is_trusted, machine, no_machine),
      cmocka_unit_test_setup_teardown(test_an_rtc_that_lost_its_power_is_not_trusted, machine, no_machine),
      cmocka_unit_test_setup_teardown(test_without_rtc_or_saved_time, machine, no_machine),
      cmocka_unit_test_setup_teardown(test_invalid_times, machine, no_machine),
      cmocka_unit_test_setup_teardown(test_better_sources_come_before_an_rtc, machine, no_machine),
      cmocka_unit_test_setup_teardown(test_an_rtc_that_comes_late, machine, no_machine),
      cmocka_unit_test_setup_teardown(test_a_clock_set_by_hand, machine, no_machine),
      cmocka_unit_test_setup_teardown(test_a_clock_that_is_right_gains_trust_alone, machine, no_machine),
      cmocka_unit_test_setup_teardown(test_a_phones_time_is_replaced, machine, no_machine),
      cmocka_unit_test_setup_teardown(test_the_systems_own_trust_comes_first, machine, no_machine),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
