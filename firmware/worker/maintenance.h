/* maintenance.h - the nightly round: send everything to the hub and compare with it, erase personal data, check the
 * database, make a snapshot, compact the journal. A thread of its own, which mostly sleeps or waits for others.
 *
 * Each step can be repeated; an interrupted round is started again. The database keeps the report of the last round.
 */
#ifndef WORKER_MAINTENANCE_H
#define WORKER_MAINTENANCE_H

#include "base/buf.h"

struct config;
struct maintenance;
struct sync;
struct writer;

/* --- when --- */

#define MAINTENANCE_AGAIN_MS (20 * 3600 * 1000LL) /* interval with an untrusted clock */
#define MAINTENANCE_LATE_MS                                                                                            \
  (44 * 3600 * 1000LL) /* longest interval with a trusted one, for booths that are off at night */

/* Minutes since local midnight; from > to spans midnight. */
struct maintenance_window {
  int from_min;
  int to_min;
};

struct maintenance_times {
  bool trusted; /* the clock */
  int now_min;  /* local minute of the day */
  int64_t wall_ms;
  int64_t mono_ms;
  int64_t last_wall; /* the last round's end, or the first start */
  int64_t last_mono; /* 0 = not in this boot */
};
bool maintenance_due(const struct maintenance_window *w, const struct maintenance_times *t);

/* --- the thread --- */

struct maintenance_options {
  const char *state_dir;
  const struct config *config; /* nightly, pii_keep_h; read at start */
  struct writer *writer;       /* must outlive it, as must sync */
  struct sync *sync;
};
int maintenance_start(const struct maintenance_options *o, struct maintenance **ret) must_check;
void maintenance_stop(struct maintenance *m); /* after the step under way; NULL allowed */
/* Requests a round now, or after the present one. erase: a person allowed erasing the personal data of all days but the
 * open one, whatever the clock says. Any thread, never blocks. */
void maintenance_wake(struct maintenance *m, bool erase);
void maintenance_json(struct maintenance *m, struct buf *b, const char *key); /* of GET /system; any thread */

#endif
