/* format_queue.c - rows keep the daemon's order, which only the daemon decides. */
#include "boothctl/format_queue.h"

#include "base/clock.h"
#include "boothctl/term.h"

bool ticket_is_active(const struct json *ticket)
{
  const char *state = json_text_or_empty(ticket, "state");
  return strcmp(state, "waiting") == 0 || strcmp(state, "called") == 0;
}

/* The time since the issue, or since the call if it is called; for a closed ticket the time of day it was closed. */
static void format_since(char to[static 24], const struct json *ticket, int64_t now_ms)
{
  bool called = strcmp(json_text_or_empty(ticket, "state"), "called") == 0;
  if (ticket_is_active(ticket))
    term_duration(to, now_ms - json_time_or_zero(ticket, called ? "called_at" : "issued_at"));
  else
    term_time(to, json_time_or_zero(ticket, "closed_at"), now_ms);
}

static void add_remarks(struct buf *b, const struct json *ticket, const char *day)
{
  const char *delivery = json_text_or_empty(ticket, "delivery"), *issued = json_text_or_empty(ticket, "day");
  if (json_int_or_zero(ticket, "calls") > 1)
    buf_fmt(b, "[%d calls]", (int)json_int_or_zero(ticket, "calls"));
  if (json_true(json_get(ticket, "held")))
    buf_str(b, "[held]");
  if (*delivery)
    buf_fmt(b, "[%s]", delivery);
  if (strcmp(issued, day) != 0)
    buf_fmt(b, "[%s]", issued);
}

void format_queue(struct table *t, const struct json *snapshot, enum queue_filter which, const char *line,
                  int64_t now_ms)
{
  static const char *const headings[QUEUE_COLUMNS] = {"NUMBER", "STATE", "PARTY", "SINCE", "NAME", "PHONE", "NOTE", ""};
  for (size_t i = 0; i < array_len(headings); i++)
    table_add(t, headings[i]);
  const struct json *ticket = json_at(json_get(snapshot, "tickets"), 0);
  for (; ticket; ticket = json_next(ticket)) {
    if ((which == QUEUE_ACTIVE && !ticket_is_active(ticket)) ||
        (line && strcmp(line, json_text_or_empty(ticket, "line")) != 0))
      continue;
    char since[24];
    autobuf struct buf remarks = {0};
    add_remarks(&remarks, ticket, json_text_or_empty(snapshot, "day"));
    format_since(since, ticket, now_ms);
    table_add(t, json_text_or_empty(ticket, "number"));
    table_add(t, json_text_or_empty(ticket, "state"));
    table_fmt(t, "%d", (int)json_int_or_zero(ticket, "party_size"));
    table_add(t, since);
    table_add(t, json_text_or_empty(ticket, "name"));
    table_add(t, json_text_or_empty(ticket, "phone"));
    table_add(t, json_text_or_empty(ticket, "note"));
    table_add(t, remarks.data);
  }
}

void format_counts(struct buf *b, const struct json *snapshot)
{
  const struct json *lines = json_get(snapshot, "lines"), *line = json_at(lines, 0);
  for (; line; line = json_next(line)) {
    if (json_size(lines) > 1) {
      term_text(b, json_text_or_empty(line, "name"));
      buf_fmt(b, " (%s) ", json_text_or_empty(line, "id"));
    }
    buf_fmt(b, "%d waiting%s", (int)json_int_or_zero(line, "waiting"), json_next(line) ? ", " : "");
  }
}

void format_intake(struct buf *b, const struct json *intake)
{
  int64_t until = json_time_or_zero(intake, "resume_at");
  char text[20];
  term_text(b, json_text_or_empty(intake, "state"));
  if (until) {
    term_time(text, until, clock_wall_ms());
    buf_fmt(b, " until %s", text);
  }
}

void format_ticket(struct buf *b, const struct json *ticket)
{
  const char *name = json_text_or_empty(ticket, "name");
  term_text(b, json_text_or_empty(ticket, "number"));
  buf_str(b, "  ");
  term_text(b, json_text_or_empty(ticket, "state"));
  buf_fmt(b, "  party of %d%s", (int)json_int_or_zero(ticket, "party_size"), *name ? "  " : "");
  term_text(b, name);
}
