#include "api/command_request.h"
#include "api/handlers.h"
#include "queue/event_json.h"

void api_queue_get(struct http_request *r)
{
  http_reply_shared(r, view_snapshot(&api_of(r)->view));
}

void api_board_get(struct http_request *r)
{
  http_reply_shared(r, view_board(&api_of(r)->view));
}

void api_call_next_post(struct http_request *r)
{
  struct call_next_body {
    const char *line;
    int64_t expect;
  } body = {0};
  static const struct json_field fields[] = {
      {"line", JSON_STRING, offsetof(struct call_next_body, line), .low = 1, .high = LIMIT_LINE_ID},
      {"expect", JSON_INT, offsetof(struct call_next_body, expect), .low = 1, .high = INT64_C(1) << 53},
  };
  cleanup(json_freep) struct json *parsed = NULL;
  if (!http_json_read(r, fields, array_len(fields), &body, &parsed))
    return;
  struct writer_request *q = api_command(r, CMD_CALL_NEXT);
  if (!q)
    return;
  if (body.line)
    util_copy(q->command.line, sizeof q->command.line, body.line);
  q->command.expect = body.expect;
  api_submit_command(r, q);
}

void api_undo_post(struct http_request *r)
{
  struct undo_body {
    int64_t seq;
  } body = {0};
  static const struct json_field fields[] = {
      {"seq", JSON_INT, offsetof(struct undo_body, seq), .low = 1, .high = UINT32_MAX},
  };
  cleanup(json_freep) struct json *parsed = NULL;
  if (!http_json_read(r, fields, array_len(fields), &body, &parsed))
    return;
  struct writer_request *q = api_command(r, CMD_UNDO);
  if (!q)
    return;
  int64_t head = api_of(r)->view.head;
  if (body.seq)
    q->command.undo = head - EVENT_SEQ(head) + body.seq; /* of this epoch */
  api_submit_command(r, q);
}

void api_intake_put(struct http_request *r)
{
  struct intake_body {
    int64_t resume_after_s;
    int state;
  } body = {0};
  static const struct json_field fields[] = {
      {"state", JSON_ENUM, offsetof(struct intake_body, state), .names = intake_names, .required = true},
      {"resume_after_s", JSON_INT, offsetof(struct intake_body, resume_after_s), .low = 1, .high = LIMIT_RESUME_S},
  };
  cleanup(json_freep) struct json *parsed = NULL;
  if (!http_json_read(r, fields, array_len(fields), &body, &parsed))
    return;
  if (body.resume_after_s && body.state != INTAKE_PAUSED) {
    http_refuse(r, HTTP_INVALID_FIELD, "resume_after_s", "Only a pause can end by itself.");
    return;
  }
  struct writer_request *q = api_command(r, CMD_INTAKE);
  if (!q)
    return;
  q->command.intake = (uint8_t)body.state;
  q->command.resume_after_s = (int32_t)body.resume_after_s;
  api_submit_command(r, q);
}
