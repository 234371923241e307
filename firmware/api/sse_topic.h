/* sse_topic.h - a channel of server-sent events: many subscribers, each event formatted once. Loop thread only.
 *
 * The last LIMIT_STREAM_REPLAY events that have an id are kept for Last-Event-ID. A comment every LIMIT_HEARTBEAT_MS
 * keeps dead phones from lingering.
 */
#ifndef API_SSE_TOPIC_H
#define API_SSE_TOPIC_H

#include "http/server.h"

struct channel;
struct channel *channel_new(struct sd_event *event);
void channel_free(struct channel *c); /* ends all */
/* owner: whose stream it is, for channel_end(); 0 = nobody's. Answers 429 itself when there are too many. */
bool channel_join(struct channel *c, struct http_request *r, int64_t owner);
/* To all. id may be NULL (not kept). data is one line of JSON. */
void channel_send(struct channel *c, const char *event, const char *id, const char *data);
/* To the request that joined last, before anything else reaches it. */
void channel_greet(struct channel *c, const char *event, const char *id, const char *data);
/* Sends the newest joiner what it missed after that id; false if the id is not known (send a snapshot then). */
bool channel_replay(struct channel *c, const char *last_event_id);
void channel_forget(struct channel *c); /* the history is another now */
void channel_end(struct channel *c, int64_t owner);
size_t channel_size(const struct channel *c);
size_t channel_size_of(const struct channel *c, int64_t owner);

#endif
