/* radio.h - the device behind the Wi-Fi's interface, as sysfs names it, so that its driver can be taken out and put
 * back when there is no interface any more. */
#ifndef BOOTHD_ROOT_RADIO_H
#define BOOTHD_ROOT_RADIO_H

#include "boothd-root/root.h"

#define RADIO_NAME 64

struct radio {
  char device[RADIO_NAME], bus[RADIO_NAME], driver[RADIO_NAME]; /* "mmc1:0001:1", "sdio", "brcmfmac" */
  char module[RADIO_NAME];                                      /* "" = built into the kernel */
};

/* Whether the key wifi_interface names a radio, or what is not there yet: taken for the booth's own, a wired uplink
 * would lose its address and shut its owner out. */
bool radio_configured(const struct root *r);
/* What is there now, else what was there when it was last looked at. -ENODEV: it never was. */
int radio_find(const struct root *r, struct radio *ret) must_check;
int radio_reload(const struct root *r, const struct radio *radio) must_check;
int radio_rebind(const struct root *r, const struct radio *radio) must_check;
void radio_unblock(const struct root *r); /* rfkill: what a country that was not set yet, or a person, has blocked */

#endif
