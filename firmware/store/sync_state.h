/* sync_state.h - stored state of the exchange with the hub; erasing and compacting. Writer thread only, inside a
 * transaction; 0, a refusal, or negative errno.
 */
#ifndef STORE_SYNC_STATE_H
#define STORE_SYNC_STATE_H

#include "store/store.h"

/* --- the hub --- */

struct inbox_position {
  int64_t generation; /* the hub's; 0 = none known */
  int64_t n;          /* number of the last item that was passed */
};
int store_inbox(struct store *s, struct inbox_position *ret) must_check;
int store_set_inbox(struct store *s, int64_t generation, int64_t n) must_check;
/* REFUSE_NOT_FOUND, REFUSE_INVALID (above the head), REFUSE_STALE (an older generation). */
int store_set_cursor(struct store *s, const struct cursor *c, bool *ret_wrote) must_check;
int store_sync_reset(struct store *s) must_check; /* for another hub: resets cursors and the inbox's position */
int store_find_epoch(struct store *s, const uint8_t id[16], int64_t *ret_ordinal) must_check; /* REFUSE_NOT_FOUND */
int store_close_epoch(struct store *s, int64_t ordinal, int64_t closed_seq) must_check;
int store_set_maintenance_report(struct store *s, const char *report) must_check;

/* --- the machine --- */

/* Keyed hash of the machine's id as recorded, "" = not yet. */
int store_machine_id(struct store *s, char ret[static LIMIT_HEX_ID]) must_check;
int store_set_machine_id(struct store *s, const char *hash) must_check;

/* --- erasing --- */

/* One step: the tickets whose personal data is erased. */
struct erasure_batch {
  struct erased_days days;
  int64_t tickets[LIMIT_ERASE];
  size_t n;
  bool more; /* another step is needed */
};
/* The last day (id) that ended before the day of this date began, by trusted dates; 0 = none. */
int store_days_before(struct store *s, int32_t date, int32_t *ret_day) must_check;
int store_find_erasure_batch(struct store *s, int32_t through_day, struct erasure_batch *ret) must_check;
int store_erase(struct store *s, const struct erasure_batch *e) must_check;
/* Outside a transaction: removes erased data from the WAL. -EBUSY while somebody reads. Does not wait. */
int store_wal_truncate(struct store *s) must_check;

/* --- compacting --- */

/* One step of deleting events of days up to through_day. */
int store_compact(struct store *s, int32_t through_day, bool no_hub, bool *ret_wrote, bool *ret_more) must_check;

#endif
