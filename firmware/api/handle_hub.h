/* handle_hub.h - what the loop knows of the hub: how far it has followed, and who waits for an answer from it. Loop
 * thread only.
 */
#ifndef API_HANDLE_HUB_H
#define API_HANDLE_HUB_H

#include "boothd/app.h"

void hub_take(struct box *b, struct sync_event *m);              /* and frees it */
void hub_wake(struct box *b, const struct batch *batch);         /* there are new events to be told */
void hub_show(struct box *b, int64_t now_ms);                    /* screens, when there is something new to show */
struct view_sync hub_state(const struct box *b, int64_t now_ms); /* as it is now */
void hub_json(const struct box *b, struct buf *j);               /* "sync" of GET /system */
int64_t hub_acked(const struct box *b);                          /* of the latest epoch; 0 = nothing */
void hub_metrics(const struct box *b, struct buf *m);

#endif
