/* privop_client.h - requests a privileged operation from boothd-root: a file in the folder `privops` beside boothd's
 * socket, which a systemd path unit watches (config/privop.h). Loop thread only. The folder is in /run, so nothing is
 * written to the card.
 */
#ifndef SYSTEM_PRIVOP_CLIENT_H
#define SYSTEM_PRIVOP_CLIENT_H

#include "config/privop.h"

/* socket: the configuration key of that name. */
void privop_client_start(const char *socket);

/* argument: 0 for operations without one. 0 means requested, not done; repeating a pending request has no effect.
 * -ENOENT: no folder, so no boothd-root (as on a desk), logged once. -ERANGE, or the errno of open() or rename(). */
int privop_client_request(enum privop op, int64_t argument) must_check;

#endif
