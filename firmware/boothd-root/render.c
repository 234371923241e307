/* render.c - the reasons for each line are here and not in the generated files, which nobody edits. */
#include "boothd-root/render.h"

#include <arpa/inet.h>

#include "config/ap_network.h"
#include "config/captive_probes.h"

void render_hostapd(struct buf *b, const struct access_point *ap)
{
  char ssid[2 * AP_SSID_SIZE] = "";
  util_hex(ssid, ap->ssid, min(strlen(ap->ssid), (size_t)AP_SSID_SIZE - 1));
  buf_fmt(b, "interface=%s\ndriver=nl80211\nctrl_interface=%s\n", ap->interface, ap->control);
  buf_fmt(b, "ssid2=%s\nutf8_ssid=1\n", ssid);
  buf_fmt(b, "country_code=%s\nieee80211d=1\nhw_mode=g\nchannel=%d\n", ap->country, ap->channel);
  /* 20 MHz and no 802.11b rates: forty booths share three channels. */
  buf_str(b, "ieee80211n=1\nwmm_enabled=1\nsupported_rates=60 90 120 180 240 360 480 540\nbasic_rates=60 120 240\n");
  buf_fmt(b, "beacon_int=%d\ndtim_period=%d\n", ap->beacon_tu, ap->beacon_tu > 100 ? 1 : 2);
  /* WPA2 with CCMP only, without management frame protection: on a Pi's own radio, anything more crashes the firmware
   * or locks out some phones. */
  buf_str(b, "auth_algs=1\nwpa=2\nwpa_key_mgmt=WPA-PSK\nrsn_pairwise=CCMP\nieee80211w=0\n");
  buf_fmt(b, "wpa_passphrase=%s\n", ap->passphrase); /* hostapd takes the rest of the line literally */
  /* A phone that sleeps, or has a weak signal, stays associated. Phones cannot reach each other. */
  buf_fmt(b, "max_num_sta=%d\nap_max_inactivity=3600\ndisassoc_low_ack=0\nap_isolate=1\n", LIMIT_STATIONS);
}

/* --- dnsmasq --- */

static void add_own_names(struct buf *b, const char *names)
{
  struct in_addr literal;
  autofree char *copy = xstrdup(names);
  for (char *rest = copy, *name; (name = strsep(&rest, ", "));)
    if (*name && inet_pton(AF_INET, name, &literal) != 1) /* dnsmasq refuses to start with one that is no name */
      buf_fmt(b, "host-record=%s," AP_ADDRESS "\n", name);
}

static void add_probe_names(struct buf *b)
{
  for (size_t i = 0; i < n_captive_probes; i++)
    if (i == 0 || strcmp(captive_probes[i].host, captive_probes[i - 1].host) != 0)
      buf_fmt(b, "host-record=%s," AP_PROBE_ADDRESS "\n", captive_probes[i].host);
  buf_str(b, "host-record=" CAPTIVE_DNS_NAME "," CAPTIVE_DNS_ADDRESS "\n");
}

void render_dnsmasq(struct buf *b, const struct config *c, const char *leases, const char *user)
{
  /* bind-dynamic: the interface may appear later, or disappear and come back. */
  buf_fmt(b, "interface=%s\nexcept-interface=lo\nbind-dynamic\nuser=%s\ngroup=nogroup\npid-file=\n", c->wifi_interface,
          user);
  buf_str(b, "no-hosts\nfilter-AAAA\nlocal-ttl=60\ndns-forward-max=150\n");
  add_own_names(b, c->names);
  if (c->captive_probes == YES)
    add_probe_names(b);
  if (c->share_uplink == YES) /* forwarded, except answers with private addresses (DNS rebinding) */
    buf_str(b, "resolv-file=/etc/resolv.conf\ndomain-needed\nbogus-priv\nstop-dns-rebind\ncache-size=1000\n");
  else /* all other names do not exist; the answer is immediate, so that no phone waits */
    buf_str(b, "no-resolv\nno-poll\naddress=/#/\ncache-size=0\n");
  /* dnsmasq derives addresses from hardware addresses, so a phone gets the same one again although a clock step or a
   * restart lost the lease. The host names that phones send are ignored. */
  buf_fmt(b,
          "dhcp-range=" AP_POOL_FIRST "," AP_POOL_LAST "," AP_NETMASK ",%d\ndhcp-authoritative\n"
          "dhcp-lease-max=%d\ndhcp-leasefile=%s\ndhcp-ignore-names\ndhcp-rapid-commit\nno-ping\n",
          LIMIT_LEASE_S, LIMIT_LEASES, leases);
  /* Android considers a network without a router broken, whatever the captive probes answer. */
  buf_str(b, "dhcp-option=option:router," AP_ADDRESS "\ndhcp-option=option:dns-server," AP_ADDRESS "\n"
             "quiet-dhcp\nlog-facility=-\n");
}

/* --- nftables --- */

#define OWN "{ " AP_ADDRESS ", " AP_PROBE_ADDRESS " }"
#define PRIVATE                                                                                                        \
  "{ 0.0.0.0/8, 10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, 172.16.0.0/12, 192.0.2.0/24, "                 \
  "192.168.0.0/16, 224.0.0.0/3 }"

/* Limits are per hardware address: a phone can choose any number of IP addresses, but each hardware address has to join
 * first. A full set counts no new phones, so it locks nobody out. */
static void add_sets(struct buf *b)
{
  static const char *const sets[] = {"dhcp", "dns", "opening"};
  for (size_t i = 0; i < array_len(sets); i++)
    buf_fmt(b, "  set %s {\n    type ether_addr\n    size %d\n    flags dynamic,timeout\n    timeout 3m\n  }\n",
            sets[i], LIMIT_PHONES_SEEN);
  static const char *const connections[] = {"open", "beyond"};
  for (size_t i = 0; i < array_len(connections); i++)
    buf_fmt(b, "  set %s {\n    type ether_addr\n    size %d\n    flags dynamic\n  }\n", connections[i],
            LIMIT_PHONES_SEEN);
}

/* Before routing: a connection to an address that the booth does not have is refused at once. */
static void add_prerouting(struct buf *b, const char *interface, bool share_uplink)
{
  buf_fmt(b,
          "  chain arriving {\n    type filter hook prerouting priority filter; policy accept;\n"
          "    iifname != \"%s\" return\n    meta nfproto ipv6 drop\n    ct state invalid drop\n"
          "    ip saddr != { 0.0.0.0, " AP_NETWORK " } drop\n", /* no spoofed sources */
          interface);
  if (!share_uplink)
    buf_str(b, "    fib daddr type { broadcast, multicast } return\n    ip daddr " OWN " return\n    jump refuse\n");
  buf_str(b, "  }\n");
}

static void add_refuse(struct buf *b)
{
  buf_str(b, "  chain refuse {\n    meta l4proto tcp reject with tcp reset\n"
             "    limit rate 50/second burst 50 packets reject with icmp type admin-prohibited\n    drop\n  }\n");
}

static void add_input(struct buf *b, const char *interface)
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

static void add_output(struct buf *b, const char *interface)
{
  buf_fmt(b,
          "  chain output {\n    type filter hook output priority filter; policy accept;\n"
          "    oifname \"%s\" meta nfproto ipv6 drop\n  }\n",
          interface);
}

static void add_forward(struct buf *b, const char *interface, bool share_uplink)
{
  buf_str(b, "  chain forward {\n    type filter hook forward priority filter; policy accept;\n");
  /* Phones reach the internet, but not the uplink's own network. Connections are limited, because the booth's own share
   * the kernel's table with them. */
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
  buf_str(b, "table inet boothd\ndelete table inet boothd\ntable inet boothd {\n"); /* loaded as one transaction */
  add_sets(b);
  add_refuse(b);
  add_prerouting(b, interface, share_uplink);
  add_input(b, interface);
  add_forward(b, interface, share_uplink);
  add_output(b, interface);
  if (share_uplink)
    buf_fmt(b,
            "  chain leaving {\n    type nat hook postrouting priority srcnat; policy accept;\n"
            "    ip saddr " AP_NETWORK " oifname != \"%s\" masquerade\n  }\n",
            interface);
  buf_str(b, "}\n");
}

/* --- networkd and NetworkManager --- */

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
