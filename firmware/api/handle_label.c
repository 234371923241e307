#include <stdio.h>

#include "api/api.h"
#include "api/handlers.h"
#include "api/label.h"
#include "config/ap_network.h"
#include "config/config.h"
#include "http/server.h"

static struct label get_label(const struct http_request *r, char ssid[static AP_SSID_SIZE], char address[static 300])
{
  const struct api *api = api_of(r);
  const char *port = strrchr(http_address(api->http), ':');
  snprintf(address, 300, "http://%s%s", api->auth.n_names ? api->auth.names[0] : "localhost",
           port && strcmp(port, ":80") != 0 ? port : "");
  ap_network_ssid(api->parts->config, api->view.booth, ssid);
  return (struct label){
      .booth = queue_settings(api->view.queue)->name,
      .address = address,
      .ssid = ssid,
      .passphrase = api->auth.secrets.wifi_passphrase,
      .staff_pin = api->auth.secrets.staff_pin,
      .manager_pin = http_local(r) ? api->auth.secrets.manager_pin : NULL,
  };
}

void api_wifi_get(struct http_request *r)
{
  char ssid[AP_SSID_SIZE], address[300];
  struct label l = get_label(r, ssid, address);
  autobuf struct buf wifi = {0};
  struct buf svg = {0};
  label_wifi(&wifi, &l);
  label_svg(&svg, wifi.data);
  http_reply(r, 200, "image/svg+xml", &svg, NULL);
}

void api_label_get(struct http_request *r)
{
  char ssid[AP_SSID_SIZE], address[300];
  struct label l = get_label(r, ssid, address);
  struct buf html = {0};
  label_html(&html, &l);
  http_reply(r, 200, "text/html; charset=utf-8", &html, NULL);
}
