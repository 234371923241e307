/* sse_topic.c - the same bytes go to every subscriber and, if the event has an id, into a ring for those that resume.
 */
#include "api/sse_topic.h"

#include <systemd/sd-event.h>

#include "base/clock.h"
#include "http/response.h"
#include "http/sse.h"

struct sse_subscriber {
  struct sse_topic *topic;
  struct http_stream *stream;
  int64_t owner;
  struct sse_subscriber *prev;
  struct sse_subscriber *next;
};

struct sse_kept {
  char *id;
  struct buf text;
};

struct sse_topic {
  sd_event_source *heartbeat;
  struct sse_subscriber *all;
  size_t n;
  struct sse_kept ring[LIMIT_STREAM_REPLAY];
  size_t first; /* the oldest in the ring */
  size_t kept;
};

static void free_subscriber(struct sse_subscriber *s)
{
  struct sse_topic *t = s->topic;
  *(s->prev ? &s->prev->next : &t->all) = s->next;
  if (s->next)
    s->next->prev = s->prev;
  t->n--;
  free(s);
}

static void on_closed(void *user)
{
  free_subscriber(user);
}

static void end_subscriber(struct sse_subscriber *s)
{
  http_stream_close(s->stream);
  free_subscriber(s);
}

static void send_all(const struct sse_topic *t, const char *bytes, size_t n)
{
  for (const struct sse_subscriber *s = t->all; s; s = s->next)
    http_stream_send(s->stream, bytes, n);
}

static void arm_heartbeat(struct sse_topic *t)
{
  sd_event_source_set_time(t->heartbeat, (uint64_t)(clock_mono_ms() + LIMIT_HEARTBEAT_MS) * 1000);
  sd_event_source_set_enabled(t->heartbeat, SD_EVENT_ONESHOT);
}

static int on_heartbeat(sd_event_source *source, uint64_t at_us, void *user)
{
  struct sse_topic *t = user;
  send_all(t, ": \n\n", 4);
  if (t->all)
    arm_heartbeat(t);
  return 0;
}

struct sse_topic *sse_topic_new(struct sd_event *event)
{
  struct sse_topic *t = xnew(struct sse_topic);
  if (sd_event_add_time(event, &t->heartbeat, CLOCK_BOOTTIME, UINT64_MAX, 1, on_heartbeat, t) < 0 ||
      sd_event_source_set_enabled(t->heartbeat, SD_EVENT_OFF) < 0)
    abort(); /* out of memory */
  return t;
}

void sse_topic_free(struct sse_topic *t)
{
  if (!t)
    return;
  for (struct sse_subscriber *s = t->all, *next; s; s = next) {
    next = s->next;
    end_subscriber(s);
  }
  sse_topic_clear(t);
  sd_event_source_disable_unref(t->heartbeat);
  free(t);
}

struct sse_subscriber *sse_topic_join(struct sse_topic *t, struct http_request *r, int64_t owner)
{
  if (owner == 0 && t->n >= LIMIT_PUBLIC_STREAMS) {
    http_refuse(r, HTTP_RATE_LIMITED, NULL, "There are too many boards.");
    return NULL;
  }
  struct sse_subscriber *s = xnew(struct sse_subscriber);
  s->stream = http_stream_open(r, on_closed, s);
  if (!s->stream) {
    free(s);
    return NULL;
  }
  s->topic = t;
  s->owner = owner;
  s->next = t->all;
  if (s->next)
    s->next->prev = s;
  else
    arm_heartbeat(t);
  t->all = s;
  t->n++;
  return s;
}

static void format_event(struct buf *b, const char *event, const char *id, const char *data)
{
  buf_fmt(b, "event: %s\n", event);
  if (id)
    buf_fmt(b, "id: %s\n", id);
  buf_str(b, "data: ");
  buf_str(b, data);
  buf_str(b, "\n\n");
}

static void keep_event(struct sse_topic *t, const char *id, struct buf *take_text)
{
  size_t at = (t->first + t->kept) % LIMIT_STREAM_REPLAY;
  if (t->kept == LIMIT_STREAM_REPLAY)
    t->first = (t->first + 1) % LIMIT_STREAM_REPLAY;
  else
    t->kept++;
  free(t->ring[at].id);
  buf_done(&t->ring[at].text);
  t->ring[at] = (struct sse_kept){.id = xstrdup(id), .text = *take_text};
  *take_text = (struct buf){0};
}

void sse_topic_send(struct sse_topic *t, const char *event, const char *id, const char *data)
{
  autobuf struct buf text = {0};
  format_event(&text, event, id, data);
  send_all(t, text.data, text.len);
  if (id)
    keep_event(t, id, &text);
}

void sse_subscriber_send(struct sse_subscriber *s, const char *event, const char *id, const char *data)
{
  autobuf struct buf text = {0};
  format_event(&text, event, id, data);
  http_stream_send(s->stream, text.data, text.len);
}

bool sse_subscriber_replay(struct sse_subscriber *s, const char *last_event_id)
{
  const struct sse_topic *t = s->topic;
  size_t i = t->kept;
  while (i > 0 && strcmp(t->ring[(t->first + i - 1) % LIMIT_STREAM_REPLAY].id, last_event_id) != 0)
    i--;
  if (i == 0)
    return false;
  autobuf struct buf missed = {0};
  for (; i < t->kept; i++) {
    const struct buf *text = &t->ring[(t->first + i) % LIMIT_STREAM_REPLAY].text;
    buf_add(&missed, text->data, text->len);
  }
  if (missed.len)
    http_stream_send(s->stream, missed.data, missed.len);
  return true;
}

void sse_topic_clear(struct sse_topic *t)
{
  for (; t->kept > 0; t->kept--) {
    struct sse_kept *last = &t->ring[(t->first + t->kept - 1) % LIMIT_STREAM_REPLAY];
    free(take(last->id));
    buf_done(&last->text);
  }
}

void sse_topic_end(struct sse_topic *t, int64_t owner)
{
  for (struct sse_subscriber *s = t->all, *next; s; s = next) {
    next = s->next;
    if (s->owner == owner)
      end_subscriber(s);
  }
}

size_t sse_topic_size(const struct sse_topic *t)
{
  return t->n;
}

size_t sse_topic_size_of(const struct sse_topic *t, int64_t owner)
{
  size_t n = 0;
  for (const struct sse_subscriber *s = t->all; s; s = s->next)
    n += s->owner == owner;
  return n;
}
