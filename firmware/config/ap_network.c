/* ap_network.c - builds the SSID for both the label and the access point. */
#include "config/ap_network.h"

#include <stdio.h>

void ap_network_ssid(const struct config *c, const char *booth_id, char ret[static AP_SSID_SIZE])
{
  if (!*c->wifi_ssid || !util_copy(ret, AP_SSID_SIZE, c->wifi_ssid))
    snprintf(ret, AP_SSID_SIZE, "booth-%.6s", booth_id);
}
