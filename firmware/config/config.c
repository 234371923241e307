/* config.c - the table of boothd's keys and the checks of their values. config_table.c parses. */
#include "config/config.h"

#include <errno.h>
#include <net/if.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

/* --- checks: NULL, or what the value must be --- */

static bool all_of(const char *s, const char *letters)
{
  return s[strspn(s, letters)] == '\0';
}

#define DIGITS  "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static const char *check_path(const char *s)
{
  return *s ? NULL : "must be a path";
}

static const char *check_socket(const char *s)
{
  return *s && strlen(s) < sizeof((struct sockaddr_un *)0)->sun_path ? NULL : "must be a path of at most 107 bytes";
}

static const char *check_name(const char *s)
{
  static const char wrong[] = "must be a host name";
  size_t n = strlen(s), label = 0;
  if (n == 0 || n > 253 || !all_of(s, LETTERS DIGITS "-."))
    return wrong;
  for (size_t i = 0; i <= n; i++) {
    bool end = s[i] == '.' || s[i] == '\0';
    if (end ? label == 0 || label > 63 || s[i - 1] == '-' : label == 0 && s[i] == '-')
      return wrong;
    label = end ? 0 : label + 1;
  }
  return NULL;
}

static const char *check_names(const char *s)
{
  return config_each(s, LIMIT_NAMES, check_name);
}

const char *config_check_url(const char *s)
{
  static const char *const begins[] = {"https://", "http://127.0.0.1:", "http://[::1]:"};
  for (size_t i = 0; i < array_len(begins); i++) {
    size_t n = strlen(begins[i]);
    if (strncmp(s, begins[i], n) == 0 && s[n] && s[n] != '/' && strlen(s) <= LIMIT_HUB_URL && !strpbrk(s, " ,?#"))
      return NULL;
  }
  return "must be an https:// address, or http:// to a port of this machine itself";
}

static const char *check_hub(const char *s)
{
  return config_each(s, LIMIT_HUBS, config_check_url);
}

static const char *check_pin(const char *s)
{
  size_t n = strlen(s);
  return n >= LIMIT_PIN_MIN && n <= LIMIT_PIN_MAX && all_of(s, DIGITS) ? NULL : "must be 4 to 12 digits";
}

static const char *check_timezone(const char *s)
{
  return clock_timezone_known(s) ? NULL : "must be a time zone of the IANA database, as Asia/Seoul";
}

static const char *check_country(const char *s)
{
  return *s == '\0' || (strlen(s) == 2 && all_of(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")) ? NULL
                                                                                   : "must be two capitals, as KR";
}

static const char *check_ssid(const char *s)
{
  return strlen(s) <= 32 ? NULL : "must be at most 32 bytes";
}

static const char *check_passphrase(const char *s)
{
  size_t n = strlen(s);
  for (const char *p = s; *p; p++)
    if (*p < ' ' || *p > '~')
      n = 0;
  return n >= 8 && n <= 63 ? NULL : "must be 8 to 63 printable ASCII characters";
}

static const char *check_interface(const char *s)
{
  /* it becomes part of a path */
  bool ok = strlen(s) < IFNAMSIZ && all_of(s, LETTERS DIGITS "-._") && *s != '-' && *s != '.';
  return ok ? NULL : "must be a network interface, as wlan0";
}

static const char *check_channel(const char *s)
{
  int64_t channel;
  bool ok = strcmp(s, "auto") == 0 || (util_parse_i64(s, 1, 13, &channel) == 0 && *s != '0');
  return ok ? NULL : "must be auto or 1 to 13";
}

static const char *check_booth(const char *s)
{
  return utf8_length(s, strlen(s)) <= LIMIT_BOOTH ? NULL : "must be at most 60 characters";
}

static bool copy_part(char to[static LIMIT_GPIO_NAME + 1], const char *s, size_t n)
{
  if (n == 0 || n > LIMIT_GPIO_NAME)
    return false;
  memcpy(to, s, n);
  to[n] = '\0';
  return true;
}

int config_parse_gpio_line(const char *text, struct config_gpio_line *ret)
{
  struct config_gpio_line line = {.low = false};
  const char *slash = strchr(text, '/');
  size_t n = slash ? strcspn(slash + 1, ",") : 0;
  if (!slash || !copy_part(line.chip, text, (size_t)(slash - text)) || !copy_part(line.line, slash + 1, n))
    return -EINVAL;
  const char *rest = slash + 1 + n;
  line.low = strcmp(rest, ",low") == 0;
  if (*rest && !line.low)
    return -EINVAL;
  *ret = line;
  return 0;
}

static const char *check_line(const char *s)
{
  struct config_gpio_line line;
  return *s == '\0' || config_parse_gpio_line(s, &line) == 0 ? NULL : "must be CHIP-LABEL/LINE or CHIP-LABEL/LINE,low";
}

static const char *check_machine_id(const char *s)
{
  return *s ? NULL : "must be auto or a name of the machine";
}

static const char *check_hours(const char *s)
{
  int64_t hours;
  return util_parse_i64(s, 1, 8760, &hours) == 0 ? NULL : "must be 1 to 8760 hours";
}

static int read_minute(const char *s, int *ret)
{
  int64_t hour, minute;
  const char digits[2][3] = {{s[0], s[1]}, {s[3], s[4]}};
  if (s[2] != ':' || util_parse_i64(digits[0], 0, 23, &hour) < 0 || util_parse_i64(digits[1], 0, 59, &minute) < 0)
    return -EINVAL;
  *ret = (int)(hour * 60 + minute);
  return 0;
}

int config_parse_window(const char *text, int *ret_from_min, int *ret_to_min)
{
  int from, to;
  if (strlen(text) != 11 || text[5] != '-' || !all_of(text, DIGITS ":-") || read_minute(text, &from) < 0 ||
      read_minute(text + 6, &to) < 0 || from == to)
    return -EINVAL;
  *ret_from_min = from;
  *ret_to_min = to;
  return 0;
}

static const char *check_nightly(const char *s)
{
  int from, to;
  return config_parse_window(s, &from, &to) == 0 ? NULL : "must be a time of day, as 04:00-06:00";
}

/* --- the table --- */

static const char *const answers[] = {[NO] = "no", [YES] = "yes", NULL};
static const char *const panels[] = {[PANEL_NONE] = "none", [PANEL_SIM] = "sim", [PANEL_GPIO] = "gpio", NULL};
static const char *const trusts[] = {[TRUST_AUTO] = "auto", [TRUST_YES] = "yes", [TRUST_NO] = "no", NULL};

#define TEXT(key, fallback, check, help) {#key, fallback, offsetof(struct config, key), check, NULL, help}
#define ENUM(key, fallback, names, help) {#key, fallback, offsetof(struct config, key), NULL, names, help}

static const struct config_key keys[] = {
    TEXT(state_dir, "/var/lib/boothd", check_path, "database, snapshots and secrets"),
    TEXT(listen, "127.0.0.1:8080", config_check_listen, "ADDRESS:PORT, up to 4 with commas; port 0 picks a free one"),
    TEXT(socket, "/run/boothd/boothd.sock", check_socket, "the socket of boothctl"),
    TEXT(web_dir, "/usr/share/boothd/web", check_path, "the web app"),
    TEXT(names, "booth.internal,booth", check_names, "host names it answers to, up to 16 with commas"),
    TEXT(staff_pin, NULL, check_pin, "4 to 12 digits, used when the state is created; default random"),
    TEXT(manager_pin, NULL, check_pin, "likewise"),
    TEXT(timezone, NULL, check_timezone, "IANA name, as Asia/Seoul; required"),
    TEXT(country, "", check_country, "two capitals, as KR, for the radio"),
    TEXT(wifi_interface, "", check_interface, "of the booth's own Wi-Fi, as wlan0; empty = none"),
    TEXT(wifi_ssid, "", check_ssid, "network name; default booth-ID"),
    TEXT(wifi_passphrase, NULL, check_passphrase, "8 to 63 characters; default random"),
    TEXT(wifi_channel, "auto", check_channel, "auto or 1 to 13"),
    ENUM(captive_probes, "yes", answers, "yes: phones' probes for internet are answered, so that they stay; or no"),
    ENUM(share_uplink, "no", answers, "yes: who is on the booth's Wi-Fi may use its uplink; or no"),
    TEXT(booth_name, NULL, check_booth, "used when the state is created; default the host's name"),
    ENUM(panel, "none", panels, "none, sim or gpio"),
    TEXT(button_line, "", check_line, "CHIP-LABEL/LINE of the button, with ,low if it goes to ground"),
    TEXT(led_line, "", check_line, "of the LED"),
    TEXT(buzzer_line, "", check_line, "of the buzzer"),
    TEXT(hub, "", check_hub, "https:// addresses of the hub, with commas"),
    TEXT(hub_ca, "", NULL, "PEM file of a private hub's authority; default the system's"),
    ENUM(trust_clock, "auto", trusts, "auto (the kernel says synchronised), yes or no"),
    TEXT(machine_id, "auto", check_machine_id,
         "tells this machine from others; auto = its serial number, or machine-id"),
    TEXT(pii_keep_h, "24", check_hours, "hours after a business day until names and phones are erased"),
    TEXT(nightly, "04:00-06:00", check_nightly, "when the booth checks, copies and tidies its database, local time"),
};

static const struct config_renamed renamed[] = {
    {"board", "machine_id"},
    {"probes", "captive_probes"},
};

static const struct config_table table = {keys, array_len(keys), "boothd.conf(5)", renamed, array_len(renamed)};

const struct config_table *config_keys(void)
{
  return &table;
}

int config_load(const char *path, const char *const *set, size_t n_set, struct config *ret,
                struct config_error *ret_error)
{
  *ret = (struct config){0};
  int r = config_table_load(&table, path, set, n_set, ret, ret_error);
  if (r < 0)
    return r;
  if (!ret->timezone)
    return config_refuse(ret_error, "timezone", "is required, as timezone = Asia/Seoul");
  if (!ret->booth_name) {
    char host[LIMIT_BOOTH + 1] = "";
    if (gethostname(host, sizeof host - 1) < 0 || !*host)
      strcpy(host, "booth");
    ret->booth_name = xstrdup(host);
  }
  return 0;
}

void config_done(struct config *c)
{
  config_table_done(&table, c);
  *c = (struct config){0};
}

void config_usage(struct buf *b)
{
  config_table_usage(&table, b);
}
