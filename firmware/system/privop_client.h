/* privop_client.h - asks boothd-root for what needs privileges: a file in the folder `privops` beside boothd's socket,
 * which a path unit of systemd sees (config/privop.h). Loop thread only; what it writes is in memory (/run), never on
 * the card.
 */
#ifndef SYSTEM_PRIVOP_CLIENT_H
#define SYSTEM_PRIVOP_CLIENT_H

#include "config/privop.h"

void privop_client_start(const char *socket); /* the key `socket` */
/* argument: 0 where the privop has none. 0 = asked, not done; asking again before it is done is asking once.
 * -ENOENT: there is nobody to ask (a desk without boothd-root), which is logged once. -ERANGE, or what open() says. */
int privop_client_request(enum privop e, int64_t argument) must_check;

#endif
