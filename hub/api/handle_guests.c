/* handle_guests.c - guests who join through the hub. The booth decides: a request is pending until its events show what
 * it did.
 */
#include <errno.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/json_write.h"
#include "base/random.h"
#include "http/json_body.h"
#include "hub/api/handlers.h"
#include "hub/api/inbox_request.h"
#include "hub/api/params.h"
#include "hub/model/guest.h"
#include "hub/model/inbox.h"

#define VALID_DEFAULT_S 3600

static const char SQL_ADD_GUEST[] = "INSERT INTO guest (ref, booth, item, token, made_at) VALUES ($1, $2, $3, $4, $5) "
                                    "ON CONFLICT (ref) DO NOTHING";
static const char SQL_PENDING_CANCEL[] =
    "SELECT id FROM inbox WHERE booth = $1 AND type = 'remote.cancel' AND acked_at IS NULL "
    "AND body ? 'join' AND body ->> 'join' = $2";

static int answer_guest(struct job *j, struct pg *db, unsigned status, const uint8_t id[static 16])
{
  autobuf struct buf body = {0};
  int r = guest_read(db, id, NULL, &body);
  if (r == -ENOENT) {
    answer_problem(j, PROBLEM_NO_GUEST);
    return 0;
  }
  if (r == 0)
    answer_json(j, status, &body);
  return r;
}

/* --- POST /booths/{id}/guests --- */

struct join_body {
  int64_t party_size;
  int64_t valid_s;
  const char *line;
  const char *name;
  const char *phone;
  const char *note;
};

struct join {
  struct inbox_request request;
  struct join_body body;
  char token[44]; /* for the guest's page */
};

static void add_optional_text(struct buf *b, const char *name, const char *text)
{
  if (text)
    json_str(b, name, text);
}

static int add_guest(struct join *q, struct pg *db, int64_t booth)
{
  struct pg_args a = {0};
  char ref[33];
  util_hex(ref, q->request.item, sizeof q->request.item);
  pg_text(&a, ref);
  pg_int(&a, booth);
  pg_bytes(&a, q->request.item, sizeof q->request.item);
  pg_text(&a, q->token);
  pg_int(&a, clock_wall_ms());
  return pg_do(db, SQL_ADD_GUEST, &a, NULL);
}

static int append_join(struct inbox_request *request, struct pg *db)
{
  struct join *q = (struct join *)request;
  int64_t booth;
  int r = inbox_request_booth(request, db, &booth);
  if (r != 0)
    return r;
  autobuf struct buf item = {0};
  json_open(&item, NULL, '{');
  json_int(&item, "party_size", q->body.party_size);
  add_optional_text(&item, "line", q->body.line);
  add_optional_text(&item, "name", q->body.name);
  add_optional_text(&item, "phone", q->body.phone);
  add_optional_text(&item, "note", q->body.note);
  json_close(&item, '}');
  int64_t until = clock_wall_ms() + q->body.valid_s * 1000;
  r = inbox_request_append(request, db, booth, "remote.join", until, item.data);
  return r != 0 ? r : add_guest(q, db, booth);
}

static int answer_join(struct inbox_request *q, struct pg *db)
{
  return answer_guest(&q->job, db, 201, q->item);
}

void api_guests_post(struct http_request *r)
{
  static const struct json_field fields[] = {
      {"party_size", JSON_INT, offsetof(struct join_body, party_size), .low = 1, .high = LIMIT_PARTY, .required = true},
      {"line", JSON_STRING, offsetof(struct join_body, line), .low = 1, .high = LIMIT_LINE_ID},
      {"name", JSON_STRING, offsetof(struct join_body, name), .high = LIMIT_NAME, .nullable = true},
      {"phone", JSON_STRING, offsetof(struct join_body, phone), .high = LIMIT_PHONE, .nullable = true},
      {"note", JSON_STRING, offsetof(struct join_body, note), .high = LIMIT_NOTE, .nullable = true},
      {"valid_s", JSON_INT, offsetof(struct join_body, valid_s), .low = 60, .high = LIMIT_HUB_JOIN_S},
  };
  uint8_t booth[16];
  if (!params_id(r, booth, PROBLEM_NO_BOOTH))
    return;
  struct join *q = inbox_request_new(r, sizeof *q, append_join, answer_join);
  if (!q)
    return;
  q->body.valid_s = VALID_DEFAULT_S;
  random_token(q->token);
  memcpy(q->request.target, booth, sizeof booth);
  if (http_json_read(r, fields, array_len(fields), &q->body, &q->request.body))
    job_submit(r, &q->request.job);
  else
    job_free(&q->request.job);
}

/* --- GET /guests/{ref} --- */

struct guest_job {
  struct job job;
  uint8_t id[16];
};

static int run_guest(struct job *j, struct pg *db)
{
  return answer_guest(j, db, 200, ((struct guest_job *)j)->id);
}

void api_guest_get(struct http_request *r)
{
  struct guest_job *q = job_new(sizeof *q, run_guest, NULL);
  if (params_id(r, q->id, PROBLEM_NO_GUEST))
    job_submit(r, &q->job);
  else
    job_free(&q->job);
}

/* --- DELETE /guests/{ref}, POST /guests/{ref}/defer --- */

struct guest_change {
  struct inbox_request request;
  const char *type; /* of the item */
  int64_t after;    /* of a defer; 0 = none */
};

static int cancel_is_pending(struct pg *db, int64_t booth, const char *ref, bool *ret)
{
  autorows struct pg_rows *rows = NULL;
  struct pg_args a = {0};
  pg_int(&a, booth);
  pg_text(&a, ref);
  int r = pg_query(db, SQL_PENDING_CANCEL, &a, &rows);
  if (r == 0)
    *ret = pg_count(rows) > 0;
  return r;
}

/* A second cancel appends nothing while the first is pending. */
static int append_change(struct inbox_request *request, struct pg *db)
{
  struct guest_change *q = (struct guest_change *)request;
  struct guest g;
  int r = guest_read(db, request->target, &g, NULL);
  if (r == -ENOENT) {
    answer_problem(&request->job, PROBLEM_NO_GUEST);
    return REQUEST_REFUSED;
  }
  if (r < 0)
    return r;
  if (g.closed) {
    answer_problem(&request->job, PROBLEM_GUEST_CLOSED);
    return REQUEST_REFUSED;
  }
  struct inbox inbox;
  r = inbox_lock(db, g.booth, &inbox); /* locks the booth's row before the inbox is read */
  if (r < 0)
    return r;
  char ref[33];
  bool cancelled = false;
  util_hex(ref, request->target, sizeof request->target);
  r = cancel_is_pending(db, g.booth, ref, &cancelled);
  if (r < 0)
    return r;
  if (cancelled && strcmp(q->type, "remote.cancel") == 0)
    return 0;
  autobuf struct buf item = {0};
  json_open(&item, NULL, '{');
  json_str(&item, "join", ref);
  if (q->after)
    json_int(&item, "after", q->after);
  json_close(&item, '}');
  return inbox_request_append(request, db, g.booth, q->type, 0, item.data);
}

static int answer_change(struct inbox_request *q, struct pg *db)
{
  return answer_guest(&q->job, db, 202, q->target);
}

static struct guest_change *guest_change_new(struct http_request *r, const char *type)
{
  uint8_t id[16];
  if (!params_id(r, id, PROBLEM_NO_GUEST))
    return NULL;
  struct guest_change *q = inbox_request_new(r, sizeof *q, append_change, answer_change);
  if (!q)
    return NULL;
  q->type = type;
  memcpy(q->request.target, id, sizeof id);
  return q;
}

void api_guest_delete(struct http_request *r)
{
  struct guest_change *q = guest_change_new(r, "remote.cancel");
  if (q)
    job_submit(r, &q->request.job);
}

void api_guest_defer_post(struct http_request *r)
{
  static const struct json_field fields[] = {
      {"after", JSON_INT, offsetof(struct guest_change, after), .low = 1, .high = LIMIT_ACTIVE, .required = true}};
  struct guest_change *q = guest_change_new(r, "remote.defer");
  if (!q)
    return;
  if (http_json_read(r, fields, array_len(fields), q, &q->request.body))
    job_submit(r, &q->request.job);
  else
    job_free(&q->request.job);
}
