/* sse_topic.h - a channel of server-sent events: many subscribers, each event formatted once. Loop thread only.
 *
 * The last LIMIT_STREAM_REPLAY events that have an id are kept for Last-Event-ID. A comment every LIMIT_HEARTBEAT_MS
 * keeps dead phones from lingering.
 */
#ifndef API_SSE_TOPIC_H
#define API_SSE_TOPIC_H

#include "http/server.h"

struct channel;
struct channel *sse_topic_new(struct sd_event *event);
void sse_topic_free(struct channel *c); /* ends all */
/* owner: whose stream it is, for sse_topic_end(); 0 = nobody's. Answers 429 itself when there are too many. */
bool sse_topic_join(struct channel *c, struct http_request *r, int64_t owner);
/* To all. id may be NULL (not kept). data is one line of JSON. */
void sse_topic_send(struct channel *c, const char *event, const char *id, const char *data);
/* To the request that joined last, before anything else reaches it. */
void sse_topic_greet(struct channel *c, const char *event, const char *id, const char *data);
/* Sends the newest joiner what it missed after that id; false if the id is not known (send a snapshot then). */
bool sse_topic_replay(struct channel *c, const char *last_event_id);
void sse_topic_forget(struct channel *c); /* the history is another now */
void sse_topic_end(struct channel *c, int64_t owner);
size_t sse_topic_size(const struct channel *c);
size_t sse_topic_size_of(const struct channel *c, int64_t owner);

#endif
