/* radio.h - the device behind the Wi-Fi interface, by its names in sysfs. They are remembered, so that the driver can
 * be reloaded when the interface is gone. */
#ifndef BOOTHD_ROOT_RADIO_H
#define BOOTHD_ROOT_RADIO_H

#include "boothd-root/root.h"

#define RADIO_NAME 64

struct radio_device {
  char device[RADIO_NAME]; /* "mmc1:0001:1" */
  char bus[RADIO_NAME];    /* "sdio" */
  char driver[RADIO_NAME]; /* "brcmfmac" */
  char module[RADIO_NAME]; /* "brcmfmac"; "" = built into the kernel */
};

/* Whether wifi_interface is set and is not known to be a wired interface: as an access point, a wired uplink would lose
 * its address and lock its owner out. An interface that does not exist yet counts as a radio. */
bool radio_configured(const struct root *root);
/* The device as it is, or as it was last seen. -ENODEV: never seen. */
int radio_find(const struct root *root, struct radio_device *ret) must_check;
/* Both: 0, the exit status of a program, or -errno. */
int radio_reload(const struct root *root, const struct radio_device *radio) must_check;
int radio_rebind(const struct root *root, const struct radio_device *radio) must_check;
/* Lifts a soft block (rfkill), which a missing country or a person has set. */
void radio_unblock(const struct root *root);

#endif
