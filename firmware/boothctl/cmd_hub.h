/* cmd_hub.h - how it stands with the hub and the night's work, in a line. */
#ifndef BOOTHCTL_CMD_HUB_H
#define BOOTHCTL_CMD_HUB_H

#include "base/buf.h"
#include "base/json.h"

void hub_sync_text(struct buf *b, const struct json *sync);       /* of GET /system */
void hub_nightly_text(struct buf *b, const struct json *nightly); /* likewise */

#endif
