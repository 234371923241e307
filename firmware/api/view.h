/* view.h - the loop's read view: the queue as committed, and its bytes for those who ask. Loop thread only; no I/O.
 *
 * Each posted change is applied once (O(log n)); a snapshot is rendered when somebody asks for that version and kept
 * until the next change. Whatever shows in a snapshot beside the queue itself is told to view_set_*().
 */
#ifndef API_VIEW_H
#define API_VIEW_H

#include "base/buf.h"
#include "queue/queue.h"
#include "system/health.h"
#include "writer/request.h"

struct http_shared;

/* How far the hub has followed; reason NULL = nothing is in the way. */
enum view_sync_state { VIEW_SYNC_OFF, VIEW_SYNC_OK, VIEW_SYNC_PENDING, VIEW_SYNC_STUCK };
struct view_sync {
  enum view_sync_state state;
  int64_t pending, last_ok_wall;
  const char *reason; /* constant */
};

struct view {
  struct queue *queue;
  char booth[33], epoch[33], *banner;
  int64_t head; /* id of the last event applied */
  bool storage_ok, trusted;
  struct view_sync sync;
  uint32_t warnings;                                 /* WARNING_BITs */
  uint32_t status, shown;                            /* version of what is not an event; of device names */
  struct http_shared *snapshot, *board;              /* NULL = to be rendered */
  const char *(*name_of)(void *arg, int32_t device); /* a device's name, NULL = gone */
  void *arg;
};

void view_done(struct view *v);
void view_reset(struct view *v, struct batch *b); /* takes b->reset */
void view_apply(struct view *v, const struct change *c);
bool view_set_status(struct view *v, bool storage_ok, bool trusted); /* true if something moved */
bool view_set_warnings(struct view *v, uint32_t warnings);           /* likewise */
void view_set_sync(struct view *v, const struct view_sync *s);
void view_touch(struct view *v); /* a name changed: render again */

struct http_shared *view_snapshot(struct view *v); /* borrowed, until the next change */
struct http_shared *view_board(struct view *v);
void view_snapshot_json(struct view *v, struct buf *b);
void view_board_json(struct view *v, struct buf *b);

/* Pieces. */
void view_ticket(const struct view *v, struct buf *b, const char *key, const struct ticket *t);
void view_change(const struct view *v, struct buf *b, const struct change *c); /* data of stream event "change" */
void view_status(const struct view *v, struct buf *b);                         /* data of stream event "status" */
void view_booth(const struct view *v, struct buf *b, const char *key);
void view_event_id(const struct view *v, char to[static 56]); /* "<epoch>-<seq>" */
void view_sync(struct buf *b, const struct view_sync *s);     /* its members */
void view_banner(const struct view *v, struct buf *b, const char *key);

#endif
