/* render.h - the configuration of hostapd, dnsmasq, nftables, networkd and NetworkManager. Pure: text from values.
 *
 * Names, SSID and passphrase, which people choose, are checked or written in hexadecimal: none can begin another line.
 */
#ifndef BOOTHD_ROOT_RENDER_H
#define BOOTHD_ROOT_RENDER_H

#include "config/config.h"

struct access_point {
  const char *interface;
  const char *country;
  const char *ssid;       /* any bytes, at most 32 */
  const char *passphrase; /* 8 to 63 printable ASCII */
  const char *control;    /* folder of hostapd's control socket */
  int channel;
  int beacon_tu; /* time units of 1.024 ms */
};
void render_hostapd(struct buf *b, const struct access_point *ap);

/* leases: a file. user: whom dnsmasq becomes once it has its sockets. */
void render_dnsmasq(struct buf *b, const struct config *c, const char *leases, const char *user);
void render_nftables(struct buf *b, const char *interface, bool share_uplink);

/* networkd and NetworkManager leave the booth's interface alone; networkd, where it runs, configures the uplinks. */
void render_networkd_own(struct buf *b, const char *interface);
void render_networkd_uplink(struct buf *b);
void render_networkmanager(struct buf *b, const char *interface);

#endif
