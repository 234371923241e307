/* captive_probes.h - where phones and computers ask whether a Wi-Fi has internet, and the answers that keep them on it.
 * The DNS sends these names, and no others, to the booth (boothd-root/render.c); the HTTP server answers them
 * (api/captive.c).
 */
#ifndef CONFIG_CAPTIVE_PROBES_H
#define CONFIG_CAPTIVE_PROBES_H

#include "base/util.h"

struct captive_probe {
  const char *host, *path;
  unsigned status;
  const char *type, *body; /* NULL where the answer is empty */
};
extern const struct captive_probe captive_probes[];
extern const size_t n_captive_probes;

/* Windows asks for this address by DNS alone. */
#define CAPTIVE_DNS_NAME    "dns.msftncsi.com"
#define CAPTIVE_DNS_ADDRESS "131.107.255.255"

#endif
