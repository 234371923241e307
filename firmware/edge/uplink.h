/* uplink.h - tells when a way out appears: a default route that is new, as the kernel reports it (rtnetlink). Loop
 * thread only.
 */
#ifndef EDGE_UPLINK_H
#define EDGE_UPLINK_H

#include "base/util.h"

struct sd_event;
struct uplink;
/* came: a route came, or so much happened at once that one may have. Negative errno: the kernel does not tell. */
int uplink_start(struct sd_event *event, void (*came)(void *context), void *context, struct uplink **ret) must_check;
void uplink_free(struct uplink *u); /* NULL allowed */

#endif
