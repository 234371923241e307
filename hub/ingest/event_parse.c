/* event_parse.c - members that are not known here are ignored, and so are types: a booth may be newer than its hub. But
 * what is known must be what it must be, or the event goes to the quarantine, for nothing must be built on half of it.
 */
#include "hub/ingest/event_parse.h"

#include "base/buf.h"
#include "base/text.h"

#define EXACT (INT64_C(1) << 53)

static const char *const kinds[EVENT_KINDS] = {
    [KIND_ISSUED] = "ticket.issued",   [KIND_CALLED] = "ticket.called", [KIND_INTAKE] = "intake.changed",
    [KIND_DAY] = "day.started",        [KIND_EPOCH] = "epoch.started",  [KIND_SETTINGS] = "settings.changed",
    [KIND_REFUSED] = "remote.refused", [KIND_ERASED] = "people.erased",
};

/* --- members --- */

/* null and absent are 0. */
static bool read_time(const struct json *object, const char *name, int64_t *ret)
{
  const struct json *j = json_get(object, name);
  const char *text = json_string(j);
  return text ? text_parse_time(text, ret) == 0 : !j || json_is_null(j);
}

/* --- a ticket --- */

static bool read_rank(const struct json *j, int64_t *ret)
{
  const char *text = json_string(json_get(j, "rank"));
  return text && util_parse_i64(text, INT64_MIN, INT64_MAX, ret) == 0;
}

bool parsed_ticket(const struct json *j, struct parsed_ticket *ret)
{
  struct parsed_ticket t = {0};
  bool ok = json_get_int(j, "id", 1, EXACT, &t.id) && json_get_int(j, "version", 1, EXACT, &t.version) &&
            json_get_int(j, "day", 0, EXACT, &t.day) && json_get_int(j, "party_size", 0, EXACT, &t.party_size) &&
            json_get_int(j, "calls", 0, EXACT, &t.calls) && json_get_int(j, "held_at", 0, EXACT, &t.held_at) &&
            json_get_int(j, "call_event", 0, EXACT, &t.call_event) && read_rank(j, &t.rank) &&
            json_get_text(j, "number", t.number, sizeof t.number) && json_get_text(j, "line", t.line, sizeof t.line) &&
            json_get_text(j, "state", t.state, sizeof t.state) &&
            json_get_text(j, "source", t.source, sizeof t.source) && read_time(j, "issued_at", &t.issued_at) &&
            read_time(j, "called_at", &t.called_at) && read_time(j, "closed_at", &t.closed_at);
  if (!ok || (!json_get_text(j, "delivery", t.delivery, sizeof t.delivery) && !json_is_null(json_get(j, "delivery"))))
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

static const char *read_event(struct json *j, int64_t seq, struct parsed_event *d)
{
  int64_t own;
  if (!json_get_int(j, "seq", 1, EXACT, &own) || own != seq)
    return "it says another seq than its place";
  if (!json_get_text(j, "type", d->type, sizeof d->type))
    return "it has no type";
  if (!json_get_text(j, "boot", d->boot, sizeof d->boot) || !json_get_int(j, "mono_ms", 0, EXACT, &d->mono_ms) ||
      !read_time(j, "wall", &d->wall_ms))
    return "it does not say when";
  d->trusted = json_true(json_get(j, "trusted"));
  for (size_t i = 1; i < EVENT_KINDS; i++)
    if (strcmp(kinds[i], d->type) == 0)
      d->kind = (enum event_kind)i;
  const struct json *ticket = json_get(j, "ticket");
  if (ticket && !json_is_null(ticket) && !parsed_ticket(ticket, &d->ticket))
    return "its ticket is not whole";
  if (json_get(j, "remote")) {
    d->has_remote = json_get_hex(j, "remote", d->remote, sizeof d->remote);
    if (!d->has_remote)
      return "its item is no id";
  }
  return NULL;
}

const char *event_parse(const char *text, size_t n, int64_t seq, struct parsed_event *ret)
{
  struct json *j = NULL;
  struct json_error e;
  *ret = (struct parsed_event){0};
  if (json_parse(text, n, &j, &e) < 0)
    return "it is not JSON";
  const char *why = read_event(j, seq, ret);
  if (why)
    *ret = (struct parsed_event){0};
  else if (ret->kind >= KIND_INTAKE)
    ret->json = take(j);
  json_free(j);
  return why;
}

void parsed_event_done(struct parsed_event *d)
{
  json_free(d->json);
  d->json = NULL;
}
