/* uplink.h - the booth's uplinks: links other than its own Wi-Fi, and the default route, as the kernel reports them
 * (rtnetlink; wraps libnl-route). Loop thread only; it never blocks.
 */
#ifndef SYSTEM_UPLINK_H
#define SYSTEM_UPLINK_H

#include "base/buf.h"

struct sd_event;
struct uplink;

struct uplink_options {
  struct sd_event *event;
  const char *own;                 /* interface of the booth's own network, never an uplink; "" = none */
  void (*on_route)(void *context); /* there is, or events were lost and there may be, a new default route */
  void *context;
};
/* Negative errno: rtnetlink does not work. */
int uplink_start(const struct uplink_options *o, struct uplink **ret) must_check;
void uplink_free(struct uplink *u); /* NULL allowed */

/* Both take NULL: then nothing is known. */
void uplink_json(struct buf *b, const char *key, const struct uplink *u); /* of GET /system */
void uplink_metrics(struct buf *b, const struct uplink *u);

#endif
