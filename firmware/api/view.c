/* view.c - rendering is expensive, so it is done for a reader and not for a change: a burst of commands that nobody
 * watches costs no rendering, and a thousand readers of one version cost one.
 */
#include "api/view.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/json_write.h"
#include "http/response.h"
#include "queue/event_json.h"

static void drop_rendered(struct view *v)
{
  http_shared_unref(take(v->snapshot));
  http_shared_unref(take(v->board));
}

void view_done(struct view *v)
{
  drop_rendered(v);
  queue_free(take(v->queue));
  free(take(v->banner));
}

void view_reset(struct view *v, struct batch *b)
{
  queue_free(v->queue);
  v->queue = take(b->reset);
  free(v->banner);
  v->banner = take(b->banner);
  v->head = b->head;
  util_copy(v->epoch, sizeof v->epoch, b->epoch);
  v->status_version++;
  drop_rendered(v);
}

void view_apply(struct view *v, const struct change *c)
{
  queue_apply(v->queue, c);
  v->head = c->id;
  drop_rendered(v);
}

bool view_set_storage(struct view *v, bool ok, const char *error)
{
  if (v->storage_ok == ok)
    return false;
  v->storage_ok = ok;
  util_copy(v->storage_error, sizeof v->storage_error, error);
  v->status_version++;
  drop_rendered(v);
  return true;
}

bool view_set_trusted(struct view *v, bool trusted)
{
  if (v->trusted == trusted)
    return false;
  v->trusted = trusted;
  v->status_version++;
  drop_rendered(v);
  return true;
}

bool view_set_warnings(struct view *v, uint32_t warnings)
{
  if (v->warnings == warnings)
    return false;
  v->warnings = warnings;
  v->status_version++;
  drop_rendered(v);
  return true;
}

void view_set_sync(struct view *v, const struct view_sync *s)
{
  v->sync = *s;
  v->status_version++;
  drop_rendered(v);
}

void view_names_changed(struct view *v)
{
  v->names_version++;
  drop_rendered(v);
}

void view_event_id(const struct view *v, char to[static 56])
{
  snprintf(to, 56, "%s-%" PRId64, v->epoch, EVENT_SEQ(v->head));
}

/* --- pieces --- */

void view_booth_json(const struct view *v, struct buf *b, const char *key)
{
  json_open(b, key, '{');
  json_str(b, "id", v->booth);
  json_str(b, "epoch", v->epoch);
  json_str(b, "name", queue_settings(v->queue)->name);
  json_close(b, '}');
}

void view_sync_json(struct buf *b, const struct view_sync *s)
{
  static const char *const names[] = {"off", "ok", "pending", "stuck"};
  json_str(b, "state", names[s->state]);
  json_int(b, "pending", s->pending);
  json_time(b, "last_ok_at", s->last_ok_wall);
  json_str(b, "reason", s->reason);
}

static void sync_json(const struct view *v, struct buf *b)
{
  json_open(b, "sync", '{');
  view_sync_json(b, &v->sync);
  json_close(b, '}');
}

void view_banner_json(const struct view *v, struct buf *b, const char *key)
{
  if (!v->banner) {
    json_null(b, key);
    return;
  }
  json_open(b, key, '{');
  json_str(b, "code", "restored");
  json_str(b, "detail", v->banner);
  json_close(b, '}');
}

static void clock_json(const struct view *v, struct buf *b)
{
  json_open(b, "clock", '{');
  json_bool(b, "trusted", v->trusted);
  json_close(b, '}');
}

static void seconds_json(struct buf *b, const char *key, int32_t s)
{
  if (s < 0)
    json_null(b, key);
  else
    json_int(b, key, s);
}

static struct estimate next_joiner(const struct view *v, int line)
{
  return queue_estimate(v->queue, line, (int)queue_waiting(v->queue, line));
}

/* For boards: the range over all lines that have an estimate. */
static struct estimate any_joiner(const struct view *v)
{
  struct estimate all = {0};
  for (int i = 0; i < queue_settings(v->queue)->n_lines; i++) {
    struct estimate e = next_joiner(v, i);
    if (!e.high_s)
      continue;
    all.low_s = all.high_s ? min(all.low_s, e.low_s) : e.low_s;
    all.high_s = max(all.high_s, e.high_s);
  }
  return all;
}

static void line_json(const struct view *v, struct buf *b, const char *key, int line)
{
  const struct line *l = &queue_settings(v->queue)->lines[line];
  const struct ticket *next = queue_first(v->queue, line);
  int32_t gap_s, last_wait_s;
  queue_service_rate(v->queue, line, &gap_s, &last_wait_s);
  json_open(b, key, '{');
  json_str(b, "id", l->id);
  json_str(b, "name", l->name);
  json_str(b, "prefix", l->prefix);
  json_int(b, "waiting", (int64_t)queue_waiting(v->queue, line));
  if (next)
    json_int(b, "next", next->id);
  else
    json_null(b, "next");
  estimate_json(b, "estimate", next_joiner(v, line));
  seconds_json(b, "gap_s", gap_s);
  seconds_json(b, "last_wait_s", last_wait_s);
  json_close(b, '}');
}

static void lines_json(const struct view *v, struct buf *b)
{
  json_open(b, "lines", '[');
  for (int i = 0; i < queue_settings(v->queue)->n_lines; i++)
    line_json(v, b, NULL, i);
  json_close(b, ']');
}

static void texts_json(const struct view *v, struct buf *b)
{
  const struct settings *s = queue_settings(v->queue);
  json_open(b, "languages", '[');
  for (size_t i = 0; i < array_len(s->languages); i++)
    if (*s->languages[i])
      json_str(b, NULL, s->languages[i]);
  json_close(b, ']');
  json_open(b, "texts", '{');
  json_str(b, "welcome", s->welcome);
  json_str(b, "closed", s->closed);
  json_close(b, '}');
}

static void staff_ticket_json(const struct view *v, struct buf *b, const char *key, const struct ticket *t,
                              const char *history)
{
  struct ticket_context context = {
      .position = queue_position(v->queue, t),
      .held = queue_held(v->queue, t),
      .by = t->actor > 0 ? v->name_of(v->arg, t->actor) : NULL,
      .history = history,
  };
  if (context.position)
    context.estimate = queue_estimate(v->queue, queue_line(v->queue, t->line), context.position - 1);
  ticket_json(b, key, t, TICKET_STAFF, &context);
}

void view_ticket_json(const struct view *v, struct buf *b, const char *key, const struct ticket *t)
{
  staff_ticket_json(v, b, key, t, NULL);
}

void view_ticket_history_json(const struct view *v, struct buf *b, const struct ticket *t, const char *history)
{
  staff_ticket_json(v, b, NULL, t, history);
}

/* --- whole answers --- */

static void head_json(const struct view *v, struct buf *b)
{
  json_int(b, "seq", EVENT_SEQ(v->head));
  view_booth_json(v, b, "booth");
  json_date(b, "day", queue_day(v->queue)->date);
  intake_json(b, "intake", queue_intake(v->queue));
  texts_json(v, b);
  clock_json(v, b);
}

static void message_json(const struct view *v, struct buf *b)
{
  const struct notice *m = queue_message(v->queue);
  if (!*m->text) {
    json_null(b, "message");
    return;
  }
  json_open(b, "message", '{');
  json_time(b, "at", m->at);
  json_str(b, "text", m->text);
  json_close(b, '}');
}

static void storage_json(const struct view *v, struct buf *b)
{
  json_open(b, "storage", '{');
  json_bool(b, "ok", v->storage_ok);
  json_close(b, '}');
}

void view_snapshot_json(struct view *v, struct buf *b)
{
  json_open(b, NULL, '{');
  head_json(v, b);
  lines_json(v, b);
  json_open(b, "tickets", '[');
  for (const struct ticket *t = NULL; (t = queue_next(v->queue, t));)
    view_ticket_json(v, b, NULL, t);
  json_close(b, ']');
  sync_json(v, b);
  storage_json(v, b);
  view_banner_json(v, b, "banner");
  message_json(v, b);
  health_warnings_json(b, "warnings", v->warnings);
  json_close(b, '}');
}

struct board_list {
  const struct ticket *tickets[LIMIT_CALLING];
  size_t n;
  size_t most;
};

/* Latest call first; drops the earliest when full. */
static void board_insert(struct board_list *l, const struct ticket *t)
{
  size_t i = l->n;
  if (l->n < l->most)
    l->n++;
  else if (t->call_event < l->tickets[--i]->call_event)
    return;
  for (; i > 0 && l->tickets[i - 1]->call_event < t->call_event; i--)
    l->tickets[i] = l->tickets[i - 1];
  l->tickets[i] = t;
}

static void board_list_json(struct buf *b, const char *key, const struct board_list *l)
{
  json_open(b, key, '[');
  for (size_t i = 0; i < l->n; i++)
    ticket_json(b, NULL, l->tickets[i], TICKET_BOARD, &(struct ticket_context){0});
  json_close(b, ']');
}

void view_board_json(struct view *v, struct buf *b)
{
  struct board_list calling = {.most = LIMIT_CALLING}, recent = {.most = LIMIT_RECENT}, missed = {.most = LIMIT_MISSED};
  int32_t today = queue_day(v->queue)->id;
  for (const struct ticket *t = queue_after_waiting(v->queue); t; t = queue_next(v->queue, t)) {
    if (t->state == TICKET_CALLED)
      board_insert(&calling, t);
    else if (t->state == TICKET_SEATED && t->call_event && t->day == today)
      board_insert(&recent, t);
    else if (t->state == TICKET_NO_SHOW && t->day == today)
      board_insert(&missed, t);
  }
  const struct settings *s = queue_settings(v->queue);
  json_open(b, NULL, '{');
  head_json(v, b);
  board_list_json(b, "calling", &calling);
  board_list_json(b, "recent", &recent);
  board_list_json(b, "missed", &missed);
  json_int(b, "waiting", (int64_t)queue_waiting(v->queue, -1));
  json_open(b, "lines", '[');
  for (int i = 0; i < s->n_lines; i++) {
    json_open(b, NULL, '{');
    json_str(b, "id", s->lines[i].id);
    json_str(b, "name", s->lines[i].name);
    json_int(b, "waiting", (int64_t)queue_waiting(v->queue, i));
    json_close(b, '}');
  }
  json_close(b, ']');
  estimate_json(b, "estimate", any_joiner(v));
  json_str(b, "version", BOOTHD_VERSION);
  json_close(b, '}');
}

static struct http_shared *render_shared(struct view *v, struct http_shared **kept,
                                         void (*render)(struct view *, struct buf *))
{
  if (!*kept) {
    struct buf body = {0};
    render(v, &body);
    char etag[128];
    snprintf(etag, sizeof etag, "\"%.8s-%.8s-%" PRId64 "-%" PRIu32 "-%" PRIu32 "\"", v->epoch, clock_boot_id(),
             EVENT_SEQ(v->head), v->status_version, v->names_version);
    *kept = http_shared_new("application/json", etag, "Cache-Control: no-cache\r\n", &body);
  }
  return *kept;
}

struct http_shared *view_snapshot(struct view *v)
{
  return render_shared(v, &v->snapshot, view_snapshot_json);
}

struct http_shared *view_board(struct view *v)
{
  return render_shared(v, &v->board, view_board_json);
}

void view_change_json(const struct view *v, struct buf *b, const struct change *c)
{
  json_open(b, NULL, '{');
  json_int(b, "seq", EVENT_SEQ(c->id));
  json_str(b, "type", event_names[c->type]);
  int line = c->ticket.id ? queue_line(v->queue, c->ticket.line) : -1;
  if (c->ticket.id)
    view_ticket_json(v, b, "ticket", &c->ticket);
  else
    json_null(b, "ticket");
  if (line >= 0)
    line_json(v, b, "line", line);
  else
    json_null(b, "line");
  if (c->type == EVENT_INTAKE)
    intake_json(b, "intake", &c->intake);
  if (c->type == EVENT_DAY)
    json_date(b, "day", c->day.date);
  if (c->type == EVENT_SETTINGS)
    json_bool(b, "settings", true);
  json_close(b, '}');
}

void view_status_json(const struct view *v, struct buf *b)
{
  json_open(b, NULL, '{');
  sync_json(v, b);
  clock_json(v, b);
  intake_json(b, "intake", queue_intake(v->queue));
  storage_json(v, b);
  lines_json(v, b);
  message_json(v, b);
  health_warnings_json(b, "warnings", v->warnings);
  json_close(b, '}');
}
