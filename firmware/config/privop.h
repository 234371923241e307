/* privop.h - what boothd may ask of the machine, and boothd-root does: the one table that both read.
 *
 * An privop is a file of that name in a folder that only boothd writes; its content is the argument in decimal digits,
 * or nothing.
 */
#ifndef CONFIG_PRIVOP_H
#define CONFIG_PRIVOP_H

#include "base/util.h"

enum privop {                      /* in the order in which those that wait are done */
              PRIVOP_CLOCK_SET,    /* argument: the right time, unix ms; not while the kernel says it is synchronised */
              PRIVOP_AP_RESTART,   /* hostapd anew, on a channel chosen anew */
              PRIVOP_RADIO_RELOAD, /* the driver's module out and in */
              PRIVOP_RADIO_REBIND, /* the device off its driver and on again */
              PRIVOP_REBOOT,
              PRIVOPS
};

struct privop_spec {
  const char *name;
  bool argument; /* low to high; without one the file is empty */
  int64_t low, high;
};
extern const struct privop_spec privop_specs[PRIVOPS];

#endif
