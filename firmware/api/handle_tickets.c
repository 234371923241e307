#include "api/command_request.h"
#include "api/handlers.h"
#include "base/random.h"

static void answer_ticket(struct pending *p, struct work_item *w)
{
  const struct view *v = &((struct api *)p->context)->view;
  if (w->refusal != REFUSE_NONE) {
    api_refuse(p->http, w->refusal, NULL, NULL, NULL);
    return;
  }
  const struct ticket *t = queue_find(v->queue, w->ticket);
  struct buf body = {0};
  view_ticket_history_json(v, &body, t ? t : &w->found, w->text.data);
  api_json(p->http, 200, &body);
}

void api_ticket_get(struct http_request *r)
{
  int64_t id;
  if (!api_param_id(r, &id))
    return;
  struct work_item *w = work_item_new(WORK_TICKET, NULL);
  w->ticket = id;
  api_submit_work(r, w, answer_ticket);
}

struct ticket_body {
  int64_t party_size;
  const char *line;
  const char *name;
  const char *phone;
  const char *note;
  bool has_party;
  bool has_name;
  bool has_phone;
  bool has_note;
};
#define TICKET_MEMBER(member) .offset = offsetof(struct ticket_body, member)
#define TICKET_HAS(member)    .present = offsetof(struct ticket_body, has_##member)

/* A new ticket and an edit of one. */
static const struct json_field issue_fields[] = {
    {"party_size", JSON_INT, TICKET_MEMBER(party_size), .low = 1, .high = LIMIT_PARTY, .required = true},
    {"line", JSON_STRING, TICKET_MEMBER(line), .low = 1, .high = LIMIT_LINE_ID},
    {"name", JSON_STRING, TICKET_MEMBER(name), .high = LIMIT_NAME, .nullable = true},
    {"phone", JSON_STRING, TICKET_MEMBER(phone), .high = LIMIT_PHONE, .nullable = true},
    {"note", JSON_STRING, TICKET_MEMBER(note), .high = LIMIT_NOTE, .nullable = true, .lines = true},
};
static const struct json_field edit_fields[] = {
    {"party_size", JSON_INT, TICKET_MEMBER(party_size), .low = 1, .high = LIMIT_PARTY, TICKET_HAS(party)},
    {"name", JSON_STRING, TICKET_MEMBER(name), .high = LIMIT_NAME, .nullable = true, TICKET_HAS(name)},
    {"phone", JSON_STRING, TICKET_MEMBER(phone), .high = LIMIT_PHONE, .nullable = true, TICKET_HAS(phone)},
    {"note", JSON_STRING, TICKET_MEMBER(note), .high = LIMIT_NOTE, .nullable = true, .lines = true, TICKET_HAS(note)},
};

static const char *text_or_null(const char *s)
{
  return s && *s ? s : NULL;
}

static void fill_ticket(struct command *c, const struct ticket_body *body)
{
  c->party_size = (uint16_t)body->party_size;
  c->person = person_new(text_or_null(body->name), text_or_null(body->phone), text_or_null(body->note));
  if (body->line)
    util_copy(c->line, sizeof c->line, body->line);
}

void api_tickets_post(struct http_request *r)
{
  struct ticket_body body = {0};
  cleanup(json_freep) struct json *parsed = NULL;
  if (!http_json_read(r, issue_fields, array_len(issue_fields), &body, &parsed))
    return;
  struct writer_request *q = api_command(r, CMD_ISSUE);
  if (!q)
    return;
  fill_ticket(&q->command, &body);
  random_bytes(q->command.token, sizeof q->command.token);
  api_submit_command(r, q);
}

void api_ticket_patch(struct http_request *r)
{
  int64_t id;
  struct ticket_body body = {0};
  cleanup(json_freep) struct json *parsed = NULL;
  if (!api_param_id(r, &id) || !http_json_read(r, edit_fields, array_len(edit_fields), &body, &parsed))
    return;
  int edits = (body.has_party ? EDIT_PARTY : 0) | (body.has_name ? EDIT_NAME : 0) | (body.has_phone ? EDIT_PHONE : 0) |
              (body.has_note ? EDIT_NOTE : 0);
  if (!edits) {
    http_refuse(r, HTTP_INVALID_FIELD, "party_size", "Say what to change: party_size, name, phone or note.");
    return;
  }
  struct writer_request *q = api_command(r, CMD_EDIT);
  if (!q)
    return;
  fill_ticket(&q->command, &body);
  q->command.ticket = id;
  q->command.edits = (uint8_t)edits;
  api_submit_command(r, q);
}

void api_ticket_command(struct http_request *r)
{
  int64_t id;
  cleanup(json_freep) struct json *parsed = NULL;
  if (!api_param_id(r, &id) || !http_json_read(r, NULL, 0, NULL, &parsed))
    return;
  struct writer_request *q = api_command(r, (enum command_kind)http_route_arg(r));
  if (!q)
    return;
  q->command.ticket = id;
  api_submit_command(r, q);
}

void api_ticket_requeue(struct http_request *r)
{
  static const char *const positions[] = {"keep", "front", "back", NULL};
  struct requeue_body {
    int64_t after;
    int position;
    bool has_after;
  } body = {0};
  static const struct json_field fields[] = {
      {"position", JSON_ENUM, offsetof(struct requeue_body, position), .names = positions},
      {"after", JSON_INT, offsetof(struct requeue_body, after), .high = LIMIT_ACTIVE,
       .present = offsetof(struct requeue_body, has_after)},
  };
  int64_t id;
  cleanup(json_freep) struct json *parsed = NULL;
  body.position = -1;
  if (!api_param_id(r, &id) || !http_json_read(r, fields, array_len(fields), &body, &parsed))
    return;
  if ((body.position >= 0) == body.has_after) {
    http_refuse(r, HTTP_INVALID_FIELD, "position", "Say either position or after.");
    return;
  }
  struct writer_request *q = api_command(r, CMD_REQUEUE);
  if (!q)
    return;
  q->command.ticket = id;
  q->command.position = body.has_after ? POSITION_AFTER : (enum position)body.position;
  q->command.after = (uint32_t)body.after;
  api_submit_command(r, q);
}
