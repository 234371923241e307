/* streams.h - the event streams for staff, for boards and for tests of the panel. Loop thread only. */
#ifndef API_STREAMS_H
#define API_STREAMS_H

#include "api/sse_topic.h"
#include "api/view.h"
#include "panel/panel.h"

struct streams {
  struct sd_event *event;
  struct view *view;
  struct sse_topic *staff;
  struct sse_topic *board;
  struct sse_topic *panel;
  struct sd_event_source *board_timer; /* set while a snapshot for boards is due */
};
void streams_init(struct streams *s, struct sd_event *event, struct view *view);
void streams_done(struct streams *s); /* ends all */

/* To staff: an event; the status; a new snapshot, because the queue was replaced. */
void streams_change(struct streams *s, const struct change *c);
void streams_status(struct streams *s);
void streams_reset(struct streams *s);
/* Boards get one snapshot for a burst of changes: they show the latest state, not each step. */
void streams_board_changed(struct streams *s);
/* To readers of the panel; to staff, too, while it is being tested. */
void streams_gesture(struct streams *s, enum gesture g, bool testing);
void streams_panel(struct streams *s, const struct panel *p);
/* Ends the streams of a device that was signed out. */
void streams_end_device(struct streams *s, int32_t id);

#endif
