/* ap_network.c - one place for the network's name, so that the label and the access point never disagree. */
#include "config/ap_network.h"

#include <stdio.h>

void lan_ssid(const struct config *c, const char *booth, char ret[static LAN_SSID])
{
  if (!*c->wifi_ssid || !util_copy(ret, LAN_SSID, c->wifi_ssid))
    snprintf(ret, LAN_SSID, "booth-%.6s", booth);
}
