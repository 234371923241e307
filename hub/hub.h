/* hub.h - the central server: one loop that serves HTTP, and a pool of threads that work on the database. */
#ifndef HUB_HUB_H
#define HUB_HUB_H

#include "hub/config.h"

int hub_serve(const struct hub_config *c) must_check; /* until SIGTERM or SIGINT; an exit status */

#endif
