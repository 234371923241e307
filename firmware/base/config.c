/* config.c - one table: a row is a key, its default, where it goes, what it may be and its line of --help.
 *
 * Whatever is wrong stops the start, with the key named, so that a typo is found at the desk and not at 19:00. A value
 * is never shown in an error: it may be a PIN or a passphrase. '#' begins a comment only at the start of a line,
 * because it may be part of a value.
 */
#include "base/config.h"

#include "base/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <sys/un.h>
#include <unistd.h>

/* Cuts white space off both ends, in place. */
static char *trim(char *s)
{
  s += strspn(s, " \t");
  size_t n = strlen(s);
  while (n && strchr(" \t\r", s[n - 1]))
    n--;
  s[n] = '\0';
  return s;
}

/* ---- checks: NULL, or what the value must be ---- */

static bool all_of(const char *s, const char *letters)
{
  return s[strspn(s, letters)] == '\0';
}

#define DIGITS  "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* Hands each element of a comma-separated list to the check, and counts them. */
static const char *each(const char *list, int most, const char *(*check)(const char *element))
{
  autofree char *copy = xstrdup(list);
  char *rest = copy, *element;
  for (int n = 0; *list && (element = strsep(&rest, ",")); n++) {
    if (n == most)
      return "has too many elements";
    const char *wrong = check(trim(element));
    if (wrong)
      return wrong;
  }
  return NULL;
}

static const char *check_path(const char *s)
{
  return *s ? NULL : "must be a path";
}

static const char *check_socket(const char *s)
{
  return *s && strlen(s) < sizeof((struct sockaddr_un *)0)->sun_path ? NULL : "must be a path of at most 107 bytes";
}

static const char *check_address(const char *s)
{
  static const char wrong[] = "must be ADDRESS:PORT, with [] around an IPv6 address";
  struct in6_addr address;
  char host[INET6_ADDRSTRLEN];
  int64_t port;
  const char *colon = strrchr(s, ':');
  if (!colon || util_parse_i64(colon + 1, 0, 65535, &port) < 0 || colon[1] == '-')
    return wrong;
  bool v6 = *s == '[' && colon > s + 1 && colon[-1] == ']';
  size_t n = (size_t)(colon - s) - (v6 ? 2 : 0);
  if (n >= sizeof host)
    return wrong;
  memcpy(host, s + v6, n);
  host[n] = '\0';
  return inet_pton(v6 ? AF_INET6 : AF_INET, host, &address) == 1 ? NULL : wrong;
}

static const char *check_listen(const char *s)
{
  return *s ? each(s, LIMIT_LISTENERS, check_address) : "must be ADDRESS:PORT";
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
  return each(s, LIMIT_NAMES, check_name);
}

static const char *check_url(const char *s)
{
  return strncmp(s, "https://", 8) == 0 && s[8] && s[8] != '/' ? NULL : "must be an https:// address";
}

static const char *check_hub(const char *s)
{
  return each(s, LIMIT_HUBS, check_url);
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

static const char *check_line(const char *s)
{
  const char *slash = strchr(s, '/');
  return *s == '\0' || (slash && slash > s && slash[1]) ? NULL : "must be CHIP-LABEL/LINE";
}

/* ---- the table ---- */

static const char *const panels[] = {[PANEL_NONE] = "none", [PANEL_SIM] = "sim", [PANEL_GPIO] = "gpio", NULL};
static const char *const trusts[] = {[TRUST_AUTO] = "auto", [TRUST_YES] = "yes", [TRUST_NO] = "no", NULL};

struct key {
  const char *name;
  const char *fallback; /* NULL: the member stays NULL */
  size_t offset;        /* a char *, or an int if there are names */
  const char *(*check)(const char *value);
  const char *const *names;
  const char *help;
};

#define TEXT(key, fallback, check, help) {#key, fallback, offsetof(struct config, key), check, NULL, help}
#define ENUM(key, fallback, names, help) {#key, fallback, offsetof(struct config, key), NULL, names, help}

static const struct key keys[] = {
    TEXT(state_dir, "/var/lib/boothd", check_path, "database, snapshots and secrets"),
    TEXT(listen, "127.0.0.1:8080", check_listen, "ADDRESS:PORT, up to 4 with commas; port 0 picks a free one"),
    TEXT(socket, "/run/boothd/boothd.sock", check_socket, "the socket of boothctl"),
    TEXT(web_dir, "/usr/share/boothd/web", check_path, "the web app"),
    TEXT(names, "booth.internal", check_names, "host names it answers to, up to 16 with commas"),
    TEXT(staff_pin, NULL, check_pin, "4 to 12 digits, used when the state is created; default random"),
    TEXT(manager_pin, NULL, check_pin, "likewise"),
    TEXT(timezone, NULL, check_timezone, "IANA name, as Asia/Seoul; required"),
    TEXT(country, "", check_country, "two capitals, as KR, for the radio"),
    TEXT(wifi_ssid, "", check_ssid, "network name; default booth-ID"),
    TEXT(wifi_passphrase, NULL, check_passphrase, "8 to 63 characters; default random"),
    TEXT(wifi_channel, "auto", check_channel, "auto or 1 to 13"),
    TEXT(booth_name, NULL, check_booth, "used when the state is created; default the host's name"),
    ENUM(panel, "none", panels, "none, sim or gpio"),
    TEXT(button_line, "", check_line, "CHIP-LABEL/LINE of the button"),
    TEXT(led_line, "", check_line, "of the LED"),
    TEXT(buzzer_line, "", check_line, "of the buzzer"),
    TEXT(hub, "", check_hub, "https:// addresses of the hub, with commas"),
    TEXT(hub_ca, "", NULL, "PEM file of a private hub's authority; default the system's"),
    ENUM(trust_clock, "auto", trusts, "auto (the kernel says synchronised), yes or no"),
};

static char **text_of(struct config *c, const struct key *k)
{
  return (char **)(void *)((char *)c + k->offset);
}

/* ---- reading ---- */

static int printf_like(3, 4) refuse(struct config_error *ret_error, const char *key, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  vsnprintf(ret_error->detail, sizeof ret_error->detail, format, args);
  va_end(args);
  size_t n = min(strcspn(key, " \t="), sizeof ret_error->key - 1); /* what follows may be a value */
  for (size_t i = 0; i < n; i++)
    ret_error->key[i] = key[i] > ' ' && key[i] <= '~' ? key[i] : '?';
  ret_error->key[n] = '\0';
  return -EINVAL;
}

/* NULL, or what is wrong. */
static const char *store(struct config *c, const struct key *k, const char *value)
{
  if (k->names) {
    for (int i = 0; k->names[i]; i++)
      if (strcmp(k->names[i], value) == 0) {
        memcpy((char *)c + k->offset, &i, sizeof i);
        return NULL;
      }
    return "is not one of its values";
  }
  const char *wrong = k->check ? k->check(value) : NULL;
  if (!wrong) {
    free(*text_of(c, k));
    *text_of(c, k) = xstrdup(value);
  }
  return wrong;
}

static bool has_control(const char *s)
{
  for (; *s; s++)
    if ((unsigned char)*s < ' ' || *s == 0x7f)
      return true;
  return false;
}

/* `text` is changed. seen has a bit for each key already given in this file; NULL allows repetition. */
static int set_pair(struct config *c, char *text, const char *where, uint64_t *seen, struct config_error *ret_error)
{
  char *equals = strchr(text, '=');
  if (equals)
    *equals = '\0';
  const char *name = trim(text), *value = equals ? trim(equals + 1) : "", *wrong = NULL;
  size_t i = 0;
  while (i < array_len(keys) && strcmp(keys[i].name, name) != 0)
    i++;
  if (!equals)
    wrong = "has no '='";
  else if (i == array_len(keys))
    wrong = "is not a key of boothd.conf(5)";
  else if (seen && *seen & UINT64_C(1) << i)
    wrong = "is given twice";
  else if (utf8_length(value, strlen(value)) < 0 || has_control(value))
    wrong = "must be UTF-8 text without control characters";
  else
    wrong = store(c, &keys[i], value);
  if (wrong)
    return refuse(ret_error, name, "%s%s", where, wrong);
  if (seen)
    *seen |= UINT64_C(1) << i;
  return 0;
}

static int load_file(struct config *c, const char *path, struct config_error *ret_error)
{
  autofree char *text = xcalloc(LIMIT_CONFIG + 2, 1);
  FILE *f = fopen(path, "re");
  size_t n = f ? fread(text, 1, LIMIT_CONFIG + 1, f) : 0;
  int error = !f || ferror(f) ? errno : 0;
  if (f)
    fclose(f);
  if (error)
    return refuse(ret_error, "", "cannot read %.80s: %s", path, strerrordesc_np(error));
  if (n > LIMIT_CONFIG)
    return refuse(ret_error, "", "%.80s is longer than %d bytes", path, LIMIT_CONFIG);

  uint64_t seen = 0;
  char *end = text + n, *line = text;
  for (int number = 1; line < end; number++) {
    char *newline = memchr(line, '\n', (size_t)(end - line)), *next = newline ? newline : end;
    char where[24];
    snprintf(where, sizeof where, "line %d: ", number);
    *next = '\0';
    char *first = line + strspn(line, " \t");
    const char *wrong = next - line > LIMIT_CONFIG_LINE         ? "is too long"
                        : strlen(line) != (size_t)(next - line) ? "contains a NUL byte"
                                                                : NULL;
    if (wrong)
      return refuse(ret_error, first, "%s%s", where, wrong);
    if (*first && *first != '#' && *first != '\r') {
      int r = set_pair(c, first, where, &seen, ret_error);
      if (r < 0)
        return r;
    }
    line = next + 1;
  }
  return 0;
}

int config_load(const char *path, const char *const *set, size_t n_set, struct config *ret,
                struct config_error *ret_error)
{
  *ret = (struct config){0};
  for (size_t i = 0; i < array_len(keys); i++)
    if (keys[i].fallback && store(ret, &keys[i], keys[i].fallback))
      abort(); /* the table contradicts itself */
  int r = path ? load_file(ret, path, ret_error) : 0;
  for (size_t i = 0; i < n_set && r == 0; i++) {
    autofree char *pair = xstrdup(set[i]);
    r = set_pair(ret, pair, "", NULL, ret_error);
  }
  if (r < 0)
    return r;
  if (!ret->timezone)
    return refuse(ret_error, "timezone", "is required, as timezone = Asia/Seoul");
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
  for (size_t i = 0; i < array_len(keys); i++)
    if (!keys[i].names)
      free(*text_of(c, &keys[i]));
  *c = (struct config){0};
}

void config_usage(struct buf *b)
{
  for (size_t i = 0; i < array_len(keys); i++) {
    const char *fallback = keys[i].fallback ? keys[i].fallback : "";
    buf_fmt(b, "  %-16s %s%s%s%s\n", keys[i].name, keys[i].help, *fallback ? " [" : "", fallback, *fallback ? "]" : "");
  }
}
