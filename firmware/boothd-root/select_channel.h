/* select_channel.h - which channel the booth's Wi-Fi starts on. Blocks for a few seconds. */
#ifndef BOOTHD_ROOT_SELECT_CHANNEL_H
#define BOOTHD_ROOT_SELECT_CHANNEL_H

#include "base/util.h"

/* setting: "auto" or 1 to 13. "auto" scans as a station, which needs CAP_NET_ADMIN and an interface that nothing else
 * uses; it is left as a station with its link down. *ret_channel is always set. 0 = as configured or as scanned;
 * 1 = the scan failed, and the channel follows from booth_id. */
int select_channel(const char *interface, const char *setting, const char *booth_id, int *ret_channel);

#endif
