/* config_table.c - reads keys by a table.
 *
 * Any error stops the start and names the key, so that a typo is found during installation. An error never shows a
 * value: it may be a PIN or a passphrase. '#' begins a comment only at the start of a line, because values may contain
 * it.
 */
#include "base/config_table.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

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

const char *config_each(const char *list, int most, const char *(*check)(const char *element))
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

static char **text_member(void *c, const struct config_key *k)
{
  return (char **)(void *)((char *)c + k->offset);
}

/* --- reading --- */

int config_refuse(struct config_error *ret_error, const char *key, const char *format, ...)
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
static const char *store_value(void *c, const struct config_key *k, const char *value)
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
    free(*text_member(c, k));
    *text_member(c, k) = xstrdup(value);
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

/* Says why there is no such key. */
static void explain_unknown(const struct config_table *t, const char *name, char ret[static 64])
{
  for (size_t i = 0; i < t->n_renamed; i++)
    if (strcmp(t->renamed[i].old_name, name) == 0) {
      snprintf(ret, 64, "is called %s now", t->renamed[i].name);
      return;
    }
  snprintf(ret, 64, "is not a key of %s", t->manual);
}

/* Changes text. seen has a bit for each key already given in this file; NULL allows repetition. */
static int set_pair(const struct config_table *t, void *c, char *text, const char *where, uint64_t *seen,
                    struct config_error *ret_error)
{
  char *equals = strchr(text, '=');
  if (equals)
    *equals = '\0';
  const char *name = trim(text), *value = equals ? trim(equals + 1) : "", *wrong = NULL;
  char unknown[64];
  explain_unknown(t, name, unknown);
  size_t i = 0;
  while (i < t->n && strcmp(t->keys[i].name, name) != 0)
    i++;
  if (!equals)
    wrong = "has no '='";
  else if (i == t->n)
    wrong = unknown;
  else if (seen && *seen & UINT64_C(1) << i)
    wrong = "is given twice";
  else if (utf8_length(value, strlen(value)) < 0 || has_control(value))
    wrong = "must be UTF-8 text without control characters";
  else
    wrong = store_value(c, &t->keys[i], value);
  if (wrong)
    return config_refuse(ret_error, name, "%s%s", where, wrong);
  if (seen)
    *seen |= UINT64_C(1) << i;
  return 0;
}

static int load_file(const struct config_table *t, void *c, const char *path, struct config_error *ret_error)
{
  autofree char *text = xcalloc(LIMIT_CONFIG + 2, 1);
  FILE *f = fopen(path, "re");
  size_t n = f ? fread(text, 1, LIMIT_CONFIG + 1, f) : 0;
  int error = !f || ferror(f) ? errno : 0;
  if (f)
    fclose(f);
  if (error)
    return config_refuse(ret_error, "", "cannot read %.80s: %s", path, strerrordesc_np(error));
  if (n > LIMIT_CONFIG)
    return config_refuse(ret_error, "", "%.80s is longer than %d bytes", path, LIMIT_CONFIG);

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
      return config_refuse(ret_error, first, "%s%s", where, wrong);
    if (*first && *first != '#' && *first != '\r') {
      int r = set_pair(t, c, first, where, &seen, ret_error);
      if (r < 0)
        return r;
    }
    line = next + 1;
  }
  return 0;
}

int config_table_load(const struct config_table *t, const char *path, const char *const *set, size_t n_set, void *ret,
                      struct config_error *ret_error)
{
  for (size_t i = 0; i < t->n; i++)
    if (t->keys[i].fallback && store_value(ret, &t->keys[i], t->keys[i].fallback))
      abort(); /* the table contradicts itself */
  int r = path ? load_file(t, ret, path, ret_error) : 0;
  for (size_t i = 0; i < n_set && r == 0; i++) {
    autofree char *pair = xstrdup(set[i]);
    r = set_pair(t, ret, pair, "", NULL, ret_error);
  }
  return r;
}

void config_table_done(const struct config_table *t, void *c)
{
  for (size_t i = 0; i < t->n; i++)
    if (!t->keys[i].names)
      free(*text_member(c, &t->keys[i]));
}

void config_table_usage(const struct config_table *t, struct buf *b)
{
  for (size_t i = 0; i < t->n; i++) {
    const char *fallback = t->keys[i].fallback ? t->keys[i].fallback : "";
    buf_fmt(b, "  %-16s %s%s%s%s\n", t->keys[i].name, t->keys[i].help, *fallback ? " [" : "", fallback,
            *fallback ? "]" : "");
  }
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

const char *config_check_listen(const char *s)
{
  return *s ? config_each(s, LIMIT_LISTENERS, check_address) : "must be ADDRESS:PORT";
}
