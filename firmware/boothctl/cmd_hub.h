/* cmd_hub.h - how it stands with the hub and the night's work, in a line. */
#ifndef BOOTHCTL_CMD_HUB_H
#define BOOTHCTL_CMD_HUB_H

#include "base/buf.h"
#include "base/json.h"

void format_sync(struct buf *b, const struct json *sync);       /* of GET /system */
void format_nightly(struct buf *b, const struct json *nightly); /* likewise */

#endif
