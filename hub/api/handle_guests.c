/* handle_guests.c - guests who join from afar. The booth decides: what is asked here is a wish until its events tell.
 */
#include <errno.h>

#include "base/clock.h"
#include "base/json_write.h"
#include "base/random.h"
#include "hub/api/inbox_request.h"
#include "hub/api/params.h"
#include "hub/api/routes.h"
#include "hub/model/guest.h"
#include "hub/model/inbox.h"

#define NO_GUEST "There is no guest of that ref."
#define VALID_S  3600

static const char SQL_GUEST[] = "INSERT INTO guest (ref, booth, item, token, made_at) VALUES ($1, $2, $3, $4, $5) "
                                "ON CONFLICT (ref) DO NOTHING";
static const char SQL_PENDING[] =
    "SELECT id FROM inbox WHERE booth = $1 AND type = 'remote.cancel' AND acked_at IS NULL "
    "AND body ? 'join' AND body ->> 'join' = $2";

static int answer_guest(struct job *j, struct pg *db, unsigned status, const uint8_t id[static 16])
{
  autobuf struct buf body = {0};
  int r = guest_read(db, id, NULL, &body);
  if (r == -ENOENT) {
    answer_problem(j, 404, "not_found", NULL, NO_GUEST);
    return 0;
  }
  if (r == 0)
    answer_json(j, status, &body);
  return r;
}

/* --- POST /booths/{id}/guests --- */

struct join_body {
  int64_t party_size, valid_s;
  const char *line, *name, *phone, *note;
};

struct join {
  struct wish wish;
  struct join_body body;
  char token[44]; /* of the guest's page to be */
};

static void put_text(struct buf *b, const char *name, const char *text)
{
  if (text)
    json_str(b, name, text);
}

static int put_guest(struct join *q, struct pg *db, int64_t booth)
{
  struct pg_args a = {0};
  char ref[33];
  util_hex(ref, q->wish.item, sizeof q->wish.item);
  pg_text(&a, ref);
  pg_int(&a, booth);
  pg_bytes(&a, q->wish.item, sizeof q->wish.item);
  pg_text(&a, q->token);
  pg_int(&a, clock_wall_ms());
  return pg_do(db, SQL_GUEST, &a, NULL);
}

static int put_join(struct wish *w, struct pg *db)
{
  struct join *q = (struct join *)w;
  autobuf struct buf item = {0};
  int64_t booth, until = clock_wall_ms() + q->body.valid_s * 1000;
  int r = inbox_request_booth(w, db, w->subject, &booth);
  if (r != 0)
    return r;
  json_open(&item, NULL, '{');
  json_int(&item, "party_size", q->body.party_size);
  put_text(&item, "line", q->body.line);
  put_text(&item, "name", q->body.name);
  put_text(&item, "phone", q->body.phone);
  put_text(&item, "note", q->body.note);
  json_close(&item, '}');
  r = inbox_request_append(w, db, booth, "remote.join", until, item.data);
  return r != 0 ? r : put_guest(q, db, booth);
}

static int tell_join(struct wish *w, struct pg *db)
{
  return answer_guest(&w->job, db, 201, w->item);
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
  if (!params_id(r, booth, "There is no booth of that id."))
    return;
  struct join *q = inbox_request_new(r, sizeof *q, put_join, tell_join);
  if (!q)
    return;
  q->body.valid_s = VALID_S;
  random_token(q->token);
  memcpy(q->wish.subject, booth, sizeof booth);
  if (http_json_read(r, fields, array_len(fields), &q->body, &q->wish.body))
    hub_submit(api_of(r), r, &q->wish.job);
  else
    job_free(&q->wish.job);
}

/* --- GET /guests/{ref} --- */

struct look {
  struct job job;
  uint8_t id[16];
};

static int run_look(struct job *j, struct pg *db)
{
  return answer_guest(j, db, 200, ((struct look *)j)->id);
}

void api_guest_get(struct http_request *r)
{
  struct look *q = job_new(sizeof *q, run_look, NULL);
  if (params_id(r, q->id, NO_GUEST))
    hub_submit(api_of(r), r, &q->job);
  else
    job_free(&q->job);
}

/* --- DELETE /guests/{ref}, POST /guests/{ref}/defer --- */

struct change {
  struct wish wish;
  const char *type;
  int64_t after;
};

/* A second wish to cancel, before the booth has heard the first, is the first. */
static int is_cancelled(struct pg *db, int64_t booth, const char *ref, bool *ret)
{
  autorows struct pg_rows *rows = NULL;
  struct pg_args a = {0};
  pg_int(&a, booth);
  pg_text(&a, ref);
  int r = pg_query(db, SQL_PENDING, &a, &rows);
  *ret = r == 0 && pg_count(rows) > 0;
  return r;
}

static int put_change(struct wish *w, struct pg *db)
{
  struct change *q = (struct change *)w;
  autobuf struct buf item = {0};
  struct guest g;
  struct inbox inbox;
  char ref[33];
  bool cancelled = false;
  int r = guest_read(db, w->subject, &g, NULL);
  if (r == -ENOENT) {
    answer_problem(&w->job, 404, "not_found", NULL, NO_GUEST);
    return 1;
  }
  if (r < 0)
    return r;
  if (g.over) {
    answer_problem(&w->job, 409, "wrong_state", NULL, "This guest does not wait any more; GET tells how it ended.");
    return 1;
  }
  util_hex(ref, w->subject, sizeof w->subject);
  r = inbox_settle(db, g.booth, &inbox); /* before it is looked at: the row is now ours */
  if (r == 0)
    r = is_cancelled(db, g.booth, ref, &cancelled);
  if (r < 0 || (cancelled && strcmp(q->type, "remote.cancel") == 0))
    return r;
  json_open(&item, NULL, '{');
  json_str(&item, "join", ref);
  if (q->after)
    json_int(&item, "after", q->after);
  json_close(&item, '}');
  return inbox_request_append(w, db, g.booth, q->type, 0, item.data);
}

static int tell_change(struct wish *w, struct pg *db)
{
  return answer_guest(&w->job, db, 202, w->subject);
}

static struct change *change_new(struct http_request *r, const char *type)
{
  uint8_t id[16];
  if (!params_id(r, id, NO_GUEST))
    return NULL;
  struct change *q = inbox_request_new(r, sizeof *q, put_change, tell_change);
  if (!q)
    return NULL;
  q->type = type;
  memcpy(q->wish.subject, id, sizeof id);
  return q;
}

void api_guest_delete(struct http_request *r)
{
  struct change *q = change_new(r, "remote.cancel");
  if (q)
    hub_submit(api_of(r), r, &q->wish.job);
}

void api_guest_defer_post(struct http_request *r)
{
  static const struct json_field fields[] = {
      {"after", JSON_INT, offsetof(struct change, after), .low = 1, .high = LIMIT_ACTIVE, .required = true}};
  struct change *q = change_new(r, "remote.defer");
  if (!q)
    return;
  if (http_json_read(r, fields, array_len(fields), q, &q->wish.body))
    hub_submit(api_of(r), r, &q->wish.job);
  else
    job_free(&q->wish.job);
}
