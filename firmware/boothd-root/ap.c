/* ap.c - the booth's own network: whose the interface is, its access point, addresses, names and firewall.
 *
 * Each step can be done again at any time. What is not there yet (boothd makes passphrase and id at its first start; a
 * radio may be slow) ends with EX_TEMPFAIL, and systemd starts it again a moment later.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "boothd-root/radio.h"
#include "boothd-root/render.h"
#include "boothd-root/root.h"
#include "boothd-root/select_channel.h"
#include "config/ap_network.h"
#include "config/secrets.h"
#include "wifi/channel.h"

#define BEACON_TU      300 /* forty booths share three channels, and beacons are sent at the slowest rate */
#define BEACON_PLAIN   100
#define FORWARDED      "forwarded" /* note: 1 + what ip_forward was before */
#define NETWORKD       "/run/systemd/network"
#define MANAGER        "/run/NetworkManager/conf.d"
#define OWN            "05-boothd-own.network"
#define UPLINK         "80-boothd-uplink.network"
#define IPV6_SWITCH    "/proc/sys/net/ipv6/conf/%s/disable_ipv6"
#define FORWARD_SWITCH "/proc/sys/net/ipv4/ip_forward"

static int refuse(const char *key, const char *detail)
{
  log_err("config", "key=%s detail=\"%s\"", key, detail);
  return EX_CONFIG;
}

/* ---- whose the interface is ---- */

static int write_folder(const struct root *r, const char *folder, const char *name, const struct buf *text)
{
  autobuf struct buf path = {0};
  buf_fmt(&path, "%s/%s", folder, name);
  if (r->dry)
    return root_render(r, name, text);
  umask(0022); /* their readers are not root, and there is no secret in them */
  int result = file_make_folders_of(path.data);
  if (result == 0)
    result = file_write_atomic(path.data, text->data, text->len, 0644);
  umask(0077);
  if (result < 0)
    log_err("not_rendered", "file=%s error=\"%s\"", path.data, strerrordesc_np(-result));
  return result;
}

/* None of them runs yet when a booth boots; they do when one is set up, or is none any more. */
static void tell_owners(const struct root *r)
{
  root_spawn(r, "systemctl", "--no-block", "try-reload-or-restart", "systemd-networkd.service",
             "NetworkManager.service");
}

int root_network(const struct root *r)
{
  autobuf struct buf own = {0}, uplink = {0}, manager = {0};
  render_networkd_uplink(&uplink);
  int result = write_folder(r, NETWORKD, UPLINK, &uplink);
  if (radio_configured(r)) {
    render_networkd_own(&own, r->config.wifi_interface);
    render_networkmanager(&manager, r->config.wifi_interface);
    if (result == 0)
      result = write_folder(r, NETWORKD, OWN, &own);
    if (result == 0)
      result = write_folder(r, MANAGER, "boothd.conf", &manager);
  }
  if (result < 0)
    return EX_CANTCREAT;
  tell_owners(r);
  return 0;
}

/* The machine is given back: whoever had the interface before may have it. */
int root_network_off(const struct root *r)
{
  static const char *const files[] = {NETWORKD "/" OWN, NETWORKD "/" UPLINK, MANAGER "/boothd.conf"};
  const char *interface = r->config.wifi_interface;
  autobuf struct buf no_ipv6 = {0};
  for (size_t i = 0; !r->dry && i < array_len(files); i++)
    if (unlink(files[i]) < 0 && errno != ENOENT)
      log_warn("not_removed", "file=%s error=\"%s\"", files[i], strerrordesc_np(errno));
  if (radio_configured(r) && (r->dry || if_nametoindex(interface) != 0)) {
    root_spawn(r, "ip", "link", "set", "dev", interface, "down");
    root_spawn(r, "ip", "address", "flush", "dev", interface);
    buf_fmt(&no_ipv6, IPV6_SWITCH, interface);
    root_write(r, no_ipv6.data, "0");
  }
  tell_owners(r);
  return 0;
}

/* ---- the access point ---- */

/* state_dir/identity begins with the booth's id in hex; the rest is secret and none of ours. */
static int read_booth(const struct root *r, char ret[static 33])
{
  autobuf struct buf path = {0}, text = {0};
  uint8_t id[16];
  buf_fmt(&path, "%s/identity", r->config.state_dir);
  int result = file_read_foreign(AT_FDCWD, path.data, 4096, &text);
  if (result < 0)
    return result;
  if (text.len < 33 || text.data[32] != ' ')
    return -EBADMSG;
  text.data[32] = '\0';
  if (util_unhex(id, sizeof id, text.data) < 0 || !util_copy(ret, 33, text.data))
    return -EBADMSG;
  return 0;
}

/* boothd checks it, but its file is boothd's. */
static bool printable(const char *s)
{
  size_t n = strlen(s);
  for (size_t i = 0; i < n; i++)
    if (s[i] < ' ' || s[i] > '~')
      return false;
  return n >= 8 && n <= 63;
}

static int set_addresses(const struct root *r)
{
  const char *interface = r->config.wifi_interface;
  static const char probe[] = AP_PROBE_ADDRESS "/32";
  autobuf struct buf no_ipv6 = {0}, own = {0};
  buf_fmt(&no_ipv6, IPV6_SWITCH, interface);
  buf_fmt(&own, AP_ADDRESS "/%d", AP_PREFIX_LENGTH);
  root_write(r, no_ipv6.data, "1"); /* a kernel without IPv6 has nothing to turn off */
  int result = root_spawn(r, "ip", "link", "set", "dev", interface, "down");
  if (result == 0)
    result = root_spawn(r, "ip", "address", "flush", "dev", interface);
  if (result == 0)
    result = root_spawn(r, "ip", "address", "add", own.data, "broadcast", "+", "dev", interface);
  if (result == 0)
    result = root_spawn(r, "ip", "address", "add", probe, "dev", interface);
  return result;
}

/* brcmfmac beacons in its firmware, and nobody has shown that phones sleep well with another interval there. */
static int beacon_tu(const struct radio *radio)
{
  return strcmp(radio->driver, "brcmfmac") == 0 ? BEACON_PLAIN : BEACON_TU;
}

static int render_ap(const struct root *r, const struct secrets *s, const char *booth, const struct radio *radio)
{
  char ssid[AP_SSID_SIZE];
  autobuf struct buf text = {0}, control = {0};
  struct access_point a = {.interface = r->config.wifi_interface,
                           .country = r->config.country,
                           .ssid = ssid,
                           .passphrase = s->wifi_passphrase,
                           .beacon_tu = beacon_tu(radio)};
  ap_network_ssid(&r->config, booth, ssid);
  buf_fmt(&control, "%s/hostapd", r->run);
  a.control = control.data;
  if (r->dry)
    a.channel = channel_seeded(channel_seed(booth));
  else
    (void)select_channel(a.interface, r->config.wifi_channel, booth, &a.channel);
  render_hostapd(&text, &a);
  return root_render(r, "hostapd.conf", &text);
}

/* The firewall once more, because an access point without it would be open to whoever joins. */
int root_ap(const struct root *r)
{
  struct secrets secrets;
  struct radio radio = {0};
  char booth[33];
  if (!radio_configured(r))
    return refuse("wifi_interface", "must name the radio of the booth's own Wi-Fi");
  if (!*r->config.country)
    return refuse("country", "is required for the booth's own Wi-Fi, as country = KR");
  int result = secrets_read(&r->config, &secrets);
  if (result == 0)
    result = read_booth(r, booth);
  if (result == 0 && !printable(secrets.wifi_passphrase))
    result = -EBADMSG;
  if (result < 0) {
    log_warn("ap_waits", "for=\"%s/secrets and identity, which boothd makes\" error=\"%s\"", r->config.state_dir,
             strerrordesc_np(-result));
    return EX_TEMPFAIL;
  }
  if (!r->dry && if_nametoindex(r->config.wifi_interface) == 0) {
    log_warn("ap_waits", "for=\"interface %s\"", r->config.wifi_interface);
    return EX_TEMPFAIL;
  }
  if (radio_find(r, &radio) < 0)
    log_warn("radio", "interface=%s error=\"its driver is not known: it cannot be reloaded\"",
             r->config.wifi_interface);
  if (root_firewall(r) != 0)
    return EX_TEMPFAIL;
  root_spawn(r, "systemctl", "stop", "hostapd.service"); /* the system's own would fight for the radio */
  radio_unblock(r);
  if (render_ap(r, &secrets, booth, &radio) < 0)
    return EX_CANTCREAT;
  return set_addresses(r) == 0 ? 0 : EX_TEMPFAIL;
}

/* ---- names and addresses ---- */

int root_lan(const struct root *r)
{
  if (!radio_configured(r))
    return refuse("wifi_interface", "must name the radio of the booth's own Wi-Fi");
  autobuf struct buf text = {0}, leases = {0};
  // NOLINTNEXTLINE(concurrency-mt-unsafe): there are no threads
  const char *user = getpwnam("dnsmasq") ? "dnsmasq" : "nobody";
  buf_fmt(&leases, "%s/leases", r->run);
  render_dnsmasq(&text, &r->config, leases.data, user);
  return root_render(r, "dnsmasq.conf", &text) < 0 ? EX_CANTCREAT : 0;
}

/* ---- the firewall ---- */

/* Packets go from one interface to another only while the rules that say which are in force. */
static int forward(const struct root *r, bool on)
{
  autobuf struct buf was = {0};
  int64_t noted = root_number(r, FORWARDED);
  if (!on)
    return noted == 1 ? root_write(r, FORWARD_SWITCH, "0") : 0;
  if (noted == 0) {
    int result = file_read(FORWARD_SWITCH, 16, &was);
    if (result == 0)
      result = root_save_number(r, FORWARDED, was.data && *was.data == '1' ? 2 : 1);
    if (result < 0)
      return result;
  }
  return root_write(r, FORWARD_SWITCH, "1");
}

int root_firewall(const struct root *r)
{
  if (!radio_configured(r))
    return refuse("wifi_interface", "must name the radio of the booth's own Wi-Fi");
  autobuf struct buf text = {0}, path = {0};
  const bool share = r->config.share_uplink == YES;
  render_nftables(&text, r->config.wifi_interface, share);
  if (root_render(r, "nftables.conf", &text) < 0)
    return EX_CANTCREAT;
  buf_fmt(&path, "%s/nftables.conf", r->run);
  if ((!share && forward(r, false) < 0) || root_spawn(r, "nft", "-f", path.data) != 0)
    return EX_OSERR;
  return share && forward(r, true) < 0 ? EX_OSERR : 0;
}

int root_firewall_off(const struct root *r)
{
  int off = forward(r, false);
  int gone = root_spawn(r, "nft", "add table inet boothd; delete table inet boothd");
  return off < 0 || gone != 0 ? EX_OSERR : 0;
}
