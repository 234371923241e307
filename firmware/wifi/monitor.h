/* monitor.h - a thread that asks the kernel about the booth's radio, every few seconds and whenever there is news.
 * A driver whose firmware has stopped holds whoever asks for seconds at a time: here that harms nobody, and is told by
 * the absence of looks.
 */
#ifndef WIFI_MONITOR_H
#define WIFI_MONITOR_H

#include "base/mailbox.h"
#include "wifi/nl80211.h"
#include "wifi/recovery.h"

struct radio_sample {
  struct mail mail;       /* first */
  enum radio_state state; /* never RADIO_SILENT, which takes more than one look */
  char ssid[NL80211_SSID];
  int freq_mhz;      /* 0 = on none */
  char driver[32];   /* "" = unknown */
  int limit;         /* of stations; 0 = unknown */
  size_t n_stations; /* at most LIMIT_STATIONS of them are listed */
  struct nl80211_station stations[LIMIT_STATIONS];
};

struct monitor;
int monitor_start(const char *interface, struct monitor **ret) must_check;
/* Where its looks come; the receiver frees them. */
struct mailbox *monitor_samples(const struct monitor *w);
/* Ends the thread. One that a driver holds longer than a second is left to the process's end. NULL allowed. */
void monitor_stop(struct monitor *w);

#endif
