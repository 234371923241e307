/* ap.c - the booth's own network: who manages the interface, access point, addresses, DHCP and DNS, firewall.
 *
 * Each command can be repeated at any time. While something is missing (boothd creates passphrase and id at its first
 * start; a radio may be slow to appear), the command ends with EX_TEMPFAIL and systemd starts it again.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <pwd.h>
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

#define BEACON_TU             300 /* beacons go at the lowest rate, and forty booths share three channels */
#define BEACON_DEFAULT_TU     100
#define FORWARD_BEFORE        "forwarded" /* saved number: 1 + ip_forward as it was before */
#define NETWORKD_FOLDER       "/run/systemd/network"
#define NETWORKMANAGER_FOLDER "/run/NetworkManager/conf.d"
#define NETWORKD_OWN          "05-boothd-own.network"
#define NETWORKD_UPLINK       "80-boothd-uplink.network"
#define NETWORKMANAGER_OWN    "boothd.conf"
#define DISABLE_IPV6          "/proc/sys/net/ipv6/conf/%s/disable_ipv6"
#define IP_FORWARD            "/proc/sys/net/ipv4/ip_forward"

static int refuse_config(const char *key, const char *detail)
{
  log_err("config", "key=%s detail=\"%s\"", key, detail);
  return EX_CONFIG;
}

static int refuse_interface(void)
{
  return refuse_config("wifi_interface", "must name the radio of the booth's own Wi-Fi");
}

/* --- who manages the interface --- */

static int write_folder(const struct root *root, const char *folder, const char *name, const struct buf *text)
{
  autobuf struct buf path = {0};
  buf_fmt(&path, "%s/%s", folder, name);
  if (root->dry)
    return root_render(root, name, text);
  umask(0022); /* the programs that read it are not root, and it holds no secret */
  int r = file_make_folders_of(path.data);
  if (r == 0)
    r = file_write_atomic(path.data, text->data, text->len, 0644);
  umask(0077);
  if (r < 0)
    log_err("not_rendered", "file=%s error=\"%s\"", path.data, strerrordesc_np(-r));
  return r;
}

/* At boot neither runs yet; they do when a booth is set up or removed. */
static void reload_network_managers(const struct root *root)
{
  root_spawn(root, "systemctl", "--no-block", "try-reload-or-restart", "systemd-networkd.service",
             "NetworkManager.service");
}

int root_network(const struct root *root)
{
  const char *interface = root->config.wifi_interface;
  autobuf struct buf own = {0}, uplink = {0}, networkmanager = {0};
  render_networkd_uplink(&uplink);
  int r = write_folder(root, NETWORKD_FOLDER, NETWORKD_UPLINK, &uplink);
  if (radio_configured(root)) {
    render_networkd_own(&own, interface);
    render_networkmanager(&networkmanager, interface);
    if (r == 0)
      r = write_folder(root, NETWORKD_FOLDER, NETWORKD_OWN, &own);
    if (r == 0)
      r = write_folder(root, NETWORKMANAGER_FOLDER, NETWORKMANAGER_OWN, &networkmanager);
  }
  if (r < 0)
    return EX_CANTCREAT;
  reload_network_managers(root);
  return 0;
}

int root_network_off(const struct root *root)
{
  static const char *const files[] = {NETWORKD_FOLDER "/" NETWORKD_OWN, NETWORKD_FOLDER "/" NETWORKD_UPLINK,
                                      NETWORKMANAGER_FOLDER "/" NETWORKMANAGER_OWN};
  const char *interface = root->config.wifi_interface;
  for (size_t i = 0; !root->dry && i < array_len(files); i++)
    if (unlink(files[i]) < 0 && errno != ENOENT)
      log_warn("not_removed", "file=%s error=\"%s\"", files[i], strerrordesc_np(errno));
  if (radio_configured(root) && (root->dry || if_nametoindex(interface) != 0)) {
    autobuf struct buf disable_ipv6 = {0};
    buf_fmt(&disable_ipv6, DISABLE_IPV6, interface);
    root_spawn(root, "ip", "link", "set", "dev", interface, "down");
    root_spawn(root, "ip", "address", "flush", "dev", interface);
    root_write(root, disable_ipv6.data, "0");
  }
  reload_network_managers(root);
  return 0;
}

/* --- the access point --- */

/* state_dir/identity begins with the booth's id in hex; the rest of it is a secret that is not used here. */
static int read_booth_id(const struct root *root, char ret[static 33])
{
  autobuf struct buf path = {0}, text = {0};
  uint8_t id[16];
  buf_fmt(&path, "%s/identity", root->config.state_dir);
  int r = file_read_foreign(AT_FDCWD, path.data, 4096, &text);
  if (r < 0)
    return r;
  if (text.len < 33 || text.data[32] != ' ')
    return -EBADMSG;
  text.data[32] = '\0';
  if (util_unhex(id, sizeof id, text.data) < 0 || !util_copy(ret, 33, text.data))
    return -EBADMSG;
  return 0;
}

/* boothd has checked the passphrase, but it may write the file, and boothd is not trusted here. */
static bool is_passphrase(const char *s)
{
  size_t n = strlen(s);
  for (size_t i = 0; i < n; i++)
    if (s[i] < ' ' || s[i] > '~')
      return false;
  return n >= 8 && n <= 63;
}

static int set_addresses(const struct root *root)
{
  const char *interface = root->config.wifi_interface;
  static const char probe[] = AP_PROBE_ADDRESS "/32";
  autobuf struct buf disable_ipv6 = {0}, own = {0};
  buf_fmt(&disable_ipv6, DISABLE_IPV6, interface);
  buf_fmt(&own, AP_ADDRESS "/%d", AP_PREFIX_LENGTH);
  root_write(root, disable_ipv6.data, "1"); /* fails on a kernel without IPv6, which is fine */
  int r = root_spawn(root, "ip", "link", "set", "dev", interface, "down");
  if (r == 0)
    r = root_spawn(root, "ip", "address", "flush", "dev", interface);
  if (r == 0)
    r = root_spawn(root, "ip", "address", "add", own.data, "broadcast", "+", "dev", interface);
  if (r == 0)
    r = root_spawn(root, "ip", "address", "add", probe, "dev", interface);
  return r;
}

/* brcmfmac beacons in its firmware, where another interval is untested with sleeping phones. */
static int beacon_interval(const struct radio_device *radio)
{
  return strcmp(radio->driver, "brcmfmac") == 0 ? BEACON_DEFAULT_TU : BEACON_TU;
}

static int render_ap(const struct root *root, const struct secrets *s, const char *booth_id,
                     const struct radio_device *radio)
{
  char ssid[AP_SSID_SIZE];
  autobuf struct buf text = {0}, control = {0};
  struct access_point a = {.interface = root->config.wifi_interface,
                           .country = root->config.country,
                           .ssid = ssid,
                           .passphrase = s->wifi_passphrase,
                           .beacon_tu = beacon_interval(radio)};
  ap_network_ssid(&root->config, booth_id, ssid);
  buf_fmt(&control, "%s/hostapd", root->run);
  a.control = control.data;
  if (root->dry)
    a.channel = channel_seeded(channel_seed(booth_id));
  else
    (void)select_channel(a.interface, root->config.wifi_channel, booth_id, &a.channel);
  render_hostapd(&text, &a);
  return root_render(root, "hostapd.conf", &text);
}

/* The firewall is loaded once more: without it the access point would be open to everybody who joins. */
int root_ap(const struct root *root)
{
  struct secrets secrets;
  struct radio_device radio = {0};
  char booth_id[33];
  if (!radio_configured(root))
    return refuse_interface();
  if (!*root->config.country)
    return refuse_config("country", "is required for the booth's own Wi-Fi, as country = KR");
  int r = secrets_read(&root->config, &secrets);
  if (r == 0)
    r = read_booth_id(root, booth_id);
  if (r == 0 && !is_passphrase(secrets.wifi_passphrase))
    r = -EBADMSG;
  if (r < 0) {
    log_warn("ap_waits", "for=\"%s/secrets and identity, which boothd makes\" error=\"%s\"", root->config.state_dir,
             strerrordesc_np(-r));
    return EX_TEMPFAIL;
  }
  if (!root->dry && if_nametoindex(root->config.wifi_interface) == 0) {
    log_warn("ap_waits", "for=\"interface %s\"", root->config.wifi_interface);
    return EX_TEMPFAIL;
  }
  if (radio_find(root, &radio) < 0)
    log_warn("radio", "interface=%s error=\"its driver is not known: it cannot be reloaded\"",
             root->config.wifi_interface);
  if (root_firewall(root) != 0)
    return EX_TEMPFAIL;
  root_spawn(root, "systemctl", "stop", "hostapd.service"); /* the distribution's unit would use the same radio */
  radio_unblock(root);
  if (render_ap(root, &secrets, booth_id, &radio) < 0)
    return EX_CANTCREAT;
  return set_addresses(root) == 0 ? 0 : EX_TEMPFAIL;
}

/* --- DHCP and DNS --- */

int root_lan(const struct root *root)
{
  if (!radio_configured(root))
    return refuse_interface();
  autobuf struct buf text = {0}, leases = {0};
  // NOLINTNEXTLINE(concurrency-mt-unsafe): there are no threads
  const char *user = getpwnam("dnsmasq") ? "dnsmasq" : "nobody";
  buf_fmt(&leases, "%s/leases", root->run);
  render_dnsmasq(&text, &root->config, leases.data, user);
  return root_render(root, "dnsmasq.conf", &text) < 0 ? EX_CANTCREAT : 0;
}

/* --- the firewall --- */

/* The kernel forwards packets only while the rules that limit it are loaded. */
static int set_forwarding(const struct root *root, bool on)
{
  autobuf struct buf was = {0};
  int64_t saved = root_number(root, FORWARD_BEFORE);
  if (!on)
    return saved == 1 ? root_write(root, IP_FORWARD, "0") : 0;
  if (saved == 0) {
    int r = file_read(IP_FORWARD, 16, &was);
    if (r == 0)
      r = root_save_number(root, FORWARD_BEFORE, was.data && *was.data == '1' ? 2 : 1);
    if (r < 0)
      return r;
  }
  return root_write(root, IP_FORWARD, "1");
}

int root_firewall(const struct root *root)
{
  if (!radio_configured(root))
    return refuse_interface();
  autobuf struct buf text = {0}, path = {0};
  const bool share = root->config.share_uplink == YES;
  render_nftables(&text, root->config.wifi_interface, share);
  if (root_render(root, "nftables.conf", &text) < 0)
    return EX_CANTCREAT;
  buf_fmt(&path, "%s/nftables.conf", root->run);
  if ((!share && set_forwarding(root, false) < 0) || root_spawn(root, "nft", "-f", path.data) != 0)
    return EX_OSERR;
  return share && set_forwarding(root, true) < 0 ? EX_OSERR : 0;
}

int root_firewall_off(const struct root *root)
{
  int off = set_forwarding(root, false);
  int gone = root_spawn(root, "nft", "add table inet boothd; delete table inet boothd");
  return off < 0 || gone != 0 ? EX_OSERR : 0;
}
