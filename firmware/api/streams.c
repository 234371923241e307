#include "api/streams.h"

#include <systemd/sd-event.h>

#include "base/json_write.h"
#include "base/log.h"

#define BOARD_US (100 * 1000ULL) /* from the first change of a burst to the board's snapshot */

void streams_init(struct streams *s, struct sd_event *event, struct view *view)
{
  s->event = event;
  s->view = view;
  s->staff = sse_topic_new(event);
  s->board = sse_topic_new(event);
  s->panel = sse_topic_new(event);
}

void streams_done(struct streams *s)
{
  s->board_timer = sd_event_source_disable_unref(s->board_timer);
  sse_topic_free(take(s->staff));
  sse_topic_free(take(s->board));
  sse_topic_free(take(s->panel));
}

void streams_status(struct streams *s)
{
  if (sse_topic_size(s->staff) == 0)
    return; /* a new reader gets a snapshot */
  autobuf struct buf data = {0};
  view_status_json(s->view, &data);
  sse_topic_send(s->staff, "status", NULL, data.data);
}

void streams_change(struct streams *s, const struct change *c)
{
  if (sse_topic_size(s->staff) == 0) {
    sse_topic_clear(s->staff); /* nobody reads it; a reader that resumes gets a snapshot */
    return;
  }
  autobuf struct buf data = {0};
  char id[56];
  view_event_id(s->view, id);
  view_change_json(s->view, &data, c);
  sse_topic_send(s->staff, "change", id, data.data);
}

void streams_reset(struct streams *s)
{
  sse_topic_clear(s->staff);
  if (sse_topic_size(s->staff) == 0)
    return;
  autobuf struct buf data = {0};
  char id[56];
  view_event_id(s->view, id);
  view_snapshot_json(s->view, &data);
  sse_topic_send(s->staff, "snapshot", id, data.data);
}

static int send_board(sd_event_source *source, uint64_t now, void *userdata)
{
  struct streams *s = userdata;
  s->board_timer = sd_event_source_disable_unref(s->board_timer);
  autobuf struct buf data = {0};
  char id[56];
  view_event_id(s->view, id);
  view_board_json(s->view, &data);
  sse_topic_send(s->board, "snapshot", id, data.data);
  return 0;
}

void streams_board_changed(struct streams *s)
{
  if (s->board_timer || sse_topic_size(s->board) == 0)
    return;
  int r = sd_event_add_time_relative(s->event, &s->board_timer, CLOCK_BOOTTIME, BOARD_US, 1, send_board, s);
  if (r < 0)
    log_err("timer_failed", "error=%d", -r);
}

void streams_gesture(struct streams *s, enum gesture g, bool testing)
{
  autobuf struct buf data = {0};
  json_open(&data, NULL, '{');
  json_str(&data, "gesture", gesture_names[g]);
  json_close(&data, '}');
  sse_topic_send(s->panel, "panel", NULL, data.data);
  if (testing)
    sse_topic_send(s->staff, "panel", NULL, data.data);
}

void streams_panel(struct streams *s, const struct panel *p)
{
  if (!s->panel || sse_topic_size(s->panel) == 0)
    return;
  autobuf struct buf data = {0};
  panel_json(&data, NULL, p);
  sse_topic_send(s->panel, "panel", NULL, data.data);
}

void streams_end_device(struct streams *s, int32_t id)
{
  sse_topic_end(s->staff, id);
  sse_topic_end(s->panel, id);
}
