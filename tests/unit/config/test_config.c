/* boothd.conf and --set: what starts, and what is refused under which key. */
#include "unit.h"

#include "config/config.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static int load(const void *text, size_t n, struct config *ret, struct config_error *ret_error)
{
  char path[] = "/tmp/boothd-config-XXXXXX";
  int fd = mkstemp(path);
  assert_true(fd >= 0 && write(fd, text, n) == (ssize_t)n);
  close(fd);
  int r = config_load(path, NULL, 0, ret, ret_error);
  unlink(path);
  return r;
}

static void test_defaults(void **state)
{
  struct config c;
  struct config_error e;
  assert_int_equal(config_load(NULL, (const char *const[]){"timezone=Asia/Seoul"}, 1, &c, &e), 0);
  assert_string_equal(c.state_dir, "/var/lib/boothd");
  assert_string_equal(c.listen, "127.0.0.1:8080");
  assert_string_equal(c.names, "booth.internal,booth");
  assert_string_equal(c.wifi_channel, "auto");
  assert_string_equal(c.country, "");
  assert_null(c.staff_pin);
  assert_null(c.manager_pin);
  assert_null(c.wifi_passphrase);
  assert_true(c.booth_name[0] && c.panel == PANEL_NONE && c.trust_clock == TRUST_AUTO);
  config_done(&c);
  config_done(&c);
  autobuf struct buf usage = {0};
  config_usage(&usage);
  assert_non_null(strstr(usage.data, "\n  trust_clock "));
}

static void test_file_and_set(void **state)
{
  static const char text[] = "# a comment\r\n\n  \t# another\ntimezone = Europe/Berlin\npanel=sim\r\n"
                             "booth_name = 민아의 # 부스 \t\n wifi_passphrase =  a#b = c d \nwifi_ssid=\nhub = "
                             "https://a.example, https://b.example/x\nlisten = [::1]:8080, 0.0.0.0:0";
  struct config c;
  struct config_error e = {{0}, {0}};
  if (load(text, strlen(text), &c, &e) < 0)
    fail_msg("%s: %s", e.key, e.detail);
  assert_string_equal(c.booth_name, "민아의 # 부스");
  assert_string_equal(c.wifi_passphrase, "a#b = c d");
  assert_string_equal(c.wifi_ssid, "");
  assert_string_equal(c.timezone, "Europe/Berlin");
  assert_int_equal(c.panel, PANEL_SIM);
  config_done(&c);

  char path[] = "/tmp/boothd-config-XXXXXX";
  int fd = mkstemp(path);
  assert_int_equal(write(fd, text, strlen(text)), strlen(text));
  close(fd);
  static const char *const set[] = {"timezone=Asia/Seoul", "panel = none", "panel=gpio"};
  assert_int_equal(config_load(path, set, array_len(set), &c, &e), 0);
  assert_string_equal(c.timezone, "Asia/Seoul");
  assert_int_equal(c.panel, PANEL_GPIO);
  config_done(&c);
  unlink(path);
  assert_int_equal(config_load(path, set, array_len(set), &c, &e), -EINVAL);
  assert_string_equal(e.key, "");
  assert_non_null(strstr(e.detail, path));
  config_done(&c);
}

static void test_values(void **state)
{
  static const char *const good[] = {"listen=127.0.0.1:0,127.0.0.2:1,[::]:65535,10.0.0.1:80",
                                     "names=",
                                     "names=a,b-c.d,xn--9t4b11yi5a",
                                     "staff_pin=1234",
                                     "manager_pin=123456789012",
                                     "timezone=UTC",
                                     "country=KR",
                                     "country=",
                                     "wifi_channel=13",
                                     "wifi_channel=auto",
                                     "wifi_ssid=부스 12345",
                                     "wifi_passphrase=12345678",
                                     "hub=",
                                     "hub=https://hub.example:8443/x",
                                     "trust_clock=no",
                                     "machine_id=auto",
                                     "machine_id=10000000abcdef01",
                                     "pii_keep_h=1",
                                     "pii_keep_h=8760",
                                     "button_line=pinctrl-bcm2711/17",
                                     "button_line=",
                                     "button_line=*/GPIO17,low",
                                     "led_line=1234567890123456789012345678901/1234567890123456789012345678901",
                                     "booth_name=가",
                                     "staff_pin = 0000"};
  static const char *const bad[] = {"listen=",
                                    "listen=127.0.0.1",
                                    "listen=127.0.0.1:",
                                    "listen=127.0.0.1:65536",
                                    "listen=127.0.0.1:-0",
                                    "listen=localhost:80",
                                    "listen=::1:80",
                                    "listen=[127.0.0.1]:80",
                                    "listen=[::1]",
                                    "listen=[]:1",
                                    "listen=:80",
                                    "listen=1.2.3.4:1,",
                                    "listen=1.1.1.1:1,1.1.1.1:2,1.1.1.1:3,1.1.1.1:4,1.1.1.1:5",
                                    "listen=1.2.3.4:1 2",
                                    "names=a,,b",
                                    "names=-a",
                                    "names=a-",
                                    "names=a_b",
                                    "names=a..b",
                                    "names=.",
                                    "names=a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q",
                                    "staff_pin=",
                                    "staff_pin=123",
                                    "staff_pin=1234567890123",
                                    "staff_pin=12a4",
                                    "staff_pin=１２３４",
                                    "manager_pin=1 234",
                                    "timezone=",
                                    "timezone=Seoul",
                                    "timezone=../../etc/passwd",
                                    "country=kr",
                                    "country=KOR",
                                    "wifi_channel=0",
                                    "wifi_channel=14",
                                    "wifi_channel=01",
                                    "wifi_channel=",
                                    "wifi_ssid=123456789012345678901234567890123",
                                    "wifi_passphrase=1234567",
                                    "wifi_passphrase=",
                                    "wifi_passphrase=비밀번호비밀번호",
                                    "panel=",
                                    "panel=GPIO",
                                    "panel=si",
                                    "hub=http://a",
                                    "hub=https://",
                                    "hub=https:///x",
                                    "hub=https://a,",
                                    "trust_clock=maybe",
                                    "machine_id=",
                                    "pii_keep_h=0",
                                    "pii_keep_h=8761",
                                    "pii_keep_h=1d",
                                    "state_dir=",
                                    "socket=",
                                    "web_dir=",
                                    "button_line=17",
                                    "led_line=/17",
                                    "buzzer_line=a/",
                                    "buzzer_line=a/,low",
                                    "buzzer_line=a/b,",
                                    "buzzer_line=a/b,high",
                                    "buzzer_line=a/b,low,low",
                                    "led_line=12345678901234567890123456789012/a",
                                    "led_line=a/12345678901234567890123456789012",
                                    "state_dir=/tmp/\x01",
                                    "booth_name=\xff",
                                    "wifi_passphrase=1234567890123456789012345678901234567890123456789012345678901234"};
  struct config c;
  struct config_error e = {{0}, {0}};
  for (size_t i = 0; i < array_len(good); i++) {
    const char *const set[] = {"timezone=Asia/Seoul", good[i]};
    if (config_load(NULL, set, 2, &c, &e) != 0)
      fail_msg("refused: %s: %s", good[i], e.detail);
    config_done(&c);
  }
  for (size_t i = 0; i < array_len(bad); i++) {
    const char *const set[] = {"timezone=Asia/Seoul", bad[i]};
    if (config_load(NULL, set, 2, &c, &e) != -EINVAL)
      fail_msg("taken: %s", bad[i]);
    assert_int_equal(strlen(e.key), strcspn(bad[i], "="));
    assert_memory_equal(e.key, bad[i], strlen(e.key));
    assert_true(e.detail[0]);
    config_done(&c);
  }
}

static void test_panel_lines(void **state)
{
  struct config_gpio_line l;
  assert_int_equal(config_parse_gpio_line("booth-panel/button", &l), 0);
  assert_string_equal(l.chip, "booth-panel");
  assert_string_equal(l.line, "button");
  assert_false(l.low);
  assert_int_equal(config_parse_gpio_line("*/GPIO17,low", &l), 0);
  assert_string_equal(l.chip, "*");
  assert_string_equal(l.line, "GPIO17");
  assert_true(l.low);
  assert_int_equal(config_parse_gpio_line("a b/c/d", &l), 0);
  assert_string_equal(l.chip, "a b");
  assert_string_equal(l.line, "c/d");
  assert_int_equal(config_parse_gpio_line("", &l), -EINVAL);
  assert_int_equal(config_parse_gpio_line("x/y,", &l), -EINVAL);
  assert_string_equal(l.line, "c/d"); /* untouched */
}

static void test_lines(void **state)
{
  char long_line[1200] = "booth_name = ", socket_key[160] = "socket = /";
  memset(long_line + 13, 'x', sizeof long_line - 14);
  long_line[sizeof long_line - 1] = '\0';
  memset(socket_key + 10, 's', 108);
#define TZ "timezone = Asia/Seoul\n"
  static const char nul[] = TZ "staff_pin = 12\0"
                               "34\n";
  const struct {
    const char *text;
    size_t n;
    const char *key, *detail;
  } cases[] = {
      {TZ "staf_pin = 1234\n", 0, "staf_pin", "line 2: is not a key"},
      {TZ "Panel = sim", 0, "Panel", "line 2: is not a key"},
      {TZ "board = auto\n", 0, "board", "line 2: is called machine_id now"},
      {TZ "probes = no\n", 0, "probes", "line 2: is called captive_probes now"},
      {TZ "staff_pin 1234\n", 0, "staff_pin", "line 2: has no '='"},
      {TZ "\n\npanel = sim\npanel = sim\n", 0, "panel", "line 5: is given twice"},
      {TZ "= sim\n", 0, "", "line 2: is not a key"},
      {TZ "panel = sim # inline\n", 0, "panel", "line 2: is not one of its values"},
      {nul, sizeof nul - 1, "staff_pin", "line 2: contains a NUL byte"},
      {long_line, 0, "booth_name", "line 1: is too long"},
      {socket_key, 0, "socket", "line 1: must be a path of at most 107 bytes"},
      {"booth_name = \xc3\x28\n", 0, "booth_name", "line 1: must be UTF-8"},
      {"\x1b[31m=1\n", 0, "?[31m", "line 1: is not a key"},
      {"panel = sim\n", 0, "timezone", "is required"},
      {"", 0, "timezone", "is required"},
  };
  for (size_t i = 0; i < array_len(cases); i++) {
    struct config c;
    struct config_error e = {{0}, {0}};
    assert_int_equal(load(cases[i].text, cases[i].n ? cases[i].n : strlen(cases[i].text), &c, &e), -EINVAL);
    assert_string_equal(e.key, cases[i].key);
    if (strncmp(e.detail, cases[i].detail, strlen(cases[i].detail)) != 0)
      fail_msg("%s instead of %s", e.detail, cases[i].detail);
    assert_null(strstr(e.detail, "34")); /* no secret is shown */
    config_done(&c);
  }
  autofree char *huge = xcalloc(LIMIT_CONFIG + 1, 1);
  memset(huge, '\n', LIMIT_CONFIG + 1);
  struct config c;
  struct config_error e = {{0}, {0}};
  assert_int_equal(load(huge, LIMIT_CONFIG + 1, &c, &e), -EINVAL);
  assert_non_null(strstr(e.detail, "longer than"));
  config_done(&c);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_defaults),    cmocka_unit_test(test_file_and_set), cmocka_unit_test(test_values),
      cmocka_unit_test(test_panel_lines), cmocka_unit_test(test_lines),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
