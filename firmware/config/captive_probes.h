/* captive_probes.h - the requests by which phones and computers test whether a Wi-Fi has internet, and the answers that
 * keep them on it. The booth's DNS resolves these host names to the booth (boothd-root/render.c); its HTTP server
 * answers (api/captive.c).
 */
#ifndef CONFIG_CAPTIVE_PROBES_H
#define CONFIG_CAPTIVE_PROBES_H

#include "base/util.h"

struct captive_probe {
  const char *host;
  const char *path;
  unsigned status;
  const char *type; /* NULL if there is no body */
  const char *body;
};
extern const struct captive_probe captive_probes[];
extern const size_t n_captive_probes;

/* Windows only resolves this name and compares the address. */
#define CAPTIVE_DNS_NAME    "dns.msftncsi.com"
#define CAPTIVE_DNS_ADDRESS "131.107.255.255"

#endif
