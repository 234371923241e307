/* event_parse.c - unknown members and unknown types are ignored: a booth may be newer than its hub. A wrong known
 * member sends the event to the quarantine, so that nothing is built on half an event.
 */
#include "hub/ingest/event_parse.h"

#include "base/text.h"

#define EXACT (INT64_C(1) << 53)

static const char *const kind_types[EVENT_KINDS] = {
    [KIND_ISSUED] = "ticket.issued",   [KIND_CALLED] = "ticket.called", [KIND_INTAKE] = "intake.changed",
    [KIND_DAY] = "day.started",        [KIND_EPOCH] = "epoch.started",  [KIND_SETTINGS] = "settings.changed",
    [KIND_REFUSED] = "remote.refused", [KIND_ERASED] = "people.erased",
};

/* --- a ticket --- */

/* A rank is sent as text: JSON numbers cannot hold 64 bits. */
static bool read_rank(const struct json *j, int64_t *ret)
{
  const char *text = json_string(json_get(j, "rank"));
  return text && util_parse_i64(text, INT64_MIN, INT64_MAX, ret) == 0;
}

static bool read_ticket_integers(const struct json *j, struct parsed_ticket *t)
{
  return json_get_int(j, "id", 1, EXACT, &t->id) && json_get_int(j, "version", 1, EXACT, &t->version) &&
         json_get_int(j, "day", 0, EXACT, &t->day) && json_get_int(j, "party_size", 0, EXACT, &t->party_size) &&
         json_get_int(j, "calls", 0, EXACT, &t->calls) && json_get_int(j, "held_at", 0, EXACT, &t->held_at) &&
         json_get_int(j, "call_event", 0, EXACT, &t->call_event) && read_rank(j, &t->rank);
}

static bool read_ticket_texts(const struct json *j, struct parsed_ticket *t)
{
  return json_get_text(j, "number", t->number, sizeof t->number) && json_get_text(j, "line", t->line, sizeof t->line) &&
         json_get_text(j, "state", t->state, sizeof t->state) &&
         json_get_text(j, "source", t->source, sizeof t->source) &&
         (json_get_text(j, "delivery", t->delivery, sizeof t->delivery) || json_is_null(json_get(j, "delivery")));
}

static bool read_ticket_times(const struct json *j, struct parsed_ticket *t)
{
  return json_get_optional_time(j, "issued_at", &t->issued_at) &&
         json_get_optional_time(j, "called_at", &t->called_at) && json_get_optional_time(j, "closed_at", &t->closed_at);
}

bool event_parse_ticket(const struct json *j, struct parsed_ticket *ret)
{
  struct parsed_ticket t = {0};
  if (!read_ticket_integers(j, &t) || !read_ticket_texts(j, &t) || !read_ticket_times(j, &t))
    return false;
  if (json_get(j, "token")) {
    t.has_token = json_get_hex(j, "token", t.token, sizeof t.token);
    if (!t.has_token)
      return false;
  }
  *ret = t;
  return true;
}

/* --- an event --- */

static const char *read_event(const struct json *j, int64_t seq, struct parsed_event *e)
{
  int64_t own;
  if (!json_get_int(j, "seq", 1, EXACT, &own) || own != seq)
    return "its seq is not that of its place";
  if (!json_get_text(j, "type", e->type, sizeof e->type))
    return "it has no type";
  if (!json_get_text(j, "boot", e->boot, sizeof e->boot) || !json_get_int(j, "mono_ms", 0, EXACT, &e->mono_ms) ||
      !json_get_optional_time(j, "wall", &e->wall_ms))
    return "it has no time";
  e->trusted = json_true(json_get(j, "trusted"));
  for (size_t i = 1; i < EVENT_KINDS; i++)
    if (strcmp(kind_types[i], e->type) == 0)
      e->kind = (enum event_kind)i;
  const struct json *ticket = json_get(j, "ticket");
  if (ticket && !json_is_null(ticket) && !event_parse_ticket(ticket, &e->ticket))
    return "its ticket is not whole";
  if (json_get(j, "remote")) {
    e->has_remote = json_get_hex(j, "remote", e->remote, sizeof e->remote);
    if (!e->has_remote)
      return "its remote is no id";
  }
  return NULL;
}

const char *event_parse(const char *text, size_t n, int64_t seq, struct parsed_event *ret)
{
  struct json *j = NULL;
  struct json_error error;
  *ret = (struct parsed_event){0};
  if (json_parse(text, n, &j, &error) < 0)
    return "it is not JSON";
  const char *why = read_event(j, seq, ret);
  if (why)
    *ret = (struct parsed_event){0};
  else if (ret->kind >= KIND_INTAKE)
    ret->json = take(j);
  json_free(j);
  return why;
}

void parsed_event_done(struct parsed_event *e)
{
  json_free(e->json);
  e->json = NULL;
}
