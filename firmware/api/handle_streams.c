#include "api/api.h"
#include "api/handlers.h"
#include "http/sse.h"

static void send_snapshot(struct sse_subscriber *s, struct view *v, void (*render)(struct view *v, struct buf *b))
{
  autobuf struct buf data = {0};
  char id[56];
  view_event_id(v, id);
  render(v, &data);
  sse_subscriber_send(s, "snapshot", id, data.data);
}

void api_stream_get(struct http_request *r)
{
  struct api *api = api_of(r);
  char last[64];
  const char *header = http_header(r, "Last-Event-ID");
  bool resumes = header && util_copy(last, sizeof last, header);
  struct sse_subscriber *s = sse_topic_join(api->streams.staff, r, api_device(r)->id);
  if (s && (!resumes || !sse_subscriber_replay(s, last)))
    send_snapshot(s, &api->view, view_snapshot_json);
}

void api_board_stream_get(struct http_request *r)
{
  struct api *api = api_of(r);
  struct sse_subscriber *s = sse_topic_join(api->streams.board, r, 0);
  if (s)
    send_snapshot(s, &api->view, view_board_json);
}

void api_panel_stream_get(struct http_request *r)
{
  struct api *api = api_of(r);
  struct sse_subscriber *s = sse_topic_join(api->streams.panel, r, api_device(r)->id);
  if (!s)
    return;
  autobuf struct buf data = {0};
  panel_json(&data, NULL, api->parts->panel);
  sse_subscriber_send(s, "panel", NULL, data.data);
}
