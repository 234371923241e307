/* hub_status.h - what the hub has of this booth's journal, for screens, GET /system and metrics. Loop thread only.
 *
 * The sync thread reports its results. Pending is the head of the journal minus what the hub has acknowledged, so the
 * number is right at any time, even during an exchange that takes forty minutes.
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
/* Updates v->sync. True: it has changed, and screens need it. A new state is shown at once, counts alone less often,
 * because every command changes them. */
bool hub_status_show(struct hub_status *h, struct view *v, int64_t now_ms);

/* head: the id of the latest event. */
int64_t hub_status_pending(const struct hub_status *h, int64_t head);
int64_t hub_status_acked(const struct hub_status *h, int64_t head); /* of the latest epoch; 0 = nothing */
struct view_sync hub_status_now(const struct hub_status *h, int64_t head, int64_t now_ms);
void hub_status_json(const struct hub_status *h, int64_t head, struct buf *b, const char *key); /* of GET /system */
void hub_status_metrics(const struct hub_status *h, int64_t head, struct buf *b);

#endif
