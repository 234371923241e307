/* exchange.c - one bundle there, one back. The answer moves cursors only after the writer has committed them, and
 * only if it is an answer to this very bundle: what else a proxy may serve from its memory is refused.
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
#define TIME_ERROR_MS 10000 /* an answer that took longer tells no time */

/* What was sent, and to whom. */
struct letter {
  struct sync_journal journal;
  struct sync_pick pick;
  int64_t next; /* the seq behind the events in it */
  int32_t next_day;
  size_t text; /* bytes of events and what belongs to them */
  struct bundle_header head;
  struct buf bundle;
};

static void letter_done(struct letter *l)
{
  buf_done(&l->bundle);
}

static void json_freep(struct json **j)
{
  json_free(*j);
}

static void journal_closep(struct journal **j)
{
  journal_close(*j);
}

static void printf_like(3, 4) fail(struct exchange *e, enum sync_result o, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  vsnprintf(e->detail, sizeof e->detail, format, args);
  va_end(args);
  e->result = o;
}

/* ---- what goes ---- */

static int look(struct journal *j, struct sync_journal *ret)
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
  return r < 0 ? r : look(j, ret);
}

static void add_list(struct buf *body, const char *key, const struct buf *elements)
{
  json_open(body, key, '[');
  if (elements->len)
    buf_add(body, elements->data, elements->len);
  json_close(body, ']');
}

static void add_numbers(struct buf *body, const struct letter *l)
{
  const struct journal_epoch *e = l->pick.epoch;
  json_str(body, "epoch", e->id);
  json_str(body, "boot", clock_boot_id());
  json_int(body, "sent_mono_ms", clock_mono_ms());
  json_int(body, "first_seq", l->pick.from);
  json_int(body, "head_seq", e->head_seq);
  json_int(body, "cursor", e->acked);
  json_int(body, "oldest_seq", e->first_seq);
  json_int(body, "inbox_ack", l->journal.state.inbox);
  json_int(body, "generation", l->journal.state.generation);
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

static int write_body(struct sync *s, struct journal *j, struct letter *l, struct buf *ret_body)
{
  autobuf struct buf events = {0}, people = {0}, digests = {0};
  const struct sync_pick *k = &l->pick;
  int r = 0;
  l->next = k->from;
  l->next_day = 0;
  if (k->most)
    r = journal_batch(j, k->epoch->ordinal, k->from, (size_t)k->most, batch_size_text(&s->load), &events, &people,
                      &l->next);
  else if (k->compare)
    r = journal_digests(j, k->epoch->ordinal, s->plan.compare_day, LIMIT_BATCH_DAYS, &digests, &l->next_day);
  if (r < 0)
    return r;
  json_open(ret_body, NULL, '{');
  add_numbers(ret_body, l);
  add_list(ret_body, "events", &events);
  add_list(ret_body, "people", &people);
  add_list(ret_body, "digests", &digests);
  json_close(ret_body, '}');
  l->text = events.len + people.len;
  return 0;
}

/* 0, -EFBIG: fewer will do; -ENOENT: there is no epoch yet. */
static int write_letter(struct sync *s, struct letter *l)
{
  cleanup(journal_closep) struct journal *j = NULL;
  autobuf struct buf body = {0};
  const struct hub_key *hub = enrolment_hub(&s->enrolment);
  l->journal = (struct sync_journal){0};
  int r = journal_open(s->state_dir, &j);
  if (r == 0)
    r = look(j, &l->journal);
  if (r < 0)
    return r;
  l->pick = sync_plan_pick(&s->plan, &l->journal, batch_size_events(&s->load));
  if (!l->pick.epoch)
    return -ENOENT;
  r = write_body(s, j, l, &body);
  journal_close(take(j)); /* nobody reads while the network takes its time */
  if (r < 0)
    return r;
  l->head = (struct bundle_header){.kind = BUNDLE_TO_HUB, .key = hub->number};
  memcpy(l->head.booth, s->enrolment.booth, sizeof l->head.booth);
  memcpy(l->head.sender, s->enrolment.own.sign_public, sizeof l->head.sender);
  return bundle_seal(&l->head, s->enrolment.own.sign_secret, hub->open_key, body.data, body.len, &l->bundle);
}

/* ---- to the first address that answers ---- */

/* NULL, or why it is not from the hub. */
static const char *open_reply(const struct sync *s, const struct http_client_response *a, struct json **ret)
{
  struct bundle_header head;
  const char *why = "not signed by the hub";
  if (bundle_parse_header(a->body.data, a->body.len, &head) < 0 || head.kind != BUNDLE_TO_BOOTH)
    return "no bundle";
  if (!enrolment_sender(&s->enrolment, head.sender) || memcmp(head.booth, s->enrolment.booth, sizeof head.booth) != 0)
    return why;
  return bundle_open(a->body.data, a->body.len, &s->enrolment.own, ret, &why) < 0 ? why : NULL;
}

static void count(struct sync *s, struct sync_hub *hub, enum sync_result o, const struct http_client_response *a)
{
  pthread_mutex_lock(&s->lock);
  hub->last = o;
  hub->ok += o == SYNC_OK;
  hub->failed += o != SYNC_OK;
  s->status.bytes += (uint64_t)a->bytes;
  pthread_mutex_unlock(&s->lock);
}

static const char *words_of(const struct http_client_response *a, const char *code, char to[static 160])
{
  if (*a->detail)
    return a->detail;
  snprintf(to, 160, "HTTP status %d%s%s%s%s", a->status, *a->type ? ", " : "", a->type, *code ? ", " : "", code);
  return to;
}

/* Fills ret with the answer of the first that gives one and *ret_body with what is in it, else e with what said most.
 */
static bool ask_hubs(struct sync *s, const struct letter *l, struct exchange *e, struct http_client_response *ret,
                     struct json **ret_body)
{
  e->result = SYNC_STOPPED;
  for (size_t i = 0; i < s->status.n_hubs; i++) {
    size_t at = (s->hub + i) % s->status.n_hubs;
    struct sync_hub *hub = &s->status.hubs[at];
    struct http_client_response a = {0};
    char url[LIMIT_HUB_URL + sizeof PATH], code[40], words[160];
    snprintf(url, sizeof url, "%s" PATH, hub->url);
    http_client_post(s->fetch, url, BUNDLE_TYPE, l->bundle.data, l->bundle.len, BUNDLE_MAX, &a);
    enum sync_result o = sync_result_of(&a, BUNDLE_TYPE, code);
    const char *wrong = o == SYNC_OK ? open_reply(s, &a, ret_body) : NULL;
    if (wrong) {
      o = SYNC_HUB_ERROR;
      snprintf(a.detail, sizeof a.detail, "the answer was refused, %s", wrong);
    }
    if (o == SYNC_STOPPED) {
      http_client_response_done(&a);
      return false;
    }
    count(s, hub, o, &a);
    if (o == SYNC_OK) {
      s->hub = at;
      *ret = a;
      return true;
    }
    if (o >= e->result) {
      fail(e, o, "%s: %s", hub->url, words_of(&a, code, words));
      e->retry_after_ms = a.retry_after_ms;
    }
    http_client_response_done(&a);
    if (!sync_result_try_next(o))
      return false;
  }
  return false;
}

/* ---- what comes ---- */

struct reply {
  int64_t generation, acked, conflict; /* conflict 0 = none */
  const char *hub_time;
};

static bool is_text(const struct json *j, const char *name, const char *text)
{
  const char *s = json_string(json_get(j, name));
  return s && strcmp(s, text) == 0;
}

static int64_t whole(const struct json *j, const char *name)
{
  return (int64_t)json_number(json_get(j, name));
}

/* NULL, or why it is no answer to this letter. */
static const char *read_reply(const struct letter *l, const struct json *j, struct reply *ret)
{
  char id[33];
  util_hex(id, l->head.id, sizeof l->head.id);
  *ret = (struct reply){.generation = whole(j, "generation"),
                        .acked = whole(j, "acked_seq"),
                        .conflict = whole(j, "conflict_seq"),
                        .hub_time = json_string(json_get(j, "hub_time"))};
  if (!is_text(j, "for", id))
    return "it answers another bundle";
  if (!is_text(j, "epoch", l->pick.epoch->id))
    return "it speaks of another epoch";
  if (ret->generation <= 0 || ret->acked < 0 || ret->conflict < 0)
    return "a member is missing";
  return ret->generation < l->journal.state.generation ? "it is of an older generation" : NULL;
}

/* The hub has another history of this epoch: ours goes on under another name. */
static void branch(struct sync *s, const struct letter *l, const struct reply *r, struct exchange *e)
{
  struct request *q = request_new(REQUEST_EPOCH, NULL);
  const char *what = r->conflict ? "other events than this booth" : "more events than this booth";
  q->fork.ordinal = l->pick.epoch->ordinal;
  q->fork.closed_seq = r->conflict;
  memcpy(q->fork.epoch, l->pick.epoch->id, sizeof q->fork.epoch);
  snprintf(q->fork.why, sizeof q->fork.why, "The hub has %s; a copy of this card may be in use.", what);
  log_err("sync_conflict", "epoch=%s seq=%" PRId64, l->pick.epoch->id, r->conflict ? r->conflict : r->acked);
  request_free(writer_call(s->writer, s->home, q));
  fail(e, SYNC_CONFLICT, "The hub has %s.", what);
}

static int move_cursor(struct sync *s, const struct letter *l, const struct reply *r)
{
  struct request *q = request_new(REQUEST_CURSOR, NULL);
  q->cursor = (struct cursor){l->pick.epoch->ordinal, r->generation, r->acked, ""};
  memcpy(q->cursor.epoch, l->pick.epoch->id, sizeof q->cursor.epoch);
  q = writer_call(s->writer, s->home, q);
  int code = q->refusal;
  request_free(q);
  return code;
}

static void send_again(struct sync *s, const struct letter *l, const struct json *differs)
{
  int n = 0;
  for (const struct json *d = json_at(differs, 0); d; d = json_next(d), n++)
    sync_plan_again(&s->plan, (struct sync_range){l->pick.epoch->ordinal, whole(d, "first_seq"), whole(d, "last_seq")});
  pthread_mutex_lock(&s->lock);
  s->differ += n;
  pthread_mutex_unlock(&s->lock);
}

static void tell_time(struct sync *s, const struct reply *r, const struct http_client_response *a)
{
  int64_t wall_ms, half_ms = (a->answered_mono - a->asked_mono + 1) / 2;
  if (!r->hub_time || text_parse_time(r->hub_time, &wall_ms) < 0 || half_ms > TIME_ERROR_MS)
    return;
  struct sync_event *m = xnew(struct sync_event);
  m->kind = SYNC_EVENT_TIME;
  m->wall_ms = wall_ms;
  m->mono_ms = a->asked_mono + half_ms;
  m->error_ms = half_ms;
  sync_event(s, m);
}

/* The plan goes on where this letter ended. */
static void go_on(struct sync *s, const struct letter *l)
{
  sync_plan_sent(&s->plan, &l->pick, l->next);
  if (!l->pick.compare)
    return;
  s->plan.compare_day = l->next_day;
  if (!l->next_day)
    sync_plan_compare(&s->plan, &l->journal, l->pick.epoch->ordinal);
}

static void take_reply(struct sync *s, const struct letter *l, const struct http_client_response *a,
                       const struct json *j, struct exchange *e)
{
  struct reply r;
  const char *wrong = read_reply(l, j, &r);
  if (wrong) {
    fail(e, SYNC_HUB_ERROR, "The answer was refused: %s.", wrong);
    return;
  }
  int64_t acked = sync_plan_acked(&l->journal, &l->pick, l->next, r.generation, r.acked);
  if (r.conflict || acked < 0) {
    branch(s, l, &r, e);
    return;
  }
  r.acked = acked;
  bool new_hub = r.generation != l->journal.state.generation;
  int code = move_cursor(s, l, &r);
  if (code != REFUSE_NONE && code != REFUSE_STALE) {
    fail(e, SYNC_HUB_ERROR, "The hub's cursor could not be kept: %s.", refusal_names[code]);
    return;
  }
  e->result = SYNC_OK;
  tell_time(s, &r, a);
  go_on(s, l);
  send_again(s, l, json_get(j, "differs"));
  size_t items = sync_handle_inbox(s, j, r.generation, new_hub ? 0 : l->journal.state.inbox);
  bool news = r.acked > l->pick.epoch->acked || r.generation != l->pick.epoch->generation || items;
  bool onward = news || l->pick.tail || l->pick.again || l->pick.compare;
  struct sync_journal after;
  e->more = onward && sync_read_journal(s, &after) == 0 && sync_plan_more(&s->plan, &after);
}

void sync_exchange(struct sync *s, struct exchange *ret)
{
  cleanup(letter_done) struct letter l = {0};
  cleanup(json_freep) struct json *body = NULL;
  struct http_client_response a = {0};
  *ret = (struct exchange){0};
  int r = write_letter(s, &l);
  for (int i = 0; i < 10 && r == -EFBIG; i++) {
    batch_size_failed(&s->load);
    r = write_letter(s, &l);
  }
  if (r < 0) {
    fail(ret, SYNC_STOPPED, "The journal cannot be told: %s.", strerrordesc_np(-r));
    return;
  }
  if (!ask_hubs(s, &l, ret, &a, &body)) {
    if (ret->result == SYNC_NO_ANSWER)
      batch_size_failed(&s->load);
    return;
  }
  batch_size_sent(&s->load, l.next - l.pick.from, l.text, l.bundle.len, a.bytes, a.took_ms);
  if (a.took_ms > 0 && a.bytes > LIMIT_JSON) {
    pthread_mutex_lock(&s->lock);
    s->status.rate = a.bytes * 1000 / a.took_ms;
    pthread_mutex_unlock(&s->lock);
  }
  take_reply(s, &l, &a, body, ret);
  http_client_response_done(&a);
}
