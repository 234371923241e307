/* nl80211.h - queries and commands to the kernel about a radio. Wraps libnl-genl.
 *
 * A struct nl80211 belongs to one thread. Every function waits for the kernel's answer, which the driver may delay for
 * seconds while its firmware does not answer, and at most NL80211_TIMEOUT_MS beyond that. So no loop calls these.
 * After an error other than -ENODEV late answers may still come: close it and open a new one.
 */
#ifndef WIFI_NL80211_H
#define WIFI_NL80211_H

#include "wifi/channel.h"

#define NL80211_TIMEOUT_MS 1000
#define NL80211_SSID       33 /* bytes, with a NUL */

struct nl80211;
/* -ENOENT: this kernel has no radio (yet). */
int nl80211_open(struct nl80211 **ret) must_check;
void nl80211_close(struct nl80211 *n); /* NULL allowed */

/* --- interface, stations, wiphy --- */

enum nl80211_type { NL80211_OTHER, NL80211_STATION, NL80211_AP };
struct nl80211_interface {
  unsigned index;
  uint32_t wiphy;
  enum nl80211_type type;
  int freq_mhz;            /* 0 = no channel */
  char ssid[NL80211_SSID]; /* "" = not connected; of an access point: not started, or stopped */
};
/* -ENODEV: no such interface, or it is no radio. */
int nl80211_interface(struct nl80211 *n, const char *name, struct nl80211_interface *ret) must_check;

struct nl80211_station {
  uint8_t mac[6];
  int signal_dbm; /* 0 = the driver does not say */
  int64_t connected_s;
  int64_t inactive_ms;
  uint32_t failed; /* frames that it never acknowledged */
};
/* *ret_n: how many there are, of which ret has at most `most`; likewise below. */
int nl80211_stations(struct nl80211 *n, unsigned index, struct nl80211_station *ret, size_t most,
                     size_t *ret_n) must_check;
/* Stations that its access point accepts; 0 = the driver does not say. */
int nl80211_max_stations(struct nl80211 *n, uint32_t wiphy, int *ret) must_check;

/* --- events --- */

/* Events: stations come and go, interfaces start, stop, appear and vanish. n owns the descriptor. */
int nl80211_subscribe(struct nl80211 *n, int *ret_fd) must_check;
/* Discards all waiting events. True if there were any; lost ones count. */
bool nl80211_drain_events(struct nl80211 *n);

/* --- scan, with CAP_NET_ADMIN --- */

int nl80211_become_station(struct nl80211 *n, unsigned index) must_check;
/* Of the channels 1 to 13, by an interface that is a station and up; -ETIMEDOUT. */
int nl80211_scan(struct nl80211 *n, unsigned index, int timeout_ms) must_check;
int nl80211_scan_results(struct nl80211 *n, unsigned index, struct channel_bss *ret, size_t most,
                         size_t *ret_n) must_check;
int nl80211_survey(struct nl80211 *n, unsigned index, struct channel_survey *ret, size_t most,
                   size_t *ret_n) must_check;

#endif
