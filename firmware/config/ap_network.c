/* ap_network.c - one place for the network's name, so that the label and the access point never disagree. */
#include "config/ap_network.h"

#include <stdio.h>

void ap_network_ssid(const struct config *c, const char *booth, char ret[static AP_SSID_SIZE])
{
  if (!*c->wifi_ssid || !util_copy(ret, AP_SSID_SIZE, c->wifi_ssid))
    snprintf(ret, AP_SSID_SIZE, "booth-%.6s", booth);
}
