/* cmd_watch.h - live views. They end with the terminal's q or Ctrl-C, or a signal, and come back when the daemon does.
 */
#ifndef BOOTHCTL_CMD_WATCH_H
#define BOOTHCTL_CMD_WATCH_H

#include "base/json.h"
#include "boothctl/ctl.h"

int watch_panel(struct ctl *c);
/* "LED on (steady)  buzzer off (idle)  button up" */
void format_panel(struct buf *b, const struct json *panel);

#endif
