/* privop.h - the privileged operations that boothd may request and boothd-root carries out: the table both read.
 *
 * A request is a file named after the operation, in a folder that only boothd writes. It holds the argument in decimal
 * digits, or nothing.
 */
#ifndef CONFIG_PRIVOP_H
#define CONFIG_PRIVOP_H

#include "base/util.h"

/* Pending requests are carried out in this order. */
enum privop {
  PRIVOP_CLOCK_SET,    /* argument: unix ms; refused while the kernel's clock is synchronised */
  PRIVOP_AP_RESTART,   /* restart hostapd on a newly selected channel */
  PRIVOP_RADIO_RELOAD, /* unload and load the driver's module */
  PRIVOP_RADIO_REBIND, /* unbind the device from its driver and bind it again */
  PRIVOP_REBOOT,
  PRIVOPS
};

struct privop_spec {
  const char *name;
  bool argument; /* an integer from low to high; without one the file is empty */
  int64_t low;
  int64_t high;
};
extern const struct privop_spec privop_specs[PRIVOPS];

#endif
