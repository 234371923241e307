/* format_queue.c - rows are shown in the order in which the daemon gives them: the order is its decision, not ours. */
#include "boothctl/format_queue.h"

#include "base/clock.h"
#include "base/text.h"

const char *list_text(const struct json *object, const char *name)
{
  const char *s = json_string(json_get(object, name));
  return s ? s : "";
}

int64_t list_int(const struct json *object, const char *name)
{
  return (int64_t)json_number(json_get(object, name));
}

int64_t list_time(const struct json *object, const char *name)
{
  int64_t ms = 0;
  return text_parse_time(list_text(object, name), &ms) < 0 ? 0 : ms;
}

void list_clock(char to[static 20], int64_t wall_ms, int64_t now_ms)
{
  char text[20];
  clock_local_text(text, wall_ms);
  bool near = llabs(wall_ms - now_ms) < 12 * 3600000LL;
  strcpy(to, near && strlen(text) == 19 ? text + 11 : text);
}

bool list_active(const struct json *ticket)
{
  const char *state = list_text(ticket, "state");
  return strcmp(state, "waiting") == 0 || strcmp(state, "called") == 0;
}

/* For whom is it waited, and since when: a guest since the issue, the staff since the call. */
static void since(char to[static 24], const struct json *ticket, int64_t now_ms)
{
  bool called = strcmp(list_text(ticket, "state"), "called") == 0;
  int64_t from = list_time(ticket, called ? "called_at" : "issued_at"), closed = list_time(ticket, "closed_at");
  if (list_active(ticket))
    term_span(to, now_ms - from);
  else
    list_clock(to, closed, now_ms);
}

static void add_remarks(struct buf *b, const struct json *ticket, const char *day)
{
  const char *delivery = list_text(ticket, "delivery"), *issued = list_text(ticket, "day");
  if (list_int(ticket, "calls") > 1)
    buf_fmt(b, "[%d calls]", (int)list_int(ticket, "calls"));
  if (json_true(json_get(ticket, "held")))
    buf_str(b, "[held]");
  if (*delivery)
    buf_fmt(b, "[%s]", delivery);
  if (strcmp(issued, day) != 0)
    buf_fmt(b, "[%s]", issued);
}

void list_fill(struct table *t, const struct json *snapshot, enum list_which which, const char *line, int64_t now_ms)
{
  static const char *const headings[LIST_COLUMNS] = {"NUMBER", "STATE", "PARTY", "SINCE", "NAME", "PHONE", "NOTE", ""};
  for (size_t i = 0; i < array_len(headings); i++)
    table_add(t, headings[i]);
  const struct json *ticket = json_at(json_get(snapshot, "tickets"), 0);
  for (; ticket; ticket = json_next(ticket)) {
    if ((which == LIST_ACTIVE && !list_active(ticket)) || (line && strcmp(line, list_text(ticket, "line")) != 0))
      continue;
    char span[24];
    autobuf struct buf remarks = {0};
    add_remarks(&remarks, ticket, list_text(snapshot, "day"));
    since(span, ticket, now_ms);
    table_add(t, list_text(ticket, "number"));
    table_add(t, list_text(ticket, "state"));
    table_fmt(t, "%d", (int)list_int(ticket, "party_size"));
    table_add(t, span);
    table_add(t, list_text(ticket, "name"));
    table_add(t, list_text(ticket, "phone"));
    table_add(t, list_text(ticket, "note"));
    table_add(t, remarks.data);
  }
}

void list_counts(struct buf *b, const struct json *snapshot)
{
  const struct json *lines = json_get(snapshot, "lines"), *line = json_at(lines, 0);
  for (; line; line = json_next(line)) {
    if (json_size(lines) > 1) {
      term_text(b, list_text(line, "name"));
      buf_fmt(b, " (%s) ", list_text(line, "id"));
    }
    buf_fmt(b, "%d waiting%s", (int)list_int(line, "waiting"), json_next(line) ? ", " : "");
  }
}

void list_intake(struct buf *b, const struct json *intake)
{
  int64_t until = list_time(intake, "resume_at");
  char text[20];
  term_text(b, list_text(intake, "state"));
  if (until) {
    list_clock(text, until, clock_wall_ms());
    buf_fmt(b, " until %s", text);
  }
}

void list_warnings(struct buf *b, const struct json *warnings)
{
  const struct json *warning = json_at(warnings, 0);
  for (const char *between = ""; warning; warning = json_next(warning), between = ", ") {
    buf_str(b, between);
    term_text(b, json_string(warning) ? json_string(warning) : "");
  }
}

void list_ticket(struct buf *b, const struct json *ticket)
{
  const char *name = list_text(ticket, "name");
  term_text(b, list_text(ticket, "number"));
  buf_str(b, "  ");
  term_text(b, list_text(ticket, "state"));
  buf_fmt(b, "  party of %d%s", (int)list_int(ticket, "party_size"), *name ? "  " : "");
  term_text(b, name);
}
