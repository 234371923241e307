/* config_edit.c - the file may be edited by hand: comments, order and unknown lines are kept. */
#include "boothctl/config_edit.h"

#include "protocol/enrol.h"

#include <assert.h>

#define HEAD                                                                                                           \
  "# boothd.conf - written by boothctl setup, which may be called again. boothd.conf(5) describes all keys.\n"         \
  "# After a change by hand: systemctl restart boothd.target\n"

static size_t n_keys(void)
{
  return config_keys()->n;
}

static const char *check_code(const char *s)
{
  struct enrol_code code;
  return enrol_code_read(s, &code) == 0 ? NULL : "must be a code, as XXXX-XXXX-XXXX-XXXX.XXXX-XXXX-XXXX-XXXX";
}

static const char *key_name(size_t i)
{
  return i < n_keys() ? config_keys()->keys[i].name : CONFIG_HUB_CODE;
}

static size_t key_index(const char *key)
{
  for (size_t i = 0; i <= n_keys(); i++)
    if (strcmp(key_name(i), key) == 0)
      return i;
  abort(); /* callers only name keys that exist */
}

/* --- reading: once as boothd does, to check it; once as text without the defaults --- */

struct checked_config {
  struct config config;
  char *code;
};

int config_edit_read(const char *path, struct config_edit *ret, struct config_error *ret_error)
{
  static_assert(sizeof(struct config) / sizeof(char *) < array_len(ret->value), "room for all keys");
  const struct config_table *of_boothd = config_keys();
  const size_t n = of_boothd->n + 1;
  autofree struct config_key *keys = xcalloc(n, sizeof *keys);
  const struct config_table all = {keys, n, of_boothd->manual, of_boothd->renamed, of_boothd->n_renamed};
  struct checked_config checked = {0};
  memcpy(keys, of_boothd->keys, of_boothd->n * sizeof *keys);
  keys[n - 1] =
      (struct config_key){CONFIG_HUB_CODE, NULL, offsetof(struct checked_config, code), check_code, NULL, NULL};
  int r = config_table_load(&all, path, NULL, 0, &checked, ret_error);
  config_table_done(&all, &checked);
  for (size_t i = 0; i < n; i++)
    keys[i] = (struct config_key){key_name(i), NULL, offsetof(struct config_edit, value) + i * sizeof(char *),
                                  NULL,        NULL, NULL};
  return r < 0 ? r : config_table_load(&all, path, NULL, 0, ret, ret_error);
}

void config_edit_done(struct config_edit *e)
{
  for (size_t i = 0; i < array_len(e->value); i++) {
    free(e->value[i]);
    e->value[i] = NULL;
  }
}

const char *config_edit_get(const struct config_edit *e, const char *key)
{
  return e->value[key_index(key)];
}

void config_edit_set(struct config_edit *e, const char *key, const char *value)
{
  char **to = &e->value[key_index(key)], *fresh = value ? xstrdup(value) : NULL;
  free(*to);
  *to = fresh;
}

void config_edit_merge(struct config_edit *e, const struct config_edit *over)
{
  for (size_t i = 0; i <= n_keys(); i++)
    if (over->value[i])
      config_edit_set(e, key_name(i), over->value[i]);
}

/* --- checking --- */

int config_edit_load(const struct config_edit *e, struct config *ret, struct config_error *ret_error)
{
  const char *sets[array_len(e->value)];
  autobuf struct buf text = {0};
  size_t n = 0, at = 0;
  for (size_t i = 0; i < n_keys(); i++)
    if (e->value[i]) {
      buf_fmt(&text, "%s=%s", key_name(i), e->value[i]);
      buf_add(&text, "", 1);
      n++;
    }
  for (size_t i = 0; i < n; i++) {
    sets[i] = text.data + at;
    at += strlen(sets[i]) + 1;
  }
  return config_load(NULL, sets, n, ret, ret_error);
}

const char *config_edit_check(const char *key, const char *value, struct config_error *room)
{
  autoedit struct config_edit one = {0};
  struct config config = {0};
  if (strcmp(key, CONFIG_HUB_CODE) == 0)
    return check_code(value);
  config_edit_set(&one, "timezone", "UTC"); /* the one key that is required */
  config_edit_set(&one, key, value);
  int r = config_edit_load(&one, &config, room);
  config_done(&config);
  return r < 0 ? room->detail : NULL;
}

/* --- writing --- */

/* Which key the line sets; n_keys(): none of boothd's. */
static size_t key_of_line(const char *line, size_t length)
{
  const char *end = memchr(line, '=', length);
  if (!end)
    return n_keys();
  while (line < end && (*line == ' ' || *line == '\t'))
    line++;
  while (end > line && (end[-1] == ' ' || end[-1] == '\t'))
    end--;
  for (size_t i = 0; i < n_keys(); i++)
    if (strlen(key_name(i)) == (size_t)(end - line) && memcmp(key_name(i), line, (size_t)(end - line)) == 0)
      return i;
  return n_keys();
}

void config_edit_text(const struct config_edit *e, const char *before, struct buf *to)
{
  uint64_t done = 0;
  if (!*before)
    buf_str(to, HEAD);
  for (size_t length; *before; before += length) {
    length = strcspn(before, "\n");
    size_t key = key_of_line(before, length);
    if (key == n_keys())
      buf_add(to, before, length);
    else if (e->value[key])
      buf_fmt(to, "%s = %s", key_name(key), e->value[key]);
    done |= UINT64_C(1) << key;
    if (key == n_keys() || e->value[key])
      buf_str(to, "\n");
    length += before[length] == '\n';
  }
  for (size_t i = 0; i < n_keys(); i++)
    if (e->value[i] && !(done >> i & 1))
      buf_fmt(to, "\n# %s\n%s = %s\n", config_keys()->keys[i].help, key_name(i), e->value[i]);
}
