/* sse_topic.h - one kind of event stream and its subscribers; each event is formatted once. Loop thread only.
 *
 * The last LIMIT_STREAM_REPLAY events that have an id are kept for Last-Event-ID. A comment every LIMIT_HEARTBEAT_MS
 * finds readers that are gone.
 */
#ifndef API_SSE_TOPIC_H
#define API_SSE_TOPIC_H

#include "base/util.h"

struct http_request;
struct sd_event;
struct sse_subscriber;
struct sse_topic;

struct sse_topic *sse_topic_new(struct sd_event *event);
void sse_topic_free(struct sse_topic *t); /* ends all streams; NULL allowed */

/* owner: for sse_topic_end(); 0 = none. The subscriber is valid until control returns to the loop. NULL: there are too
 * many, and the request has been answered 429. */
struct sse_subscriber *sse_topic_join(struct sse_topic *t, struct http_request *r, int64_t owner);
/* To this subscriber alone. id may be NULL. data is one line of JSON, here and below. */
void sse_subscriber_send(struct sse_subscriber *s, const char *event, const char *id, const char *data);
/* Sends the events after that id. False: the id is not kept any more. */
bool sse_subscriber_replay(struct sse_subscriber *s, const char *last_event_id);

/* To all. An event with an id is kept. */
void sse_topic_send(struct sse_topic *t, const char *event, const char *id, const char *data);
void sse_topic_clear(struct sse_topic *t); /* drops the kept events */
void sse_topic_end(struct sse_topic *t, int64_t owner);
size_t sse_topic_size(const struct sse_topic *t);
size_t sse_topic_size_of(const struct sse_topic *t, int64_t owner);

#endif
