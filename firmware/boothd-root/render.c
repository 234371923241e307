/* render.c - what each line is for stands beside it, because the files themselves are read only when something is
 * wrong, by somebody who has this one, too.
 */
#include "boothd-root/render.h"

#include <arpa/inet.h>

#include "config/ap_network.h"
#include "config/captive_probes.h"

void render_hostapd(struct buf *b, const struct access_point *a)
{
  char ssid[2 * AP_SSID_SIZE] = "";
  util_hex(ssid, a->ssid, min(strlen(a->ssid), (size_t)AP_SSID_SIZE - 1));
  buf_fmt(b, "interface=%s\ndriver=nl80211\nctrl_interface=%s\n", a->interface, a->control);
  buf_fmt(b, "ssid2=%s\nutf8_ssid=1\n", ssid);
  buf_fmt(b, "country_code=%s\nieee80211d=1\nhw_mode=g\nchannel=%d\n", a->country, a->channel);
  /* 20 MHz, and none of the rates of 802.11b: forty booths share three channels. */
  buf_str(b, "ieee80211n=1\nwmm_enabled=1\nsupported_rates=60 90 120 180 240 360 480 540\nbasic_rates=60 120 240\n");
  buf_fmt(b, "beacon_int=%d\ndtim_period=%d\n", a->beacon_tu, a->beacon_tu > 100 ? 1 : 2);
  /* WPA2 with CCMP alone, no management frame protection: either crashes or shuts out somebody on a Pi's own radio. */
  buf_str(b, "auth_algs=1\nwpa=2\nwpa_key_mgmt=WPA-PSK\nrsn_pairwise=CCMP\nieee80211w=0\n");
  buf_fmt(b, "wpa_passphrase=%s\n", a->passphrase); /* taken as it is, to the end of the line */
  /* A phone that sleeps in a pocket, or is behind a crowd, stays. Phones do not talk to each other. */
  buf_fmt(b, "max_num_sta=%d\nap_max_inactivity=3600\ndisassoc_low_ack=0\nap_isolate=1\n", LIMIT_STATIONS);
}

/* ---- dnsmasq ---- */

static void own_names(struct buf *b, const char *names)
{
  struct in_addr literal;
  autofree char *copy = xstrdup(names);
  for (char *rest = copy, *name; (name = strsep(&rest, ", "));)
    if (*name && inet_pton(AF_INET, name, &literal) != 1) /* dnsmasq stops at one that is no name */
      buf_fmt(b, "host-record=%s," AP_ADDRESS "\n", name);
}

static void probe_names(struct buf *b)
{
  for (size_t i = 0; i < n_captive_probes; i++)
    if (i == 0 || strcmp(probes[i].host, probes[i - 1].host) != 0)
      buf_fmt(b, "host-record=%s," AP_PROBE_ADDRESS "\n", probes[i].host);
  buf_str(b, "host-record=" CAPTIVE_DNS_NAME "," CAPTIVE_DNS_ADDRESS "\n");
}

void render_dnsmasq(struct buf *b, const struct config *c, const char *leases, const char *user)
{
  /* bind-dynamic: the interface may come later, or go and come again. */
  buf_fmt(b, "interface=%s\nexcept-interface=lo\nbind-dynamic\nuser=%s\ngroup=nogroup\npid-file=\n", c->wifi_interface,
          user);
  buf_str(b, "no-hosts\nfilter-AAAA\nlocal-ttl=60\ndns-forward-max=150\n");
  own_names(b, c->names);
  if (c->probes == YES)
    probe_names(b);
  if (c->share_uplink == YES) /* what the uplink's servers say, but no private addresses: pages could reach behind it */
    buf_str(b, "resolv-file=/etc/resolv.conf\ndomain-needed\nbogus-priv\nstop-dns-rebind\ncache-size=1000\n");
  else /* nothing else exists: said at once, so that no phone waits */
    buf_str(b, "no-resolv\nno-poll\naddress=/#/\ncache-size=0\n");
  /* Addresses are made from the hardware's: a phone gets its own again although a step of the clock, or a restart, made
   * the booth forget it. What phones call themselves never becomes a name. */
  buf_fmt(b,
          "dhcp-range=" AP_POOL_FIRST "," AP_POOL_LAST "," AP_NETMASK ",%d\ndhcp-authoritative\n"
          "dhcp-lease-max=%d\ndhcp-leasefile=%s\ndhcp-ignore-names\ndhcp-rapid-commit\nno-ping\n",
          LIMIT_LEASE_S, LIMIT_LEASES, leases);
  /* A network without a router counts as broken on Android, whatever its probes say. */
  buf_str(b, "dhcp-option=option:router," AP_ADDRESS "\ndhcp-option=option:dns-server," AP_ADDRESS "\n"
             "quiet-dhcp\nlog-facility=-\n");
}

/* ---- nftables ---- */

#define OWN "{ " AP_ADDRESS ", " AP_PROBE_ADDRESS " }"
#define PRIVATE                                                                                                        \
  "{ 0.0.0.0/8, 10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, 172.16.0.0/12, 192.0.2.0/24, "                 \
  "192.168.0.0/16, 224.0.0.0/3 }"

/* What one phone may do is counted by its hardware address: it can give itself as many others as it likes, but each
 * hardware address has to join first. A count that finds no room counts nothing, so a full set shuts nobody out. */
static void counted(struct buf *b)
{
  static const char *const sets[] = {"dhcp", "dns", "opening"};
  for (size_t i = 0; i < array_len(sets); i++)
    buf_fmt(b, "  set %s {\n    type ether_addr\n    size %d\n    flags dynamic,timeout\n    timeout 3m\n  }\n",
            sets[i], LIMIT_PHONES_SEEN);
  static const char *const held[] = {"open", "beyond"};
  for (size_t i = 0; i < array_len(held); i++)
    buf_fmt(b, "  set %s {\n    type ether_addr\n    size %d\n    flags dynamic\n  }\n", held[i], LIMIT_PHONES_SEEN);
}

/* Before anything is routed or not: whoever asks for an address that is not here is told at once. */
static void strangers(struct buf *b, const char *interface, bool share_uplink)
{
  buf_fmt(b,
          "  chain arriving {\n    type filter hook prerouting priority filter; policy accept;\n"
          "    iifname != \"%s\" return\n    meta nfproto ipv6 drop\n    ct state invalid drop\n"
          "    ip saddr != { 0.0.0.0, " AP_NETWORK " } drop\n", /* nobody speaks for those beyond the uplink */
          interface);
  if (!share_uplink)
    buf_str(b, "    fib daddr type { broadcast, multicast } return\n    ip daddr " OWN " return\n    jump refuse\n");
  buf_str(b, "  }\n");
}

static void refusals(struct buf *b)
{
  buf_str(b, "  chain refuse {\n    meta l4proto tcp reject with tcp reset\n"
             "    limit rate 50/second burst 50 packets reject with icmp type admin-prohibited\n    drop\n  }\n");
}

static void input(struct buf *b, const char *interface)
{
  buf_fmt(b,
          "  chain input {\n    type filter hook input priority filter; policy accept;\n"
          "    iifname \"lo\" return\n"
          "    iifname != \"%s\" ip daddr { " AP_NETWORK ", " AP_PROBE_ADDRESS " } drop\n"
          "    iifname != \"%s\" return\n",
          interface, interface);
  buf_fmt(b,
          "    udp dport 67 update @dhcp { ether saddr limit rate over %d/minute burst %d packets } drop\n"
          "    udp dport 67 accept\n",
          LIMIT_DHCP_MINUTE, LIMIT_DHCP_BURST);
  buf_fmt(b,
          "    meta l4proto { tcp, udp } th dport 53 update @dns { ether saddr limit rate over %d/second burst %d "
          "packets } drop\n    ip daddr " AP_ADDRESS " meta l4proto { tcp, udp } th dport 53 accept\n",
          LIMIT_DNS_S, LIMIT_DNS_BURST);
  buf_fmt(b,
          "    tcp dport 80 ct state new update @opening { ether saddr limit rate over %d/second burst %d packets } "
          "drop\n"
          "    tcp dport 80 ct state new add @open { ether saddr ct count over %d } reject with tcp reset\n"
          "    ip daddr " OWN " tcp dport 80 accept\n",
          LIMIT_PHONE_OPENING_S, LIMIT_PHONE_BURST, LIMIT_PHONE_OPEN);
  buf_str(b, "    icmp type echo-request limit rate 20/second burst 20 packets accept\n"
             "    ct state established,related accept\n"
             "    fib daddr type { broadcast, multicast } drop\n    jump refuse\n  }\n");
}

static void output(struct buf *b, const char *interface)
{
  buf_fmt(b,
          "  chain output {\n    type filter hook output priority filter; policy accept;\n"
          "    oifname \"%s\" meta nfproto ipv6 drop\n  }\n",
          interface);
}

static void forward(struct buf *b, const char *interface, bool share_uplink)
{
  buf_str(b, "  chain forward {\n    type filter hook forward priority filter; policy accept;\n");
  /* Out into the internet, but not among those who live beside the uplink; and the kernel's table of connections, which
   * the booth's own are in, has room for all. */
  if (share_uplink)
    buf_fmt(b,
            "    iifname \"%s\" oifname \"%s\" drop\n"
            "    iifname \"%s\" ip daddr " PRIVATE " jump refuse\n"
            "    iifname \"%s\" ct state new add @beyond { ether saddr ct count over %d } jump refuse\n"
            "    iifname \"%s\" tcp flags syn tcp option maxseg size set rt mtu\n"
            "    iifname \"%s\" accept\n    oifname \"%s\" ct state established,related accept\n",
            interface, interface, interface, interface, LIMIT_PHONE_BEYOND, interface, interface, interface);
  else
    buf_fmt(b, "    iifname \"%s\" jump refuse\n", interface);
  buf_fmt(b, "    oifname \"%s\" drop\n  }\n", interface);
}

void render_nftables(struct buf *b, const char *interface, bool share_uplink)
{
  buf_str(b, "table inet boothd\ndelete table inet boothd\ntable inet boothd {\n"); /* all at once, or not at all */
  counted(b);
  refusals(b);
  strangers(b, interface, share_uplink);
  input(b, interface);
  forward(b, interface, share_uplink);
  output(b, interface);
  if (share_uplink)
    buf_fmt(b,
            "  chain leaving {\n    type nat hook postrouting priority srcnat; policy accept;\n"
            "    ip saddr " AP_NETWORK " oifname != \"%s\" masquerade\n  }\n",
            interface);
  buf_str(b, "}\n");
}

/* ---- those who would configure interfaces, too ---- */

void render_networkd_own(struct buf *b, const char *interface)
{
  buf_fmt(b, "[Match]\nName=%s\n\n[Link]\nUnmanaged=yes\nRequiredForOnline=no\n", interface);
}

void render_networkd_uplink(struct buf *b)
{
  buf_str(b, "[Match]\nName=en* eth* usb* wwan*\n\n[Link]\nRequiredForOnline=no\n\n[Network]\nDHCP=yes\n"
             "\n[DHCPv4]\nUseDomains=no\n");
}

void render_networkmanager(struct buf *b, const char *interface)
{
  buf_fmt(b, "[keyfile]\nunmanaged-devices+=interface-name:%s\n", interface);
}
