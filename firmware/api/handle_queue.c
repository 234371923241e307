/* The queue's handlers: each turns a request into one command, or answers from the view. */
#include <stdio.h>

#include "api/routes.h"
#include "base/json_write.h"
#include "base/random.h"
#include "base/text.h"
#include "queue/event_json.h"

/* --- reading --- */

void api_queue_get(struct http_request *r)
{
  http_reply_shared(r, view_snapshot(&api_box(r)->view));
}

void api_board_get(struct http_request *r)
{
  http_reply_shared(r, view_board(&api_box(r)->view));
}

static void greet(struct channel *c, struct view *v, void (*render)(struct view *, struct buf *))
{
  autobuf struct buf data = {0};
  char id[56];
  view_event_id(v, id);
  render(v, &data);
  sse_topic_greet(c, "snapshot", id, data.data);
}

void api_stream_get(struct http_request *r)
{
  struct box *b = api_box(r);
  char last[64];
  const char *header = http_header(r, "Last-Event-ID");
  bool resumes = header && util_copy(last, sizeof last, header);
  if (!sse_topic_join(b->staff, r, api_device(r)->id))
    return;
  if (!resumes || !sse_topic_replay(b->staff, last))
    greet(b->staff, &b->view, view_snapshot_json);
}

void api_board_stream_get(struct http_request *r)
{
  struct box *b = api_box(r);
  if (sse_topic_join(b->board, r, 0))
    greet(b->board, &b->view, view_board_json);
}

static void ticket_done(struct call *c, struct work_item *j)
{
  struct view *v = &c->box->view;
  if (j->refusal != REFUSE_NONE) {
    api_problem(c->http, (enum refusal)j->refusal, NULL, NULL, NULL);
    return;
  }
  const struct ticket *t = queue_find(v->queue, j->ticket);
  struct buf body = {0};
  view_ticket(v, &body, NULL, t ? t : &j->found);
  body.data[--body.len] = '\0'; /* the object goes on */
  json_raw(&body, "history", j->text.data);
  json_close(&body, '}');
  api_json(c->http, 200, &body);
}

void api_ticket_get(struct http_request *r)
{
  int64_t id;
  if (!api_param_id(r, &id))
    return;
  struct work_item *j = work_item_new(WORK_TICKET, NULL);
  j->ticket = id;
  box_submit_job(api_box(r), r, j, ticket_done);
}

/* --- commands --- */

struct ticket_body {
  int64_t party_size;
  const char *line, *name, *phone, *note;
  bool has_party, has_name, has_phone, has_note;
};
#define TICKET_MEMBER(member) .offset = offsetof(struct ticket_body, member)
#define TICKET_HAS(member)    .present = offsetof(struct ticket_body, has_##member)

/* Both tables speak of one struct; a ticket's line is chosen once. */
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

static const char *or_null(const char *s)
{
  return s && *s ? s : NULL;
}

static void fill_ticket(struct command *c, const struct ticket_body *body)
{
  c->party_size = (uint16_t)body->party_size;
  c->person = person_new(or_null(body->name), or_null(body->phone), or_null(body->note));
  if (body->line)
    util_copy(c->line, sizeof c->line, body->line);
}

void api_ticket_post(struct http_request *r)
{
  struct ticket_body body = {0};
  struct json *parsed;
  if (!http_json_read(r, issue_fields, array_len(issue_fields), &body, &parsed))
    return;
  struct request *q = api_command(r, CMD_ISSUE);
  if (q) {
    fill_ticket(&q->command, &body);
    random_bytes(q->command.token, sizeof q->command.token);
    api_submit(r, q);
  }
  json_free(parsed);
}

void api_ticket_patch(struct http_request *r)
{
  int64_t id;
  struct ticket_body body = {0};
  struct json *parsed;
  if (!api_param_id(r, &id) || !http_json_read(r, edit_fields, array_len(edit_fields), &body, &parsed))
    return;
  int edits = (body.has_party ? EDIT_PARTY : 0) | (body.has_name ? EDIT_NAME : 0) | (body.has_phone ? EDIT_PHONE : 0) |
              (body.has_note ? EDIT_NOTE : 0);
  if (!edits)
    http_problem(r, 400, "invalid_field", "party_size", "Say what to change: party_size, name, phone or note.", NULL,
                 0);
  struct request *q = edits ? api_command(r, CMD_EDIT) : NULL;
  if (q) {
    fill_ticket(&q->command, &body);
    q->command.ticket = id;
    q->command.edits = (uint8_t)edits;
    api_submit(r, q);
  }
  json_free(parsed);
}

/* The commands that say nothing but which ticket. */
static void ticket_command(struct http_request *r, enum command_kind kind)
{
  int64_t id;
  struct json *parsed;
  if (!api_param_id(r, &id) || !http_json_read(r, NULL, 0, NULL, &parsed))
    return;
  json_free(parsed);
  struct request *q = api_command(r, kind);
  if (!q)
    return;
  q->command.ticket = id;
  api_submit(r, q);
}

void api_ticket_call(struct http_request *r)
{
  ticket_command(r, CMD_CALL);
}

void api_ticket_seat(struct http_request *r)
{
  ticket_command(r, CMD_SEAT);
}

void api_ticket_no_show(struct http_request *r)
{
  ticket_command(r, CMD_NO_SHOW);
}

void api_ticket_cancel(struct http_request *r)
{
  ticket_command(r, CMD_CANCEL);
}

void api_ticket_phoned(struct http_request *r)
{
  ticket_command(r, CMD_PHONED);
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
  struct json *parsed;
  body.position = -1;
  if (!api_param_id(r, &id) || !http_json_read(r, fields, array_len(fields), &body, &parsed))
    return;
  json_free(parsed);
  if ((body.position >= 0) == body.has_after) {
    http_problem(r, 400, "invalid_field", "position", "Say either position or after.", NULL, 0);
    return;
  }
  struct request *q = api_command(r, CMD_REQUEUE);
  if (!q)
    return;
  q->command.ticket = id;
  q->command.position = body.has_after ? POSITION_AFTER : (enum position)body.position;
  q->command.after = (uint32_t)body.after;
  api_submit(r, q);
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
  struct json *parsed;
  if (!http_json_read(r, fields, array_len(fields), &body, &parsed))
    return;
  struct request *q = api_command(r, CMD_CALL_NEXT);
  if (q) {
    if (body.line)
      util_copy(q->command.line, sizeof q->command.line, body.line);
    q->command.expect = body.expect;
    api_submit(r, q);
  }
  json_free(parsed);
}

void api_undo_post(struct http_request *r)
{
  struct undo_body {
    int64_t seq;
  } body = {0};
  static const struct json_field fields[] = {
      {"seq", JSON_INT, offsetof(struct undo_body, seq), .low = 1, .high = UINT32_MAX},
  };
  struct json *parsed;
  if (!http_json_read(r, fields, array_len(fields), &body, &parsed))
    return;
  json_free(parsed);
  struct request *q = api_command(r, CMD_UNDO);
  if (!q)
    return;
  int64_t head = api_box(r)->view.head;
  if (body.seq)
    q->command.undo = head - EVENT_SEQ(head) + body.seq; /* of this epoch */
  api_submit(r, q);
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
  struct json *parsed;
  if (!http_json_read(r, fields, array_len(fields), &body, &parsed))
    return;
  json_free(parsed);
  if (body.resume_after_s && body.state != INTAKE_PAUSED) {
    http_problem(r, 400, "invalid_field", "resume_after_s", "Only a pause can end by itself.", NULL, 0);
    return;
  }
  struct request *q = api_command(r, CMD_INTAKE);
  if (!q)
    return;
  q->command.intake = (uint8_t)body.state;
  q->command.resume_after_s = (int32_t)body.resume_after_s;
  api_submit(r, q);
}

/* --- days --- */

void api_days_post(struct http_request *r)
{
  struct json *parsed;
  if (!http_json_read(r, NULL, 0, NULL, &parsed))
    return;
  json_free(parsed);
  struct request *q = api_command(r, CMD_DAY);
  if (q)
    api_submit(r, q);
}

static void job_json_done(struct call *c, struct work_item *j)
{
  if (j->refusal != REFUSE_NONE)
    api_problem(c->http, (enum refusal)j->refusal, NULL,
                j->refusal == REFUSE_NOT_FOUND ? "The booth has no day of that date." : NULL, NULL);
  else
    api_json(c->http, 200, &j->text);
}

static void csv_done(struct call *c, struct work_item *j)
{
  if (j->refusal != REFUSE_NONE) {
    job_json_done(c, j);
    return;
  }
  char date[11], headers[96];
  text_date(date, j->date);
  snprintf(headers, sizeof headers, "Content-Disposition: attachment; filename=\"booth-%s.csv\"\r\n", date);
  http_reply(c->http, 200, "text/csv; charset=utf-8", &j->text, headers);
}

void api_days_get(struct http_request *r)
{
  box_submit_job(api_box(r), r, work_item_new(WORK_DAYS, NULL), job_json_done);
}

static void day_job(struct http_request *r, enum work_kind kind, void (*done)(struct call *c, struct work_item *j))
{
  int32_t date;
  if (text_parse_date(http_param(r, 0), &date) < 0) {
    api_not_found(r, "A day is named like 2026-09-11.");
    return;
  }
  struct work_item *j = work_item_new(kind, NULL);
  j->date = date;
  box_submit_job(api_box(r), r, j, done);
}

void api_day_get(struct http_request *r)
{
  day_job(r, WORK_DAY, job_json_done);
}

void api_day_csv_get(struct http_request *r)
{
  day_job(r, WORK_CSV, csv_done);
}
