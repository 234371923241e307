/* hub_status.h - how far the hub has followed this booth, as screens, GET /system and metrics show it. Loop thread
 * only.
 *
 * The sync thread reports what happened. What is pending is the head of the journal less what the hub has acknowledged,
 * so it is right at any time, also during an exchange that takes forty minutes.
 */
#ifndef API_HUB_STATUS_H
#define API_HUB_STATUS_H

#include "api/view.h"
#include "sync/sync.h"

struct hub_status {
  struct sync_status sync; /* as the sync thread reported it last */
  int64_t moved_ms;        /* when the hub was up to date, or acknowledged something */
  int64_t shown_ms;        /* when v->sync was changed last */
};

void hub_status_set(struct hub_status *h, const struct sync_status *s, int64_t now_ms);
/* True: v->sync has changed, and screens need it. A new state is shown at once, counts alone less often, because every
 * command changes them. */
bool hub_status_show(struct hub_status *h, struct view *v, int64_t now_ms);

/* head: the id of the latest event. */
int64_t hub_status_pending(const struct hub_status *h, int64_t head);
int64_t hub_status_acked(const struct hub_status *h, int64_t head); /* of the latest epoch; 0 = nothing */
struct view_sync hub_status_now(const struct hub_status *h, int64_t head, int64_t now_ms);
void hub_status_json(const struct hub_status *h, int64_t head, struct buf *b, const char *key); /* of GET /system */
void hub_status_metrics(const struct hub_status *h, int64_t head, struct buf *b);

#endif
