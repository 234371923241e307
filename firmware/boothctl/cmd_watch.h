/* cmd_watch.h - live views. They end with q, Ctrl-C or a signal, and reconnect after a restart of the daemon. */
#ifndef BOOTHCTL_CMD_WATCH_H
#define BOOTHCTL_CMD_WATCH_H

#include "boothctl/ctl.h"

/* The panel's states, a line each. Returns an exit status. */
int watch_panel(struct ctl *c);

#endif
