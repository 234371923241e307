/* select_channel.h - the channel that the booth's Wi-Fi is started on. Waits: a few seconds at most. */
#ifndef BOOTHD_ROOT_SELECT_CHANNEL_H
#define BOOTHD_ROOT_SELECT_CHANNEL_H

#include "base/util.h"

/* key: "auto" or 1 to 13. With auto, what is on the air decides (a scan as a station: nothing may use the interface
 * meanwhile, which is left as a station with its link down); a radio that cannot tell leaves it to the booth's id.
 * There is always an answer: *ret_channel is set, and the result says how it was found: 0 = as the key says, or as
 * heard; 1 = by the id alone. Needs CAP_NET_ADMIN to scan. */
int select_channel(const char *interface, const char *key, const char *booth_id, int *ret_channel);

#endif
