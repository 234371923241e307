#include "api/command_request.h"

#include "base/json_write.h"
#include "http/idempotency_key.h"
#include "queue/event_json.h"

static bool read_idempotency_key(struct http_request *r, struct writer_request *q)
{
  uint8_t fingerprint[16]; /* of which the database keeps the first half */
  int found = http_idempotency_key(r, writer_key(api_of(r)->parts->writer), q->key.hash, sizeof q->key.hash,
                                   fingerprint, sizeof fingerprint);
  if (found < 0)
    return false;
  if (found) {
    memcpy(q->key.fingerprint, fingerprint, sizeof q->key.fingerprint);
    q->has_key = true;
  }
  return true;
}

/* One version in quotes: "3". Lists and weak tags are refused, because a command has one ticket. */
static bool read_if_match(struct http_request *r, struct command *c)
{
  const char *tag = http_header(r, "If-Match");
  if (!tag || strcmp(tag, "*") == 0)
    return true;
  char digits[16];
  size_t n = strlen(tag);
  int64_t version;
  if (n > 2 && n < sizeof digits + 2 && tag[0] == '"' && tag[n - 1] == '"') {
    memcpy(digits, tag + 1, n - 2);
    digits[n - 2] = '\0';
    if (util_parse_i64(digits, 1, UINT32_MAX, &version) == 0) {
      c->if_match = (uint32_t)version;
      return true;
    }
  }
  http_refuse(r, HTTP_INVALID_FIELD, "If-Match", "If-Match is one ticket version in quotes, \"3\".");
  return false;
}

struct writer_request *api_command(struct http_request *r, enum command_kind kind)
{
  struct writer_request *q = writer_request_new(WRITER_COMMAND, NULL);
  q->command.kind = kind;
  q->command.actor = api_device(r)->id;
  q->command.source = http_local(r) ? SOURCE_API : SOURCE_STAFF;
  if (read_idempotency_key(r, q) && read_if_match(r, &q->command))
    return q;
  writer_request_free(q);
  return NULL;
}

void api_submit_command(struct http_request *r, struct writer_request *take_request)
{
  api_submit(r, take_request, api_answer_command);
}

void api_answer_refusal(struct pending *p, struct writer_request *r)
{
  const struct api *api = p->context;
  autobuf struct buf ticket = {0};
  const char *field = NULL;
  if (r->ticket.id)
    view_ticket_json(&api->view, &ticket, NULL, &r->ticket);
  if (r->refusal == REFUSE_INVALID)
    field = r->command.kind == CMD_SETTINGS ? "lines" : "line";
  api_refuse(p->http, r->refusal, field, NULL, ticket.data);
}

void api_answer_command(struct pending *p, struct writer_request *r)
{
  const struct api *api = p->context;
  if (r->refusal != REFUSE_NONE) {
    api_answer_refusal(p, r);
    return;
  }
  struct buf body = {0};
  json_open(&body, NULL, '{');
  json_int(&body, "seq", EVENT_SEQ(r->event));
  if (r->ticket.id)
    view_ticket_json(&api->view, &body, "ticket", &r->ticket);
  else
    json_null(&body, "ticket");
  if (r->command.kind == CMD_INTAKE)
    intake_json(&body, "intake", queue_intake(api->view.queue));
  json_close(&body, '}');
  api_json(p->http, r->command.kind == CMD_ISSUE ? 201 : 200, &body);
}
