/* columns_json.c - values that are small, rarely read and may get more members are JSON, which a person with sqlite3
 * can read, too. Zeros are omitted: a first call's before-image takes no byte at all.
 */
#include "store/columns_json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/json.h"
#include "base/json_write.h"

struct before {
  int64_t state;
  int64_t calls;
  int64_t delivery;
  int64_t called_at;
  int64_t call_event;
  int64_t closed_at;
  int64_t held_at;
  int64_t party_size;
  int64_t phoned;
  const char *rank; /* a rank has 64 bits, more than a JSON number holds */
  const char *name;
  const char *phone;
  const char *note;
};

#define INTEGER(member) {#member, JSON_INT, offsetof(struct before, member), .low = INT64_MIN, .high = INT64_MAX}
#define STRING(member, limit)                                                                                          \
  {#member, JSON_STRING, offsetof(struct before, member), .high = (limit), .nullable = true, .lines = true}
static const struct json_field before_fields[] = {
    INTEGER(state),           INTEGER(calls),     INTEGER(delivery),        INTEGER(called_at),
    INTEGER(call_event),      INTEGER(closed_at), INTEGER(held_at),         INTEGER(party_size),
    INTEGER(phoned),          STRING(rank, 20),   STRING(name, LIMIT_NAME), STRING(phone, LIMIT_PHONE),
    STRING(note, LIMIT_NOTE),
};

void columns_json_write_before(struct buf *b, const struct ticket *before, uint32_t fields)
{
  const struct person *p = before->person;
  const struct {
    const char *name;
    uint32_t field;
    int64_t value;
  } integers[] = {
      {"state", FIELD_STATE, before->state},
      {"calls", FIELD_CALLS, before->calls},
      {"delivery", FIELD_DELIVERY, before->delivery},
      {"called_at", FIELD_CALLED, before->called_at},
      {"call_event", FIELD_CALLED, before->call_event},
      {"closed_at", FIELD_CLOSED, before->closed_at},
      {"held_at", FIELD_RANK, before->held_at},
      {"party_size", FIELD_PARTY, before->party_size},
      {"phoned", FIELD_DELIVERY, before->undo[UNDO_PHONED]},
  };
  char rank[24];
  snprintf(rank, sizeof rank, "%" PRId64, before->rank);
  const struct {
    const char *name;
    uint32_t field;
    const char *value;
  } strings[] = {
      {"rank", FIELD_RANK, before->rank ? rank : NULL},
      {"name", FIELD_PERSON, p ? p->name : NULL},
      {"phone", FIELD_PERSON, p ? p->phone : NULL},
      {"note", FIELD_PERSON, p ? p->note : NULL},
  };

  size_t start = b->len;
  json_open(b, NULL, '{');
  for (size_t i = 0; i < array_len(integers); i++)
    if (fields & integers[i].field && integers[i].value)
      json_int(b, integers[i].name, integers[i].value);
  for (size_t i = 0; i < array_len(strings); i++)
    if (fields & strings[i].field && strings[i].value)
      json_str(b, strings[i].name, strings[i].value);
  json_close(b, '}');
  if (b->len == start + 2)
    b->len = start;
}

/* Parses text and reads it by a table. The strings of *target point into *ret, which the caller frees. */
static int read_object(const char *text, size_t n, const struct json_field *fields, size_t n_fields, void *target,
                       struct json **ret)
{
  struct json_error error;
  if (json_parse(text, n, ret, &error) < 0 || json_read(*ret, fields, n_fields, target, &error) < 0)
    return -EUCLEAN;
  return 0;
}

int columns_json_read_before(const char *text, size_t n, struct ticket *ret)
{
  cleanup(json_freep) struct json *j = NULL;
  struct before b = {0};
  int64_t rank = 0;
  if (text && read_object(text, n, before_fields, array_len(before_fields), &b, &j) < 0)
    return -EUCLEAN;
  if (b.rank && util_parse_i64(b.rank, INT64_MIN, INT64_MAX, &rank) < 0)
    return -EUCLEAN;
  *ret = (struct ticket){.state = (uint8_t)b.state,
                         .calls = (uint16_t)b.calls,
                         .delivery = (uint8_t)b.delivery,
                         .called_at = b.called_at,
                         .call_event = b.call_event,
                         .closed_at = b.closed_at,
                         .rank = rank,
                         .held_at = b.held_at,
                         .party_size = (uint16_t)b.party_size,
                         .undo = {[UNDO_PHONED] = b.phoned},
                         .person = person_new(b.name, b.phone, b.note)};
  return 0;
}

/* --- settings, as settings_json() writes them --- */

struct settings_text {
  const char *name;
  const char *cutover;
  const struct json *lines;
  const struct json *languages;
  const struct json *texts;
  const struct json *panel;
  int64_t no_show_after_s;
};
struct texts_text {
  const char *welcome;
  const char *closed;
};
struct line_text {
  const char *id;
  const char *name;
  const char *prefix;
};
struct panel_text {
  bool double_press;
};

#define FIELD(owner, member, kind, ...)                                                                                \
  {#member, JSON_##kind, offsetof(struct owner, member), .required = true, __VA_ARGS__}
static const struct json_field settings_fields[] = {
    FIELD(settings_text, name, STRING, .high = LIMIT_BOOTH),
    FIELD(settings_text, lines, ARRAY, .low = 1, .high = LIMIT_LINES),
    FIELD(settings_text, no_show_after_s, INT, .high = LIMIT_NO_SHOW_S),
    FIELD(settings_text, cutover, STRING, .low = 5, .high = 5),
    FIELD(settings_text, languages, ARRAY, .low = 1, .high = 2),
    FIELD(settings_text, texts, OBJECT),
    FIELD(settings_text, panel, OBJECT),
};
static const struct json_field texts_fields[] = {
    FIELD(texts_text, welcome, STRING, .high = LIMIT_TEXT, .lines = true),
    FIELD(texts_text, closed, STRING, .high = LIMIT_TEXT, .lines = true),
};
static const struct json_field line_fields[] = {
    FIELD(line_text, id, STRING, .high = LIMIT_LINE_ID),
    FIELD(line_text, name, STRING, .high = LIMIT_LINE_NAME),
    FIELD(line_text, prefix, STRING, .high = LIMIT_PREFIX),
};
static const struct json_field panel_fields[] = {FIELD(panel_text, double_press, BOOL)};

#define READ(object, fields, target) json_read(object, fields, array_len(fields), target, &(struct json_error){0})

static int read_line(const struct json *j, struct line *ret)
{
  struct line_text t = {0};
  if (READ(j, line_fields, &t) < 0 || !util_copy(ret->id, sizeof ret->id, t.id) ||
      !util_copy(ret->name, sizeof ret->name, t.name) || !util_copy(ret->prefix, sizeof ret->prefix, t.prefix))
    return -EUCLEAN;
  return 0;
}

/* "06:00" */
static int read_cutover(const char *s, int32_t *ret_min)
{
  char hours[3] = {s[0], s[1]};
  int64_t h;
  int64_t m;
  if (s[2] != ':' || util_parse_i64(hours, 0, 23, &h) < 0 || util_parse_i64(s + 3, 0, 59, &m) < 0)
    return -EUCLEAN;
  *ret_min = (int32_t)(h * 60 + m);
  return 0;
}

int columns_json_read_settings(const char *text, size_t n, struct settings *ret)
{
  cleanup(json_freep) struct json *j = NULL;
  struct settings_text t = {0};
  struct texts_text texts = {0};
  struct panel_text panel = {0};
  struct settings s = {0};
  if (read_object(text, n, settings_fields, array_len(settings_fields), &t, &j) < 0 ||
      READ(t.texts, texts_fields, &texts) < 0 || READ(t.panel, panel_fields, &panel) < 0 ||
      read_cutover(t.cutover, &s.cutover_min) < 0)
    return -EUCLEAN;
  if (!util_copy(s.name, sizeof s.name, t.name) || !util_copy(s.welcome, sizeof s.welcome, texts.welcome) ||
      !util_copy(s.closed, sizeof s.closed, texts.closed))
    return -EUCLEAN;
  for (size_t i = 0; i < json_size(t.lines); i++)
    if (read_line(json_at(t.lines, i), &s.lines[s.n_lines++]) < 0)
      return -EUCLEAN;
  for (size_t i = 0; i < json_size(t.languages); i++) {
    const char *language = json_string(json_at(t.languages, i));
    if (!language || !*language || !util_copy(s.languages[i], sizeof s.languages[i], language))
      return -EUCLEAN;
  }
  s.double_press = panel.double_press;
  s.no_show_after_s = (int32_t)t.no_show_after_s;
  *ret = s;
  return 0;
}

/* --- intake --- */

struct intake_text {
  int64_t state;
  int64_t resume_at;
};
static const struct json_field intake_fields[] = {
    FIELD(intake_text, state, INT, .high = INTAKE_CLOSED),
    FIELD(intake_text, resume_at, INT, .high = INT64_MAX),
};

void columns_json_write_intake(struct buf *b, const struct intake *i)
{
  json_open(b, NULL, '{');
  json_int(b, "state", i->state);
  json_int(b, "resume_at", i->resume_at);
  json_close(b, '}');
}

int columns_json_read_intake(const char *text, size_t n, struct intake *ret)
{
  cleanup(json_freep) struct json *j = NULL;
  struct intake_text t = {0};
  if (read_object(text, n, intake_fields, array_len(intake_fields), &t, &j) < 0)
    return -EUCLEAN;
  *ret = (struct intake){.state = (uint8_t)t.state, .resume_at = t.resume_at};
  return 0;
}

/* --- the hub's message --- */

struct message_text {
  int64_t at;
  const char *text;
};
static const struct json_field message_fields[] = {
    FIELD(message_text, at, INT, .high = INT64_MAX),
    FIELD(message_text, text, STRING, .high = LIMIT_MESSAGE, .lines = true),
};

void columns_json_write_message(struct buf *b, const struct notice *m)
{
  json_open(b, NULL, '{');
  json_int(b, "at", m->at);
  json_str(b, "text", m->text);
  json_close(b, '}');
}

int columns_json_read_message(const char *text, size_t n, struct notice *ret)
{
  cleanup(json_freep) struct json *j = NULL;
  struct message_text t = {0};
  if (read_object(text, n, message_fields, array_len(message_fields), &t, &j) < 0)
    return -EUCLEAN;
  ret->at = t.at;
  return util_copy(ret->text, sizeof ret->text, t.text) ? 0 : -EUCLEAN;
}
