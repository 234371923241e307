/* json.c - cJSON is lenient: it accepts 01, 1e999 and invalid UTF-8, and cuts a string at \u0000. So one scan
 * refuses, token by token, all that another parser, the queue or a log could read differently; cJSON then checks the
 * grammar.
 */
#include "base/json.h"
#include "base/text.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#define MAX_EXACT 9007199254740992 /* 2^53: beyond, a double skips integers */

static struct json *from_cjson(cJSON *j)
{
  return (struct json *)j;
}

static const cJSON *to_cjson(const struct json *j)
{
  return (const cJSON *)j;
}

/* Copies as many whole code points as fit. */
static void copy_truncated(char *to, size_t size, const char *s)
{
  size_t n = strnlen(s, size - 1);
  while (n && utf8_length(s, n) < 0)
    n--;
  memcpy(to, s, n);
  to[n] = '\0';
}

static int printf_like(4, 5) json_fail(struct json_error *ret_error, int r, const char *field, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  vsnprintf(ret_error->detail, sizeof ret_error->detail, format, args);
  va_end(args);
  copy_truncated(ret_error->field, sizeof ret_error->field, field);
  return r;
}

/* --- the scan: each function moves *at past what it read, or returns what is wrong --- */

/* The number of a \uXXXX; -1 if s does not begin with one. */
static long code_unit(const char *s, const char *end)
{
  char digits[5] = "";
  if (end - s < 6 || s[0] != '\\' || s[1] != 'u')
    return -1;
  memcpy(digits, s + 2, 4);
  return strspn(digits, "0123456789abcdefABCDEF") == 4 ? strtol(digits, NULL, 16) : -1;
}

static const char *scan_escape(const char **at, const char *end)
{
  long unit = code_unit(*at, end), second;
  if (end - *at < 2)
    return "a string has no end";
  if ((*at)[1] != 'u') { /* of two characters; cJSON checks the second */
    *at += 2;
    return NULL;
  }
  if (unit < 0)
    return "a string contains a broken \\u";
  *at += 6;
  if (unit == 0)
    return "a string contains \\u0000";
  if (unit < 0xd800 || unit > 0xdfff)
    return NULL;
  second = code_unit(*at, end);
  if (unit > 0xdbff || second < 0xdc00 || second > 0xdfff)
    return "a string contains half of a surrogate pair";
  *at += 6;
  return NULL;
}

static const char *scan_string(const char **at, const char *end)
{
  for (++*at; *at < end && **at != '"';) {
    if ((unsigned char)**at < ' ')
      return "a string contains a control character";
    if (**at != '\\') {
      ++*at;
      continue;
    }
    const char *wrong = scan_escape(at, end);
    if (wrong)
      return wrong;
  }
  if (*at == end)
    return "a string has no end";
  ++*at;
  return NULL;
}

static const char *scan_number(const char **at, const char *end)
{
  const char *s = *at + (**at == '-');
  int64_t v = 0;
  int digits = 0;
  for (; s < end && *s >= '0' && *s <= '9' && digits <= 16; s++, digits++)
    v = v * 10 + (*s - '0');
  if (digits == 0 || (digits > 1 && s[-digits] == '0') || (s < end && strchr(".eE+-", *s) && *s))
    return "a number is not a plain integer";
  if (digits > 16 || v > MAX_EXACT)
    return "a number is too large";
  *at = s;
  return NULL;
}

/* Values are counted by the [ { , before them; an empty list counts one too many. */
static const char too_many[] = "the text has too many values";

static const char *scan_text(const char *at, const char *end)
{
  if (utf8_length(at, (size_t)(end - at)) < 0)
    return "the text is not UTF-8";
  if (end - at >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0)
    return "the text begins with a byte order mark";
  const char *wrong = NULL;
  size_t values = 1;
  for (int depth = 0; at < end && !wrong;) {
    unsigned char c = (unsigned char)*at;
    if (c == '"') {
      wrong = scan_string(&at, end);
    } else if (c == '-' || (c >= '0' && c <= '9')) {
      wrong = scan_number(&at, end);
    } else {
      depth += (c == '[' || c == '{') - (c == ']' || c == '}');
      values += c == '[' || c == '{' || c == ',';
      if (depth > LIMIT_JSON_DEPTH)
        wrong = "the text is nested too deeply";
      else if (values > LIMIT_JSON_VALUES)
        wrong = too_many;
      else if (c < ' ' && c != '\t' && c != '\n' && c != '\r')
        wrong = "the text contains a control character";
      at++;
    }
  }
  return wrong;
}

int json_parse(const char *text, size_t n, struct json **ret, struct json_error *ret_error)
{
  const char *wrong = scan_text(text, text + n);
  if (wrong)
    return json_fail(ret_error, -EBADMSG, "", "%s", wrong);
  if (json_parse_answer(text, n, ret) < 0)
    return json_fail(ret_error, -EBADMSG, "", "the text is not JSON");
  return 0;
}

int json_check(const char *text, size_t n)
{
  const char *wrong = scan_text(text, text + n);
  return wrong == too_many ? -EFBIG : wrong ? -EBADMSG : 0;
}

int json_parse_answer(const char *text, size_t n, struct json **ret)
{
  autofree char *ended = xcalloc(n + 1, 1); /* cJSON refuses what follows the value only if it sees the NUL */
  memcpy(ended, text, n);
  cJSON *j = cJSON_ParseWithLengthOpts(ended, n + 1, NULL, 1);
  if (!j)
    return -EBADMSG;
  *ret = from_cjson(j);
  return 0;
}

void json_free(struct json *j)
{
  cJSON_Delete((cJSON *)j);
}

void json_freep(struct json **j)
{
  json_free(*j);
}

/* --- reading by tables: each type's function stores at `to`, or says what the value must be --- */

static bool is_printable(const char *s, bool lines)
{
  for (const unsigned char *p = (const unsigned char *)s; *p; p++) {
    bool c1 = p[0] == 0xc2 && p[1] < 0xa0; /* U+0080..U+009F */
    if ((*p < ' ' && !(lines && (*p == '\n' || *p == '\t'))) || *p == 0x7f || c1)
      return false;
  }
  return true;
}

static int read_int(const cJSON *j, const struct json_field *f, void *to, struct json_error *ret_error)
{
  if (!cJSON_IsNumber(j) || j->valuedouble < (double)f->low || j->valuedouble > (double)f->high)
    return json_fail(ret_error, -EINVAL, f->name, "must be an integer from %lld to %lld", (long long)f->low,
                     (long long)f->high);
  *(int64_t *)to = (int64_t)j->valuedouble;
  return 0;
}

static int read_bool(const cJSON *j, const struct json_field *f, void *to, struct json_error *ret_error)
{
  if (!cJSON_IsBool(j))
    return json_fail(ret_error, -EINVAL, f->name, "must be true or false");
  *(bool *)to = cJSON_IsTrue(j);
  return 0;
}

static int read_string(const cJSON *j, const struct json_field *f, void *to, struct json_error *ret_error)
{
  int length = cJSON_IsString(j) ? utf8_length(j->valuestring, strlen(j->valuestring)) : -1;
  if (length < f->low || length > f->high)
    return json_fail(ret_error, -EINVAL, f->name, "must be a text of %lld to %lld characters",
                     (long long)max(f->low, 0), (long long)f->high);
  if (!is_printable(j->valuestring, f->lines))
    return json_fail(ret_error, -EINVAL, f->name, "must not contain control characters");
  *(const char **)to = j->valuestring;
  return 0;
}

static int read_enum(const cJSON *j, const struct json_field *f, void *to, struct json_error *ret_error)
{
  char list[96] = "";
  for (int i = 0; f->names[i]; i++) {
    if (cJSON_IsString(j) && strcmp(f->names[i], j->valuestring) == 0) {
      *(int *)to = i;
      return 0;
    }
    size_t n = strlen(list);
    snprintf(list + n, sizeof list - n, "%s%s", i ? ", " : "", f->names[i]);
  }
  return json_fail(ret_error, -EINVAL, f->name, "must be one of %s", list);
}

static int read_object(const cJSON *j, const struct json_field *f, void *to, struct json_error *ret_error)
{
  if (!cJSON_IsObject(j))
    return json_fail(ret_error, -EINVAL, f->name, "must be an object");
  *(const cJSON **)to = j;
  return 0;
}

static int read_array(const cJSON *j, const struct json_field *f, void *to, struct json_error *ret_error)
{
  int size = cJSON_IsArray(j) ? cJSON_GetArraySize(j) : -1;
  if (size < 0 || size < f->low || size > f->high)
    return json_fail(ret_error, -EINVAL, f->name, "must be a list of %lld to %lld elements", (long long)f->low,
                     (long long)f->high);
  *(const cJSON **)to = j;
  return 0;
}

static int (*const readers[])(const cJSON *, const struct json_field *, void *, struct json_error *) = {
    [JSON_INT] = read_int,   [JSON_BOOL] = read_bool,     [JSON_STRING] = read_string,
    [JSON_ENUM] = read_enum, [JSON_OBJECT] = read_object, [JSON_ARRAY] = read_array,
};

int json_read(const struct json *object, const struct json_field *fields, size_t n_fields, void *target,
              struct json_error *ret_error)
{
  const cJSON *o = to_cjson(object), *member;
  uint64_t seen = 0;
  if (!cJSON_IsObject(o))
    return json_fail(ret_error, -EINVAL, "", "must be an object");
  cJSON_ArrayForEach(member, o)
  {
    size_t i = 0;
    while (i < n_fields && strcmp(fields[i].name, member->string) != 0)
      i++;
    if (i == n_fields)
      return json_fail(ret_error, -EINVAL, member->string, "is not known here");
    const struct json_field *f = &fields[i];
    if (seen & UINT64_C(1) << i)
      return json_fail(ret_error, -EINVAL, f->name, "is given twice");
    seen |= UINT64_C(1) << i;
    if (!(f->nullable && cJSON_IsNull(member))) {
      int r = readers[f->type](member, f, (char *)target + f->offset, ret_error);
      if (r < 0)
        return r;
    }
    if (f->present)
      *(bool *)((char *)target + f->present) = true;
  }
  for (size_t i = 0; i < n_fields; i++)
    if (fields[i].required && !(seen & UINT64_C(1) << i))
      return json_fail(ret_error, -EINVAL, fields[i].name, "is missing");
  return 0;
}

size_t json_size(const struct json *array)
{
  return (size_t)cJSON_GetArraySize(to_cjson(array));
}

const struct json *json_at(const struct json *array, size_t i)
{
  return from_cjson(cJSON_GetArrayItem(to_cjson(array), (int)i));
}

const char *json_string(const struct json *j)
{
  return cJSON_IsString(to_cjson(j)) ? to_cjson(j)->valuestring : NULL;
}

const struct json *json_get(const struct json *object, const char *name)
{
  return from_cjson(cJSON_GetObjectItemCaseSensitive(to_cjson(object), name));
}

const struct json *json_next(const struct json *element)
{
  return element ? from_cjson(to_cjson(element)->next) : NULL;
}

double json_number(const struct json *j)
{
  return cJSON_IsNumber(to_cjson(j)) ? to_cjson(j)->valuedouble : 0;
}

bool json_true(const struct json *j)
{
  return cJSON_IsTrue(to_cjson(j));
}

bool json_is_null(const struct json *j)
{
  return cJSON_IsNull(to_cjson(j));
}

bool json_is_number(const struct json *j)
{
  return cJSON_IsNumber(to_cjson(j));
}

bool json_get_int(const struct json *object, const char *name, int64_t low, int64_t high, int64_t *ret)
{
  const struct json *j = json_get(object, name);
  double v = json_number(j);
  if (!json_is_number(j) || v < (double)low || v > (double)high)
    return false;
  *ret = (int64_t)v;
  return true;
}

bool json_get_hex(const struct json *object, const char *name, void *to, size_t n)
{
  const char *hex = json_string(json_get(object, name));
  return hex && util_unhex(to, n, hex) == 0;
}

bool json_get_text(const struct json *object, const char *name, char *to, size_t size)
{
  const char *text = json_string(json_get(object, name));
  return text && util_copy(to, size, text);
}

const char *json_text_or_empty(const struct json *object, const char *name)
{
  const char *s = json_string(json_get(object, name));
  return s ? s : "";
}

int64_t json_int_or_zero(const struct json *object, const char *name)
{
  return (int64_t)json_number(json_get(object, name));
}

int64_t json_time_or_zero(const struct json *object, const char *name)
{
  int64_t ms = 0;
  return text_parse_time(json_text_or_empty(object, name), &ms) < 0 ? 0 : ms;
}

bool json_get_optional_time(const struct json *object, const char *name, int64_t *ret_wall_ms)
{
  const struct json *j = json_get(object, name);
  const char *text = json_string(j);
  if (text)
    return text_parse_time(text, ret_wall_ms) == 0;
  if (j && !json_is_null(j))
    return false;
  *ret_wall_ms = 0;
  return true;
}

bool json_get_optional_string(const struct json *object, const char *name, const char **ret)
{
  const struct json *j = json_get(object, name);
  const char *text = json_string(j);
  if (!text && j && !json_is_null(j))
    return false;
  *ret = text;
  return true;
}
