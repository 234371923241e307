/* handle_settings.c - a document of settings is read into a copy of the current ones, member by member; the copy is
 * then submitted as one command.
 */
#include <stdio.h>

#include "api/command_request.h"
#include "api/handlers.h"
#include "config/config.h"
#include "queue/event_json.h"

void api_settings_get(struct http_request *r)
{
  struct buf body = {0};
  settings_json(&body, NULL, queue_settings(api_of(r)->view.queue));
  api_json(r, 200, &body);
}

struct settings_body {
  const char *name;
  const char *cutover;
  const char *staff_pin;
  const char *manager_pin;
  const struct json *lines;
  const struct json *languages;
  const struct json *texts;
  const struct json *panel;
  int64_t no_show_after_s;
};

static const struct json_field settings_fields[] = {
    {"name", JSON_STRING, offsetof(struct settings_body, name), .low = 1, .high = LIMIT_BOOTH},
    {"lines", JSON_ARRAY, offsetof(struct settings_body, lines), .low = 1, .high = LIMIT_LINES},
    {"no_show_after_s", JSON_INT, offsetof(struct settings_body, no_show_after_s), .high = LIMIT_NO_SHOW_S},
    {"cutover", JSON_STRING, offsetof(struct settings_body, cutover), .low = 5, .high = 5},
    {"languages", JSON_ARRAY, offsetof(struct settings_body, languages), .low = 1, .high = 2},
    {"texts", JSON_OBJECT, offsetof(struct settings_body, texts)},
    {"panel", JSON_OBJECT, offsetof(struct settings_body, panel)},
    {"staff_pin", JSON_STRING, offsetof(struct settings_body, staff_pin), .low = LIMIT_PIN_MIN, .high = LIMIT_PIN_MAX},
    {"manager_pin", JSON_STRING, offsetof(struct settings_body, manager_pin), .low = LIMIT_PIN_MIN,
     .high = LIMIT_PIN_MAX},
};

static int settings_error(struct json_error *e, const char *field, const char *detail)
{
  util_copy(e->field, sizeof e->field, field);
  util_copy(e->detail, sizeof e->detail, detail);
  return -1;
}

static bool line_id_ok(const char *id)
{
  return strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789") == strlen(id);
}

/* Letters, digits and Hangul syllables, because guests read them out. */
static bool prefix_ok(const char *prefix)
{
  for (const unsigned char *s = (const unsigned char *)prefix; *s;) {
    if (*s < 0x80) {
      if (!((*s >= '0' && *s <= '9') || (*s >= 'A' && *s <= 'Z') || (*s >= 'a' && *s <= 'z')))
        return false;
      s++;
      continue;
    }
    uint32_t point = (uint32_t)(s[0] & 0x0f) << 12 | (uint32_t)(s[1] & 0x3f) << 6 | (uint32_t)(s[2] & 0x3f);
    if ((s[0] & 0xf0) != 0xe0 || point < 0xac00 || point > 0xd7a3)
      return false;
    s += 3;
  }
  return true;
}

static int read_lines(const struct json *lines, struct settings *s, struct json_error *e)
{
  struct line_body {
    const char *id;
    const char *name;
    const char *prefix;
  };
  static const struct json_field fields[] = {
      {"id", JSON_STRING, offsetof(struct line_body, id), .low = 1, .high = LIMIT_LINE_ID, .required = true},
      {"name", JSON_STRING, offsetof(struct line_body, name), .low = 1, .high = LIMIT_LINE_NAME, .required = true},
      {"prefix", JSON_STRING, offsetof(struct line_body, prefix), .high = LIMIT_PREFIX, .required = true},
  };
  s->n_lines = (uint8_t)json_size(lines);
  for (uint8_t i = 0; i < s->n_lines; i++) {
    struct line_body body = {0};
    struct line *l = &s->lines[i];
    if (json_read(json_at(lines, i), fields, array_len(fields), &body, e) < 0)
      return -1;
    if (!line_id_ok(body.id))
      return settings_error(e, "lines", "A line's id is 1 to 8 of a-z and 0-9.");
    if (!prefix_ok(body.prefix))
      return settings_error(e, "lines", "A prefix is up to 4 letters, digits or Hangul syllables.");
    *l = (struct line){0};
    util_copy(l->id, sizeof l->id, body.id);
    util_copy(l->name, sizeof l->name, body.name);
    util_copy(l->prefix, sizeof l->prefix, body.prefix);
  }
  return 0;
}

static int read_languages(const struct json *languages, struct settings *s, struct json_error *e)
{
  memset(s->languages, 0, sizeof s->languages);
  for (size_t i = 0; i < json_size(languages); i++) {
    const char *language = json_string(json_at(languages, i));
    if (!language || (strcmp(language, "ko") != 0 && strcmp(language, "en") != 0) ||
        (i == 1 && strcmp(language, s->languages[0]) == 0))
      return settings_error(e, "languages", "Languages are \"ko\" and \"en\", each at most once.");
    util_copy(s->languages[i], sizeof s->languages[i], language);
  }
  return 0;
}

static int read_texts(const struct json *texts, struct settings *s, struct json_error *e)
{
  struct texts_body {
    const char *welcome;
    const char *closed;
  } body = {s->welcome, s->closed};
  static const struct json_field fields[] = {
      {"welcome", JSON_STRING, offsetof(struct texts_body, welcome), .high = LIMIT_TEXT},
      {"closed", JSON_STRING, offsetof(struct texts_body, closed), .high = LIMIT_TEXT},
  };
  if (json_read(texts, fields, array_len(fields), &body, e) < 0)
    return -1;
  if (body.welcome != s->welcome)
    util_copy(s->welcome, sizeof s->welcome, body.welcome);
  if (body.closed != s->closed)
    util_copy(s->closed, sizeof s->closed, body.closed);
  return 0;
}

static int read_panel(const struct json *panel, struct settings *s, struct json_error *e)
{
  static const struct json_field fields[] = {
      {"double_press", JSON_BOOL, offsetof(struct settings, double_press)},
  };
  return json_read(panel, fields, array_len(fields), s, e);
}

static int read_cutover(const char *cutover, struct settings *s, struct json_error *e)
{
  int hours, minutes, end = 0;
  if (sscanf(cutover, "%2d:%2d%n", &hours, &minutes, &end) != 2 || end != 5 || hours < 0 || hours > 23 || minutes < 0 ||
      minutes > 59)
    return settings_error(e, "cutover", "The cut-over is a local time like 06:00.");
  s->cutover_min = hours * 60 + minutes;
  return 0;
}

/* s holds the current settings; absent members keep their value. */
static int read_settings(const struct settings_body *body, struct settings *s, struct json_error *e)
{
  s->no_show_after_s = (int32_t)body->no_show_after_s;
  if (s->no_show_after_s && s->no_show_after_s < 60)
    return settings_error(e, "no_show_after_s", "0 turns it off; else at least 60 s.");
  if (body->name)
    util_copy(s->name, sizeof s->name, body->name);
  if (body->cutover && read_cutover(body->cutover, s, e) < 0)
    return -1;
  if (body->lines && read_lines(body->lines, s, e) < 0)
    return -1;
  if (body->languages && read_languages(body->languages, s, e) < 0)
    return -1;
  if (body->texts && read_texts(body->texts, s, e) < 0)
    return -1;
  return body->panel ? read_panel(body->panel, s, e) : 0;
}

static int read_pins(const struct settings_body *body, struct secrets *s, struct json_error *e)
{
  const struct {
    const char *field;
    const char *pin;
    char *to;
  } pins[] = {{"staff_pin", body->staff_pin, s->staff_pin}, {"manager_pin", body->manager_pin, s->manager_pin}};
  for (size_t i = 0; i < array_len(pins); i++) {
    if (!pins[i].pin)
      continue;
    if (!secrets_pin_ok(pins[i].pin))
      return settings_error(e, pins[i].field, "A PIN is 4 to 12 digits.");
    util_copy(pins[i].to, LIMIT_PIN_MAX + 1, pins[i].pin);
  }
  if (strcmp(s->staff_pin, s->manager_pin) == 0)
    return settings_error(e, body->staff_pin ? "staff_pin" : "manager_pin", "Staff and manager need different PINs.");
  return 0;
}

static void answer_settings(struct pending *p, struct writer_request *q)
{
  if (q->refusal != REFUSE_NONE)
    api_answer_refusal(p, q);
  else
    api_settings_get(p->http);
}

/* The new PINs are on the disk; now the settings are submitted. */
static void secrets_saved(struct pending *p, struct work_item *w)
{
  if (w->refusal != REFUSE_NONE) {
    api_refuse(p->http, REFUSE_STORAGE, NULL, NULL, NULL);
    return;
  }
  struct api *api = p->context;
  api->auth.secrets = p->secrets;
  api_submit(p->http, take(p->next_request), answer_settings);
}

/* PINs have a file of their own. The worker writes it, because the loop never waits for the disk. */
static void save_secrets(struct http_request *r, struct writer_request *take_next, const struct secrets *secrets)
{
  struct work_item *w = work_item_new(WORK_FILE, NULL);
  autobuf struct buf path = {0};
  buf_fmt(&path, "%s/secrets", api_of(r)->parts->config->state_dir);
  w->path = buf_take(&path);
  secrets_text(secrets, &w->text);
  struct pending *p = api_submit_work(r, w, secrets_saved);
  if (!p) {
    writer_request_free(take_next);
    return;
  }
  p->next_request = take_next;
  p->secrets = *secrets;
}

void api_settings_put(struct http_request *r)
{
  struct api *api = api_of(r);
  struct settings s = *queue_settings(api->view.queue);
  struct secrets secrets = api->auth.secrets;
  struct settings_body body = {.no_show_after_s = s.no_show_after_s};
  struct json_error e = {0};
  cleanup(json_freep) struct json *parsed = NULL;
  if (!http_json_read(r, settings_fields, array_len(settings_fields), &body, &parsed))
    return;
  bool pins = body.staff_pin || body.manager_pin;
  int result = read_settings(&body, &s, &e);
  if (result == 0 && pins)
    result = read_pins(&body, &secrets, &e);
  if (result < 0) {
    http_json_refuse(r, &e);
    return;
  }
  struct writer_request *q = api_command(r, CMD_SETTINGS);
  if (!q)
    return;
  q->command.settings = xnew(struct settings);
  *q->command.settings = s;
  if (!pins) {
    api_submit(r, q, answer_settings);
    return;
  }
  save_secrets(r, q, &secrets);
}
