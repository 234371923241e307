/* Health in a folder that simulates sysfs: of a Raspberry Pi, of a PC, and of a machine without sensors. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>

#include "base/clock.h"
#include "base/file.h"
#include "system/health.h"

#define MB INT64_C(1048576)

static char root[64];
static struct health *h;
static int64_t now_ms, wal_bytes;

/* The file system of the state. */
static struct statvfs disk;
static const char *files_path;

int statvfs(const char *path, struct statvfs *ret)
{
  files_path = path;
  *ret = disk;
  return disk.f_frsize ? 0 : -1;
}

static void write_text(const char *name, const char *text)
{
  char path[160];
  snprintf(path, sizeof path, "%s/%s", root, name);
  assert_int_equal(file_write_atomic(path, text, strlen(text), 0600), 0);
}

static void write_number(const char *name, long long n)
{
  char text[32];
  snprintf(text, sizeof text, "%lld\n", n);
  write_text(name, text);
}

static void run_shell(const char *what)
{
  char command[800];
  assert_true((size_t)snprintf(command, sizeof command, "cd %s && %s", root, what) < sizeof command);
  assert_int_equal(system(command), 0);
}

static void memory(long long mb)
{
  char text[160];
  snprintf(text, sizeof text, "MemTotal:        8000000 kB\nMemFree:           1 kB\nMemAvailable:    %lld kB\n",
           mb * 1024);
  write_text("proc/meminfo", text);
}

/* As on a Raspberry Pi: the firmware's device is the parent of the one that measures the voltage. */
static void make_raspberry(void)
{
  run_shell("mkdir -p sys/class/hwmon sys/class/thermal/thermal_zone0 sys/class/thermal/thermal_zone1 "
            "sys/class/thermal/cooling_device0 sys/firmware/devicetree/base "
            "sys/devices/firmware/raspberrypi-hwmon/hwmon/hwmon1 "
            "sys/devices/heat/hwmon/hwmon0 && "
            "ln -s ../../devices/firmware/raspberrypi-hwmon/hwmon/hwmon1 sys/class/hwmon/hwmon1 && "
            "ln -s ../../devices/heat/hwmon/hwmon0 sys/class/hwmon/hwmon0 && "
            "ln -s ../../../raspberrypi-hwmon sys/class/hwmon/hwmon1/device");
  write_text("sys/class/hwmon/hwmon0/name", "cpu_thermal\n");
  write_text("sys/class/hwmon/hwmon0/temp1_input", "1000\n"); /* the thermal zone has precedence */
  write_text("sys/class/hwmon/hwmon1/name", "rpi_volt\n");
  write_text("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "0\n");
  write_text("sys/class/thermal/thermal_zone0/type", "gpu-thermal\n");
  write_text("sys/class/thermal/thermal_zone0/temp", "99000\n");
  write_text("sys/class/thermal/thermal_zone1/type", "cpu-thermal\n");
  write_text("sys/class/thermal/thermal_zone1/temp", "48312\n");
  write_text("sys/class/thermal/cooling_device0/type", "pwm-fan\n");
  run_shell("printf 'Raspberry Pi 4 Model B Rev 1.4\\0' > sys/firmware/devicetree/base/model");
}

static int begin(void **state)
{
  strcpy(root, "/tmp/test_health-XXXXXX");
  assert_non_null(mkdtemp(root));
  run_shell("mkdir proc");
  memory(400);
  disk = (struct statvfs){.f_frsize = 4096, .f_bavail = 1000 * MB / 4096};
  now_ms = 1000;
  wal_bytes = 0;
  return 0;
}

static int end(void **state)
{
  health_free(take(h));
  run_shell("rm -r \"$PWD\"");
  return 0;
}

/* Polls when the next poll is due. */
static void poll_health(void)
{
  if (!h)
    h = health_new(root, "/state");
  now_ms += 5000;
  health_poll(h, now_ms, wal_bytes);
}

static void assert_json(const char *member)
{
  autobuf struct buf b = {0};
  health_json(&b, NULL, h);
  if (!strstr(b.data, member))
    fail_msg("no %s in %s", member, b.data);
}

static void assert_warnings(uint32_t of)
{
  poll_health();
  assert_int_equal(health_warnings(h), of);
}

static void test_a_raspberry(void **state)
{
  make_raspberry();
  assert_warnings(0);
  assert_json("\"model\":\"Raspberry Pi 4 Model B Rev 1.4\"");
  assert_json("\"under_voltage\":false,\"under_voltage_at\":null,\"throttled\":null,\"temperature_c\":48.312,");
  assert_json("\"memory_free_bytes\":419430400,");
  assert_int_equal(health_free_bytes(h), 1000 * MB);
  assert_string_equal(files_path, "/state");
}

static void test_a_machine_without_sensors(void **state)
{
  run_shell("rm proc/meminfo");
  assert_warnings(0);
  assert_json("{\"model\":null,\"under_voltage\":null,\"under_voltage_at\":null,\"throttled\":null,"
              "\"temperature_c\":null,\"memory_free_bytes\":null,\"warnings\":[");
  autobuf struct buf b = {0};
  health_metrics(&b, h);
  assert_null(strstr(b.data, "celsius"));
  assert_non_null(strstr(b.data, "boothd_warning{code=\"hot\"} 0\n"));
}

static void test_a_pc(void **state)
{
  run_shell("mkdir -p sys/class/dmi/id sys/class/hwmon/hwmon0");
  write_text("sys/class/dmi/id/product_name", "A PC\n");
  write_text("sys/class/hwmon/hwmon0/name", "cpu_thermal\n");
  write_text("sys/class/hwmon/hwmon0/temp1_input", "35500\n");
  assert_warnings(0);
  assert_json("{\"model\":\"A PC\",\"under_voltage\":null,");
  assert_json("\"temperature_c\":35.5,");
}

/* Drivers are loaded late, and an attribute may fail or be invalid. */
static void test_drivers_that_come_late_and_fail(void **state)
{
  assert_warnings(0);
  assert_json("\"under_voltage\":null");
  make_raspberry();
  write_text("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "1\n");
  assert_warnings(WARNING_BIT(WARNING_UNDER_VOLTAGE));
  write_text("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "what?\n");
  write_text("sys/class/thermal/thermal_zone1/temp", "");
  poll_health();
  assert_json("\"under_voltage\":null");
  assert_json("\"temperature_c\":null");
  write_text("sys/class/thermal/thermal_zone1/temp", "50000\n");
  poll_health();
  assert_json("\"temperature_c\":50,");
}

static void test_under_voltage(void **state)
{
  make_raspberry();
  assert_warnings(0);
  write_text("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "1\n");
  assert_warnings(WARNING_BIT(WARNING_UNDER_VOLTAGE));
  assert_json("\"under_voltage\":true,\"under_voltage_at\":\"");
  write_text("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "0\n");
  assert_warnings(WARNING_BIT(WARNING_UNDER_VOLTAGE)); /* the power bank stays weak */
  assert_json("\"under_voltage\":false,\"under_voltage_at\":\"");
  now_ms += 5 * 60 * 1000;
  assert_warnings(0);
  assert_json("\"under_voltage\":false,\"under_voltage_at\":\""); /* seen since it was switched on */
}

static void test_firmware_bits(void **state)
{
  make_raspberry();
  write_text("sys/devices/firmware/get_throttled", "10000\n"); /* before boothd was started */
  assert_warnings(WARNING_BIT(WARNING_UNDER_VOLTAGE));
  assert_json("\"under_voltage\":false,\"under_voltage_at\":\"");
  assert_json("\"throttled\":false");
  now_ms += 5 * 60 * 1000;
  assert_warnings(0); /* that bit is never cleared */
  write_text("sys/devices/firmware/get_throttled", "50005\n");
  assert_warnings(WARNING_BIT(WARNING_UNDER_VOLTAGE));
  assert_json("\"under_voltage\":true,");
  assert_json("\"throttled\":true");
}

/* On at one value, off at another. */
static void test_bounds(void **state)
{
  const uint32_t hot = WARNING_BIT(WARNING_HOT), wal = WARNING_BIT(WARNING_WAL_BIG),
                 tight = WARNING_BIT(WARNING_MEMORY_LOW), full = WARNING_BIT(WARNING_SPACE_LOW);
  static const int degrees[] = {79999, 80000, 76000, 75000, 74999};
  const uint32_t is_hot[] = {0, hot, hot, hot, 0};
  static const int wals[] = {63, 64, 40, 32, 31};
  const uint32_t is_big[] = {0, wal, wal, wal, 0};
  static const int spaces[] = {257, 256, 300, 320, 321};
  const uint32_t is_full[] = {0, full, full, full, 0};
  static const int memories[] = {49, 48, 55, 60, 61};
  const uint32_t is_tight[] = {0, tight, tight, tight, 0};
  make_raspberry();
  for (size_t i = 0; i < array_len(degrees); i++) {
    write_number("sys/class/thermal/thermal_zone1/temp", degrees[i]);
    assert_warnings(is_hot[i]);
  }
  for (size_t i = 0; i < array_len(wals); i++) {
    wal_bytes = wals[i] * MB;
    assert_warnings(is_big[i]);
  }
  for (size_t i = 0; i < array_len(spaces); i++) {
    disk.f_bavail = (fsblkcnt_t)(spaces[i] * MB / 4096);
    assert_warnings(is_full[i]);
  }
  for (size_t i = 0; i < array_len(memories); i++) {
    memory(memories[i]);
    assert_warnings(is_tight[i]);
  }
}

/* As the kernel does after an error of the card. */
static void test_read_only(void **state)
{
  assert_warnings(0);
  disk.f_flag = ST_RDONLY;
  assert_warnings(WARNING_BIT(WARNING_READ_ONLY));
  disk = (struct statvfs){0}; /* not known either */
  assert_warnings(0);
  assert_int_equal(health_free_bytes(h), 0);
}

static void test_polls_are_rare(void **state)
{
  make_raspberry();
  poll_health();
  write_number("sys/class/thermal/thermal_zone1/temp", 90000);
  health_poll(h, now_ms + 4999, 0);
  assert_json("\"temperature_c\":48.312");
  health_poll(h, now_ms + 5000, 0);
  assert_json("\"temperature_c\":90");
}

static void test_the_names(void **state)
{
  poll_health();
  health_warn(h, WARNING_STATIONS, true);
  assert_warnings(WARNING_BIT(WARNING_STATIONS)); /* a poll keeps the warnings of others */
  autobuf struct buf all = {0}, one = {0};
  health_warnings_json(&all, NULL, WARNING_BIT(WARNINGS) - 1);
  assert_string_equal(all.data, "[\"read_only\",\"under_voltage\",\"space_low\",\"hot\",\"wal_big\",\"memory_low\","
                                "\"stations\"]");
  health_metrics(&one, h);
  assert_non_null(strstr(one.data, "boothd_warning{code=\"stations\"} 1\n"));
  health_warn(h, WARNING_STATIONS, false);
  assert_warnings(0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_a_raspberry, begin, end),
      cmocka_unit_test_setup_teardown(test_a_machine_without_sensors, begin, end),
      cmocka_unit_test_setup_teardown(test_a_pc, begin, end),
      cmocka_unit_test_setup_teardown(test_drivers_that_come_late_and_fail, begin, end),
      cmocka_unit_test_setup_teardown(test_under_voltage, begin, end),
      cmocka_unit_test_setup_teardown(test_firmware_bits, begin, end),
      cmocka_unit_test_setup_teardown(test_bounds, begin, end),
      cmocka_unit_test_setup_teardown(test_read_only, begin, end),
      cmocka_unit_test_setup_teardown(test_polls_are_rare, begin, end),
      cmocka_unit_test_setup_teardown(test_the_names, begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
