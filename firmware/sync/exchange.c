/* exchange.c - one bundle to the hub, one back. A cursor moves only when the writer has committed it, and only by an
 * answer to this very bundle: one that a proxy has cached is refused.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/json_write.h"
#include "base/log.h"
#include "base/text.h"
#include "sync/internal.h"

#define PATH          "/api/v1/exchange"
#define TIME_ERROR_MS 10000 /* an answer that took longer is not used to set the clock */

struct exchange_request {
  struct sync_journal journal;
  struct sync_pick pick;
  int64_t next;     /* the seq after its events */
  int32_t next_day; /* the day after its digests; 0 = those were all */
  size_t text;      /* bytes of events and people */
  struct bundle_header header;
  struct buf bundle;
};

static void exchange_request_done(struct exchange_request *q)
{
  buf_done(&q->bundle);
}

static void journal_closep(struct journal **j)
{
  journal_close(*j);
}

static void printf_like(3, 4) set_result(struct exchange_result *e, enum sync_result result, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  vsnprintf(e->detail, sizeof e->detail, format, args);
  va_end(args);
  e->result = result;
}

/* --- the request --- */

static int read_journal(struct journal *j, struct sync_journal *ret)
{
  size_t n = 0;
  int r = journal_state(j, &ret->state);
  if (r == 0)
    r = journal_epochs(j, ret->epochs, array_len(ret->epochs), &ret->n_epochs);
  if (r == 0)
    r = journal_calls(j, &ret->newest_call, 1, &n);
  if (r == 0 && n == 0)
    ret->newest_call = 0;
  return r;
}

int sync_read_journal(struct sync *s, struct sync_journal *ret)
{
  cleanup(journal_closep) struct journal *j = NULL;
  *ret = (struct sync_journal){0};
  int r = journal_open(s->state_dir, &j);
  return r < 0 ? r : read_journal(j, ret);
}

static void add_list(struct buf *body, const char *key, const struct buf *elements)
{
  json_open(body, key, '[');
  if (elements->len)
    buf_add(body, elements->data, elements->len);
  json_close(body, ']');
}

static void add_state(struct buf *body, const struct exchange_request *x)
{
  const struct journal_epoch *e = x->pick.epoch;
  json_str(body, "epoch", e->id);
  json_str(body, "boot", clock_boot_id());
  json_int(body, "sent_mono_ms", clock_mono_ms());
  json_int(body, "first_seq", x->pick.from);
  json_int(body, "head_seq", e->head_seq);
  json_int(body, "cursor", e->acked);
  json_int(body, "oldest_seq", e->first_seq);
  json_int(body, "inbox_ack", x->journal.state.inbox);
  json_int(body, "generation", x->journal.state.generation);
  json_str(body, "version", BOOTHD_VERSION);
  if (*e->parent) {
    json_open(body, "parent", '{');
    json_str(body, "epoch", e->parent);
    json_int(body, "seq", e->parent_seq);
    json_close(body, '}');
  } else {
    json_null(body, "parent");
  }
}

static int write_body(struct sync *s, struct journal *j, struct exchange_request *x, struct buf *ret_body)
{
  autobuf struct buf events = {0}, people = {0}, digests = {0};
  const struct sync_pick *k = &x->pick;
  int r = 0;
  x->next = k->from;
  x->next_day = 0;
  if (k->most)
    r = journal_batch(j, k->epoch->ordinal, k->from, (size_t)k->most, batch_size_text(&s->batch_size), &events, &people,
                      &x->next);
  else if (k->compare)
    r = journal_digests(j, k->epoch->ordinal, s->plan.compare_day, LIMIT_BATCH_DAYS, &digests, &x->next_day);
  if (r < 0)
    return r;
  json_open(ret_body, NULL, '{');
  add_state(ret_body, x);
  add_list(ret_body, "events", &events);
  add_list(ret_body, "people", &people);
  add_list(ret_body, "digests", &digests);
  json_close(ret_body, '}');
  x->text = events.len + people.len;
  return 0;
}

/* -EFBIG: too many events; -ENOENT: there is no epoch yet. */
static int write_request(struct sync *s, struct exchange_request *x)
{
  cleanup(journal_closep) struct journal *j = NULL;
  autobuf struct buf body = {0};
  const struct hub_key *hub = enrolment_hub(&s->enrolment);
  x->journal = (struct sync_journal){0};
  int r = journal_open(s->state_dir, &j);
  if (r == 0)
    r = read_journal(j, &x->journal);
  if (r < 0)
    return r;
  x->pick = sync_plan_pick(&s->plan, &x->journal, batch_size_events(&s->batch_size));
  if (!x->pick.epoch)
    return -ENOENT;
  r = write_body(s, j, x, &body);
  journal_close(take(j)); /* a long reader would keep the WAL from being reused */
  if (r < 0)
    return r;
  x->header = (struct bundle_header){.kind = BUNDLE_TO_HUB, .key = hub->number};
  memcpy(x->header.booth, s->enrolment.booth, sizeof x->header.booth);
  memcpy(x->header.sender, s->enrolment.own.sign_public, sizeof x->header.sender);
  return bundle_seal(&x->header, s->enrolment.own.sign_secret, hub->open_key, body.data, body.len, &x->bundle);
}

/* --- posting to the first address that answers --- */

/* NULL, or why it is not from the hub. */
static const char *open_answer(const struct sync *s, const struct http_client_response *a, struct json **ret)
{
  struct bundle_header head;
  const char *why = "not signed by the hub";
  if (bundle_parse_header(a->body.data, a->body.len, &head) < 0 || head.kind != BUNDLE_TO_BOOTH)
    return "no bundle";
  if (!enrolment_sender(&s->enrolment, head.sender) || memcmp(head.booth, s->enrolment.booth, sizeof head.booth) != 0)
    return why;
  return bundle_open(a->body.data, a->body.len, &s->enrolment.own, ret, &why) < 0 ? why : NULL;
}

static void count_attempt(struct sync *s, struct sync_hub *hub, enum sync_result result,
                          const struct http_client_response *a)
{
  thread_lock(&s->thread);
  hub->last = result;
  hub->ok += result == SYNC_OK;
  hub->failed += result != SYNC_OK;
  s->status.bytes += (uint64_t)a->bytes;
  thread_unlock(&s->thread);
}

static const char *describe(const struct http_client_response *a, const char *code, char to[static 160])
{
  if (*a->detail)
    return a->detail;
  snprintf(to, 160, "HTTP status %d%s%s%s%s", a->status, *a->type ? ", " : "", a->type, *code ? ", " : "", code);
  return to;
}

/* Fills ret with the first answer and *ret_body with its body; if there is none, e with the most specific result. */
static bool post_to_hubs(struct sync *s, const struct exchange_request *x, struct exchange_result *e,
                         struct http_client_response *ret, struct json **ret_body)
{
  e->result = SYNC_STOPPED;
  for (size_t i = 0; i < s->status.n_hubs; i++) {
    size_t at = (s->hub + i) % s->status.n_hubs;
    struct sync_hub *hub = &s->status.hubs[at];
    struct http_client_response a = {0};
    char url[LIMIT_HUB_URL + sizeof PATH], code[40], words[160];
    snprintf(url, sizeof url, "%s" PATH, hub->url);
    http_client_post(s->http, url, BUNDLE_TYPE, x->bundle.data, x->bundle.len, BUNDLE_MAX, &a);
    enum sync_result result = sync_result_of(&a, BUNDLE_TYPE, code);
    const char *wrong = result == SYNC_OK ? open_answer(s, &a, ret_body) : NULL;
    if (wrong) {
      result = SYNC_HUB_ERROR;
      snprintf(a.detail, sizeof a.detail, "the answer was refused, %s", wrong);
    }
    if (result == SYNC_STOPPED) {
      http_client_response_done(&a);
      return false;
    }
    count_attempt(s, hub, result, &a);
    if (result == SYNC_OK) {
      s->hub = at;
      *ret = a;
      return true;
    }
    if (result >= e->result) {
      set_result(e, result, "%s: %s", hub->url, describe(&a, code, words));
      e->retry_after_ms = a.retry_after_ms;
    }
    http_client_response_done(&a);
    if (!sync_result_try_next(result))
      return false;
  }
  return false;
}

/* --- the answer --- */

struct hub_answer {
  int64_t generation;
  int64_t acked;
  int64_t conflict; /* seq, 0 = none */
  const char *hub_time;
};

static bool has_text(const struct json *j, const char *name, const char *text)
{
  const char *s = json_string(json_get(j, name));
  return s && strcmp(s, text) == 0;
}

/* NULL, or why it does not answer this request. */
static const char *read_answer(const struct exchange_request *x, const struct json *j, struct hub_answer *ret)
{
  char id[33];
  util_hex(id, x->header.id, sizeof x->header.id);
  *ret = (struct hub_answer){.generation = json_int_or_zero(j, "generation"),
                             .acked = json_int_or_zero(j, "acked_seq"),
                             .conflict = json_int_or_zero(j, "conflict_seq"),
                             .hub_time = json_string(json_get(j, "hub_time"))};
  if (!has_text(j, "for", id))
    return "it answers another bundle";
  if (!has_text(j, "epoch", x->pick.epoch->id))
    return "it is about another epoch";
  if (ret->generation <= 0 || ret->acked < 0 || ret->conflict < 0)
    return "a member is missing";
  return ret->generation < x->journal.state.generation ? "it is of an older generation" : NULL;
}

/* The hub has another history of this epoch: the booth begins a new one. */
static void fork_epoch(struct sync *s, const struct exchange_request *x, const struct hub_answer *r,
                       struct exchange_result *e)
{
  struct writer_request *q = writer_request_new(WRITER_EPOCH, NULL);
  const char *what = r->conflict ? "other events than this booth" : "more events than this booth";
  q->fork.ordinal = x->pick.epoch->ordinal;
  q->fork.closed_seq = r->conflict;
  memcpy(q->fork.epoch, x->pick.epoch->id, sizeof q->fork.epoch);
  snprintf(q->fork.why, sizeof q->fork.why, "The hub has %s; a copy of this card may be in use.", what);
  log_err("sync_conflict", "epoch=%s seq=%" PRId64, x->pick.epoch->id, r->conflict ? r->conflict : r->acked);
  writer_request_free(writer_call(s->writer, s->home, q));
  set_result(e, SYNC_CONFLICT, "The hub has %s.", what);
}

static enum refusal move_cursor(struct sync *s, const struct exchange_request *x, const struct hub_answer *r)
{
  struct writer_request *q = writer_request_new(WRITER_CURSOR, NULL);
  q->cursor = (struct cursor){.ordinal = x->pick.epoch->ordinal, .generation = r->generation, .acked = r->acked};
  memcpy(q->cursor.epoch, x->pick.epoch->id, sizeof q->cursor.epoch);
  q = writer_call(s->writer, s->home, q);
  enum refusal refusal = q->refusal;
  writer_request_free(q);
  return refusal;
}

static void plan_differing_days(struct sync *s, const struct exchange_request *x, const struct json *differs)
{
  int n = 0;
  for (const struct json *d = json_at(differs, 0); d; d = json_next(d), n++)
    sync_plan_again(&s->plan, (struct sync_range){x->pick.epoch->ordinal, json_int_or_zero(d, "first_seq"),
                                                  json_int_or_zero(d, "last_seq")});
  thread_lock(&s->thread);
  s->differing_days += n;
  thread_unlock(&s->thread);
}

static void post_time(struct sync *s, const struct hub_answer *r, const struct http_client_response *a)
{
  int64_t wall_ms, half_ms = (a->answered_mono - a->asked_mono + 1) / 2;
  if (!r->hub_time || text_parse_time(r->hub_time, &wall_ms) < 0 || half_ms > TIME_ERROR_MS)
    return;
  struct sync_event *e = xnew(struct sync_event);
  e->kind = SYNC_EVENT_TIME;
  e->wall_ms = wall_ms;
  e->mono_ms = a->asked_mono + half_ms;
  e->error_ms = half_ms;
  sync_post_event(s, e);
}

/* The plan continues where this request ended. */
static void update_plan(struct sync *s, const struct exchange_request *x)
{
  sync_plan_sent(&s->plan, &x->pick, x->next);
  if (!x->pick.compare)
    return;
  s->plan.compare_day = x->next_day;
  if (!x->next_day)
    sync_plan_compare(&s->plan, &x->journal, x->pick.epoch->ordinal);
}

static void handle_answer(struct sync *s, const struct exchange_request *x, const struct http_client_response *a,
                          const struct json *j, struct exchange_result *e)
{
  struct hub_answer r;
  const char *wrong = read_answer(x, j, &r);
  if (wrong) {
    set_result(e, SYNC_HUB_ERROR, "The answer was refused: %s.", wrong);
    return;
  }
  int64_t acked = sync_plan_acked(&x->journal, &x->pick, x->next, r.generation, r.acked);
  if (r.conflict || acked < 0) {
    fork_epoch(s, x, &r, e);
    return;
  }
  r.acked = acked;
  bool new_hub = r.generation != x->journal.state.generation;
  enum refusal refusal = move_cursor(s, x, &r);
  if (refusal != REFUSE_NONE && refusal != REFUSE_STALE) {
    set_result(e, SYNC_HUB_ERROR, "The hub's cursor could not be kept: %s.", refusal_names[refusal]);
    return;
  }
  e->result = SYNC_OK;
  post_time(s, &r, a);
  update_plan(s, x);
  plan_differing_days(s, x, json_get(j, "differs"));
  size_t items = sync_handle_inbox(s, j, r.generation, new_hub ? 0 : x->journal.state.inbox);
  bool progress = r.acked > x->pick.epoch->acked || r.generation != x->pick.epoch->generation || items;
  bool go_on = progress || x->pick.tail || x->pick.again || x->pick.compare;
  struct sync_journal after;
  e->more = go_on && sync_read_journal(s, &after) == 0 && sync_plan_more(&s->plan, &after);
}

void sync_exchange(struct sync *s, struct exchange_result *ret)
{
  cleanup(exchange_request_done) struct exchange_request x = {0};
  cleanup(json_freep) struct json *body = NULL;
  struct http_client_response a = {0};
  *ret = (struct exchange_result){0};
  int r = write_request(s, &x);
  for (int i = 0; i < 10 && r == -EFBIG; i++) {
    batch_size_failed(&s->batch_size);
    r = write_request(s, &x);
  }
  if (r < 0) {
    set_result(ret, SYNC_STOPPED, "The journal cannot be read: %s.", strerrordesc_np(-r));
    return;
  }
  if (!post_to_hubs(s, &x, ret, &a, &body)) {
    if (ret->result == SYNC_NO_ANSWER)
      batch_size_failed(&s->batch_size);
    return;
  }
  batch_size_sent(&s->batch_size, x.next - x.pick.from, x.text, x.bundle.len, a.bytes, a.took_ms);
  if (a.took_ms > 0 && a.bytes > LIMIT_JSON) {
    thread_lock(&s->thread);
    s->status.rate = a.bytes * 1000 / a.took_ms;
    thread_unlock(&s->thread);
  }
  handle_answer(s, &x, &a, body, ret);
  http_client_response_done(&a);
}
