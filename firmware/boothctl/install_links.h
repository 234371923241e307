/* install_links.h - files of the package that setup puts in force, because they suit only a machine that is a booth.
 * One thread.
 */
#ifndef BOOTHCTL_INSTALL_LINKS_H
#define BOOTHCTL_INSTALL_LINKS_H

#include "boothctl/ctl.h"

/* Links the files into /etc; some only if the booth has no Wi-Fi of its own. A file that an administrator has put there
 * is left. 0, or an exit status. The package's prerm removes the links. */
int install_links(const struct ctl *c, bool wifi) must_check;

#endif
