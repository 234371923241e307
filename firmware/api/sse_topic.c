/* sse_topic.c - an event is formatted once and the same bytes go to every reader and, if it has an id, into the ring
 * that late comers are served from.
 */
#include "api/sse_topic.h"

#include <systemd/sd-event.h>

#include "base/clock.h"
#include "http/sse.h"

struct subscriber {
  struct channel *channel;
  struct http_stream *stream;
  int64_t owner;
  struct subscriber *prev, *next;
};

struct kept {
  char *id;
  struct buf text;
};

struct channel {
  sd_event_source *heartbeat;
  struct subscriber *all, *newest;
  size_t n;
  struct kept ring[LIMIT_STREAM_REPLAY]; /* oldest at first */
  size_t first, kept;
};

static void forget(struct subscriber *s)
{
  struct channel *c = s->channel;
  *(s->prev ? &s->prev->next : &c->all) = s->next;
  if (s->next)
    s->next->prev = s->prev;
  if (c->newest == s)
    c->newest = NULL;
  c->n--;
  free(s);
}

static void on_closed(void *user)
{
  forget(user);
}

static void end(struct subscriber *s)
{
  http_stream_close(s->stream);
  forget(s);
}

static void send_all(const struct channel *c, const char *bytes, size_t n)
{
  for (const struct subscriber *s = c->all; s; s = s->next)
    http_stream_send(s->stream, bytes, n);
}

static void arm(struct channel *c)
{
  sd_event_source_set_time(c->heartbeat, (uint64_t)(clock_mono_ms() + LIMIT_HEARTBEAT_MS) * 1000);
  sd_event_source_set_enabled(c->heartbeat, SD_EVENT_ONESHOT);
}

static int on_heartbeat(sd_event_source *source, uint64_t at_us, void *user)
{
  struct channel *c = user;
  (void)source, (void)at_us;
  send_all(c, ": \n\n", 4);
  if (c->all)
    arm(c);
  return 0;
}

struct channel *sse_topic_new(struct sd_event *event)
{
  struct channel *c = xnew(struct channel);
  if (sd_event_add_time(event, &c->heartbeat, CLOCK_BOOTTIME, UINT64_MAX, 1, on_heartbeat, c) < 0 ||
      sd_event_source_set_enabled(c->heartbeat, SD_EVENT_OFF) < 0)
    abort(); /* out of memory */
  return c;
}

void sse_topic_free(struct channel *c)
{
  if (!c)
    return;
  for (struct subscriber *s = c->all, *next; s; s = next) {
    next = s->next;
    end(s);
  }
  sse_topic_forget(c);
  sd_event_source_disable_unref(c->heartbeat);
  free(c);
}

bool sse_topic_join(struct channel *c, struct http_request *r, int64_t owner)
{
  if (owner == 0 && c->n >= LIMIT_PUBLIC_STREAMS) {
    http_problem(r, 429, "rate_limited", NULL, "There are too many boards.", NULL, 5);
    return false;
  }
  struct subscriber *s = xnew(struct subscriber);
  s->stream = http_stream(r, on_closed, s);
  if (!s->stream) {
    free(s);
    return false;
  }
  s->channel = c;
  s->owner = owner;
  s->next = c->all;
  if (s->next)
    s->next->prev = s;
  else
    arm(c);
  c->all = c->newest = s;
  c->n++;
  return true;
}

static void format(struct buf *b, const char *event, const char *id, const char *data)
{
  buf_fmt(b, "event: %s\n", event);
  if (id)
    buf_fmt(b, "id: %s\n", id);
  buf_str(b, "data: ");
  buf_str(b, data);
  buf_str(b, "\n\n");
}

static void keep(struct channel *c, const char *id, struct buf *take_text)
{
  size_t at = (c->first + c->kept) % LIMIT_STREAM_REPLAY;
  if (c->kept == LIMIT_STREAM_REPLAY)
    c->first = (c->first + 1) % LIMIT_STREAM_REPLAY;
  else
    c->kept++;
  free(c->ring[at].id);
  buf_done(&c->ring[at].text);
  c->ring[at] = (struct kept){.id = xstrdup(id), .text = *take_text};
  *take_text = (struct buf){0};
}

void sse_topic_send(struct channel *c, const char *event, const char *id, const char *data)
{
  autobuf struct buf text = {0};
  format(&text, event, id, data);
  send_all(c, text.data, text.len);
  if (id)
    keep(c, id, &text);
}

void sse_topic_greet(struct channel *c, const char *event, const char *id, const char *data)
{
  if (!c->newest)
    return;
  autobuf struct buf text = {0};
  format(&text, event, id, data);
  http_stream_send(c->newest->stream, text.data, text.len);
}

bool sse_topic_replay(struct channel *c, const char *last_event_id)
{
  size_t i = c->kept;
  while (i > 0 && strcmp(c->ring[(c->first + i - 1) % LIMIT_STREAM_REPLAY].id, last_event_id) != 0)
    i--;
  if (i == 0)
    return false;
  autobuf struct buf missed = {0};
  for (; i < c->kept; i++) {
    const struct buf *text = &c->ring[(c->first + i) % LIMIT_STREAM_REPLAY].text;
    buf_add(&missed, text->data, text->len);
  }
  if (missed.len && c->newest)
    http_stream_send(c->newest->stream, missed.data, missed.len);
  return true;
}

void sse_topic_forget(struct channel *c)
{
  for (; c->kept > 0; c->kept--) {
    struct kept *last = &c->ring[(c->first + c->kept - 1) % LIMIT_STREAM_REPLAY];
    free(take(last->id));
    buf_done(&last->text);
  }
}

void sse_topic_end(struct channel *c, int64_t owner)
{
  for (struct subscriber *s = c->all, *next; s; s = next) {
    next = s->next;
    if (s->owner == owner)
      end(s);
  }
}

size_t sse_topic_size(const struct channel *c)
{
  return c->n;
}

size_t sse_topic_size_of(const struct channel *c, int64_t owner)
{
  size_t n = 0;
  for (const struct subscriber *s = c->all; s; s = s->next)
    n += s->owner == owner;
  return n;
}
