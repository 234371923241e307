/* handle_inbox.c - what a booth is to be told: a message for its staff, and what became of a call's notification. */
#include <errno.h>

#include "base/json_write.h"
#include "hub/api/inbox_request.h"
#include "hub/api/params.h"
#include "hub/api/routes.h"

#define NO_BOOTH "There is no booth of that id."

/* --- POST /booths/{id}/messages --- */

struct remark {
  struct wish wish;
  const char *text;
};

static int put_message(struct wish *w, struct pg *db)
{
  autobuf struct buf item = {0};
  int64_t booth;
  int r = inbox_request_booth(w, db, w->subject, &booth);
  if (r != 0)
    return r;
  json_open(&item, NULL, '{');
  json_str(&item, "text", ((struct remark *)w)->text);
  json_close(&item, '}');
  return inbox_request_append(w, db, booth, "message", 0, item.data);
}

void api_messages_post(struct http_request *r)
{
  static const struct json_field fields[] = {
      {"text", JSON_STRING, offsetof(struct remark, text), .low = 1, .high = LIMIT_MESSAGE, .required = true}};
  uint8_t booth[16];
  if (!params_id(r, booth, NO_BOOTH))
    return;
  struct remark *q = inbox_request_new(r, sizeof *q, put_message, inbox_request_answer_id);
  if (!q)
    return;
  memcpy(q->wish.subject, booth, sizeof booth);
  if (http_json_read(r, fields, array_len(fields), q, &q->wish.body))
    hub_submit(api_of(r), r, &q->wish.job);
  else
    job_free(&q->wish.job);
}

/* --- POST /deliveries --- */

struct delivery {
  struct wish wish;
  const char *booth, *epoch;
  int64_t seq;
  int state;
  uint8_t epoch_id[16];
};

static const char *const states[] = {"pending", "delivered", "failed", NULL};

/* The ticket that this event called; 0 = the event is not here, or called nobody. */
static const char SQL_CALL[] = "SELECT e.ticket FROM epoch p JOIN event e ON e.epoch = p.n WHERE p.booth = $1 "
                               "AND p.id = $2 AND e.seq = $3 AND e.type = 'ticket.called'";

static int find_call(struct delivery *q, struct pg *db, int64_t booth, int64_t *ret)
{
  autorows struct pg_rows *rows = NULL;
  struct pg_args a = {0};
  pg_int(&a, booth);
  pg_bytes(&a, q->epoch_id, sizeof q->epoch_id);
  pg_int(&a, q->seq);
  int r = pg_query(db, SQL_CALL, &a, &rows);
  *ret = r == 0 && pg_count(rows) ? pg_get_int(rows, 0, 0) : 0;
  return r;
}

static int put_delivery(struct wish *w, struct pg *db)
{
  struct delivery *q = (struct delivery *)w;
  autobuf struct buf item = {0};
  int64_t booth, ticket;
  int r = inbox_request_booth(w, db, w->subject, &booth);
  if (r == 0)
    r = find_call(q, db, booth, &ticket);
  if (r != 0)
    return r;
  if (!ticket) {
    answer_problem(&w->job, 404, "not_found", "seq", "The booth has told of no call by that epoch and seq.");
    return 1;
  }
  json_open(&item, NULL, '{');
  json_int(&item, "ticket", ticket);
  json_str(&item, "epoch", q->epoch);
  json_int(&item, "seq", q->seq);
  json_str(&item, "state", states[q->state]);
  json_close(&item, '}');
  return inbox_request_append(w, db, booth, "delivery", 0, item.data);
}

static bool read_id(struct http_request *r, const char *field, const char *hex, uint8_t to[static 16])
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
      {"state", JSON_ENUM, offsetof(struct delivery, state), .names = states, .required = true},
  };
  struct delivery *q = inbox_request_new(r, sizeof *q, put_delivery, inbox_request_answer_id);
  if (!q)
    return;
  if (http_json_read(r, fields, array_len(fields), q, &q->wish.body) &&
      read_id(r, "booth", q->booth, q->wish.subject) && read_id(r, "epoch", q->epoch, q->epoch_id))
    hub_submit(api_of(r), r, &q->wish.job);
  else
    job_free(&q->wish.job);
}
