/* admin.h - `boothhub admin …`: commands on the database, whether or not the server runs. Main thread. */
#ifndef HUB_ADMIN_H
#define HUB_ADMIN_H

#include "hub/config.h"

/* words: after "admin", NULL-terminated. An exit status: 0; 64 wrong words; 1 no such booth, … */
int admin_run(const struct hub_config *c, char **words);
void admin_usage(struct buf *b);

#endif
