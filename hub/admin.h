/* admin.h - `boothhub admin …`: commands on the database, whether or not the server runs. Main thread. */
#ifndef HUB_ADMIN_H
#define HUB_ADMIN_H

#include "hub/config.h"

/* words: those after "admin", NULL-terminated. Returns an exit status: 0; 64 usage; 1 no such booth, … */
int admin_run(const struct hub_config *c, char **words);
void admin_usage(struct buf *b);

#endif
