/* view.h - the loop's read view: the queue as committed, and its rendered bytes. Loop thread only; no I/O.
 *
 * Each posted change is applied once (O(log n)). A snapshot is rendered when it is read, and kept until the next
 * change. view_set_*() set what a snapshot shows besides the queue.
 */
#ifndef API_VIEW_H
#define API_VIEW_H

#include "base/buf.h"
#include "queue/queue.h"
#include "system/health.h"
#include "writer/writer_request.h"

struct http_shared;

/* Whether the hub is up to date. */
enum view_sync_state { VIEW_SYNC_OFF, VIEW_SYNC_OK, VIEW_SYNC_PENDING, VIEW_SYNC_STUCK };
struct view_sync {
  enum view_sync_state state;
  int64_t pending;
  int64_t last_ok_wall;
  const char *reason; /* constant; NULL = none */
};

struct view {
  struct queue *queue;
  char booth[33];
  char epoch[33];
  char *banner;
  int64_t head; /* id of the last event applied */
  bool storage_ok;
  char storage_error[96]; /* "" = none */
  bool trusted;           /* the clock */
  struct view_sync sync;
  uint32_t warnings;                                 /* WARNING_BITs */
  uint32_t status_version;                           /* counts changes that are not events */
  uint32_t names_version;                            /* counts changes of device names */
  struct http_shared *snapshot;                      /* NULL = to be rendered */
  struct http_shared *board;                         /* likewise */
  const char *(*name_of)(void *arg, int32_t device); /* a device's name; NULL = it is gone */
  void *arg;
};

void view_done(struct view *v);
void view_reset(struct view *v, struct batch *b); /* takes b->reset */
void view_apply(struct view *v, const struct change *c);

/* True if the value has changed. */
bool view_set_storage(struct view *v, bool ok, const char *error);
bool view_set_trusted(struct view *v, bool trusted);
bool view_set_warnings(struct view *v, uint32_t warnings);
void view_set_sync(struct view *v, const struct view_sync *s);
void view_names_changed(struct view *v);

struct http_shared *view_snapshot(struct view *v); /* borrowed, until the next change */
struct http_shared *view_board(struct view *v);    /* likewise */
void view_snapshot_json(struct view *v, struct buf *b);
void view_board_json(struct view *v, struct buf *b);

/* Pieces. */
void view_ticket_json(const struct view *v, struct buf *b, const char *key, const struct ticket *t);
void view_ticket_history_json(const struct view *v, struct buf *b, const struct ticket *t, const char *history);
/* Data of the stream events "change" and "status". */
void view_change_json(const struct view *v, struct buf *b, const struct change *c);
void view_status_json(const struct view *v, struct buf *b);
void view_booth_json(const struct view *v, struct buf *b, const char *key);
void view_banner_json(const struct view *v, struct buf *b, const char *key);
void view_sync_json(struct buf *b, const struct view_sync *s); /* its members */
void view_event_id(const struct view *v, char to[static 56]);  /* "<epoch>-<seq>" */

#endif
