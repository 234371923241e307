/* ap_network.h - the booth's own network: addresses that are the same on every booth, and what its Wi-Fi is called.
 * Thread-safe: nothing here keeps state.
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
#define AP_PROBE_ADDRESS "192.0.2.80" /* where phones' probes go: Android believes no private address (RFC 5737) */

#define AP_SSID_SIZE 33 /* bytes of a network's name, with a NUL */

/* The name of the booth's Wi-Fi: the key wifi_ssid, or booth- and the begin of the booth's id (hex). */
void ap_network_ssid(const struct config *c, const char *booth, char ret[static AP_SSID_SIZE]);

#endif
