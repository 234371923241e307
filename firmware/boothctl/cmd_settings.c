/* cmd_settings.c - the settings as JSON. */
#include "boothctl/client.h"

#include <errno.h>
#include <stdio.h>

/* One member a line, otherwise as it came, so that it can be edited and set again. */
static void print_indented(const char *json)
{
  int depth = 0;
  for (bool quoted = false; *json; json++) {
    bool open = !quoted && (*json == '{' || *json == '['), close = !quoted && (*json == '}' || *json == ']');
    bool empty = open && (json[1] == '}' || json[1] == ']');
    depth += open - close;
    if (close)
      printf("\n%*s", 2 * depth, "");
    putchar(*json);
    if (empty || (quoted && *json == '\\' && json[1])) {
      putchar(*++json);
      depth -= empty;
    } else if (*json == '"') {
      quoted = !quoted;
    } else if (open || (!quoted && *json == ',')) {
      printf("\n%*s", 2 * depth, "");
    } else if (!quoted && *json == ':') {
      putchar(' ');
    }
  }
  putchar('\n');
}

static int read_settings(const char *file, struct buf *ret)
{
  bool standard = strcmp(file, "-") == 0;
  FILE *f = standard ? stdin : fopen(file, "re");
  buf_reserve(ret, LIMIT_JSON + 1);
  if (f)
    ret->len = fread(ret->data, 1, LIMIT_JSON + 1, f);
  ret->data[ret->len] = '\0';
  int error = !f || ferror(f) ? errno : ret->len > LIMIT_JSON ? EFBIG : 0;
  if (f && !standard)
    fclose(f);
  if (error)
    ctl_print_error("%s: %s", file, strerror(error));
  return error ? CTL_REFUSED : 0;
}

int cmd_settings(struct ctl *c)
{
  autoanswer struct answer a = {0};
  autobuf struct buf body = {0};
  bool set = c->n_words && strcmp(c->words[0], "set") == 0;
  if (c->n_words != (set ? 2 : c->n_words && strcmp(c->words[0], "get") == 0))
    return ctl_usage_error("settings get, or settings set FILE");
  int r = set ? read_settings(c->words[1], &body) : 0;
  if (r == 0)
    r = set ? client_change(c, "PUT", API_SYSTEM "/settings", body.data, &a)
            : client_get(c, API_SYSTEM "/settings", &a);
  if (r || c->options[OPT_JSON])
    return r ? r : answer_print(&a);
  print_indented(a.text.data ? a.text.data : "");
  return 0;
}
