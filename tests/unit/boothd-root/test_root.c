/* Parts of boothd-root that a command line does not reach: a sysfs of our own, any bytes as names, and boothd's side of
 * a privileged operation. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "boothd-root/radio.h"
#include "boothd-root/render.h"
#include "config/ap_network.h"
#include "config/privop.h"
#include "system/privop_client.h"

static char dir[64];

static void run(const char *format, ...) printf_like(1, 2);
static void run(const char *format, ...)
{
  char command[512];
  va_list args;
  va_start(args, format);
  vsnprintf(command, sizeof command, format, args);
  va_end(args);
  assert_int_equal(system(command), 0); // NOLINT(cert-env33-c,concurrency-mt-unsafe): a test's own words
}

static int set_up(void **state)
{
  strcpy(dir, "/tmp/boothd-root-XXXXXX");
  return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
  run("rm -rf %s", dir);
  return 0;
}

/* --- the radio --- */

#define DEVICE "sys/devices/soc/mmc1/mmc1:0001:1"

static void make_sysfs(const char *module)
{
  run("cd %s && mkdir -p run " DEVICE " sys/class/net/wlan0 sys/bus/sdio/drivers/brcmfmac && "
      "ln -s ../../../devices/soc/mmc1/mmc1:0001:1 sys/class/net/wlan0/device && "
      "ln -s ../../../../bus/sdio " DEVICE "/subsystem && "
      "ln -s ../../../../bus/sdio/drivers/brcmfmac " DEVICE "/driver && "
      "touch sys/bus/sdio/drivers/brcmfmac/bind sys/bus/sdio/drivers/brcmfmac/unbind",
      dir);
  if (module)
    run("cd %s && ln -s '../../../../module/%s' sys/bus/sdio/drivers/brcmfmac/module", dir, module);
}

static struct root root_at(char sys[static 96], char run_folder[static 96])
{
  snprintf(sys, 96, "%s/sys", dir);
  snprintf(run_folder, 96, "%s/run", dir);
  static char interface[] = "wlan0";
  return (struct root){.config = {.wifi_interface = interface}, .run = run_folder, .sys = sys};
}

static void test_radio(void **state)
{
  char sys[96], folder[96], path[160];
  struct root r = root_at(sys, folder);
  struct radio_device radio;
  make_sysfs("brcmfmac");
  assert_int_equal(radio_find(&r, &radio), 0);
  assert_string_equal(radio.device, "mmc1:0001:1");
  assert_string_equal(radio.bus, "sdio");
  assert_string_equal(radio.driver, "brcmfmac");
  assert_string_equal(radio.module, "brcmfmac");

  /* Gone with its driver, it is remembered; and bound again by its name. */
  run("rm %s/sys/class/net/wlan0/device", dir);
  memset(&radio, 0, sizeof radio);
  assert_int_equal(radio_find(&r, &radio), 0);
  assert_string_equal(radio.device, "mmc1:0001:1");
  assert_int_equal(radio_rebind(&r, &radio), 0);
  autobuf struct buf said = {0};
  snprintf(path, sizeof path, "%s/bus/sdio/drivers/brcmfmac/bind", sys);
  assert_int_equal(file_read(path, 64, &said), 0);
  assert_string_equal(said.data, "mmc1:0001:1");

  run("rm %s/radio", folder);
  assert_int_equal(radio_find(&r, &radio), -ENODEV);
}

static void test_radio_without_module(void **state)
{
  char sys[96], folder[96];
  struct root r = root_at(sys, folder);
  struct radio_device radio;
  make_sysfs(NULL);
  assert_int_equal(radio_find(&r, &radio), 0);
  assert_string_equal(radio.module, "");
  assert_int_equal(radio_reload(&r, &radio), -EOPNOTSUPP);
}

/* What would be an option of modprobe, or a way out of the folder, is no name. */
static void test_radio_of_strange_names(void **state)
{
  char sys[96], folder[96];
  struct root r = root_at(sys, folder);
  struct radio_device radio;
  make_sysfs("brcmfmac");
  static const char *const names[] = {"-r", "..", ".hidden", "a b", "a;b", "\303\251"};
  for (size_t i = 0; i < array_len(names); i++) {
    run("ln -sfn '../../../../module/%s' %s/sys/bus/sdio/drivers/brcmfmac/module", names[i], dir);
    assert_int_equal(radio_find(&r, &radio), -ENODEV);
  }
}

/* --- rendering --- */

static int lines(const struct buf *b)
{
  int n = 0;
  for (size_t i = 0; i < b->len; i++)
    n += b->data[i] == '\n';
  return n;
}

static void test_any_bytes_are_one_line(void **state)
{
  struct access_point a = {"wlan0", "KR", "x", "12345678", "/run/x", 6, 300};
  autobuf struct buf plain = {0};
  render_hostapd(&plain, &a);
  for (int byte = 1; byte < 256; byte++) {
    char name[AP_SSID_SIZE];
    autobuf struct buf b = {0};
    memset(name, byte, sizeof name - 1);
    name[sizeof name - 1] = '\0';
    a.ssid = name;
    render_hostapd(&b, &a);
    assert_int_equal(lines(&b), lines(&plain));
    for (size_t i = 0; i < b.len; i++)
      assert_true(b.data[i] == '\n' || (b.data[i] >= ' ' && b.data[i] <= '~'));
  }
}

static void test_name_of_the_network(void **state)
{
  char ssid[AP_SSID_SIZE];
  struct config c = {.wifi_ssid = (char[]){""}};
  ap_network_ssid(&c, "5eed00000000000000000000000000ff", ssid);
  assert_string_equal(ssid, "booth-5eed00");
  c.wifi_ssid = (char[]){"12345678901234567890123456789012"};
  ap_network_ssid(&c, "5eed", ssid);
  assert_string_equal(ssid, c.wifi_ssid);
}

/* --- requests for privileged operations --- */

static void test_asking(void **state)
{
  char path[160], socket[96];
  autobuf struct buf said = {0};
  struct stat s;
  snprintf(socket, sizeof socket, "%s/boothd.sock", dir);
  privop_client_start(socket);
  assert_int_equal(privop_client_request(PRIVOP_AP_RESTART, 0), -ENOENT);
  run("mkdir %s/privops", dir);
  assert_int_equal(privop_client_request(PRIVOP_AP_RESTART, 0), 0);
  assert_int_equal(privop_client_request(PRIVOP_AP_RESTART, 0), 0);
  snprintf(path, sizeof path, "%s/privops/ap-restart", dir);
  assert_true(stat(path, &s) == 0 && s.st_size == 0 && (s.st_mode & 0777) == 0600);
  assert_int_equal(privop_client_request(PRIVOP_AP_RESTART, 1), -ERANGE);
  assert_int_equal(privop_client_request(PRIVOP_CLOCK_SET, 0), -ERANGE);
  assert_int_equal(privop_client_request(PRIVOP_CLOCK_SET, LIMIT_CLOCK_LATEST_MS + 1), -ERANGE);
  assert_int_equal(privop_client_request(PRIVOP_CLOCK_SET, LIMIT_CLOCK_EARLIEST_MS), 0);
  snprintf(path, sizeof path, "%s/privops/clock-set", dir);
  assert_int_equal(file_read(path, 64, &said), 0);
  assert_string_equal(said.data, "1735689600000");
  run("test -z \"$(ls -A %s/privops | grep '^\\.')\"", dir);
}

/* Before it is known where: not in the root of the file system. */
static void test_asking_nowhere(void **state)
{
  char socket[LIMIT_PATH + 8];
  memset(socket, '/', sizeof socket);
  socket[sizeof socket - 1] = '\0';
  privop_client_start(socket);
  assert_int_equal(privop_client_request(PRIVOP_AP_RESTART, 0), -ENOENT);
  assert_int_not_equal(access("/ap-restart", F_OK), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_radio, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_radio_without_module, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_radio_of_strange_names, set_up, tear_down),
      cmocka_unit_test(test_any_bytes_are_one_line),
      cmocka_unit_test(test_name_of_the_network),
      cmocka_unit_test_setup_teardown(test_asking, set_up, tear_down),
      cmocka_unit_test(test_asking_nowhere),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
