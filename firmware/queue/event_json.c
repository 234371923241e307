/* event_json.c - tickets and events as JSON.
 *
 * One function writes a ticket for all its readers, so that a member has one name and one form everywhere. The
 * journal's form is fixed for ever: it is hashed, compared and sent as written, and must be enough to replay a night.
 */
#include "queue/event_json.h"
#include "base/json_write.h"

#include <errno.h>
#include <stdio.h>

static const struct {
  int32_t actor;
  const char *name;
} actors[] = {
    {ACTOR_NONE, "none"}, {ACTOR_BUTTON, "button"}, {ACTOR_TIMER, "timer"}, {ACTOR_HUB, "hub"}, {ACTOR_CLI, "cli"}};

#define ACTOR_DEVICE "device:"

void actor_text(char to[static 24], int32_t actor)
{
  snprintf(to, 24, ACTOR_DEVICE "%d", actor);
  for (size_t i = 0; i < array_len(actors); i++)
    if (actors[i].actor == actor)
      util_copy(to, 24, actors[i].name);
}

int actor_parse(const char *s, int32_t *ret)
{
  for (size_t i = 0; i < array_len(actors); i++)
    if (strcmp(actors[i].name, s) == 0) {
      *ret = actors[i].actor;
      return 0;
    }
  int64_t device;
  size_t prefix = strlen(ACTOR_DEVICE);
  if (strncmp(s, ACTOR_DEVICE, prefix) != 0 || util_parse_i64(s + prefix, 1, INT32_MAX, &device) < 0)
    return -EINVAL;
  *ret = (int32_t)device;
  return 0;
}

static void actor_json(struct buf *b, const char *key, int32_t actor)
{
  char text[24];
  actor_text(text, actor);
  json_str(b, key, text);
}

static void token_json(struct buf *b, const struct ticket *t)
{
  char hex[2 * sizeof t->token + 1];
  util_hex(hex, t->token, sizeof t->token);
  json_str(b, "token", hex);
}

static void seq_json(struct buf *b, const char *key, int64_t event)
{
  if (event)
    json_int(b, key, EVENT_SEQ(event));
  else
    json_null(b, key);
}

void estimate_json(struct buf *b, const char *key, struct estimate e)
{
  if (!e.high_s) {
    json_null(b, key);
    return;
  }
  json_open(b, key, '{');
  json_int(b, "low_s", e.low_s);
  json_int(b, "high_s", e.high_s);
  json_close(b, '}');
}

static void staff_members(struct buf *b, const struct ticket *t, const struct ticket_context *context)
{
  static const struct person nobody;
  const struct person *p = t->person ? t->person : &nobody;
  json_int(b, "id", t->id);
  json_str(b, "number", t->label);
  json_str(b, "line", t->line);
  json_date(b, "day", t->date);
  json_str(b, "state", ticket_state_names[t->state]);
  json_int(b, "version", t->version);
  json_int(b, "party_size", t->party_size);
  json_str(b, "name", p->name);
  json_str(b, "phone", p->phone);
  json_str(b, "note", p->note);
  json_str(b, "source", source_names[t->source]);
  if (context->position)
    json_int(b, "position", context->position);
  else
    json_null(b, "position");
  json_int(b, "calls", t->calls);
  json_str(b, "delivery", delivery_names[t->delivery]);
  json_time(b, "issued_at", t->issued_at);
  json_time(b, "called_at", t->called_at);
  json_time(b, "closed_at", t->closed_at);
  estimate_json(b, "estimate", context->estimate);
  json_bool(b, "held", context->held);
  seq_json(b, "undo_seq", t->undo[UNDO_TRANSITION]);
  actor_json(b, "actor", t->actor);
  json_str(b, "by", context->by);
  token_json(b, t);
}

static void board_members(struct buf *b, const struct ticket *t, const struct ticket_context *context)
{
  json_int(b, "id", t->id);
  json_str(b, "number", t->label);
  json_str(b, "line", t->line);
  json_str(b, "state", ticket_state_names[t->state]);
  json_int(b, "calls", t->calls);
  json_time(b, "called_at", t->called_at);
  seq_json(b, "call_seq", t->call_event);
}

/* Days by id: a separate event dates them. Ranks as text: a JSON number is too small for them. */
static void journal_members(struct buf *b, const struct ticket *t, const struct ticket_context *context)
{
  char rank[24];
  snprintf(rank, sizeof rank, "%lld", (long long)t->rank);
  json_int(b, "id", t->id);
  json_str(b, "number", t->label);
  json_int(b, "n", t->number);
  json_str(b, "line", t->line);
  json_int(b, "day", t->day);
  json_str(b, "state", ticket_state_names[t->state]);
  json_int(b, "version", t->version);
  json_int(b, "party_size", t->party_size);
  json_str(b, "source", source_names[t->source]);
  json_int(b, "calls", t->calls);
  json_str(b, "delivery", delivery_names[t->delivery]);
  json_time(b, "issued_at", t->issued_at);
  json_time(b, "called_at", t->called_at);
  json_time(b, "closed_at", t->closed_at);
  json_str(b, "rank", rank);
  json_int(b, "held_at", t->held_at);
  json_int(b, "call_event", t->call_event);
  json_open(b, "undo", '[');
  for (size_t i = 0; i < UNDO_CLASSES; i++)
    json_int(b, NULL, t->undo[i]);
  json_close(b, ']');
}

void ticket_json(struct buf *b, const char *key, const struct ticket *t, enum ticket_view view,
                 const struct ticket_context *context)
{
  static void (*const members[])(struct buf *, const struct ticket *, const struct ticket_context *) = {
      [TICKET_STAFF] = staff_members, [TICKET_BOARD] = board_members, [TICKET_JOURNAL] = journal_members};
  static const struct ticket_context unknown;
  const struct ticket_context *known = context ? context : &unknown;
  json_open(b, key, '{');
  members[view](b, t, known);
  if (known->history)
    json_raw(b, "history", known->history);
  json_close(b, '}');
}

void intake_json(struct buf *b, const char *key, const struct intake *i)
{
  json_open(b, key, '{');
  json_str(b, "state", intake_names[i->state]);
  json_time(b, "resume_at", i->resume_at);
  json_close(b, '}');
}

static void day_json(struct buf *b, const char *key, const struct day *d)
{
  json_open(b, key, '{');
  json_int(b, "id", d->id);
  json_date(b, "date", d->date);
  json_bool(b, "trusted", d->trusted);
  json_close(b, '}');
}

static void lines_json(struct buf *b, const struct settings *s)
{
  json_open(b, "lines", '[');
  for (size_t i = 0; i < s->n_lines; i++) {
    json_open(b, NULL, '{');
    json_str(b, "id", s->lines[i].id);
    json_str(b, "name", s->lines[i].name);
    json_str(b, "prefix", s->lines[i].prefix);
    json_close(b, '}');
  }
  json_close(b, ']');
}

void settings_json(struct buf *b, const char *key, const struct settings *s)
{
  char cutover[16];
  snprintf(cutover, sizeof cutover, "%02d:%02d", s->cutover_min / 60, s->cutover_min % 60);
  json_open(b, key, '{');
  json_str(b, "name", s->name);
  lines_json(b, s);
  json_int(b, "no_show_after_s", s->no_show_after_s);
  json_str(b, "cutover", cutover);
  json_open(b, "languages", '[');
  for (size_t i = 0; i < array_len(s->languages) && *s->languages[i]; i++)
    json_str(b, NULL, s->languages[i]);
  json_close(b, ']');
  json_open(b, "texts", '{');
  json_str(b, "welcome", s->welcome);
  json_str(b, "closed", s->closed);
  json_close(b, '}');
  json_open(b, "panel", '{');
  json_bool(b, "double_press", s->double_press);
  json_close(b, '}');
  json_close(b, '}');
}

static void journal_ticket_json(struct buf *b, const char *key, const struct ticket *t, bool token)
{
  json_open(b, key, '{');
  journal_members(b, t, NULL);
  if (token)
    token_json(b, t);
  json_close(b, '}');
}

static void intake_extra(struct buf *b, const struct change *c)
{
  intake_json(b, "intake", &c->intake);
}

static void day_extra(struct buf *b, const struct change *c)
{
  day_json(b, "day", &c->day);
}

static void settings_extra(struct buf *b, const struct change *c)
{
  settings_json(b, "settings", c->settings);
}

static void clock_extra(struct buf *b, const struct change *c)
{
  json_time(b, "old", c->detail);
}

static void epoch_extra(struct buf *b, const struct change *c)
{
  const struct epoch_snapshot *h = c->epoch_snapshot;
  if (*h->parent) {
    json_open(b, "parent", '{');
    json_str(b, "epoch", h->parent);
    json_int(b, "seq", h->parent_seq);
    json_close(b, '}');
  } else {
    json_null(b, "parent");
  }
  json_open(b, "active", '[');
  for (size_t i = 0; i < h->n; i++)
    journal_ticket_json(b, NULL, &h->active[i], true);
  json_close(b, ']');
}

static void refused_extra(struct buf *b, const struct change *c)
{
  json_str(b, "item", c->remote->item);
  json_str(b, "code", c->remote->code);
}

static void erased_extra(struct buf *b, const struct change *c)
{
  json_open(b, "days", '[');
  for (size_t i = 0; i < c->erased->n; i++) {
    json_open(b, NULL, '{');
    json_int(b, "id", c->erased->days[i].id);
    json_date(b, "date", c->erased->days[i].date);
    json_close(b, '}');
  }
  json_close(b, ']');
}

/* The members of an event beside its ticket. */
static void extras_json(struct buf *b, const struct change *c)
{
  static void (*const extras[EVENT_TYPES])(struct buf *, const struct change *) = {
      [EVENT_INTAKE] = intake_extra, [EVENT_DAY] = day_extra,     [EVENT_SETTINGS] = settings_extra,
      [EVENT_CLOCK] = clock_extra,   [EVENT_EPOCH] = epoch_extra, [EVENT_REFUSED] = refused_extra,
      [EVENT_ERASED] = erased_extra,
  };
  if (c->undoes)
    seq_json(b, "undoes", c->undoes);
  if (c->remote)
    json_str(b, "remote", c->remote->id);
  if (extras[c->type])
    extras[c->type](b, c);
}

void change_json(struct buf *b, const struct change *c, const char *boot)
{
  json_open(b, NULL, '{');
  json_int(b, "seq", EVENT_SEQ(c->id));
  json_int(b, "cmd", EVENT_SEQ(c->cmd));
  json_str(b, "type", event_names[c->type]);
  json_str(b, "boot", boot);
  json_int(b, "mono_ms", c->mono_ms);
  json_time(b, "wall", c->wall_ms);
  json_bool(b, "trusted", c->trusted);
  actor_json(b, "actor", c->actor);
  if (c->ticket.id)
    journal_ticket_json(b, "ticket", &c->ticket, c->type == EVENT_ISSUED);
  else
    json_null(b, "ticket");
  extras_json(b, c);
  json_close(b, '}');
}
