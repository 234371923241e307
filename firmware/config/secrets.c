/* secrets.c - PINs are stored in plain text: a hash of a few digits can be reversed in milliseconds by whoever reads
 * the file. Only the daemon's user may read it, and guesses over the network are limited (api/lockout.h).
 */
#include "config/secrets.h"

#include <errno.h>
#include <fcntl.h>

#include "base/file.h"
#include "base/random.h"

#define PIN_DIGITS 6

bool secrets_pin_ok(const char *pin)
{
  size_t n = strlen(pin);
  return n >= LIMIT_PIN_MIN && n <= LIMIT_PIN_MAX && strspn(pin, "0123456789") == n;
}

void secrets_text(const struct secrets *s, struct buf *b)
{
  buf_fmt(b, "staff_pin = %s\nmanager_pin = %s\nwifi_passphrase = %s\n", s->staff_pin, s->manager_pin,
          s->wifi_passphrase);
}

static int parse_secrets(char *text, struct secrets *ret)
{
  const struct {
    const char *key;
    char *to;
    size_t size;
  } keys[] = {
      {"staff_pin", ret->staff_pin, sizeof ret->staff_pin},
      {"manager_pin", ret->manager_pin, sizeof ret->manager_pin},
      {"wifi_passphrase", ret->wifi_passphrase, sizeof ret->wifi_passphrase},
  };
  char *rest = NULL;
  for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
    char *equals = strstr(line, " = ");
    if (!equals)
      return -EBADMSG;
    *equals = '\0';
    size_t i = 0;
    while (i < array_len(keys) && strcmp(keys[i].key, line) != 0)
      i++;
    if (i == array_len(keys) || !util_copy(keys[i].to, keys[i].size, equals + 3))
      return -EBADMSG;
  }
  return secrets_pin_ok(ret->staff_pin) && secrets_pin_ok(ret->manager_pin) && *ret->wifi_passphrase ? 0 : -EBADMSG;
}

static void generate_secrets(const struct config *c, struct secrets *ret)
{
  if (!c->staff_pin || !util_copy(ret->staff_pin, sizeof ret->staff_pin, c->staff_pin))
    random_digits(ret->staff_pin, PIN_DIGITS);
  if (!c->manager_pin || !util_copy(ret->manager_pin, sizeof ret->manager_pin, c->manager_pin))
    do
      random_digits(ret->manager_pin, PIN_DIGITS);
    while (strcmp(ret->manager_pin, ret->staff_pin) == 0);
  char token[44];
  random_token(token);
  token[16] = '\0'; /* 96 bits: enough for WPA2, and short enough to type */
  if (!c->wifi_passphrase || !util_copy(ret->wifi_passphrase, sizeof ret->wifi_passphrase, c->wifi_passphrase))
    util_copy(ret->wifi_passphrase, sizeof ret->wifi_passphrase, token);
}

int secrets_read(const struct config *c, struct secrets *ret)
{
  struct secrets s = {0};
  autobuf struct buf path = {0}, text = {0};
  buf_fmt(&path, "%s/secrets", c->state_dir);
  int r = file_read_foreign(AT_FDCWD, path.data, 4096, &text);
  if (r < 0)
    return r;
  r = parse_secrets(text.data ? text.data : (char[]){""}, &s);
  if (r < 0)
    return r;
  if (c->wifi_passphrase && !util_copy(s.wifi_passphrase, sizeof s.wifi_passphrase, c->wifi_passphrase))
    return -EBADMSG;
  *ret = s;
  return 0;
}

int secrets_load(const struct config *c, struct secrets *ret, bool *ret_made)
{
  struct secrets s = {0};
  int r = secrets_read(c, &s);
  const bool made = r == -ENOENT;
  if (made) {
    autobuf struct buf path = {0}, text = {0};
    buf_fmt(&path, "%s/secrets", c->state_dir);
    generate_secrets(c, &s);
    secrets_text(&s, &text);
    r = file_write_atomic(path.data, text.data, text.len, 0600);
  }
  if (r < 0)
    return r;
  *ret = s;
  *ret_made = made;
  return 0;
}
