/* ap_network.h - the network of the booth's own access point: its addresses, the same on every booth, and its SSID.
 * Thread-safe: there is no state.
 */
#ifndef CONFIG_AP_NETWORK_H
#define CONFIG_AP_NETWORK_H

#include "config/config.h"

#define AP_ADDRESS       "10.83.64.1" /* the booth's */
#define AP_PREFIX_LENGTH 22
#define AP_NETWORK       "10.83.64.0/22"
#define AP_NETMASK       "255.255.252.0"
#define AP_POOL_FIRST    "10.83.64.10"
#define AP_POOL_LAST     "10.83.67.250"
#define AP_PROBE_ADDRESS "192.0.2.80" /* of captive probes: Android accepts no private address for them (RFC 5737) */

#define AP_SSID_SIZE 33 /* bytes of an SSID and a NUL */

/* The key wifi_ssid, or "booth-" and the first digits of the booth's id (hex). */
void ap_network_ssid(const struct config *c, const char *booth_id, char ret[static AP_SSID_SIZE]);

#endif
