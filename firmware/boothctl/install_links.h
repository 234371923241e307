/* install_links.h - what setup puts beside boothd.conf: files of the package that are in force only on a machine that
 * is a booth. One thread.
 */
#ifndef BOOTHCTL_INSTALL_LINKS_H
#define BOOTHCTL_INSTALL_LINKS_H

#include "boothctl/ctl.h"

/* Links them into /etc, those for booths without a Wi-Fi of their own only where that is so. What an administrator has
 * put there instead is left. 0, or an exit status. The package's prerm takes away what is linked here. */
int install_links(const struct ctl *c, bool wifi) must_check;

#endif
