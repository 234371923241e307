/* handle_inbox.c - items for a booth's inbox: messages for its staff, and delivery reports of calls' notifications. */
#include "base/json.h"
#include "base/json_write.h"
#include "http/json_body.h"
#include "http/response.h"
#include "hub/api/handlers.h"
#include "hub/api/inbox_request.h"
#include "hub/api/params.h"

/* --- POST /booths/{id}/messages --- */

struct message {
  struct inbox_request request;
  const char *text;
};

static int append_message(struct inbox_request *q, struct pg *db)
{
  int64_t booth;
  int r = inbox_request_booth(q, db, &booth);
  if (r != 0)
    return r;
  autobuf struct buf item = {0};
  json_open(&item, NULL, '{');
  json_str(&item, "text", ((struct message *)q)->text);
  json_close(&item, '}');
  return inbox_request_append(q, db, booth, "message", 0, item.data);
}

void api_messages_post(struct http_request *r)
{
  static const struct json_field fields[] = {
      {"text", JSON_STRING, offsetof(struct message, text), .low = 1, .high = LIMIT_MESSAGE, .required = true}};
  uint8_t booth[16];
  if (!params_id(r, booth, PROBLEM_NO_BOOTH))
    return;
  struct message *q = inbox_request_new(r, sizeof *q, append_message, inbox_request_answer_id);
  if (!q)
    return;
  memcpy(q->request.target, booth, sizeof booth);
  if (http_json_read(r, fields, array_len(fields), q, &q->request.body))
    job_submit(r, &q->request.job);
  else
    job_free(&q->request.job);
}

/* --- POST /deliveries --- */

struct delivery {
  struct inbox_request request;
  const char *booth;
  const char *epoch;
  int64_t seq;
  int state; /* index in delivery_states */
  uint8_t epoch_id[16];
};

static const char *const delivery_states[] = {"pending", "delivered", "failed", NULL};

static const char SQL_CALL[] = "SELECT e.ticket FROM epoch p JOIN event e ON e.epoch = p.n WHERE p.booth = $1 "
                               "AND p.id = $2 AND e.seq = $3 AND e.type = 'ticket.called'";

/* The ticket that the event called; 0 = the event is unknown, or not a call. */
static int find_called_ticket(struct delivery *q, struct pg *db, int64_t booth, int64_t *ret)
{
  autorows struct pg_rows *rows = NULL;
  struct pg_args a = {0};
  pg_int(&a, booth);
  pg_bytes(&a, q->epoch_id, sizeof q->epoch_id);
  pg_int(&a, q->seq);
  int r = pg_query(db, SQL_CALL, &a, &rows);
  if (r < 0)
    return r;
  *ret = pg_count(rows) ? pg_get_int(rows, 0, 0) : 0;
  return 0;
}

static int append_delivery(struct inbox_request *request, struct pg *db)
{
  struct delivery *q = (struct delivery *)request;
  int64_t booth, ticket;
  int r = inbox_request_booth(request, db, &booth);
  if (r != 0)
    return r;
  r = find_called_ticket(q, db, booth, &ticket);
  if (r < 0)
    return r;
  if (!ticket) {
    answer_problem(&request->job, PROBLEM_NO_CALL);
    return REQUEST_REFUSED;
  }
  autobuf struct buf item = {0};
  json_open(&item, NULL, '{');
  json_int(&item, "ticket", ticket);
  json_str(&item, "epoch", q->epoch);
  json_int(&item, "seq", q->seq);
  json_str(&item, "state", delivery_states[q->state]);
  json_close(&item, '}');
  return inbox_request_append(request, db, booth, "delivery", 0, item.data);
}

static bool parse_id(struct http_request *r, const char *field, const char *hex, uint8_t to[static 16])
{
  if (util_unhex(to, 16, hex) == 0)
    return true;
  http_problem(r, 400, "invalid_field", field, "An id is 32 lower-case hexadecimal digits.", NULL, 0);
  return false;
}

void api_deliveries_post(struct http_request *r)
{
  static const struct json_field fields[] = {
      {"booth", JSON_STRING, offsetof(struct delivery, booth), .low = 1, .high = 32, .required = true},
      {"epoch", JSON_STRING, offsetof(struct delivery, epoch), .low = 1, .high = 32, .required = true},
      {"seq", JSON_INT, offsetof(struct delivery, seq), .low = 1, .high = UINT32_MAX, .required = true},
      {"state", JSON_ENUM, offsetof(struct delivery, state), .names = delivery_states, .required = true},
  };
  struct delivery *q = inbox_request_new(r, sizeof *q, append_delivery, inbox_request_answer_id);
  if (!q)
    return;
  if (http_json_read(r, fields, array_len(fields), q, &q->request.body) &&
      parse_id(r, "booth", q->booth, q->request.target) && parse_id(r, "epoch", q->epoch, q->epoch_id))
    job_submit(r, &q->request.job);
  else
    job_free(&q->request.job);
}
